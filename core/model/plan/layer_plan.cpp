// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/plan/layer_plan.h"

#include "core/base/fmt.h"
#include "core/model/plan/part_plans_p.h"

#include <numeric>
#include <utility>

namespace pissarro::core::inline model::inline plan {

namespace {

void add(const NormPlan& norm, std::vector<ExpectedWeight>& out)
{
    const std::vector<std::int64_t> shape = norm.groups > 0 && !norm.apart
        ? std::vector {norm.groups, norm.width}
        : std::vector {norm.width};
    for (const std::string& module : norm.modules()) {
        if (norm.weight) {
            out.push_back({module + ".weight", shape});
        }
        if (norm.bias) {
            out.push_back({module + ".bias", shape});
        }
    }
}

void add(const MixturePlan& mixture, std::int64_t width, std::vector<ExpectedWeight>& out)
{
    if (!mixture.exists()) {
        return;
    }
    out.push_back({mixture.router + ".weight", {mixture.routing.experts, width}});
    if (!mixture.correction.empty()) {
        out.push_back({mixture.correction, {mixture.routing.experts}});
    }
    if (!mixture.sharedGate.empty()) {
        out.push_back({mixture.sharedGate + ".weight", {1, width}});
    }
}

void add(const LinearPlan& linear, std::vector<ExpectedWeight>& out)
{
    out.push_back({linear.name + ".weight", {linear.rows, linear.cols}, linear.transposed});
    if (linear.bias) {
        out.push_back({linear.name + ".bias", {linear.rows}});
    }
}

// Without a name: none.
NormPlan normPlan(const ModelConfig& c, const std::string& prefix, const std::string& name)
{
    return name.empty() ? NormPlan {}
                        : NormPlan {prefix + name, c.width,      c.rmsEpsilon, c.normOffset,
                                    c.normKind,    c.normWeight, c.normBias};
}

// Of queries or keys.
NormPlan headNorm(const ModelConfig& c, const std::string& name, std::int64_t heads)
{
    if (c.queryKeyNorm == QueryKeyNorm::None) {
        return {};
    }
    NormPlan plan {name, c.headDim, c.rmsEpsilon, c.normOffset, c.normKind};
    if (c.queryKeyNorm == QueryKeyNorm::Whole) {
        plan.width = heads * c.headDim;
    } else if (c.queryKeyNorm != QueryKeyNorm::Head) {
        plan.groups = heads;
        plan.apart = c.queryKeyNorm == QueryKeyNorm::EachHeadApart;
    }
    return plan;
}

std::string below(const std::string& base, const std::string& name)
{
    return base.empty() ? name : base + "." + name;
}

AttentionPlan attentionPlan(const ModelConfig& c, std::int64_t layer, const std::string& prefix)
{
    const ModuleNames& names = c.names;
    const std::int64_t queries = c.heads * c.headDim;
    const std::int64_t keys = c.kvHeads * c.headDim;
    const bool fused = names.key.empty();
    const auto linear = [&](const std::string& name, std::int64_t rows, std::int64_t cols,
                            bool bias) {
        return LinearPlan {prefix + name, rows, cols, bias, c.storedTransposed};
    };
    AttentionPlan plan;
    plan.heads = c.heads;
    plan.kvHeads = c.kvHeads;
    plan.headDim = c.headDim;
    plan.window = c.windowOf(layer);
    plan.query = linear(names.query, fused ? queries + 2 * keys : queries, c.width, c.qkvBias);
    if (!fused) {
        plan.key = linear(names.key, keys, c.width, c.qkvBias);
        plan.value = linear(names.value, keys, c.width, c.qkvBias);
    }
    plan.output = linear(names.output, c.width, queries, c.oBias);
    plan.queryNorm = headNorm(c, prefix + names.queryNorm, c.heads);
    plan.keyNorm = headNorm(c, prefix + names.keyNorm, c.kvHeads);
    plan.turning = !c.turns(layer)                         ? Turning::None
        : c.windowRopeTheta > 0.0 && c.windowOf(layer) > 0 ? Turning::Window
                                                           : Turning::All;
    plan.order = fused ? c.fusedOrder : FusedOrder::Parts;
    plan.scale = c.attentionScale;
    plan.softCap = c.attentionSoftCap;
    plan.clip = c.clipQkv;
    plan.alibi = c.alibi;
    return plan;
}

FeedForwardPlan feedPlan(const ModelConfig& c, const std::string& prefix)
{
    const ModuleNames& names = c.names;
    const auto linear = [&](const std::string& name, std::int64_t rows, std::int64_t cols) {
        return LinearPlan {prefix + name, rows, cols, c.mlpBias, c.storedTransposed};
    };
    FeedForwardPlan plan;
    plan.activation = c.activation;
    if (!names.gate.empty()) {
        plan.gate = linear(names.gate, names.up.empty() ? 2 * c.ffn : c.ffn, c.width);
    }
    if (!names.up.empty()) {
        plan.up = linear(names.up, c.ffn, c.width);
    }
    plan.down = linear(names.down, c.width, c.ffn);
    return plan;
}

} // namespace

std::vector<LinearPlan> AttentionPlan::inputs() const
{
    return existing({latent.queryDown, query, latent.down, latent.up, key, value});
}

std::vector<NormPlan> AttentionPlan::norms() const
{
    std::vector<NormPlan> all = headNorms();
    for (const NormPlan& norm : {latent.queryNorm, latent.norm}) {
        if (norm.exists()) {
            all.push_back(norm);
        }
    }
    return all;
}

std::vector<NormPlan> AttentionPlan::headNorms() const
{
    return queryNorm.exists() ? std::vector<NormPlan> {queryNorm, keyNorm}
                              : std::vector<NormPlan> {};
}

std::vector<FeedForwardPlan> LayerPlan::feeds() const
{
    if (!mixture.exists()) {
        return {feed};
    }
    std::vector<FeedForwardPlan> all = mixture.experts;
    if (mixture.shared.exists()) {
        all.insert(all.begin(), mixture.shared);
    }
    return all;
}

std::vector<LinearPlan> LayerPlan::linears() const
{
    std::vector<LinearPlan> all = attention.inputs();
    all.push_back(attention.output);
    for (const FeedForwardPlan& one : feeds()) {
        const std::vector<LinearPlan> more = one.linears();
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

std::vector<std::string> LayerPlan::modules() const
{
    std::vector<std::string> names = before.modules();
    const auto addNorm = [&](const NormPlan& norm) {
        const std::vector<std::string> more = norm.modules();
        names.insert(names.end(), more.begin(), more.end());
    };
    const auto addLinears = [&](const std::vector<LinearPlan>& linears) {
        for (const LinearPlan& linear : linears) {
            names.push_back(linear.name);
        }
    };
    addLinears(attention.inputs());
    for (const NormPlan& norm : attention.norms()) {
        addNorm(norm);
    }
    addLinears({attention.output});
    addNorm(afterAttention);
    addNorm(middle);
    if (mixture.exists()) {
        names.push_back(mixture.router);
    }
    if (!mixture.sharedGate.empty()) {
        names.push_back(mixture.sharedGate);
    }
    for (const FeedForwardPlan& one : feeds()) {
        addLinears(one.linears());
    }
    addNorm(afterFeed);
    return names;
}

std::int64_t MatrixPart::count() const
{
    return std::accumulate(rows.begin(), rows.end(), std::int64_t {0},
                           [](std::int64_t sum, const Rows& some) { return sum + some.count; });
}

std::vector<MatrixPart> partsOf(const LayerPlan& plan, const std::string& module)
{
    const AttentionPlan& attention = plan.attention;
    const FeedForwardPlan& feed = plan.feed;
    if (module == feed.gate.name && feed.gate.exists() && !feed.up.exists()) {
        const std::int64_t half = feed.gate.rows / 2;
        return {{"gate", {{0, half}}}, {"up", {{half, half}}}};
    }
    if (module != attention.query.name || attention.key.exists() || attention.latent.exists()) {
        return {};
    }
    const std::int64_t dim = attention.headDim;
    const std::int64_t keys = attention.kvHeads * dim;
    if (attention.order == FusedOrder::Parts) {
        const std::int64_t queries = attention.heads * dim;
        return {{"q", {{0, queries}}}, {"k", {{queries, keys}}}, {"v", {{queries + keys, keys}}}};
    }
    const std::int64_t share = attention.heads / attention.kvHeads * dim;
    std::vector<MatrixPart> parts {{"q", {}}, {"k", {}}, {"v", {}}};
    for (std::int64_t head = 0; head < attention.kvHeads; ++head) {
        const std::int64_t first = head * (share + 2 * dim);
        parts[0].rows.push_back({first, share});
        parts[1].rows.push_back({first + share, dim});
        parts[2].rows.push_back({first + share + dim, dim});
    }
    return parts;
}

EmbeddingPlan embeddingPlan(const ModelConfig& c)
{
    EmbeddingPlan plan {below(c.names.base, c.names.embedding), c.vocabulary, c.width,
                        c.embeddingScale, c.padId};
    if (!c.names.positions.empty()) {
        plan.positionsName = below(c.names.base, c.names.positions);
        plan.positions = c.maxPositions;
    }
    return plan;
}

HeadPlan headPlan(const ModelConfig& c)
{
    return {normPlan(c, "", below(c.names.base, c.names.norm)),
            {c.names.head, c.vocabulary, c.width, c.headBias},
            c.tiedEmbeddings,
            c.logitScale,
            c.logitSoftCap};
}

std::string layersPrefix(const ModelConfig& c)
{
    return below(c.names.base, c.names.layers) + ".";
}

LayerPlan layerPlan(const ModelConfig& c, std::int64_t layer)
{
    const std::string prefix = fmt::format("{}{}.", layersPrefix(c), layer);
    LayerPlan plan;
    plan.before = normPlan(c, prefix, c.names.before);
    plan.attention = c.latent.rank > 0 ? latentPlan(c, prefix) : attentionPlan(c, layer, prefix);
    plan.middle = normPlan(c, prefix, c.names.middle);
    if (c.hasExperts(layer)) {
        plan.mixture = mixturePlan(c, prefix);
    } else {
        plan.feed = feedPlan(c, prefix);
    }
    plan.afterAttention = normPlan(c, prefix, c.names.afterAttention);
    plan.afterFeed = normPlan(c, prefix, c.names.afterFeed);
    plan.parallel = c.parallel;
    plan.residualScale = c.residualScale;
    return plan;
}

std::vector<ExpectedWeight> expectedWeights(const ModelConfig& config)
{
    std::vector<ExpectedWeight> out;
    const EmbeddingPlan embedding = embeddingPlan(config);
    out.push_back({embedding.name + ".weight", {embedding.vocabulary, embedding.width}});
    if (embedding.positions > 0) {
        out.push_back(
            {embedding.positionsName + ".weight", {embedding.positions, embedding.width}});
    }
    for (std::int64_t layer = 0; layer < config.layers; ++layer) {
        const LayerPlan plan = layerPlan(config, layer);
        add(plan.before, out);
        for (const LinearPlan& linear : plan.linears()) {
            add(linear, out);
        }
        add(plan.mixture, config.width, out);
        for (const NormPlan& norm : plan.attention.norms()) {
            add(norm, out);
        }
        // Last: exports keep the order that they have always had.
        add(plan.afterAttention, out);
        add(plan.middle, out);
        add(plan.afterFeed, out);
    }
    const HeadPlan head = headPlan(config);
    add(head.norm, out);
    if (!head.tied) {
        out.push_back({head.logits.name + ".weight", {head.logits.rows, head.logits.cols}});
    }
    if (head.logits.bias) {
        out.push_back({head.logits.name + ".bias", {head.logits.rows}});
    }
    return out;
}

} // namespace pissarro::core::inline model::inline plan
