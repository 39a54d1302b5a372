// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Where the golden tokenizers are, and small tokenizers made by the tests themselves.

#include "core/tokenizer/tokenizer.h"
#include "tests/core/file/test_files.h"

#include <nlohmann/json.hpp>

namespace pissarro::test {

using nlohmann::json;

inline const fs::path kGolden = PISSARRO_SHARED "/golden";
inline const fs::path kSmolLm2 = PISSARRO_DEPS "/model/SmolLM2-135M-Instruct.Q4_1.gguf";

inline const fs::path kMistral = PISSARRO_DEPS "/mistral-common";

inline json readJson(const fs::path& path)
{
    return json::parse(readBytes(path));
}

// A BPE tokenizer.json: a, b, c, ab, abc and what `change` makes of it.
inline json smallTokenizer()
{
    return {{"added_tokens",
             json::array({{{"id", 5}, {"content", "<s>"}, {"special", true}},
                          {{"id", 6}, {"content", "</s>"}, {"special", true}}})},
            {"normalizer", nullptr},
            {"pre_tokenizer", nullptr},
            {"post_processor", nullptr},
            {"decoder", {{"type", "Fuse"}}},
            {"model",
             {{"type", "BPE"},
              {"vocab", {{"a", 0}, {"b", 1}, {"c", 2}, {"ab", 3}, {"abc", 4}}},
              {"merges", json::array({"a b", "ab c"})}}}};
}

inline std::shared_ptr<const core::Tokenizer> openJson(const Scratch& folder, const json& tokenizer,
                                                       const json& config = json::object())
{
    writeBytes(folder / "tokenizer.json", tokenizer.dump());
    writeBytes(folder / "tokenizer_config.json", config.dump());
    return core::openTokenizer(folder.path());
}

using Ids = std::vector<std::int32_t>;

} // namespace pissarro::test
