// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/file/json_file.h"
#include "core/text/message_text.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <sstream>

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

std::string classOf(const fs::path& directory)
{
    const fs::path path = directory / "tokenizer_config.json";
    std::error_code ignored;
    if (!fs::exists(path, ignored)) {
        return {};
    }
    return stringField(readJsonFile(path), "tokenizer_class", "tokenizer_config", std::string());
}

} // namespace

TokenizerSpec specFromPair(const fs::path& directory)
{
    std::string kind = classOf(directory);
    if (kind.ends_with("Fast")) {
        kind.resize(kind.size() - 4);
    }
    const bool isQwen = kind == "Qwen2Tokenizer";
    if (!isQwen && kind != "GPT2Tokenizer") {
        throw Error(ErrorKind::Format,
                    shownPath(directory)
                        + ": has vocab.json and merges.txt without a "
                          "tokenizer.json, and its tokenizer_class is "
                        + shownText(kind, 40)
                        + " (expected GPT2Tokenizer or Qwen2Tokenizer); save it with a "
                          "tokenizer.json");
    }
    const json vocabulary = readJsonFile(directory / "vocab.json", kFileLimitBytes);
    const json byteLevel = {{"type", "ByteLevel"},
                            {"add_prefix_space", false},
                            {"trim_offsets", true},
                            {"use_regex", true}};
    const json document = {
        {"model",
         {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", mergesOf(directory / "merges.txt")}}},
        {"added_tokens", json::array()},
        {"normalizer", isQwen ? json {{"type", "NFC"}} : json()},
        {"pre_tokenizer", preTokenizerNamed(isQwen ? "qwen2" : "gpt-2")},
        {"post_processor", nullptr},
        {"decoder", byteLevel}};
    try {
        return tokenizerSpecFromJson(document);
    } catch (const Error& e) {
        throw e.within(shownPath(directory / "vocab.json"));
    }
}

} // namespace pissarro::core::inline tokenizer
