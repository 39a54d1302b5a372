// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/model/families/family.h"
#include "core/model/families/mixture_keys_p.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace pissarro::core::inline model::inline families {

namespace {

// Empty where all have experts.
void setLayers(ModelConfig& config, std::vector<bool> layers)
{
    const bool all = std::find(layers.begin(), layers.end(), false) == layers.end();
    config.mixture.layers = all ? std::vector<bool>() : std::move(layers);
}

} // namespace

std::int64_t countOr(const JsonFields& fields, const char* key, std::int64_t otherwise,
                     std::int64_t highest)
{
    return fields.whole(key, 1, highest).value_or(otherwise);
}

void readBalance(const JsonFields& fields, Mixture& mixture, double otherwise)
{
    const std::vector<double> given = fields.numbers("router_aux_loss_coef");
    const double coefficient = given.empty() ? otherwise : given.front();
    if (given.size() > 1 || coefficient < 0.0) {
        refuseConfig("router_aux_loss_coef is not a number from 0 on");
    }
    mixture.balance = fields.flag("output_router_logits", false) ? coefficient : 0.0;
}

void writeBalance(const Mixture& mixture, nlohmann::json& json)
{
    json["output_router_logits"] = mixture.balance > 0.0;
    if (mixture.balance > 0.0) {
        json["router_aux_loss_coef"] = mixture.balance;
    }
}

void readSparseLayers(const JsonFields& fields, ModelConfig& config)
{
    const std::int64_t step = countOr(fields, "decoder_sparse_step", 1, kLayerLimit);
    const std::vector<std::int64_t> listed = fields.wholes("mlp_only_layers");
    const std::set<std::int64_t> dense(listed.begin(), listed.end());
    std::vector<bool> layers;
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        layers.push_back((layer + 1) % step == 0 && !dense.contains(layer));
    }
    setLayers(config, std::move(layers));
}

void writeSparseLayers(const ModelConfig& config, nlohmann::json& json)
{
    json["decoder_sparse_step"] = 1;
    json["mlp_only_layers"] = nlohmann::json::array();
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        if (!config.hasExperts(layer)) {
            json["mlp_only_layers"].push_back(layer);
        }
    }
}

void setDenseBeginning(ModelConfig& config, std::int64_t dense, std::int64_t every)
{
    std::vector<bool> layers;
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        layers.push_back(layer >= dense && layer % every == 0);
    }
    setLayers(config, std::move(layers));
}

std::int64_t denseBeginning(const ModelConfig& config)
{
    std::int64_t layer = 0;
    while (layer < config.layers && !config.hasExperts(layer)) {
        ++layer;
    }
    return layer;
}

void readRoutedExperts(const JsonFields& fields, Mixture& mixture, std::int64_t shared)
{
    mixture.experts = fields.required("n_routed_experts", kExpertLimit);
    mixture.chosen = fields.required("num_experts_per_tok", kExpertLimit);
    mixture.ffn = fields.required("moe_intermediate_size", kSideLimit);
    mixture.sharedFfn = mixture.ffn
        * fields.whole("n_shared_experts", 0, kExpertLimit)
              .value_or(fields.isNull("n_shared_experts") ? 0 : shared);
}

void writeRoutedExperts(const ModelConfig& config, nlohmann::json& json)
{
    const Mixture& mixture = config.mixture;
    json["n_routed_experts"] = mixture.experts;
    json["num_experts_per_tok"] = mixture.chosen;
    json["moe_intermediate_size"] = mixture.ffn;
    json["n_shared_experts"] = mixture.sharedFfn / mixture.ffn;
    json["first_k_dense_replace"] = denseBeginning(config);
    json["routed_scaling_factor"] = mixture.scale;
    json["norm_topk_prob"] = mixture.normalized;
}

void readGgufExperts(const GgufHeader& header, ModelConfig& config)
{
    config.mixture.ffn = header.whole("expert_feed_forward_length").value_or(config.ffn);
    std::vector<bool> layers;
    for (std::int64_t layer = 0; layer < config.layers && layer < kLayerLimit; ++layer) {
        layers.push_back(header.hasTensor(fmt::format("blk.{}.ffn_gate_inp.weight", layer)));
    }
    setLayers(config, std::move(layers));
}

} // namespace pissarro::core::inline model::inline families
