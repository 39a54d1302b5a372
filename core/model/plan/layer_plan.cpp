// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/plan/layer_plan.h"

#include "core/base/fmt.h"

#include <utility>

namespace pissarro::core::inline model::inline plan {

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

NormPlan normPlan(const ModelConfig& c, std::string name, std::int64_t width)
{
    return {std::move(name), width, c.rmsEpsilon, c.normOffset};
}

} // namespace

std::vector<NormPlan> AttentionPlan::headNorms() const
{
    return queryNorm.name.empty() ? std::vector<NormPlan> {}
                                  : std::vector<NormPlan> {queryNorm, keyNorm};
}

std::vector<LinearPlan> LayerPlan::linears() const
{
    return {attention.query, attention.key, attention.value, attention.output,
            feed.gate,       feed.up,       feed.down};
}

std::vector<std::string> LayerPlan::modules() const
{
    std::vector<std::string> names {before.name, attention.query.name, attention.key.name,
                                    attention.value.name};
    for (const NormPlan& norm : attention.headNorms()) {
        names.push_back(norm.name);
    }
    names.insert(
        names.end(),
        {attention.output.name, middle.name, feed.gate.name, feed.up.name, feed.down.name});
    return names;
}

EmbeddingPlan embeddingPlan(const ModelConfig& c)
{
    return {"model.embed_tokens", c.vocabulary, c.width, c.scaleEmbedding, c.padId};
}

HeadPlan headPlan(const ModelConfig& c)
{
    return {normPlan(c, "model.norm", c.width),
            {"lm_head", c.vocabulary, c.width, false},
            c.tiedEmbeddings};
}

LayerPlan layerPlan(const ModelConfig& c, std::int64_t layer)
{
    const std::string prefix = fmt::format("model.layers.{}.", layer);
    const auto linear = [&](const char* name, std::int64_t rows, std::int64_t cols, bool bias) {
        return LinearPlan {prefix + name, rows, cols, bias};
    };
    const std::int64_t queries = c.heads * c.headDim;
    const std::int64_t keys = c.kvHeads * c.headDim;
    LayerPlan plan;
    plan.before = normPlan(c, prefix + "input_layernorm", c.width);
    plan.attention = {c.heads,
                      c.kvHeads,
                      c.headDim,
                      c.windowOf(layer),
                      linear("self_attn.q_proj", queries, c.width, c.qkvBias),
                      linear("self_attn.k_proj", keys, c.width, c.qkvBias),
                      linear("self_attn.v_proj", keys, c.width, c.qkvBias),
                      linear("self_attn.o_proj", c.width, queries, c.oBias)};
    if (c.headNorms) {
        plan.attention.queryNorm = normPlan(c, prefix + "self_attn.q_norm", c.headDim);
        plan.attention.keyNorm = normPlan(c, prefix + "self_attn.k_norm", c.headDim);
    }
    plan.middle = normPlan(c, prefix + "post_attention_layernorm", c.width);
    plan.feed = {c.activation, linear("mlp.gate_proj", c.ffn, c.width, c.mlpBias),
                 linear("mlp.up_proj", c.ffn, c.width, c.mlpBias),
                 linear("mlp.down_proj", c.width, c.ffn, c.mlpBias)};
    return plan;
}

std::vector<ExpectedWeight> expectedWeights(const ModelConfig& config)
{
    std::vector<ExpectedWeight> out;
    const EmbeddingPlan embedding = embeddingPlan(config);
    out.push_back({embedding.name + ".weight", {embedding.vocabulary, embedding.width}});
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const LayerPlan plan = layerPlan(config, layer);
        add(plan.before, out);
        for (const LinearPlan& linear : plan.linears()) {
            add(linear, out);
        }
        for (const NormPlan& norm : plan.attention.headNorms()) {
            add(norm, out);
        }
        add(plan.middle, out); // last: exports keep the order that they have always had
    }
    const HeadPlan head = headPlan(config);
    add(head.norm, out);
    if (!head.tied) {
        add(head.logits, out);
    }
    return out;
}

} // namespace pissarro::core::inline model::inline plan
