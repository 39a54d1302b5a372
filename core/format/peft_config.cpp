// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/peft_config.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/ascii.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

namespace pissarro::core::inline format {

namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kMostRank = 65'536;
constexpr double kMostAlpha = 1e9; // beyond any use, and far from what float32 cannot hold

enum class Use {
    Honoured,
    Harmless, // says how it was trained, or helps PEFT alone
    Refused, // unless it is null, false or empty, or a form has it: the adapter is no plain LoRA
};

struct Key {
    const char* name;
    Use use;
    const char* what = ""; // of Refused: what the adapter is
};

// Keys of PEFT 0.0.1 to 0.21.2, in the order of the versions that brought them.
constexpr std::array kKeys {
    Key {"peft_type", Use::Honoured},
    Key {"base_model_name_or_path", Use::Honoured},
    Key {"r", Use::Honoured},
    Key {"lora_alpha", Use::Honoured},
    Key {"lora_dropout", Use::Honoured},
    Key {"target_modules", Use::Honoured},
    Key {"fan_in_fan_out", Use::Honoured},
    Key {"bias", Use::Honoured},
    Key {"task_type", Use::Harmless},
    Key {"inference_mode", Use::Harmless},
    Key {"merge_weights", Use::Harmless}, // until 0.2
    Key {"enable_lora", Use::Refused, "adapts parts of one fused matrix (PEFT 0.2)"},
    Key {"modules_to_save", Use::Refused, "holds whole modules beside its factors"},
    Key {"init_lora_weights", Use::Honoured},
    Key {"layers_to_transform", Use::Honoured},
    Key {"layers_pattern", Use::Honoured},
    Key {"revision", Use::Harmless},
    Key {"auto_mapping", Use::Harmless},
    Key {"rank_pattern", Use::Honoured},
    Key {"alpha_pattern", Use::Honoured},
    Key {"loftq_config", Use::Harmless}, // of init_lora_weights "loftq", which is refused
    Key {"megatron_config", Use::Refused, "is made for the layers of Megatron"},
    Key {"megatron_core", Use::Harmless}, // the name of a Python package
    Key {"use_rslora", Use::Honoured},
    Key {"use_dora", Use::Refused, "is a DoRA adapter, with a magnitude beside its factors"},
    Key {"layer_replication", Use::Refused,
         "is for another stack of layers, in which some stand twice"},
    Key {"runtime_config", Use::Harmless},
    Key {"exclude_modules", Use::Honoured},
    Key {"eva_config", Use::Harmless}, // how A was begun
    Key {"corda_config", Use::Harmless}, // of init_lora_weights "corda", which is refused
    Key {"lora_bias", Use::Refused, "has biases of its own on lora_B"},
    Key {"trainable_token_indices", Use::Refused, "trains rows of the embedding"},
    Key {"use_qalora", Use::Refused, "is a QALoRA adapter, which pools its input"},
    Key {"qalora_group_size", Use::Harmless}, // of use_qalora
    Key {"target_parameters", Use::Refused, "adapts parameters that are no linear layers"},
    Key {"arrow_config", Use::Refused, "is a router over several adapters"},
    Key {"alora_invocation_tokens", Use::Refused,
         "is an aLoRA adapter, which acts from certain tokens on"},
    Key {"ensure_weight_tying",
         Use::Harmless}, // of embedding and head, which are refused as modules
    Key {"peft_version", Use::Harmless},
    Key {"use_bdlora", Use::Refused, "has block-diagonal factors"},
    Key {"lora_ga_config", Use::Harmless}, // of init_lora_weights "lora_ga", which is refused
    Key {"kasa_config", Use::Refused, "is a KaSA adapter, with singular values of its own"},
    Key {"monteclora_config", Use::Refused, "is a MonteCLoRA adapter, whose factors are sampled"},
    Key {"velora_config", Use::Harmless}, // how activations were kept while it was trained
};

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(ErrorKind::Format, what);
}

bool isOff(const ordered_json& value)
{
    return value.is_null() || value == false || value == ""
        || (value.is_structured() && value.empty());
}

std::string shown(const ordered_json& value)
{
    return shownText(value.dump(-1, ' ', false, ordered_json::error_handler_t::replace), 40);
}

// key in names, or key ends with "." and one of them.
bool isNamed(std::string_view module, const std::vector<std::string>& names)
{
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return module == name
            || (module.size() > name.size() && module.ends_with(name)
                && module[module.size() - name.size() - 1] == '.');
    });
}

// The first number that stands between dots behind a name: "model.layers.14.mlp" -> 14.
std::optional<std::int64_t> layerOf(std::string_view module)
{
    for (std::size_t dot = module.find('.'); dot != std::string_view::npos;) {
        const std::size_t next = module.find('.', dot + 1);
        const std::string_view part = module.substr(dot + 1, next - dot - 1);
        if (next != std::string_view::npos && !part.empty() && part.size() < 10
            && part.find_first_not_of("0123456789") == std::string_view::npos) {
            return std::stoll(std::string(part));
        }
        dot = next;
    }
    return std::nullopt;
}

} // namespace

class PeftConfigReader {
public:
    PeftConfigReader(std::string_view text, const std::vector<PeftForm>& forms)
        : m_forms(forms)
    {
        try {
            OrderedDocument read = parseDocument(text); // within limits of depth and size
            m_json = std::move(read.value);
            if (!read.repeated.empty()) {
                m_config.warnings.push_back(repeatedText(read) + ": the last counts, as in PEFT");
            }
        } catch (const Error&) {
        }
        if (!m_json.is_object()) {
            refuse("is not a JSON object (expected a PEFT adapter_config.json)");
        }
    }

    PeftConfig read()
    {
        knowType();
        knowEveryKey();
        numbers();
        m_config.rslora = flag("use_rslora");
        m_config.ranks = pattern<std::int64_t>("rank_pattern");
        m_config.alphas = pattern<double>("alpha_pattern");
        start();
        modules();
        layers();
        const char* const base = "base_model_name_or_path";
        m_config.baseModel =
            textWithoutNul(base, jsonAs<std::string>(at(base)).value_or(m_config.baseModel));
        return std::move(m_config);
    }

private:
    const ordered_json& at(const char* key) const
    {
        static const ordered_json none;
        const auto found = m_json.find(key);
        return found == m_json.end() ? none : *found;
    }

    bool isOfType(const PeftForm& form) const { return at("peft_type") == form.type; }

    void knowType() const
    {
        if (std::any_of(m_forms.begin(), m_forms.end(),
                        [this](const PeftForm& form) { return isOfType(form); })) {
            return;
        }
        std::set<std::string> types;
        for (const PeftForm& form : m_forms) {
            types.insert(fmt::format("\"{}\"", form.type));
        }
        refuse(fmt::format("has peft_type {} (expected {}); merge it with PEFT's merge_and_unload "
                           "and open that model",
                           shown(at("peft_type")), listText({types.begin(), types.end()})));
    }

    // The form that has all of these keys and no other.
    void chooseForm(const std::vector<const Key*>& asked)
    {
        const auto has = [](const PeftForm& form, const Key* key) {
            return std::any_of(form.keys.begin(), form.keys.end(),
                               [&](std::string_view own) { return own == key->name; });
        };
        const auto inSome = [&](const Key* key) {
            return std::any_of(m_forms.begin(), m_forms.end(), [&](const PeftForm& form) {
                return isOfType(form) && has(form, key);
            });
        };
        const auto fits = [&](const PeftForm& form) {
            return isOfType(form) && form.keys.size() == asked.size()
                && std::all_of(asked.begin(), asked.end(),
                               [&](const Key* key) { return has(form, key); });
        };
        const auto form = std::find_if(m_forms.begin(), m_forms.end(), fits);
        if (form != m_forms.end()) {
            m_config.form = static_cast<std::size_t>(form - m_forms.begin());
            return;
        }
        const auto strange = std::find_if_not(asked.begin(), asked.end(), inSome);
        const Key& key = strange == asked.end() ? *asked.front() : **strange;
        refuse(fmt::format("has {}: the adapter {}, which is not supported (expected a plain "
                           "LoRA); merge it with PEFT's merge_and_unload and open that model",
                           key.name, key.what));
    }

    // Of an adapter that sorts texts the modules beside its factors are its head.
    bool isHead(const Key& key)
    {
        if (std::string_view(key.name) != "modules_to_save" || at("task_type") != "SEQ_CLS") {
            return false;
        }
        m_config.modulesToSave = names(key.name, at(key.name));
        return true;
    }

    void knowEveryKey()
    {
        std::string unknown;
        std::vector<const Key*> asked; // for more than two factors and a scale
        for (const auto& [name, value] : m_json.items()) {
            const auto known =
                std::find_if(kKeys.begin(), kKeys.end(),
                             [&given = name](const Key& key) { return given == key.name; });
            if (known == kKeys.end()) {
                if (!isOff(value)) {
                    unknown += (unknown.empty() ? "" : ", ") + shownText(name, 40);
                }
            } else if (known->use == Use::Refused && !isOff(value) && !isHead(*known)) {
                asked.push_back(known);
            }
        }
        chooseForm(asked);
        if (const ordered_json& bias = at("bias"); !bias.is_null()) {
            if (bias != "none" && bias != "all" && bias != "lora_only") {
                refuse("has bias " + shown(bias) + " (expected none, all or lora_only)");
            }
            m_config.bias = *jsonAs<std::string>(bias);
        }
        if (flag("fan_in_fan_out")) {
            m_config.warnings.emplace_back("fan_in_fan_out has no meaning for these matrices and "
                                           "is taken as false, as PEFT does");
        }
        if (!unknown.empty()) {
            m_config.warnings.push_back("holds keys that no known version of PEFT has: "
                                        + shownText(unknown, 160)
                                        + "; the adapter is used as a plain LoRA");
        }
    }

    bool flag(const char* key) const
    {
        const ordered_json& value = at(key);
        const auto given = value.is_null() ? std::optional(false) : jsonAs<bool>(value);
        if (!given) {
            refuse(std::string(key) + " is " + shown(value) + " (expected true or false)");
        }
        return *given;
    }

    void numbers()
    {
        m_config.rank = rank("r", at("r"));
        m_config.alpha = alpha("lora_alpha", at("lora_alpha"));
        m_config.dropout = jsonAs<double>(at("lora_dropout")).value_or(m_config.dropout);
    }

    static std::int64_t rank(const std::string& where, const ordered_json& value)
    {
        const auto given = jsonAs<std::int64_t>(value);
        if (!given || *given < 1 || *given > kMostRank) {
            refuse(fmt::format("{} is {} (expected a whole number from 1 to {})", where,
                               shown(value), kMostRank));
        }
        return *given;
    }

    static double alpha(const std::string& where, const ordered_json& value)
    {
        const auto given = jsonAs<double>(value);
        if (!given || !(std::abs(*given) <= kMostAlpha)) {
            refuse(where + " is " + shown(value) + " (expected a number from -1e9 to 1e9)");
        }
        return *given;
    }

    template <class Value>
    std::vector<std::pair<ModulePattern, Value>> pattern(const char* key) const
    {
        std::vector<std::pair<ModulePattern, Value>> result;
        const ordered_json& patterns = at(key);
        if (!patterns.is_null() && !patterns.is_object()) {
            refuse(std::string(key) + " is " + shown(patterns) + " (expected an object)");
        }
        for (const auto& [name, value] : patterns.items()) {
            const std::string where = std::string(key) + " of " + shownText(name);
            if constexpr (std::is_same_v<Value, double>) {
                result.emplace_back(name, alpha(where, value));
            } else {
                result.emplace_back(name, rank(where, value));
            }
        }
        return result;
    }

    // init_lora_weights: what PEFT does to the base when it loads the folder.
    void start()
    {
        const ordered_json& init = at("init_lora_weights");
        if (init.is_null() || jsonAs<bool>(init)) {
            m_config.initLoraWeights = init == false ? "false" : "true";
            return;
        }
        const std::string name = jsonAs<std::string>(init).value_or(std::string());
        const std::string small = lowered(name);
        m_config.initLoraWeights = name;
        constexpr std::array plain {"gaussian", "eva", "orthogonal", "mica"};
        if (std::find(plain.begin(), plain.end(), small) != plain.end()) {
            return;
        }
        if (name == "pissa" || small == "olora") {
            m_config.takenStart = small;
            return;
        }
        const auto begins = [&](const char* with) { return small.rfind(with, 0) == 0; };
        const char* why = begins("pissa_niter_")
            ? "a randomised decomposition, whose numbers are not kept"
            : begins("corda")    ? "data that the folder does not hold"
            : small == "loftq"   ? "PEFT's own quantization of it"
            : small == "lora_ga" ? "gradients that the folder does not hold"
                                 : nullptr;
        if (why == nullptr) {
            refuse("has init_lora_weights " + shown(init) + ", which PEFT does not know");
        }
        refuse("has init_lora_weights " + shown(init) + ": the factors belong on a base changed by "
               + why
               + "; open that base with init_lora_weights set to true, or save the adapter with "
                 "PEFT's "
                 "path_initial_model_for_weight_conversion");
    }

    static std::vector<std::string> names(const char* key, const ordered_json& value)
    {
        auto texts = jsonAs<std::vector<std::string>>(value);
        if (!texts) {
            refuse(std::string(key) + " is " + shown(value)
                   + " (expected a list of names or a regular expression)");
        }
        return std::move(*texts);
    }

    void modules()
    {
        if (const ordered_json& targets = at("target_modules"); !targets.is_null()) {
            m_config.m_targetsGiven = true;
            const std::string* const text = jsonText(targets);
            if (text == nullptr) {
                m_config.m_targetNames = names("target_modules", targets);
            } else if (lowered(*text) == "all-linear") {
                m_config.m_allLinear = true;
            } else {
                m_config.m_targetPattern = expression("target_modules", *text);
            }
        }
        if (const ordered_json& excluded = at("exclude_modules"); !isOff(excluded)) {
            if (const std::string* const text = jsonText(excluded)) {
                m_config.m_excludedPattern = expression("exclude_modules", *text);
            } else {
                m_config.m_excludedNames = names("exclude_modules", excluded);
            }
        }
    }

    static Regex expression(const char* key, const std::string& text)
    {
        try {
            return Regex::python(text);
        } catch (const Error& e) {
            throw e.within(key);
        }
    }

    void layers()
    {
        const ordered_json& layers = at("layers_to_transform");
        if (const auto one = jsonAs<std::int64_t>(layers)) {
            m_config.m_layers = {*one};
        } else if (!isOff(layers)) {
            m_config.m_layers = jsonAs<std::vector<std::int64_t>>(layers);
            if (!m_config.m_layers) {
                refuse("layers_to_transform is " + shown(layers) + " (expected layer numbers)");
            }
        }
        if (const ordered_json& patterns = at("layers_pattern"); !isOff(patterns)) {
            const std::string* const text = jsonText(patterns);
            for (const std::string& name :
                 text != nullptr ? std::vector {*text} : names("layers_pattern", patterns)) {
                m_config.m_layersPatterns.push_back(
                    expression("layers_pattern", "(?:^|.*?\\.)" + name + "\\.\\d+\\."));
            }
        }
    }

    const std::vector<PeftForm>& m_forms;
    ordered_json m_json;
    PeftConfig m_config;
};

namespace {

template <class Value>
Value firstOf(const std::vector<std::pair<ModulePattern, Value>>& patterns, std::string_view module,
              Value otherwise)
{
    const auto found = std::find_if(patterns.begin(), patterns.end(),
                                    [&](const auto& entry) { return entry.first.matches(module); });
    return found == patterns.end() ? otherwise : found->second;
}

} // namespace

std::int64_t PeftConfig::rankOf(std::string_view module) const
{
    return firstOf(ranks, module, rank);
}

double PeftConfig::alphaOf(std::string_view module) const
{
    return firstOf(alphas, module, alpha);
}

bool PeftConfig::targets(std::string_view module) const
{
    if (m_excludedPattern ? m_excludedPattern->matchesWhole(module)
                          : isNamed(module, m_excludedNames)) {
        return false;
    }
    if (!m_targetsGiven || m_allLinear) {
        return true;
    }
    if (m_targetPattern) {
        return m_targetPattern->matchesWhole(module);
    }
    if (std::find(m_targetNames.begin(), m_targetNames.end(), module) != m_targetNames.end()) {
        return true; // a module that is named in full is in whatever layer it is
    }
    if (!isNamed(module, m_targetNames)) {
        return false;
    }
    if (!m_layers || m_layers->empty()) {
        return true;
    }
    const auto layer = layerOf(module);
    const bool inPlace = m_layersPatterns.empty()
        || std::any_of(m_layersPatterns.begin(), m_layersPatterns.end(),
                       [&](const Regex& pattern) { return pattern.matchesStart(module); });
    return layer && inPlace
        && std::find(m_layers->begin(), m_layers->end(), *layer) != m_layers->end();
}

PeftConfig peftConfigFromJson(std::string_view text, const std::vector<PeftForm>& forms)
{
    return PeftConfigReader(text, forms).read();
}

} // namespace pissarro::core::inline format
