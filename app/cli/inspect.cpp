// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/model/families/family.h"
#include "core/model/model_files.h"
#include "core/model/plan/layer_plan.h"
#include "core/session/open_model.h"
#include "core/text/escaped_text.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <tuple>
#include <vector>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::string model;
    bool json = false;
};

// A weight matrix as a module: "model.layers.0.self_attn.q_proj", "model.embed_tokens".
struct Matrix {
    std::string name;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    core::DType dtype = core::DType::F32;
};

// The embedding, every linear matrix of the layers in layer order, the head when it is stored.
std::vector<Matrix> matricesOf(const core::ModelFiles& files)
{
    std::vector<Matrix> matrices;
    const auto addWeight = [&](const std::string& module) {
        const core::TensorView* view = files.find(module + ".weight");
        if (view != nullptr && view->shape.size() == 2) {
            matrices.push_back({module, view->shape[0], view->shape[1], view->dtype});
        }
    };
    addWeight(core::embeddingPlan(files.config()).name);
    for (const core::LinearModule& module : files.linearModules()) {
        matrices.push_back({module.name, module.rows, module.cols, module.dtype});
    }
    const core::HeadPlan head = core::headPlan(files.config());
    if (head.dense.exists()) {
        addWeight(head.dense.name);
    }
    addWeight(head.logits.name);
    return matrices;
}

// Of an encoder.
std::string headText(const core::HeadShape& head)
{
    if (head.kind == core::HeadKind::Masked) {
        return "for hidden tokens";
    }
    if (head.kind != core::HeadKind::Sequence) {
        return "none";
    }
    const std::vector<std::string_view> names(head.labelNames.begin(), head.labelNames.end());
    const bool isNumber = head.labels == 1;
    return isNumber     ? std::string("for texts: a number")
        : names.empty() ? fmt::format("for texts: {} classes", head.labels)
                        : fmt::format("for texts: {}", core::listText(names, ""));
}

// The stored type that takes most of the bytes.
core::DType mainDType(const core::ModelFiles& files)
{
    std::map<core::DType, std::uint64_t> bytes;
    for (const core::TensorView& weight : files.weights()) {
        bytes[weight.dtype] += weight.sizeBytes;
    }
    const auto most =
        std::max_element(bytes.begin(), bytes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == bytes.end() ? core::DType::F32 : most->first;
}

std::string dtypeText(const core::ModelFiles& files)
{
    return std::string(core::dtypeWords(mainDType(files)));
}

// nullptr when the model has no tokenizer; one that is there and broken is an error.
std::shared_ptr<const core::Tokenizer> tokenizerIn(const core::ModelParts& parts)
{
    try {
        return core::tokenizerOf(parts);
    } catch (const core::Error& error) {
        if (error.kind() != core::ErrorKind::Io) {
            throw;
        }
        return nullptr;
    }
}

ordered_json toJson(const core::ModelFiles& files, const core::Tokenizer* tokenizer,
                    const core::ModelParts& parts)
{
    const core::ModelConfig& config = files.config();
    ordered_json document;
    document["architecture"] = config.architecture;
    document["parameters"] = files.parameters();
    document["layers"] = config.layers;
    document["width"] = config.width;
    document["vocabulary"] = config.vocabulary;
    document["dtype"] = dtypeText(files);
    document["tokenizer"] = tokenizer == nullptr ? ordered_json() : ordered_json(tokenizer->kind());
    document["name"] = files.displayName();
    document["path"] = files.path().string();
    document["format"] = files.isGguf() ? "gguf" : "safetensors";
    document["weight_bytes"] = files.weightBytes();
    document["heads"] = config.heads;
    document["kv_heads"] = config.kvHeads;
    document["head_dim"] = config.headDim;
    document["ffn"] = config.ffn;
    if (config.mixture.experts > 0) {
        document["experts"] = config.mixture.experts;
        document["experts_of_a_token"] = config.mixture.chosen;
        document["expert_ffn"] = config.mixture.ffn;
        document["shared_ffn"] = config.mixture.sharedFfn;
    }
    document["max_positions"] = config.maxPositions;
    document["tied_embeddings"] = config.tiedEmbeddings;
    if (config.bidirectional) {
        document["head"] = headText(config.head);
        document["labels"] = config.head.labelNames;
    }
    document["notes"] = files.notes();
    document["unread_keys"] = config.unreadKeys;
    if (parts.run) {
        document["run"] = parts.run->directory.string();
        document["adapter"] =
            parts.adapter.empty() ? ordered_json() : ordered_json(parts.adapter.string());
    }
    document["modules"] = ordered_json::array();
    for (const Matrix& matrix : matricesOf(files)) {
        document["modules"].push_back({{"name", matrix.name},
                                       {"shape", {matrix.rows, matrix.cols}},
                                       {"dtype", core::dtypeName(matrix.dtype)},
                                       {"parameters", matrix.rows * matrix.cols}});
    }
    return document;
}

std::string storedTypes(const core::ModelFiles& files)
{
    std::map<core::DType, int> counts;
    for (const core::TensorView& weight : files.weights()) {
        ++counts[weight.dtype];
    }
    std::string text;
    for (const auto& [dtype, count] : counts) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, core::dtypeName(dtype));
    }
    return fmt::format("{}; {}", text, core::bytesText(files.weightBytes()));
}

// "….mlp.experts.7.up_proj": "….mlp.experts.*.up_proj".
std::string withoutExpert(const std::string& name, const std::string& experts)
{
    const std::string before = fmt::format(".{}.", experts);
    const std::size_t at = name.find(before);
    const std::size_t dot = at == std::string::npos ? at : name.find('.', at + before.size());
    return dot == std::string::npos
        ? name
        : fmt::format("{}*{}", name.substr(0, at + before.size()), name.substr(dot));
}

// Alike matrices of several layers and experts on one line: "model.layers.*.self_attn.q_proj".
std::string matrixTable(const core::ModelFiles& files)
{
    struct Row {
        Matrix matrix;
        std::int64_t count = 0;
    };
    std::vector<Row> rows;
    for (Matrix matrix : matricesOf(files)) {
        const std::string layers = core::layersPrefix(files.config());
        if (matrix.name.starts_with(layers)) {
            matrix.name = fmt::format("{}*{}", layers,
                                      matrix.name.substr(matrix.name.find('.', layers.size())));
            matrix.name = withoutExpert(matrix.name, files.config().names.mixture.experts);
        }
        const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
            return std::tie(row.matrix.name, row.matrix.rows, row.matrix.cols, row.matrix.dtype)
                == std::tie(matrix.name, matrix.rows, matrix.cols, matrix.dtype);
        });
        if (same == rows.end()) {
            rows.push_back({matrix, 1});
        } else {
            ++same->count;
        }
    }
    std::string text;
    for (const Row& row : rows) {
        std::string line = "  " + core::terminalLine(row.matrix.name);
        line.resize(std::max<std::size_t>(line.size() + 2, 36), ' ');
        line += fmt::format("{} x {}", row.matrix.rows, row.matrix.cols);
        line.resize(std::max<std::size_t>(line.size() + 2, 52), ' ');
        line += std::string(core::dtypeName(row.matrix.dtype));
        line.resize(std::max<std::size_t>(line.size() + 2, 60), ' ');
        line += fmt::format("{} {}", row.count, row.count == 1 ? "matrix" : "matrices");
        text += line + "\n";
    }
    return text;
}

std::string toText(const core::ModelFiles& files, const core::Tokenizer* tokenizer,
                   const core::ModelParts& parts)
{
    const core::ModelConfig& config = files.config();
    // Names come from files: none may look like a line of ours or speak to the terminal.
    std::string text = core::terminalLine(files.displayName()) + "\n";
    const auto add = [&](std::string key, const std::string& value) {
        key.resize(14, ' ');
        text += "  " + key + core::terminalLine(value) + "\n";
    };
    add("architecture", fmt::format("{}, {} layers", config.architecture, config.layers));
    add("parameters", core::groupedText(files.parameters()));
    add("width", fmt::format("{}, feed-forward {}", config.width, config.ffn));
    if (const core::Mixture& mixture = config.mixture; mixture.experts > 0) {
        add("experts",
            fmt::format("{} of {} for each token, feed-forward {}{}", mixture.chosen,
                        mixture.experts, mixture.ffn,
                        mixture.sharedFfn > 0
                            ? fmt::format("; shared by all, feed-forward {}", mixture.sharedFfn)
                            : std::string()));
    }
    add("heads",
        fmt::format("{} of {}, {} for keys and values", config.heads, config.headDim,
                    config.kvHeads));
    add("vocabulary",
        core::groupedText(config.vocabulary)
            + (config.tiedEmbeddings ? ", embedding and head tied" : ""));
    add("positions", core::groupedText(config.maxPositions));
    if (config.bidirectional) {
        add("head", headText(config.head));
    }
    if (!config.unreadKeys.empty()) {
        const std::vector<std::string_view> keys(config.unreadKeys.begin(),
                                                 config.unreadKeys.end());
        add("not read", core::listText(keys, "and"));
    }
    add("dtype", fmt::format("{} ({})", dtypeText(files), storedTypes(files)));
    add("tokenizer",
        tokenizer == nullptr ? "none"
                             : fmt::format("{}, {} tokens", tokenizer->kind(),
                                           core::groupedText(tokenizer->vocabularySize())));
    add("file", files.path().string());
    for (const std::string& note : files.notes()) {
        add("note", note);
    }
    if (parts.run) {
        add("run", fmt::format("{}, {}", parts.run->directory.string(), parts.state->title()));
    }
    if (parts.run && !parts.adapter.empty()) {
        add("adapter", parts.adapter.string() + ", which belongs on this model");
    }
    return text + "\n" + matrixTable(files);
}

// What can be read, some on each line.
std::string familiesText()
{
    constexpr std::size_t kOnLine = 8;
    std::string text = "Families, by the model_type of config.json:";
    std::size_t told = 0;
    for (const core::Family* family : core::allFamilies()) {
        const bool begins = told++ % kOnLine == 0;
        text += fmt::format("{}{}", begins ? "\n  " : " ", family->modelType);
    }
    return text;
}

ExitCode inspect(const Options& options, Session& session)
{
    session.endsAtOnce();
    const core::ModelParts parts = core::partsOf(options.model);
    const auto files = core::ModelFiles::open(parts.base);
    const auto tokenizer = tokenizerIn(parts);
    if (options.json) {
        session.console.json(toJson(*files, tokenizer.get(), parts));
    } else {
        session.console.result(toText(*files, tokenizer.get(), parts));
    }
    return ExitCode::Done;
}

} // namespace

void addInspect(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add("inspect", "What a model is, from its headers alone",
                               "pissarro-cli inspect SmolLM2-135M-Instruct.Q4_1.gguf --json",
                               [options](Session& session) { return inspect(*options, session); });
    verb.footer(fmt::format("{}\n\n{}", verb.get_footer(), familiesText()));
    addModel(verb, options->model);
    addJson(verb, options->json);
}

} // namespace pissarro::cli
