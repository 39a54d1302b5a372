// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/model_place.h"
#include "core/train/memory_estimate.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline catalog {

// What training a model would hold, by how: of RunSpec's defaults, as many tokens as they allow.
struct TrainingNeed {
    MemoryEstimate
        adapter; // the first method whose base is the residual: PiSSA, and LoRA within a few bytes
    MemoryEstimate fourBit; // the first on four bits
    MemoryEstimate full; // all of it trains

    bool isKnown() const { return adapter.total() > 0; }
};

// A share of a model's weights that is stored in one type.
struct StoredType {
    std::string name; // "BF16", "Q4_K", "NF4"
    std::int64_t elements = 0;
};

// A model as a list of models has it: what its headers say. No weight of it was read.
struct ListedModel {
    ModelPlace place; // that it was found in
    std::filesystem::path path; // what opens it; of one that nothing opens, what tells of it
    std::string author; // may be empty
    std::string name;
    std::string version; // a tag, a branch, or which file of several; empty: there is one
    std::string
        architecture; // "LLaMA"; of one that is not known as the file calls it; empty: nothing says
    bool isGguf = false;
    std::int64_t parameters = 0; // 0: not known
    std::int64_t layers = 0; // 0 here and below: not known
    std::int64_t width = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t vocabulary = 0;
    std::int64_t maxPositions = 0;
    std::string storedAs; // "BF16", "Q4_K_M"; empty: not known
    std::vector<StoredType> types; // most elements first
    std::uint64_t diskBytes = 0; // of its files
    std::int64_t writtenNs = 0; // the newest of them
    TrainingNeed need; // of one that can be opened
    std::string problem; // why it cannot be opened, one line; empty: it can

    bool canBeOpened() const { return problem.empty(); }
    std::string title() const; // "HuggingFaceTB/SmolLM2-135M"
};

// Whether so many bytes can be trained in.
enum class MemoryFit { Unknown, Fits, Tight, TooBig };
constexpr double kTightShare = 0.8; // from here on
MemoryFit fitOf(const TrainingNeed& need, std::int64_t memoryBytes);
std::string_view fitName(MemoryFit fit); // "unknown", "fits", "tight", "too big"

// For filters: how coarse the weights are stored.
enum class Storage {
    Unknown,
    BFloat16,
    Float,
    Blocks
}; // Float: 16 or 32 bits; Blocks: 8 and fewer
Storage storageOf(const ListedModel& model);

// The words of a search hold, each in the title, the version, the architecture, the type or the path, whatever their case.
bool isFoundBy(const ListedModel& model, std::string_view words);

} // namespace pissarro::core::inline catalog
