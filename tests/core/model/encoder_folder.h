// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/fmt.h"
#include "core/model/model_config.h"
#include "core/model/plan/layer_plan.h"
#include "tests/core/model/model_folders.h"

namespace pissarro::test {

// A tiny BERT whose head sorts texts into `labels`; none: it has a head for hidden tokens. Its tokenizer knows w4 to w29.
inline fs::path writeEncoder(const fs::path& folder, const std::vector<std::string>& labels)
{
    using nlohmann::json;
    fs::create_directories(folder);
    json config {
        {"model_type", "bert"},
        {"num_hidden_layers", 1},
        {"hidden_size", 8},
        {"num_attention_heads", 2},
        {"intermediate_size", 12},
        {"vocab_size", 30},
        {"torch_dtype", "float32"},
        {"type_vocab_size", 2},
        {"pad_token_id", 1},
        {"max_position_embeddings", 64},
        {"architectures",
         json::array({labels.empty() ? "BertForMaskedLM" : "BertForSequenceClassification"})}};
    for (std::size_t i = 0; i < labels.size(); ++i) {
        config["id2label"][fmt::format("{}", i)] = labels[i];
        config["label2id"][labels[i]] = i;
    }
    writeBytes(folder / "config.json", config.dump());
    std::vector<StoredTensor> tensors;
    for (const core::ExpectedWeight& weight :
         core::expectedWeights(core::readModelConfig(folder / "config.json"))) {
        std::int64_t count = 1;
        for (const std::int64_t side : weight.shape) {
            count *= side;
        }
        std::string bytes;
        for (std::int64_t i = 0; i < count; ++i) {
            put(bytes, 0.02F * static_cast<float>(i % 13) - 0.1F);
        }
        tensors.push_back({weight.name, core::DType::F32, weight.shape, bytes});
    }
    writeTensors(folder / "model.safetensors", tensors);
    json words {{"[UNK]", 0}, {"[PAD]", 1}, {"[CLS]", 2}, {"[SEP]", 3}};
    for (int i = 4; i < 30; ++i) {
        words[fmt::format("w{}", i)] = i;
    }
    writeBytes(folder / "tokenizer.json",
               json {{"added_tokens", json::array()},
                     {"normalizer", nullptr},
                     {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                     {"post_processor",
                      {{"type", "BertProcessing"},
                       {"sep", json::array({"[SEP]", 3})},
                       {"cls", json::array({"[CLS]", 2})}}},
                     {"decoder", nullptr},
                     {"model", {{"type", "WordLevel"}, {"unk_token", "[UNK]"}, {"vocab", words}}}}
                   .dump());
    writeBytes(
        folder / "tokenizer_config.json",
        json {{"pad_token", "[PAD]"}, {"cls_token", "[CLS]"}, {"sep_token", "[SEP]"}}.dump());
    return folder;
}

} // namespace pissarro::test
