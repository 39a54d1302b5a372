// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/hostile_cases.h"
#include "tests/cli/hostile_inputs.h"
#include "tests/cli/tiny_model.h"

namespace pissarro::tests {

namespace {

using Gguf = test::GgufBuilder;

constexpr const char* kConfig = "config.json";
constexpr const char* kFile = "model.gguf";
constexpr const char* kKeys = "model.layers.1.self_attn.k_proj.weight";

HostileCase configured(const char* row, const char* says, const std::string& patch,
                       const char* names = kConfig)
{
    return {row, {"inspect", "train"}, names, says, [=](const fs::path& folder) {
                patchConfig(folder, patch);
            }};
}

HostileCase ggufCut(const char* row, double share)
{
    return {row, {"inspect", "spectrum", "tokenize"}, kFile, "cut", [=](const fs::path& folder) {
                writeRightGguf(folder);
                const auto size = static_cast<double>(fs::file_size(folder / kFile));
                fs::resize_file(folder / kFile, static_cast<std::uintmax_t>(share * size));
            }};
}

HostileCase gguf(const char* row, const char* says,
                 const std::function<std::string(Gguf&)>& bytesOf)
{
    return {row, {"inspect", "logits"}, kFile, says, [=](const fs::path& folder) {
                Gguf builder = rightGguf(folder);
                test::writeBytes(folder / kFile, bytesOf(builder));
            }};
}

std::string listOf(const std::vector<std::string>& texts)
{
    std::string list;
    test::put(list, Gguf::kText);
    test::put<std::uint64_t>(list, texts.size());
    for (const std::string& text : texts) {
        list += Gguf::text(text);
    }
    return list;
}

void addConfigs(std::vector<HostileCase>& cases)
{
    cases.push_back({"config missing",
                     {"inspect", "spectrum", "init", "train"},
                     "model",
                     kConfig,
                     [](const fs::path& folder) { fs::remove(folder / "model" / kConfig); }});
    cases.push_back(
        {"config a list", {"inspect", "logits"}, kConfig, "a list", [](const fs::path& folder) {
             test::writeBytes(folder / "model" / kConfig, "[1, 2, 3]");
         }});
    cases.push_back(
        configured("heads 0", "num_attention_heads is 0", R"({"num_attention_heads": 0})"));
    cases.push_back(configured("layers 10^9", "num_hidden_layers is 1000000000",
                               R"({"num_hidden_layers": 1000000000})"));
    cases.push_back(
        configured("text where a number belongs", "the text 'wide'", R"({"hidden_size": "wide"})"));
    cases.push_back(configured("vocabulary larger than the embedding", "expected [640, 32]",
                               R"({"vocab_size": 640})", "model.safetensors"));
    cases.push_back(configured("unknown architecture",
                               "'mamba' is not supported (expected model_type llama",
                               R"({"model_type": "mamba"})"));
}

void addPickles(std::vector<HostileCase>& cases)
{
    cases.push_back({"pickles only",
                     {"inspect", "train", "generate"},
                     "model",
                     "run code when it is read",
                     [](const fs::path& folder) {
                         fs::rename(folder / "model" / "model.safetensors",
                                    folder / "model" / "pytorch_model.bin");
                     }});
    cases.push_back({"pickle by its path",
                     {"inspect", "train"},
                     "model.pt",
                     "run code when it is read",
                     [](const fs::path& folder) { test::writeBytes(folder / "model.pt", "PK"); }});
}

void addGgufs(std::vector<HostileCase>& cases)
{
    cases.push_back(ggufCut("GGUF empty", 0.0));
    cases.push_back(ggufCut("GGUF cut in its values", 0.01));
    cases.push_back(ggufCut("GGUF cut in its weights", 0.6));
    cases.push_back(gguf("GGUF of 2^64 tensors", "18446744073709551615 tensors",
                         [](Gguf& b) { return b.bytes(~std::uint64_t {0}); }));
    cases.push_back(gguf("GGUF of 2^64 values", "18446744073709551615",
                         [](Gguf& b) { return b.bytes({}, ~std::uint64_t {0}); }));
    cases.push_back(gguf("GGUF with an unknown type of tensor", "99", [](Gguf& b) {
        return b.tensor("blk.0.x", {32}, 99, std::string(128, 'x')).bytes();
    }));
    cases.push_back(gguf("GGUF with an unknown type of value", "unknown type 77",
                         [](Gguf& b) { return b.raw("x", 77, "").bytes(); }));
    cases.push_back(gguf("GGUF with an alignment of 24", "alignment",
                         [](Gguf& b) { return b.u32("general.alignment", 24).bytes(); }));
    cases.push_back({"GGUF with NaN",
                     {"logits", "generate", "init", "train"},
                     kFile,
                     kKeys,
                     [](const fs::path& folder) {
                         setNumber(folder, kKeys, std::numeric_limits<float>::quiet_NaN());
                         writeRightGguf(folder);
                     }});
    cases.push_back({"GGUF with a tokenizer of another size",
                     {"inspect", "tokenize", "generate"},
                     kFile,
                     "embedding",
                     [](const fs::path& folder) {
                         Gguf builder = test::ggufOf(folder / "model", "llama");
                         std::vector<std::string> pieces;
                         for (std::int64_t i = 0; i <= kTinyVocabulary; ++i) {
                             pieces.push_back("t" + std::to_string(i));
                         }
                         builder.string("tokenizer.ggml.model", "gpt2")
                             .string("tokenizer.ggml.pre", "gpt-2")
                             .raw("tokenizer.ggml.tokens", Gguf::kList, listOf(pieces))
                             .raw("tokenizer.ggml.merges", Gguf::kList, listOf({}));
                         test::writeBytes(folder / kFile, builder.bytes());
                     }});
}

} // namespace

// With the folder's own pieces; byte-level, so the letters stand for themselves.
test::GgufBuilder rightGguf(const fs::path& folder)
{
    const json tokenizer = json::parse(test::readBytes(folder / "model" / "tokenizer.json"));
    std::vector<std::string> pieces(62);
    for (const auto& [piece, id] : tokenizer["model"]["vocab"].items()) {
        pieces.at(id.get<std::size_t>()) = piece;
    }
    for (const json& token : tokenizer["added_tokens"]) {
        pieces.at(token["id"].get<std::size_t>()) = token["content"].get<std::string>();
    }
    Gguf builder = test::ggufOf(folder / "model", "llama");
    builder.string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", "gpt-2")
        .raw("tokenizer.ggml.tokens", Gguf::kList, listOf(pieces))
        .raw("tokenizer.ggml.merges", Gguf::kList, listOf({"a b"}));
    return builder;
}

void writeRightGguf(const fs::path& folder)
{
    test::writeBytes(folder / kFile, rightGguf(folder).bytes());
}

std::vector<HostileCase> hostileModels()
{
    std::vector<HostileCase> cases;
    addConfigs(cases);
    addPickles(cases);
    addGgufs(cases);
    return cases;
}

} // namespace pissarro::tests
