// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/json_file.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>

namespace pissarro::core::inline tokenizer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kWhere = "tokenizer_config";
constexpr std::uint64_t kTemplateLimitBytes = 4U << 20U;

// A token is a string, an object with its text as "content", or null.
AddedToken tokenOf(const json& document, const char* key)
{
    AddedToken token;
    token.special = true;
    const auto place = document.find(key);
    if (place == document.end() || place->is_null()) {
        return token;
    }
    if (!place->is_object()) {
        token.content = stringField(document, key, kWhere);
        return token;
    }
    token.content = stringField(*place, "content", key);
    token.singleWord = boolField(*place, "single_word", key, false);
    token.leftStrip = boolField(*place, "lstrip", key, false);
    token.rightStrip = boolField(*place, "rstrip", key, false);
    token.normalized = boolField(*place, "normalized", key, false);
    return token;
}

std::optional<bool> optionalBool(const json& document, const char* key)
{
    const auto place = document.find(key);
    if (place == document.end() || place->is_null()) {
        return std::nullopt;
    }
    return boolField(document, key, kWhere, false);
}

AddedToken addedToken(const std::string& key, const json& entry)
{
    AddedToken token;
    const auto id = numberIn<std::int64_t>(key);
    if (!id || *id < 0 || *id >= kTokenIdLimit) {
        throw Error(
            ErrorKind::Format,
            fmt::format("added_tokens_decoder has the id {} (expected an integer from 0 to {})",
                        shownText(key), kTokenIdLimit - 1));
    }
    token.id = static_cast<std::int32_t>(*id);
    token.content = stringField(entry, "content", "added_tokens_decoder");
    token.singleWord = boolField(entry, "single_word", "added_tokens_decoder", false);
    token.leftStrip = boolField(entry, "lstrip", "added_tokens_decoder", false);
    token.rightStrip = boolField(entry, "rstrip", "added_tokens_decoder", false);
    token.special = boolField(entry, "special", "added_tokens_decoder", false);
    token.normalized = boolField(entry, "normalized", "added_tokens_decoder", !token.special);
    return token;
}

// The template is a string, or a list of named ones of which "default" counts.
std::string chatTemplate(const json& document)
{
    const auto place = document.find("chat_template");
    if (place == document.end() || place->is_null()) {
        return {};
    }
    if (!place->is_array()) {
        return stringField(document, "chat_template", kWhere);
    }
    for (const json& entry : *place) {
        if (stringField(entry, "name", "chat_template", "") == "default") {
            return stringField(entry, "template", "chat_template");
        }
    }
    return {};
}

// Gives `token` the name `key`, unless another has it; "": it is special without a name.
void name(TokenizerSettings& settings, const std::string& key, AddedToken token)
{
    const std::pair<const char*, std::string*> ownPlaces[] = {
        {"bos_token", &settings.bosToken},
        {"eos_token", &settings.eosToken},
        {"pad_token", &settings.padToken},
        {"unk_token", &settings.unkToken},
    };
    const auto* const own = std::find_if(std::begin(ownPlaces), std::end(ownPlaces),
                                         [&](const auto& place) { return place.first == key; });
    auto& others = settings.otherTokens;
    const bool isTaken = own != std::end(ownPlaces)
        ? !own->second->empty()
        : std::any_of(others.begin(), others.end(),
                      [&](const auto& other) { return !key.empty() && other.first == key; });
    if (isTaken || token.content.empty()) {
        return;
    }
    if (own != std::end(ownPlaces)) {
        *own->second = token.content;
    } else if (!key.empty()) {
        others.emplace_back(key, token.content);
    }
    settings.named.push_back(std::move(token));
}

void readTokens(const json& document, TokenizerSettings& settings)
{
    if (!document.is_object()) {
        throw Error(ErrorKind::Format,
                    std::string("is ") + document.type_name() + " (expected an object)");
    }
    for (const char* key : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token",
                            "cls_token", "mask_token"}) {
        if (AddedToken token = tokenOf(document, key); !token.content.empty()) {
            name(settings, key, std::move(token));
        }
    }
    // Lists of more: texts, or objects as above.
    for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
        const json* list = jsonField(document, key);
        for (const json& entry : list != nullptr && list->is_array() ? *list : json::array()) {
            if (jsonText(entry) != nullptr || entry.is_object()) {
                name(settings, "", tokenOf({{key, entry}}, key));
            }
        }
    }
}

// The older way to name added tokens: {"<|im_start|>": 32000}.
void readAddedTokens(const json& document, TokenizerSettings& settings)
{
    if (!document.is_object()) {
        throw Error(ErrorKind::Format,
                    std::string("is ") + document.type_name() + " (expected an object)");
    }
    for (const auto& [content, id] : document.items()) {
        const std::int64_t number = jsonAs<std::int64_t>(id).value_or(-1);
        if (number < 0 || number >= kTokenIdLimit) {
            throw Error(ErrorKind::Format,
                        fmt::format("the token {} has no id (expected an integer from 0 to {})",
                                    shownText(content), kTokenIdLimit - 1));
        }
        AddedToken token;
        token.id = static_cast<std::int32_t>(number);
        token.content = content;
        const auto isThis = [&](const AddedToken& other) { return other.content == content; };
        token.special = std::any_of(settings.named.begin(), settings.named.end(), isThis);
        token.normalized = !token.special;
        settings.added.push_back(token);
    }
}

// Without "Fast": since transformers 5 there is one class of each name.
std::string classNamed(std::string name)
{
    if (name.ends_with("Fast")) {
        name.resize(name.size() - 4);
    }
    return name;
}

// The class of a folder whose tokenizer_config.json names none: config.json's own, or that of its model type.
std::string classOfModel(const json& document)
{
    constexpr std::pair<const char*, const char*> kClasses[] = {
        {"bert", "BertTokenizer"},
        {"distilbert", "BertTokenizer"},
        {"electra", "BertTokenizer"},
        {"mobilebert", "BertTokenizer"},
        {"roberta", "RobertaTokenizer"},
        {"bart", "RobertaTokenizer"},
        {"deberta-v2", "DebertaV2Tokenizer"},
        {"t5", "T5Tokenizer"},
        {"gpt2", "GPT2Tokenizer"},
        {"gpt_neo", "GPT2Tokenizer"},
        {"gptj", "GPT2Tokenizer"},
        {"opt", "GPT2Tokenizer"},
        {"phi", "GPT2Tokenizer"},
        {"starcoder2", "GPT2Tokenizer"},
        {"qwen2", "Qwen2Tokenizer"},
        {"qwen2_moe", "Qwen2Tokenizer"},
        {"qwen3", "Qwen2Tokenizer"},
        {"qwen3_moe", "Qwen2Tokenizer"},
        {"gpt_neox", "GPTNeoXTokenizer"},
        {"olmo", "GPTNeoXTokenizer"},
    };
    const std::string own = jsonFieldAs<std::string>(document, "tokenizer_class").value_or("");
    const std::string type = jsonFieldAs<std::string>(document, "model_type").value_or("");
    const auto* const place = std::find_if(std::begin(kClasses), std::end(kClasses),
                                           [&](const auto& entry) { return type == entry.first; });
    return !own.empty()               ? classNamed(own)
        : place != std::end(kClasses) ? place->second
                                      : std::string();
}

void readConfig(const json& document, TokenizerSettings& settings)
{
    settings.hasConfig = true;
    readTokens(document, settings);
    settings.addBos = optionalBool(document, "add_bos_token");
    settings.addEos = optionalBool(document, "add_eos_token");
    settings.legacy = boolField(document, "legacy", kWhere, true);
    settings.addPrefixSpace = optionalBool(document, "add_prefix_space");
    settings.lowers = optionalBool(document, "do_lower_case");
    settings.stripsAccents = optionalBool(document, "strip_accents");
    settings.splitsIdeographs = optionalBool(document, "tokenize_chinese_chars");
    settings.splitsPunctuation = boolField(document, "split_by_punct", kWhere, false);
    settings.tokenizerClass = classNamed(stringField(document, "tokenizer_class", kWhere, ""));
    settings.chatTemplate = chatTemplate(document);
    const auto added = document.find("added_tokens_decoder");
    if (added != document.end() && added->is_object()) {
        for (const auto& [key, entry] : added->items()) {
            settings.listsAdded = true;
            settings.added.push_back(addedToken(key, entry));
        }
    }
}

// The model's own ids, for folders whose tokenizer names no tokens. Several: the first.
std::int32_t modelId(const json& document, const char* key)
{
    const auto place = document.is_object() ? document.find(key) : document.end();
    if (!document.is_object() || place == document.end()) {
        return -1;
    }
    const json& value = place->is_array() && !place->empty() ? place->front() : *place;
    const std::int64_t id = jsonAs<std::int64_t>(value).value_or(-1);
    return id >= 0 && id < kTokenIdLimit ? static_cast<std::int32_t>(id) : -1;
}

template <class Reader>
void readIfThere(const fs::path& path, const Reader& read)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored)) {
        return;
    }
    const json document = readJsonFile(path);
    try {
        read(document);
    } catch (const Error& e) {
        throw e.within(shownPath(path));
    }
}

} // namespace

std::vector<std::pair<std::string, std::string>> namedTokens(const TokenizerSettings& settings)
{
    auto out = settings.otherTokens;
    for (const auto& [name, text] :
         {std::pair("bos_token", &settings.bosToken), std::pair("eos_token", &settings.eosToken),
          std::pair("pad_token", &settings.padToken), std::pair("unk_token", &settings.unkToken)}) {
        if (!text->empty()) {
            out.emplace_back(name, *text);
        }
    }
    return out;
}

void nameByDefault(TokenizerSettings& settings,
                   const std::vector<std::pair<const char*, const char*>>& tokens)
{
    for (const auto& [key, content] : tokens) {
        AddedToken token;
        token.content = content;
        token.special = true;
        name(settings, key, std::move(token));
    }
}

TokenizerSettings readTokenizerSettings(const fs::path& directory)
{
    TokenizerSettings settings;
    readIfThere(directory / "tokenizer_config.json",
                [&](const json& document) { readConfig(document, settings); });
    readIfThere(directory / "special_tokens_map.json",
                [&](const json& document) { readTokens(document, settings); });
    if (!settings.listsAdded) {
        readIfThere(directory / "added_tokens.json",
                    [&](const json& document) { readAddedTokens(document, settings); });
    }
    std::error_code ignored;
    if (const fs::path file = directory / "chat_template.jinja"; fs::exists(file, ignored)) {
        settings.chatTemplate = readWholeFile(file, kTemplateLimitBytes);
    }
    if (settings.eosToken.empty() || settings.tokenizerClass.empty()) {
        readIfThere(directory / "config.json", [&](const json& document) {
            if (settings.eosToken.empty()) {
                settings.bosId = modelId(document, "bos_token_id");
                settings.eosId = modelId(document, "eos_token_id");
                settings.padId = modelId(document, "pad_token_id");
            }
            if (settings.tokenizerClass.empty() && document.is_object()) {
                settings.tokenizerClass = classOfModel(document);
            }
        });
    }
    return settings;
}

} // namespace pissarro::core::inline tokenizer
