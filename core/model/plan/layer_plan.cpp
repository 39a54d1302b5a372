// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/plan/layer_plan.h"

namespace pissarro::core {

namespace {

void add(const NormPlan& norm, std::vector<ExpectedWeight>& out)
{
    out.push_back({norm.name + ".weight", {norm.width}});
}

void add(const LinearPlan& linear, std::vector<ExpectedWeight>& out)
{
    out.push_back({linear.name + ".weight", {linear.rows, linear.cols}});
    if (linear.bias) {
        out.push_back({linear.name + ".bias", {linear.rows}});
    }
}

} // namespace

std::vector<LinearPlan> LayerPlan::linears() const
{
    return {attention.query, attention.key, attention.value, attention.output,
            feed.gate,       feed.up,       feed.down};
}

std::vector<std::string> LayerPlan::modules() const
{
    return {before.name,          attention.query.name,  attention.key.name,
            attention.value.name, attention.output.name, middle.name,
            feed.gate.name,       feed.up.name,          feed.down.name};
}

LayerPlan layerPlan(const ModelConfig& c, std::int64_t layer)
{
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    const auto linear = [&](const char* name, std::int64_t rows, std::int64_t cols, bool bias) {
        return LinearPlan {prefix + name, rows, cols, bias};
    };
    const std::int64_t queries = c.heads * c.headDim;
    const std::int64_t keys = c.kvHeads * c.headDim;
    LayerPlan plan;
    plan.before = {prefix + "input_layernorm", c.width};
    plan.attention = {c.heads,
                      c.kvHeads,
                      c.headDim,
                      c.windowOf(layer),
                      linear("self_attn.q_proj", queries, c.width, c.qkvBias),
                      linear("self_attn.k_proj", keys, c.width, c.qkvBias),
                      linear("self_attn.v_proj", keys, c.width, c.qkvBias),
                      linear("self_attn.o_proj", c.width, queries, c.oBias)};
    plan.middle = {prefix + "post_attention_layernorm", c.width};
    plan.feed = {c.activation, linear("mlp.gate_proj", c.ffn, c.width, c.mlpBias),
                 linear("mlp.up_proj", c.ffn, c.width, c.mlpBias),
                 linear("mlp.down_proj", c.width, c.ffn, c.mlpBias)};
    return plan;
}

std::vector<ExpectedWeight> expectedWeights(const ModelConfig& config)
{
    std::vector<ExpectedWeight> out;
    out.push_back({"model.embed_tokens.weight", {config.vocabulary, config.width}});
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const LayerPlan plan = layerPlan(config, layer);
        add(plan.before, out);
        for (const LinearPlan& linear : plan.linears()) {
            add(linear, out);
        }
        add(plan.middle, out); // last: exports keep the order that they have always had
    }
    add(NormPlan {"model.norm", config.width}, out);
    if (!config.tiedEmbeddings) {
        out.push_back({"lm_head.weight", {config.vocabulary, config.width}});
    }
    return out;
}

} // namespace pissarro::core
