// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/weights/model_writer.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/json_file.h"
#include "core/format/safetensors.h"
#include "core/model/base_files.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/text/said.h"
#include "core/tokenizer/tokenizer.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline weights {

namespace {

using nlohmann::json;

std::uint64_t bytesOf(const WeightGroup& group)
{
    std::uint64_t bytes = 0;
    for (const TensorSpec& spec : group) {
        std::uint64_t elements = 1;
        for (const std::int64_t side : spec.shape) {
            elements *= static_cast<std::uint64_t>(side);
        }
        bytes += dtypeBytes(spec.dtype, elements);
    }
    return bytes;
}

// How many groups each file takes, in order; a group larger than `shardBytes` has a file of its own.
std::vector<std::size_t> shardSizes(const std::vector<WeightGroup>& groups,
                                    std::uint64_t shardBytes)
{
    std::vector<std::size_t> sizes {0};
    std::uint64_t filled = 0;
    for (const WeightGroup& group : groups) {
        const std::uint64_t bytes = bytesOf(group);
        if (filled > 0 && filled + bytes > shardBytes) {
            sizes.push_back(0);
            filled = 0;
        }
        ++sizes.back();
        filled += bytes;
    }
    return sizes;
}

std::string shardName(std::size_t index, std::size_t count)
{
    if (count == 1) {
        return "model.safetensors";
    }
    return fmt::format("model-{:05}-of-{:05}.safetensors", index + 1, count);
}

at::Tensor weightToStore(const ModelFiles& files, const WeightProvider& weights,
                         const std::string& name, at::ScalarType type, const JobContext& job)
{
    at::Tensor weight = weights ? weights(name) : at::Tensor();
    if (!weight.defined()) {
        weight = loadWeight(files, name, type, job);
    }
    return weight.to(at::kCPU, type).contiguous();
}

// As Hugging Face's files of the architecture hold it.
at::Tensor laidOut(const ModelFiles& files, const std::string& name, const at::Tensor& weight)
{
    return files.isTransposed(name) ? weight.t().contiguous() : weight;
}

// The config of the source with its dtype changed; a GGUF's is made from its header.
std::string configText(const ModelFiles& files, const std::string& dtype,
                       const ConfigChange& change)
{
    json config =
        files.isGguf() || files.config().textHalf // what is written is the text half alone
        ? json::parse(configToJson(files.config(), dtype))
        : readJsonFile(files.path() / kConfigFile); // may have changed since
    for (const char* key : {"torch_dtype", "dtype"}) {
        if (config.contains(key)) {
            config[key] = dtype;
        }
    }
    // A head that is stored and is not the embedding unties the two (ModelFiles::finish()): said, or other readers would tie.
    if (!files.config().tiedEmbeddings
        && config.value("tie_word_embeddings", json(true)) != false) {
        config["tie_word_embeddings"] = false;
    }
    const HeadShape& head = files.config().head;
    const bool isNamed = head.kind == HeadKind::Sequence && !head.labelNames.empty();
    if (!files.drawnModules().empty() || isNamed) { // a new head, or new names of its classes
        const json own = json::parse(configToJson(files.config(), dtype));
        for (const char* key :
             {"architectures", "id2label", "label2id", "problem_type", "num_labels"}) {
            config.erase(key);
            if (own.contains(key)) {
                config[key] = own.at(key);
            }
        }
    }
    config.erase("quantization_config"); // what is written here is plain, unless `change` says so
    if (change) {
        change(config);
    }
    return config.dump(2) + "\n";
}

} // namespace

std::string storedDType(const ModelFiles& files)
{
    return files.isGguf() ? "float32" : files.config().dtype;
}

void writeShards(const std::filesystem::path& directory, const std::vector<WeightGroup>& groups,
                 const GroupProvider& tensorsOf, const JobContext& job, std::uint64_t shardBytes)
{
    const std::vector<std::size_t> sizes = shardSizes(groups, shardBytes);
    std::size_t next = 0;
    std::uint64_t totalBytes = 0;
    json places = json::object();
    for (std::size_t shard = 0; shard < sizes.size(); ++shard) {
        const std::string file = shardName(shard, sizes.size());
        std::vector<TensorSpec> specs;
        for (std::size_t i = next; i < next + sizes[shard]; ++i) {
            specs.insert(specs.end(), groups[i].begin(), groups[i].end());
        }
        SafetensorsWriter writer(directory / file, specs);
        for (const std::size_t end = next + sizes[shard]; next < end; ++next) {
            for (const at::Tensor& tensor : tensorsOf(next)) {
                const auto bytes = hostBytes(tensor);
                writer.append(bytes.data(), bytes.size());
                totalBytes += bytes.size();
            }
            for (const TensorSpec& spec : groups[next]) {
                places[spec.name] = file;
            }
            job.checkpoint(static_cast<double>(next + 1) / static_cast<double>(groups.size()),
                           PISSARRO_SAID("pissarro::core", "Writing the model"));
        }
        writer.commit();
    }
    if (sizes.size() > 1) {
        const json index {{"metadata", {{"total_size", totalBytes}}}, {"weight_map", places}};
        writeFileAtomically(directory / "model.safetensors.index.json", index.dump(2) + "\n");
    }
}

void fillModelFolder(const ModelFiles& files, const std::filesystem::path& directory,
                     const std::string& dtype, const WeightProvider& weights, const JobContext& job,
                     std::uint64_t shardBytes)
{
    const c10::NoGradGuard noGrad;
    const at::ScalarType stored = storableType(dtype);
    const auto typeOf = [&](const std::string& name) {
        return files.isPrecise(name) ? at::kFloat : stored;
    };
    std::vector<WeightGroup> groups;
    for (const TensorView& view : files.weights()) {
        std::vector<std::int64_t> shape = view.shape;
        if (files.isTransposed(view.name)) {
            std::reverse(shape.begin(), shape.end());
        }
        groups.push_back({{view.name, fileDType(typeOf(view.name)), shape}});
    }
    writeShards(
        directory, groups,
        [&](std::size_t i) {
            const std::string& name = groups[i].front().name;
            return std::vector {
                laidOut(files, name, weightToStore(files, weights, name, typeOf(name), job))};
        },
        job, shardBytes);
    writeModelText(files, directory, dtype, {});
}

void writeModelText(const ModelFiles& files, const std::filesystem::path& directory,
                    const std::string& dtype, const ConfigChange& change)
{
    writeFileAtomically(directory / kConfigFile, configText(files, dtype, change));
    std::error_code ignored;
    const auto generation = files.path() / "generation_config.json";
    if (!files.isGguf() && std::filesystem::exists(generation, ignored)) {
        writeFileAtomically(directory / generation.filename(),
                            readWholeFile(generation, 16U << 20U));
    }
    try {
        writeTokenizerFiles(files.path(), directory);
    } catch (const Error& e) {
        if (e.kind() != ErrorKind::Io
            || std::filesystem::exists(files.path() / "tokenizer.json", ignored)) {
            throw;
        }
        // A model without a tokenizer stays one.
    }
}

std::optional<std::string> differingWeight(const ModelFiles& files, const ModelFiles& written,
                                           const WeightProvider& weights, const JobContext& job)
{
    const c10::NoGradGuard noGrad;
    for (const TensorView& view : written.weights()) {
        const at::ScalarType type = tensorType(view.dtype);
        const at::Tensor stored = loadWeight(written, view.name, type, job);
        if (!at::equal(stored, weightToStore(files, weights, view.name, type, job))) {
            return view.name;
        }
        written.release(view.name);
    }
    return std::nullopt;
}

void checkModelFolder(const ModelFiles& files, const ModelFiles& written,
                      const WeightProvider& weights, const JobContext& job)
{
    if (const auto weight = differingWeight(files, written, weights, job)) {
        throw Error(ErrorKind::Io,
                    fmt::format("{}: {} reads back other than it was written; is the disk sound?",
                                written.path().string(), *weight));
    }
}

} // namespace pissarro::core::inline weights
