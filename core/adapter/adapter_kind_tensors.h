// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_kind.h"
#include "core/format/peft_config.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline adapter {

struct Adapter; // adapter_tensors.h

// One tensor of an adapter on a matrix [O, I].
struct AdapterTensor {
    // "lora_A": base_model.model.<module>.lora_A.weight in PEFT's file, <module>.lora_A among the masters of a checkpoint.
    std::string_view name;
    at::Tensor Adapter::*value = nullptr; // where it is held
    std::vector<std::int64_t> (*shape)(std::int64_t rows, std::int64_t cols,
                                       std::int64_t rank) = nullptr;
    std::string_view ending = ".weight"; // of its name in PEFT's file
};

// What an adapter adds to y = x W^T, as two thin products: (x A^T) S^T.
struct AdapterTerm {
    at::Tensor a_RI;
    at::Tensor s_OR; // what B is with everything that scales it
};

// What an adapter is made of, whatever made it. PEFT's reader and writer, checkpoints and Projection ask the kind and name
// no tensor; another kind is a file like plain_low_rank.cpp, its line in adapter_kinds.cpp and the members of Adapter that
// hold what it has beyond that.
struct AdapterKind {
    AdapterKindName named;
    std::vector<AdapterTensor>
        tensors; // A and B first; in the order of PEFT's file and of checkpoints
    AdapterTerm (*term)(const Adapter& adapter) = nullptr;
    PeftForm form; // which adapter_config.json is the kind's, and what is written there
    // Null: y = x W^T + term. Else y = (magnitude_O / norm_O) * (x W^T + term), row by row of W, where this is norm_O of the
    // weight that the adapter is on, W_OI in any type. The gradient sees it as a constant, as PEFT's does. An adapter that
    // has no magnitude yet begins with norm_O itself, so that it changes nothing.
    at::Tensor (*norm)(const Adapter& adapter, const at::Tensor& w_OI) = nullptr;
};

extern const AdapterKind kPlainLowRank; // PEFT's LoRA: A, B and a scale

const std::vector<const AdapterKind*>& allAdapterKinds();
std::vector<PeftForm> peftForms(); // of each, in that order

// The name of a tensor in a PEFT folder: "base_model.model.<module>.lora_A.weight".
std::string peftName(const std::string& module, const AdapterTensor& tensor);
// Among the masters that a checkpoint holds: "<module>.lora_A".
std::string masterName(const std::string& module, const AdapterTensor& tensor);

// The same adapters as two factors and a scale alone: what is taken out of a base, whatever trains on it.
std::vector<Adapter> asFactors(std::vector<Adapter> adapters);

} // namespace pissarro::core::inline adapter
