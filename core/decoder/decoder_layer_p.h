// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/decoder_tensors.h"

namespace pissarro::core {

// What the backward pass of a layer starts from; norms and activations are computed again.
struct Decoder::LayerSaved {
    at::Tensor x_ND; // the layer's input
    at::Tensor qkv_NC; // rotated
    AttentionSaved attention;
    at::Tensor middle_ND; // after attention and its residual
    at::Tensor gateUp_N2F;
    // x A^T of each projection; undefined without adapters.
    at::Tensor qkvLow_NR;
    at::Tensor oLow_NR;
    at::Tensor gateUpLow_NR;
    at::Tensor downLow_NR;
};

} // namespace pissarro::core
