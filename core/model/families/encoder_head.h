// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/families/family.h"

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace pissarro::core::inline model::inline families {

// What the heads of an encoder are made of, as files name it. An empty name: there is no such module.
struct EncoderHead {
    std::string_view dense;
    std::string_view norm;
    std::string_view logits;
    std::string_view bias; // empty: that of `logits`
    Activation activation = Activation::Tanh; // behind `dense`
};

// What every encoder of the list is: LayerNorms behind the sums, biases everywhere, and each token sees all others.
void makeEncoder(ModelConfig& config);

// Reads which head a config.json asks for: architectures, id2label or num_labels, problem_type. Where it says none, the one
// for hidden tokens. Throws: Error{Format}.
void readHead(const JsonFields& fields, ModelConfig& config);
// The other way; `stem` is what the names of the family's classes begin with: "Bert".
void writeHead(const ModelConfig& config, std::string_view stem, nlohmann::json& json);
// Names the modules of config.head.
void nameHead(const EncoderHead& masked, const EncoderHead& sequence, ModelConfig& config);

// An activation that stands in a head. Throws: Error{Format} naming the key.
Activation headActivation(const JsonFields& fields, const char* key, Activation otherwise);

} // namespace pissarro::core::inline model::inline families
