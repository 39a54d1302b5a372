// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/blocks/pass_tensors.h"
#include "core/decoder/ops/ops_tensors.h"

#include <ATen/core/Tensor.h>

namespace pissarro::core::inline decoder::inline blocks {

// Attention of a pass: of each segment by itself, or, of one that decodes, of the new tokens to all that their sequences have in
// `kept`, which grows by their keys and values. What Ops::attentionBackward() wants is there of a pass that does not decode.
// Shapes: qkv_NC as Ops::attention() takes it. Requires: `kept` where pass.added is set.
AttentionSaved attentionOfPass(const Ops& ops, const at::Tensor& qkv_NC, const Pass& pass,
                               KvLayer* kept, const AttentionShape& shape);

} // namespace pissarro::core::inline decoder::inline blocks
