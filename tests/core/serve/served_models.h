// SPDX-License-Identifier: GPL-3.0-or-later
// Tiny models that answer, one of them without end.
#pragma once

#include "core/serve/model_server.h"
#include "core/session/session.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>

namespace pissarro::tests {

// A model with a tokenizer. Endless: no token ends an answer of it, and it reads four million.
inline void writeServedModel(const std::filesystem::path& folder, bool endless = false)
{
    writeTinyModel(folder);
    writeTinyTokenizer(folder);
    if (!endless) {
        return;
    }
    std::string config = test::readBytes(folder / "config.json");
    const auto replace = [&](const std::string& from, const std::string& to) {
        config.replace(config.find(from), from.size(), to);
    };
    replace("\"eos_token_id\": 2", "\"eos_token_id\": null");
    replace("\"max_position_embeddings\": 128", "\"max_position_embeddings\": 4000000");
    test::writeBytes(folder / "config.json", config);
}

// Its logits are beyond every number, though each weight is one: the head's, which lie at the end of the file.
inline void overflowHead(const std::filesystem::path& folder)
{
    std::string weights = test::readBytes(folder / "model.safetensors");
    constexpr auto kBytes = static_cast<std::size_t>(kTinyVocabulary * kTinyWidth) * sizeof(float);
    for (std::size_t at = weights.size() - kBytes; at < weights.size(); at += sizeof(float)) {
        float value = 0.0F;
        std::memcpy(&value, weights.data() + at, sizeof value);
        value = std::copysign(3e38F, value);
        std::memcpy(weights.data() + at, &value, sizeof value);
    }
    test::writeBytes(folder / "model.safetensors", weights);
}

inline core::Choir choirOfFolder(const std::filesystem::path& folder)
{
    return core::openServed({{"tiny", {folder.string()}}}, core::JobContext());
}

} // namespace pissarro::tests
