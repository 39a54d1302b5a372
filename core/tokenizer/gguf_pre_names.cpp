// SPDX-License-Identifier: GPL-3.0-or-later
// tokenizer.ggml.pre: how a file's byte-level BPE cuts texts before it merges. The expressions are those of the models' own
// tokenizer.json; where llama.cpp spells one otherwise for its engine, the model's own stands here.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>
#include <string_view>

namespace pissarro::core::inline tokenizer {
namespace {

using nlohmann::json;
using Patterns = std::vector<std::string>;

constexpr const char* kGpt2 =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr const char* kLlama3 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kLlama3LongNumbers =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen35 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kTekken =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kGpt4o =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kYoutu =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kKimi =
    R"(\p{Han}+|[^\r\n\p{L}\p{N}]?(?:(?!\p{Han})[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])*(?:(?!\p{Han})[\p{Ll}\p{Lm}\p{Lo}\p{M}])+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?(?:(?!\p{Han})[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])+(?:(?!\p{Han})[\p{Ll}\p{Lm}\p{Lo}\p{M}])*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kDeepseek3Words =
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kDeepseekLetters =
    R"(\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+)";
constexpr const char* kDeepseekCjk = R"([一-龥ࠀ-一가-퟿]+)";
constexpr const char* kJapaneseAndHan = R"([一-龥぀-ゟ゠-ヿ]+)";
constexpr const char* kBloom = R"( ?[^(\s|.,!?…。，、।۔،)]+)";
// Digits in threes, counted from the end of their run.
constexpr const char* kThreesFromTheEnd = R"(\d{1,3}(?=(?:\d{3})*\b))";
constexpr const char* kThreesOfRuns = R"(\d{1,3}(?=(?:\d{3})*(?!\d)))";
constexpr const char* kBailing =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)";
constexpr const char* kSeedCoder =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kExaoneMoe =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+)";
constexpr const char* kJais2 =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1})";

// What a name stands for, beside its expressions.
struct Traits {
    bool ignoreMerges = false;
    bool addsBos = false;
    bool addsEos = false;
    bool nfc = false;
    bool rawText = false;
};

struct Group {
    std::vector<std::string_view> names;
    Patterns patterns; // one after the other, each within what the one before left
    Traits traits;
};

// The models of GPT-2's, LLaMA 3's, Qwen's and OpenAI's expressions.
std::vector<Group> commonGroups()
{
    const Traits plain;
    Traits llama3;
    llama3.ignoreMerges = llama3.addsBos = true;
    Traits merged;
    merged.ignoreMerges = true;
    Traits nfc;
    nfc.nfc = true;
    Traits framed;
    framed.addsBos = framed.addsEos = true;
    return {
        {{"default"}, {R"([\p{P}\$\+<=>\^~\|]+)", kGpt2, R"(\p{N}+)", "[0-9][0-9][0-9]"}, plain},
        {{"gpt-2", "phi-2", "olmo", "mpt", "jais", "trillion", "granite-docling", "gigachat",
          "a.x-4.0", "mellum", "exaone4", "jina-es", "jina-de", "jina-v2-es", "jina-v2-de"},
         {kGpt2},
         plain},
        {{"modern-bert"}, {kGpt2}, nfc},
        {{"roberta-bpe", "jina-v1-en", "jina-v2-code"}, {kGpt2}, framed},
        {{"smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b",
          "mellum2"},
         {R"(\p{N})", kGpt2},
         plain},
        {{"llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
          "jina-v5-nano", "smaug-bpe"},
         {kLlama3},
         llama3},
        {{"dbrx", "glm4", "chatglm-bpe"}, {kLlama3}, plain},
        {{"minicpm5"}, {R"(\p{N}{1,3})", kLlama3LongNumbers}, merged},
        {{"jais-2"}, {kJais2}, plain},
        {{"qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez"}, {kQwen2}, nfc},
        {{"stablelm2", "hunyuan", "solar-open", "grok-2"}, {kQwen2}, plain},
        {{"qwen35"}, {kQwen35}, nfc},
        {{"tekken"}, {kTekken}, llama3},
        {{"gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"}, {kGpt4o}, plain},
        {{"granite-embed-multi-97m"}, {kGpt4o}, merged},
    };
}

// The others: several expressions in turn, or one of their own.
std::vector<Group> otherGroups()
{
    const Traits plain;
    Traits merged;
    merged.ignoreMerges = true;
    Traits bos;
    bos.addsBos = true;
    Traits raw;
    raw.rawText = true;
    return {
        {{"tiny_aya", "cohere2moe"}, {kThreesFromTheEnd, kGpt4o}, plain},
        {{"superbpe"}, {R"(\p{N}+)", kThreesOfRuns}, plain},
        {{"deepseek-llm"},
         {"[\r\n]", kDeepseekLetters, R"(\s?[!-/:-~！-／：-～‘-‟　-。]+)", R"(\s+$)", kDeepseekCjk,
          R"(\p{N}+)"},
         plain},
        {{"deepseek-coder"},
         {"[\r\n]", R"(\s?\p{L}+)", R"(\s?\p{P}+)", kDeepseekCjk, R"(\p{N})"},
         plain},
        {{"deepseek-v3", "hunyuan-dense", "joyai-llm"},
         {R"(\p{N}{1,3})", kJapaneseAndHan, kDeepseek3Words},
         plain},
        {{"youtu"},
         {R"([가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥぀-ゟ゠-ヿ]+)",
          kYoutu},
         merged},
        {{"falcon"}, {R"([\p{P}\$\+<=>\^~\|`]+)", kGpt2, "[0-9][0-9][0-9]"}, plain},
        {{"poro-chat", "bloom", "gpt3-finnish"}, {kBloom}, plain},
        {{"viking"}, {kBloom, R"(\p{N})"}, plain},
        {{"chameleon"},
         {"<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", "([\\t\\n]|    |  )",
          R"(\p{N})", R"([\p{P}!-/:-@\[-`{-~])", kGpt2},
         bos},
        {{"kimi-k2"}, {kKimi}, plain},
        {{"bailingmoe", "bailingmoe2", "llada-moe"}, {kBailing}, plain},
        {{"seed-coder"}, {kSeedCoder}, plain},
        {{"exaone-moe"}, {kExaoneMoe}, plain},
        {{"gemma4", "sarvam-moe", "granite-embed-multi-311m"}, {}, raw},
    };
}

const std::vector<Group>& groups()
{
    static const std::vector<Group> kGroups = [] {
        std::vector<Group> all = commonGroups();
        std::vector<Group> others = otherGroups();
        for (Group& group : others) {
            all.push_back(std::move(group));
        }
        return all;
    }();
    return kGroups;
}

json splitStage(const std::string& pattern)
{
    return {{"type", "Split"},
            {"pattern", {{"Regex", pattern}}},
            {"behavior", "Isolated"},
            {"invert", false}};
}

} // namespace

json byteLevelStage(bool usesRegex, bool addsSpace)
{
    return {{"type", "ByteLevel"},
            {"add_prefix_space", addsSpace},
            {"trim_offsets", true},
            {"use_regex", usesRegex}};
}

json splitsThenBytes(const std::vector<std::string>& patterns)
{
    if (patterns == Patterns {kGpt2}) { // has a name of its own
        return byteLevelStage(true);
    }
    json steps = json::array();
    for (const std::string& pattern : patterns) {
        steps.push_back(splitStage(pattern));
    }
    steps.push_back(byteLevelStage(false));
    return {{"type", "Sequence"}, {"pretokenizers", steps}};
}

PreTokenizing preTokenizingNamed(const std::string& name)
{
    for (const Group& group : groups()) {
        if (std::find(group.names.begin(), group.names.end(), name) == group.names.end()) {
            continue;
        }
        const Traits& traits = group.traits;
        return {traits.rawText ? json() : splitsThenBytes(group.patterns),
                traits.ignoreMerges,
                traits.addsBos,
                traits.addsEos,
                traits.nfc,
                traits.rawText};
    }
    throw Error(
        ErrorKind::Format,
        fmt::format("tokenizer.ggml.pre is {} (expected a name that llama.cpp knows: gpt-2, "
                    "llama-bpe, qwen2, tekken, smollm, falcon and many more)",
                    shownText(name, 40)));
}

} // namespace pissarro::core::inline tokenizer
