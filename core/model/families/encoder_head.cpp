// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/families/encoder_head.h"

#include "core/base/fmt.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline model::inline families {

namespace {

constexpr std::int64_t kLabelLimit = 1 << 16;

HeadKind kindOf(const JsonFields& fields)
{
    const nlohmann::json* const classes = fields.find("architectures");
    const auto name = classes == nullptr || !classes->is_array() || classes->empty()
        ? std::nullopt
        : jsonAs<std::string>(classes->front());
    if (!name || name->ends_with("ForMaskedLM") || name->ends_with("ForPreTraining")) {
        return HeadKind::Masked;
    }
    return name->ends_with("ForSequenceClassification") ? HeadKind::Sequence : HeadKind::None;
}

// {"0": "negative", "1": "positive"}: by number; empty where the numbers are not those of a list.
std::vector<std::string> namesOf(const nlohmann::json& labels)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto name = jsonFieldAs<std::string>(labels, fmt::format("{}", i).c_str());
        if (!name) {
            return {};
        }
        names.push_back(*name);
    }
    return names;
}

void readLabels(const JsonFields& fields, HeadShape& head)
{
    const nlohmann::json* const labels = fields.object("id2label");
    const std::int64_t named = labels == nullptr ? 0 : static_cast<std::int64_t>(labels->size());
    head.labels = named > 0 ? named : fields.whole("num_labels", 1, kLabelLimit).value_or(2);
    if (head.labels > kLabelLimit) {
        refuseConfig(
            fmt::format("id2label has {} labels (expected at most {})", head.labels, kLabelLimit));
    }
    if (labels != nullptr) {
        head.labelNames = namesOf(*labels);
    }
    const std::string problem = fields.text("problem_type").value_or("");
    const bool fits = problem.empty() || problem == "single_label_classification"
        || (problem == "regression" && head.labels == 1);
    if (!fits) {
        refuseConfig(fmt::format("problem_type is {} with {} labels, which is not supported "
                                 "(expected single_label_classification, or regression of one)",
                                 shownText(problem, 40), head.labels));
    }
}

} // namespace

void makeEncoder(ModelConfig& config)
{
    config.normKind = NormKind::Layer;
    config.normBias = true;
    config.noRotary = true;
    config.bidirectional = true;
    config.normsSums = true;
    config.qkvBias = config.oBias = config.mlpBias = config.headBias = true;
    config.head.kind = HeadKind::Masked;
    ModuleNames& names = config.names;
    names.norm.clear();
    names.before.clear();
    names.middle.clear();
    names.gate.clear();
}

void readHead(const JsonFields& fields, ModelConfig& config)
{
    if (fields.flag("is_decoder", false)) {
        refuseConfig("is_decoder is true, which is not supported (expected an encoder)");
    }
    if (fields.flag("add_cross_attention", false)) {
        refuseConfig("add_cross_attention is true, which is not supported (expected an encoder)");
    }
    if (const auto kind = fields.text("position_embedding_type"); kind && *kind != "absolute") {
        refuseConfig(fmt::format("position_embedding_type is {}, which is not supported (expected "
                                 "absolute)",
                                 shownText(*kind, 40)));
    }
    for (const char* key : {"id2label", "label2id"}) { // of other heads they say nothing
        fields.find(key);
    }
    config.head.kind = kindOf(fields);
    if (config.head.kind == HeadKind::Sequence) {
        readLabels(fields, config.head);
    }
}

void writeHead(const ModelConfig& config, std::string_view stem, nlohmann::json& json)
{
    const HeadShape& head = config.head;
    const std::string_view ending = head.kind == HeadKind::Sequence ? "ForSequenceClassification"
        : head.kind == HeadKind::Masked                             ? "ForMaskedLM"
                                                                    : "Model";
    json["architectures"] = {fmt::format("{}{}", stem, ending)};
    if (head.kind != HeadKind::Sequence) {
        return;
    }
    json["problem_type"] = head.labels == 1 ? "regression" : "single_label_classification";
    if (head.labelNames.empty()) { // LABEL_0 and so on to transformers
        json["num_labels"] = head.labels;
        return;
    }
    nlohmann::json names = nlohmann::json::object();
    nlohmann::json numbers = nlohmann::json::object();
    for (std::size_t i = 0; i < head.labelNames.size(); ++i) {
        names[fmt::format("{}", i)] = head.labelNames[i];
        numbers[head.labelNames[i]] = i;
    }
    json["id2label"] = std::move(names);
    json["label2id"] = std::move(numbers);
}

void nameHead(const EncoderHead& masked, const EncoderHead& sequence, ModelConfig& config)
{
    const EncoderHead& head = config.head.kind == HeadKind::Sequence ? sequence : masked;
    config.names.headDense = head.dense;
    config.names.headNorm = head.norm;
    config.names.head = head.logits;
    config.names.headBias = head.bias;
    config.head.activation = head.activation;
    if (config.head.kind == HeadKind::None) {
        config.names.head.clear();
    }
    if (config.head.kind == HeadKind::Masked) {
        config.names.unread.emplace_back(head.logits); // a bias that is tied to the other one
    }
}

Activation headActivation(const JsonFields& fields, const char* key, Activation otherwise)
{
    const std::optional<std::string> name = fields.text(key);
    for (const Activation one : {Activation::Silu, Activation::GeluTanh, Activation::GeluErf,
                                 Activation::Relu, Activation::Tanh}) {
        if (name && *name == activationName(one)) {
            return one;
        }
    }
    if (name && *name != "gelu_new") {
        refuseConfig(fmt::format("{} is {}, which is not supported (expected gelu, relu or tanh)",
                                 key, shownText(*name, 40)));
    }
    return name ? Activation::GeluTanh : otherwise;
}

} // namespace pissarro::core::inline model::inline families
