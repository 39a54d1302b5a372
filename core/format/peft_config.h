// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/module_pattern.h"
#include "core/text/regex.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pissarro::core::inline format {

// Which adapter_config.json belongs to a kind of adapter: the type, and the keys that it alone turns on, with `true`.
struct PeftForm {
    const char* type = "LORA"; // peft_type
    std::vector<const char*> keys = {}; // "use_dora"; none: two factors and a scale are all
};

// An adapter_config.json of PEFT, of any version, as far as LoRA on the linear matrices of a decoder goes.
//
// Every key that PEFT 0.0.1 to 0.21.2 writes is honoured, or does not touch what the stored adapter computes, or is
// refused by name where it asks for what no form has; a key that is in no version is warned of.
struct PeftConfig {
    std::size_t form = 0; // of those that were asked for
    std::int64_t rank = 0; // r
    double alpha = 0.0; // lora_alpha
    double dropout = 0.0; // lora_dropout: acts in training only
    bool rslora = false;
    // rank_pattern and alpha_pattern in the order of the file: as in PEFT the first key that matches a module counts.
    std::vector<std::pair<ModulePattern, std::int64_t>> ranks;
    std::vector<std::pair<ModulePattern, double>> alphas;
    std::string initLoraWeights = "true"; // as written
    // "pissa", "olora": the start that PEFT takes out of the base before it puts the stored factors on it, and does so again
    // whenever it loads the folder; empty: the factors are added to the base as it is.
    std::string takenStart;
    std::string baseModel; // base_model_name_or_path; empty: not said
    // modules_to_save of an adapter that sorts texts (task_type SEQ_CLS): ends of the names of its head's modules.
    std::vector<std::string> modulesToSave;
    std::vector<std::string> warnings; // one line each, without the file's name

    std::int64_t
    rankOf(std::string_view module) const; // Throws: Error{Format} for a key without an end
    double alphaOf(std::string_view module) const; // Throws: as rankOf()
    // Whether PEFT puts an adapter on this module ("model.layers.0.self_attn.q_proj"): target_modules, exclude_modules,
    // layers_to_transform and layers_pattern by its rules. Throws: Error{Format} for an expression without an end.
    bool targets(std::string_view module) const;
    bool namesTargets() const { return m_targetsGiven; } // false: every module that has factors

    // "none", "all" or "lora_only": which biases of the base trained beside the factors. Those are among the tensors, where
    // there were any: of a LLaMA all are none.
    std::string bias = "none";

private:
    friend class PeftConfigReader;
    bool m_targetsGiven = false;
    bool m_allLinear = false;
    std::vector<std::string> m_targetNames;
    std::optional<Regex> m_targetPattern;
    std::vector<std::string> m_excludedNames;
    std::optional<Regex> m_excludedPattern;
    std::optional<std::vector<std::int64_t>> m_layers; // none: every layer
    std::vector<Regex> m_layersPatterns;
};

// Reads the text of an adapter_config.json that is of one of these forms.
// Requires: of each type one form without keys. Throws: Error{Format} naming the key, without the file's name.
PeftConfig peftConfigFromJson(std::string_view text, const std::vector<PeftForm>& forms = {{}});

// Whether an adapter made for `named` (a path or an id, as base_model_name_or_path has it) belongs to the model at
// `path`, called `displayName`: the same place, or else the same last name. An empty `named` belongs everywhere.
bool namesModel(const std::string& named, const std::filesystem::path& path,
                const std::string& displayName);

} // namespace pissarro::core::inline format
