// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/families/gguf_header.h"
#include "core/model/plan/model_plan.h"
#include "core/text/json_fields.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
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
    std::string theirs; // "blk.*.attn_q", "output_norm"
    std::string ours; // "model.layers.*.self_attn.q_proj", "model.norm"
    GgufChange change = GgufChange::None;
};

struct GgufChanged {
    std::string_view theirs;
    GgufChange change = GgufChange::None;
};

// What transformers assumes where a config.json is silent.
struct FamilyDefaults {
    std::int64_t heads = 0; // 0: it must be said
    std::int64_t vocabulary = 0; // 0: it must be said
    std::int64_t kvHeads = 0; // 0: as many as heads
    std::int64_t headDim = 0; // 0: width / heads
    std::int64_t ffn = 0; // of the width, so many times; 0: it must be said
    std::int64_t maxPositions = 0;
    bool tiedEmbeddings = false;
    std::int64_t bosId = -1; // -1: none
    std::int64_t eosId = -1;
    std::int64_t padId = -1;
    std::string_view activation = "silu"; // hidden_act
    double epsilon = 1e-6;
    double ropeTheta = 10'000.0;
    double rotaryPart = 1.0;
};

// The keys under which a config.json has what all families have. Null: it has no such key.
struct FamilyKeys {
    const char* layers = "num_hidden_layers";
    const char* width = "hidden_size";
    const char* heads = "num_attention_heads";
    const char* kvHeads = "num_key_value_heads";
    const char* headDim = "head_dim";
    const char* ffn = "intermediate_size";
    const char* positions = "max_position_embeddings";
    const char* activation = "hidden_act";
    const char* epsilon = "rms_norm_eps";
    const char* ropeTheta = "rope_theta";
    const char* rotaryPart = "partial_rotary_factor";
};

// One architecture. Everything particular to it is in one file of this folder, which defines its Family as llama.cpp does;
// families.cpp lists them. What all share (sizes, rotary positions, ids, dtype; a GGUF's window and biases) is read by core/model.
struct Family {
    std::string_view modelType; // "llama": model_type in config.json
    std::string_view title; // "LLaMA": what a person reads
    std::string_view className; // "LlamaForCausalLM": in "architectures"
    std::string_view ggufName; // general.architecture; empty: none is read
    FamilyDefaults defaults;
    FamilyKeys keys = {};
    // model_type of a folder that holds more than this text model, which its text_config describes; empty: there is none.
    std::string_view wholeType = {};
    bool geluIsTanh = false; // hidden_act "gelu" means the tanh form

    // What every model of the family has, whatever its files say; null: nothing.
    void (*always)(ModelConfig& config) = nullptr;
    // What is particular in a config.json, into a config that holds all the rest; null: nothing.
    // Throws: Error{Format} naming a key that asks for what is not computed.
    void (*readConfig)(const JsonFields& fields, ModelConfig& config) = nullptr;
    // The same in a GGUF's header. Throws: as readConfig.
    void (*readGguf)(const GgufHeader& header, ModelConfig& config) = nullptr;
    // Of families with one ggufName: whether a model is this one, by what core/model read of its header. Null: where no
    // other is.
    bool (*isGguf)(const ModelConfig& config) = nullptr;
    // What a config.json has beside the keys of all; null: nothing.
    void (*writeConfig)(const ModelConfig& config, nlohmann::json& json) = nullptr;
    // Of an encoder: names of what its head is made of, by config.head; null: a decoder.
    void (*nameHead)(ModelConfig& config) = nullptr;
    // Of the weights that have a name in GGUF files, those that the converter changes.
    std::span<const GgufChanged> ggufChanges = {};
};

// In the order in which messages name them.
const std::vector<const Family*>& allFamilies();
// Throws: Error{Internal} where there is none.
const Family& familyOf(std::string_view modelType);
// Those whose names are most like this one, best first; perhaps none.
std::vector<const Family*> familiesNear(std::string_view modelType);

// Each weight's name in the family's GGUF files.
std::vector<GgufName> ggufNamesOf(const ModelConfig& config);

// What the family means by this hidden_act. Throws: Error{Format} for what is not computed.
Activation activationNamed(const Family& family, std::string_view name);
// A name that means this to every family.
std::string_view activationName(Activation activation);

// sliding_window of a config.json: 0 where it is null, 4096, as transformers has it, where it is absent.
std::int64_t readSlidingWindow(const JsonFields& fields);
// layer_types: which layers have the window; unset where it is absent. Throws: Error{Format}.
std::optional<std::vector<bool>> readLayerTypes(const JsonFields& fields, std::int64_t layers);
// Every layer but each `every`th has the window. Throws: Error{Format} where layer_types says otherwise than it can.
std::vector<bool> readWindowPattern(const JsonFields& fields, const char* key, std::int64_t every,
                                    std::int64_t layers);
// Gives the config this window in these layers; 0: none.
void setWindows(ModelConfig& config, std::int64_t window, const std::vector<bool>& windowed);
void writeLayerTypes(const ModelConfig& config, nlohmann::json& json);
// A number above 0: `otherwise` where the key is absent, 0 where it is null.
double readCap(const JsonFields& fields, const char* key, double otherwise);

// Throws: Error{Format} with this sentence.
[[noreturn]] void refuseConfig(const std::string& what);

} // namespace pissarro::core::inline model::inline families
