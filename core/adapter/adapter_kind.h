// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"
#include "core/model/rank_pattern.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace pissarro::core::inline adapter {

// What an adapter is made of, by name; what is in it: adapter_kind_tensors.h. Each is one file of core/adapter, and
// adapter_kinds.cpp lists them.
struct AdapterKind;

struct AdapterKindName {
    std::string_view name; // "lora": files, the command line
    std::string_view title; // "LoRA": what a person reads
};

std::vector<AdapterKindName> adapterKindNames(); // lists keep this order
AdapterKindName defaultAdapterKind(); // the first: two factors and a scale
const AdapterKind* findAdapterKind(std::string_view name); // null: there is none
const AdapterKind& adapterKindNamed(std::string_view name); // Throws: Error{InvalidArgument}

// Elements of each trained tensor of an adapter on that matrix.
std::vector<std::int64_t> adapterSizes(const AdapterKind& kind, const LinearModule& module,
                                       std::int64_t rank);
// What such adapters train in all, each of its rank as the pattern has it. A name that is none counts as the default.
std::int64_t adapterParameters(std::string_view kind, const std::vector<LinearModule>& modules,
                               std::int64_t rank, const RankPatterns& patterns);

} // namespace pissarro::core::inline adapter
