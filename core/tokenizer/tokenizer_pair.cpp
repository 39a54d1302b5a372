// SPDX-License-Identifier: GPL-3.0-or-later
// The files that came before tokenizer.json: vocab.json with merges.txt, and vocab.txt. They hold pieces; how texts are cut,
// and what stands around them, only the class knows.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/json_file.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>
#include <sstream>
#include <unordered_map>

namespace pissarro::core::inline tokenizer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kFileLimitBytes = 96U << 20U;

// A line a merge, the first one a version.
json mergesOf(const fs::path& path)
{
    json merges = json::array();
    std::istringstream lines(readWholeFile(path, kFileLimitBytes));
    bool first = true;
    for (std::string line; std::getline(lines, line); first = false) {
        if (line.ends_with('\r')) {
            line.pop_back();
        }
        if (!line.empty() && !(first && line.starts_with("#version"))) {
            merges.push_back(line);
        }
    }
    return merges;
}

enum class PairClass { Gpt2, Qwen2, Roberta, NeoX };

PairClass pairClassOf(const fs::path& directory, const std::string& name)
{
    constexpr std::pair<const char*, PairClass> kClasses[] = {
        {"GPT2Tokenizer", PairClass::Gpt2},    {"CodeGenTokenizer", PairClass::Gpt2},
        {"Qwen2Tokenizer", PairClass::Qwen2},  {"RobertaTokenizer", PairClass::Roberta},
        {"BartTokenizer", PairClass::Roberta}, {"LongformerTokenizer", PairClass::Roberta},
        {"GPTNeoXTokenizer", PairClass::NeoX},
    };
    for (const auto& [known, kind] : kClasses) {
        if (name == known) {
            return kind;
        }
    }
    throw Error(ErrorKind::Format,
                fmt::format("{}: has vocab.json and merges.txt without a tokenizer.json, and its "
                            "tokenizer_class is {} (expected GPT2Tokenizer, Qwen2Tokenizer, "
                            "RobertaTokenizer or GPTNeoXTokenizer); save it with a tokenizer.json",
                            shownPath(directory), shownText(name, 40)));
}

void nameTokens(PairClass kind, TokenizerSettings& settings)
{
    constexpr const char* kEnd = "<|endoftext|>";
    switch (kind) {
    case PairClass::Gpt2:
        nameByDefault(settings, {{"unk_token", kEnd}, {"bos_token", kEnd}, {"eos_token", kEnd}});
        return;
    case PairClass::Qwen2:
        nameByDefault(settings, {{"unk_token", kEnd}, {"eos_token", kEnd}, {"pad_token", kEnd}});
        return;
    case PairClass::NeoX:
        nameByDefault(settings,
                      {{"unk_token", kEnd},
                       {"bos_token", kEnd},
                       {"eos_token", kEnd},
                       {"pad_token", "<|padding|>"}});
        return;
    case PairClass::Roberta:
        nameByDefault(settings,
                      {{"bos_token", "<s>"},
                       {"eos_token", "</s>"},
                       {"unk_token", "<unk>"},
                       {"sep_token", "</s>"},
                       {"pad_token", "<pad>"},
                       {"cls_token", "<s>"},
                       {"mask_token", "<mask>"}});
        return;
    }
}

std::string otherToken(const TokenizerSettings& settings, const char* key)
{
    for (const auto& [name, token] : settings.otherTokens) {
        if (name == key) {
            return token;
        }
    }
    return {};
}

// The ids are looked up by the tokens when all is put together.
json frameJson(const char* type, const TokenizerSettings& settings)
{
    return {{"type", type},
            {"sep", json::array({otherToken(settings, "sep_token"), 0})},
            {"cls", json::array({otherToken(settings, "cls_token"), 0})}};
}

} // namespace

TokenizerSpec specFromPair(const fs::path& directory)
{
    TokenizerSettings settings = readTokenizerSettings(directory);
    const PairClass kind = pairClassOf(directory, settings.tokenizerClass);
    nameTokens(kind, settings);
    const bool isQwen = kind == PairClass::Qwen2;
    const bool isNfc = isQwen || kind == PairClass::NeoX;
    const json document = {{"model",
                            {{"type", "BPE"},
                             {"vocab", readJsonFile(directory / "vocab.json", kFileLimitBytes)},
                             {"merges", mergesOf(directory / "merges.txt")}}},
                           {"added_tokens", json::array()},
                           {"normalizer", isNfc ? json {{"type", "NFC"}} : json()},
                           {"pre_tokenizer",
                            isQwen ? preTokenizingNamed("qwen2").preTokenizer
                                   : byteLevelStage(true, settings.addPrefixSpace.value_or(false))},
                           {"post_processor", nullptr},
                           {"decoder", byteLevelStage(true)}};
    try {
        TokenizerSpec spec = tokenizerSpecFromJson(document);
        if (kind == PairClass::Roberta) {
            spec.postProcessor = frameJson("RobertaProcessing", settings);
        }
        spec.framesByFlags = kind != PairClass::Roberta;
        spec.settings = std::move(settings);
        return spec;
    } catch (const Error& e) {
        throw e.within(shownPath(directory / "vocab.json"));
    }
}

namespace {

// A line a piece, its number the id. Lines end at a line feed, whatever stands in them.
std::vector<std::string> linesOf(const fs::path& file)
{
    const std::string text = readWholeFile(file, kFileLimitBytes);
    if (!isValidUtf8(text)) {
        throw Error(ErrorKind::Format, "is not UTF-8 (expected a piece on each line)");
    }
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        if (line.ends_with('\r')) {
            line.pop_back();
        }
        lines.push_back(std::move(line));
        at = end + 1;
        if (lines.size() >= static_cast<std::size_t>(kTokenIdLimit)) {
            throw Error(ErrorKind::Format,
                        fmt::format("has {} lines or more (expected fewer)", kTokenIdLimit));
        }
    }
    return lines;
}

// Of equal lines the last one counts, as in Python's dict; the others have no piece.
void keepLast(std::vector<std::string>& pieces)
{
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        const auto [place, isNew] = places.emplace(pieces[id], id);
        if (!isNew) {
            pieces[place->second].clear();
            place->second = id;
        }
    }
}

void requireBert(const fs::path& file, const std::string& name)
{
    constexpr const char* kKnown[] = {"",
                                      "BertTokenizer",
                                      "DistilBertTokenizer",
                                      "ElectraTokenizer",
                                      "MobileBertTokenizer",
                                      "SqueezeBertTokenizer",
                                      "RetriBertTokenizer",
                                      "ConvBertTokenizer",
                                      "DPRQuestionEncoderTokenizer",
                                      "DPRContextEncoderTokenizer"};
    if (std::none_of(std::begin(kKnown), std::end(kKnown),
                     [&](const char* known) { return name == known; })) {
        throw Error(
            ErrorKind::Format,
            fmt::format("{}: its tokenizer_class is {} (expected BertTokenizer or one of its "
                        "kin); save it with a tokenizer.json",
                        shownPath(file), shownText(name, 40)));
    }
}

} // namespace

TokenizerSpec specFromWordList(const fs::path& file)
{
    TokenizerSpec spec;
    TokenizerSettings& settings = spec.settings;
    settings = readTokenizerSettings(file.parent_path());
    requireBert(file, settings.tokenizerClass);
    nameByDefault(settings,
                  {{"unk_token", "[UNK]"},
                   {"sep_token", "[SEP]"},
                   {"pad_token", "[PAD]"},
                   {"cls_token", "[CLS]"},
                   {"mask_token", "[MASK]"}});
    spec.model = TokenizerSpec::Model::WordPiece;
    try {
        spec.pieces = linesOf(file);
        keepLast(spec.pieces);
        if (spec.pieces.empty()) {
            throw Error(ErrorKind::Format, "is empty (expected a piece on each line)");
        }
        const auto place = std::find(spec.pieces.begin(), spec.pieces.end(), settings.unkToken);
        if (place == spec.pieces.end()) {
            throw Error(ErrorKind::Format,
                        fmt::format("has no piece {} (expected it, for unknown words)",
                                    shownText(settings.unkToken, 40)));
        }
        spec.unknownId = static_cast<std::int32_t>(place - spec.pieces.begin());
    } catch (const Error& e) {
        throw e.within(shownPath(file));
    }
    spec.normalizer = {
        {"type", "BertNormalizer"},
        {"clean_text", true},
        {"handle_chinese_chars", settings.splitsIdeographs.value_or(true)},
        {"strip_accents", settings.stripsAccents ? json(*settings.stripsAccents) : json()},
        {"lowercase", settings.lowers.value_or(true)}};
    spec.preTokenizer = {{"type", "BertPreTokenizer"}};
    spec.decoder = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
    spec.postProcessor = frameJson("BertProcessing", settings);
    return spec;
}

} // namespace pissarro::core::inline tokenizer
