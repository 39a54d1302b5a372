// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/plan/model_plan.h"
#include "core/text/json_fields.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>
#include <vector>

namespace pissarro::core::inline model::inline families {

// What llama.cpp's converter makes of a weight, and who reads it takes back.
enum class GgufChange {
    None,
    PlusOne, // 1 is added to each number
    PairedRows // the two rows of a head that rotate together lie side by side, not half a head apart
};

// One name of a GGUF and ours, "*" for the layer's number. In layers without ".weight" and ".bias", which both have.
struct GgufName {
    std::string_view theirs; // "blk.*.attn_q", "output_norm"
    std::string_view ours; // "model.layers.*.self_attn.q_proj", "model.norm"
    GgufChange change = GgufChange::None;
};

// What transformers assumes where a config.json is silent.
struct FamilyDefaults {
    std::int64_t kvHeads = 0; // 0: as many as heads
    std::int64_t headDim = 0; // 0: width / heads
    std::int64_t maxPositions = 0;
    bool tiedEmbeddings = false;
    std::int64_t bosId = -1; // -1: none
    std::int64_t eosId = -1;
    std::int64_t padId = -1;
    std::string_view activation = "silu"; // hidden_act
};

// One architecture. Everything particular to it is in one file of this folder, which defines its Family as llama.cpp does;
// families.cpp lists them. What all share (sizes, rotary positions, ids, dtype; a GGUF's window and biases) is read by core/model.
struct Family {
    std::string_view modelType; // "llama": model_type in config.json
    std::string_view title; // "LLaMA": what a person reads
    std::string_view className; // "LlamaForCausalLM": in "architectures"
    std::string_view ggufName; // general.architecture
    FamilyDefaults defaults;
    bool geluIsTanh = false; // hidden_act "gelu" means the tanh form

    // What every model of the family has, whatever its files say; null: nothing.
    void (*always)(ModelConfig& config) = nullptr;
    // What is particular in a config.json, into a config that holds all the rest; null: nothing.
    // Throws: Error{Format} naming a key that asks for what is not computed.
    void (*readConfig)(const JsonFields& fields, ModelConfig& config) = nullptr;
    // Of families with one ggufName: whether a model is this one, by what core/model read of its header. Null: where no
    // other is.
    bool (*isGguf)(const ModelConfig& config) = nullptr;
    // What a config.json has beside the keys of all; null: nothing.
    void (*writeConfig)(const ModelConfig& config, nlohmann::json& json) = nullptr;
    // In place of, and beside, the names that all have.
    std::span<const GgufName> ggufNames = {};
};

// In the order in which messages name them.
const std::vector<const Family*>& allFamilies();
// Throws: Error{Internal} where there is none.
const Family& familyOf(std::string_view modelType);

// Each weight's name in the family's GGUF files.
std::vector<GgufName> ggufNamesOf(const Family& family);

// What the family means by this hidden_act. Throws: Error{Format} for what is not computed.
Activation activationNamed(const Family& family, std::string_view name);

// sliding_window of a config.json: 0 where it is null, 4096, as transformers has it, where it is absent.
std::int64_t readSlidingWindow(const JsonFields& fields);

} // namespace pissarro::core::inline model::inline families
