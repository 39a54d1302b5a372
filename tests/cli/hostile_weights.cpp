// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/hostile_cases.h"
#include "tests/cli/hostile_inputs.h"

namespace pissarro::tests {

namespace {

constexpr const char* kNorm = "model.layers.0.input_layernorm.weight";
constexpr const char* kUp = "model.layers.0.mlp.up_proj.weight";
constexpr const char* kWeights = "model.safetensors";

HostileCase offsets(const char* row, const char* says, std::int64_t begin, std::int64_t end)
{
    return {row, {"inspect"}, kWeights, says, [=](const fs::path& folder) {
                changeHeader(folder, [=](json& header) {
                    header["model.norm.weight"]["data_offsets"] = {begin, end};
                });
            }};
}

HostileCase shaped(const char* row, const char* says, const json& shape)
{
    return {row, {"inspect", "logits"}, kWeights, says, [=](const fs::path& folder) {
                changeHeader(folder, [=](json& header) { header[kUp]["shape"] = shape; });
            }};
}

HostileCase headed(const char* row, const char* says, const std::string& text,
                   std::optional<std::uint64_t> length = {})
{
    return {row, {"inspect"}, kWeights, says, [=](const fs::path& folder) {
                setHeader(folder, text, length);
            }};
}

HostileCase cut(const char* row, const char* says, std::uintmax_t bytes)
{
    return {
        row, {"inspect", "spectrum", "init", "train"}, kWeights, says, [=](const fs::path& folder) {
            fs::resize_file(weightsOf(folder), bytes);
        }};
}

// A shard of a tensor, as the index calls it.
HostileCase sharded(const char* row, const char* says, const char* name)
{
    return {row,
            {"inspect", "train"},
            "model.safetensors.index.json",
            says,
            [=](const fs::path& folder) {
                shard(folder,
                      [=](json& index) { index["weight_map"]["model.norm.weight"] = name; });
            }};
}

HostileCase numbered(const char* row, const char* tensor, float value, const QStringList& verbs,
                     const QStringList& more = {})
{
    return {row,
            verbs,
            kWeights,
            tensor,
            [=](const fs::path& folder) { setNumber(folder, tensor, value); },
            more};
}

void addHeaders(std::vector<HostileCase>& cases)
{
    cases.push_back(cut("safetensors empty", "0 bytes", 0));
    cases.push_back(cut("safetensors cut in the header", "cut", 200));
    cases.push_back(cut("safetensors cut in the data", "cut", 40'000));
    cases.push_back(
        headed("header beyond the file", "header length is 99999999", "{}", 99'999'999));
    cases.push_back(headed("header of 2^63", "header length is 9223372036854775808", "{}",
                           std::uint64_t {1} << 63));
    cases.push_back(headed("header not JSON", "not JSON", "{not JSON}"));
    cases.push_back(headed("header an array", "'{'", "[1, 2]"));
    cases.push_back(headed("header nested 200,000 deep", "dtype, shape and data_offsets",
                           R"({"a": )" + std::string(200'000, '[')));
    cases.push_back(headed("header not UTF-8", "UTF-8", "{\"a\xff\": 1}"));
    cases.push_back(offsets("offsets negative", "negative", -8, 128));
    cases.push_back(offsets("offsets reversed", "before it begins", 128, 0));
    cases.push_back(offsets("offsets overlapping", "overlaps", 4, 132));
    cases.push_back(offsets("offsets past the end", "past the end", 0, 1LL << 40));
    cases.push_back(
        {"offsets with a gap", {"inspect"}, kWeights, "gap", [](const fs::path& folder) {
             changeHeader(folder, [](json& header) { header.erase(kNorm); });
         }});
    cases.push_back(shaped("shape negative", "negative", {-48, 32}));
    cases.push_back(shaped("shape overflowing", "overflows", {1LL << 40, 1LL << 40}));
    cases.push_back(shaped("shape against the config", "expected [48, 32]", {32, 48}));
    cases.push_back(
        {"unknown dtype", {"inspect", "logits"}, kWeights, "F8_E4M3", [](const fs::path& folder) {
             changeHeader(folder, [](json& header) { header[kUp]["dtype"] = "F8_E4M3"; });
         }});
}

void addTensors(std::vector<HostileCase>& cases)
{
    cases.push_back(
        {"tensor missing", {"inspect", "generate"}, kWeights, kUp, [](const fs::path& folder) {
             changeTensors(folder, [](auto& tensors) {
                 std::erase_if(tensors, [](const auto& tensor) { return tensor.name == kUp; });
             });
         }});
    cases.push_back(
        {"tensor extra", {"inspect", "generate"}, kWeights, "q_norm", [](const fs::path& folder) {
             changeTensors(folder, [](auto& tensors) {
                 tensors.push_back(tensors.back());
                 tensors.back().name = "model.layers.0.self_attn.q_norm.weight";
             });
         }});
    cases.push_back({"shard missing",
                     {"inspect", "init", "train"},
                     "two.safetensors",
                     "missing",
                     [](const fs::path& folder) {
                         shard(folder);
                         fs::remove(folder / "model" / "two.safetensors");
                     }});
    cases.push_back(sharded("shard through ..", "leaves the folder", "../model/two.safetensors"));
    cases.push_back(sharded("shard by an absolute path", "leaves the folder", "/etc/passwd"));
    cases.push_back({"shard by a link",
                     {"inspect", "train"},
                     "index.json",
                     "leaves the folder",
                     [](const fs::path& folder) {
                         shard(folder);
                         fs::rename(folder / "model" / "two.safetensors", folder / "elsewhere");
                         fs::create_symlink("../elsewhere", folder / "model" / "two.safetensors");
                     }});
}

void addNumbers(std::vector<HostileCase>& cases)
{
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr float kInf = std::numeric_limits<float>::infinity();
    cases.push_back(numbered("NaN in a matrix", kUp, kNan, {"logits", "generate", "init"}));
    cases.push_back(numbered("NaN, full training", kUp, kNan, {"train"}, {"--method", "full"}));
    cases.push_back(numbered("NaN, twins", kUp, kNan, {"train"}, {"--twin", "lora"}));
    cases.push_back({"NaN, its spectrum",
                     {"spectrum"},
                     kWeights,
                     "up_proj.weight' holds NaN",
                     [](const fs::path& folder) { setNumber(folder, kUp, kNan); },
                     {"--modules", "*.0.mlp.up_proj"}});
    cases.push_back(numbered("Inf in a norm", kNorm, kInf, {"logits", "train", "init"}));
    cases.push_back(
        numbered("-Inf in the embedding", "model.embed_tokens.weight", -kInf, {"logits", "train"}));
}

} // namespace

std::vector<HostileCase> hostileWeights()
{
    std::vector<HostileCase> cases;
    addHeaders(cases);
    addTensors(cases);
    addNumbers(cases);
    return cases;
}

} // namespace pissarro::tests
