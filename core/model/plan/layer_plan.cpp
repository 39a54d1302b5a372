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
    plan.bidirectional = c.bidirectional;
    plan.relative.positions = c.relative;
    if (plan.relative.exists() && !c.relative.shared) {
        if (c.relative.contentToPosition) {
            plan.relative.key = linear(names.positionKey, keys, c.width, c.qkvBias);
        }
        if (c.relative.positionToContent) {
            plan.relative.query = linear(names.positionQuery, queries, c.width, c.qkvBias);
        }
    }
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

std::vector<LinearPlan> RelativePlan::linears() const
{
    return existing({key, query});
}

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
    for (const LinearPlan& one : attention.relative.linears()) {
        all.push_back(one);
    }
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
    addLinears(attention.relative.linears());
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
    if (c.tokenTypes > 0 && !c.names.types.empty()) {
        plan.typesName = below(c.names.base, c.names.types);
        plan.types = c.tokenTypes;
    }
    if (!c.names.embeddingNorm.empty()) {
        plan.norm = normPlan(c, "", below(c.names.base, c.names.embeddingNorm));
    }
    return plan;
}

RelativeTablePlan relativeTablePlan(const ModelConfig& c)
{
    if (c.relative.span == 0) {
        return {};
    }
    RelativeTablePlan plan {below(c.names.base, c.names.relative), 2 * c.relative.span, c.width};
    if (c.relative.normed) {
        plan.norm = normPlan(c, "", below(c.names.base, c.names.relativeNorm));
    }
    return plan;
}

ConvolutionPlan convolutionPlan(const ModelConfig& c)
{
    if (c.convolution.tokens == 0) {
        return {};
    }
    return {below(c.names.base, c.names.convolution),
            c.convolution.tokens,
            c.width,
            c.convolution.groups,
            c.convolution.activation,
            normPlan(c, "", below(c.names.base, c.names.convolutionNorm))};
}

HeadPlan headPlan(const ModelConfig& c)
{
    const ModuleNames& names = c.names;
    const bool ownNorm = c.head.kind == HeadKind::Next;
    HeadPlan plan {ownNorm
                       ? normPlan(c, "", names.norm.empty() ? "" : below(names.base, names.norm))
                       : NormPlan {},
                   {names.head, c.outputs(), c.width, c.headBias},
                   c.tiedEmbeddings && c.head.kind != HeadKind::Sequence,
                   c.logitScale,
                   c.logitSoftCap,
                   c.head.kind};
    if (c.head.kind == HeadKind::None) {
        plan.logits = {};
        plan.tied = false;
        return plan;
    }
    if (!names.headDense.empty()) {
        plan.dense = {names.headDense, c.width, c.width, true};
        plan.activation = c.head.activation;
    }
    if (!names.headNorm.empty()) {
        plan.norm = normPlan(c, "", names.headNorm);
    }
    plan.biasName = names.headBias;
    return plan;
}

std::vector<std::string> HeadPlan::modules() const
{
    std::vector<std::string> all;
    if (dense.exists()) {
        all.push_back(dense.name);
    }
    if (norm.exists()) {
        all.push_back(norm.name);
    }
    if (logits.exists() && !tied) {
        all.push_back(logits.name);
    }
    return all;
}

std::vector<std::string> savedModules(const ModelConfig& c)
{
    std::vector<std::string> all;
    if (c.head.kind == HeadKind::Sequence) {
        for (const std::string& module : headPlan(c).modules()) {
            if (!module.starts_with(c.names.base + ".")) {
                all.push_back(module);
            }
        }
    }
    return all;
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
    plan.normsSums = c.normsSums;
    plan.residualScale = c.residualScale;
    return plan;
}

namespace {

// What stands before the layers, or is shared by all.
void addBeforeLayers(const ModelConfig& config, std::vector<ExpectedWeight>& out)
{
    const EmbeddingPlan embedding = embeddingPlan(config);
    out.push_back({embedding.name + ".weight", {embedding.vocabulary, embedding.width}});
    if (embedding.positions > 0) {
        out.push_back(
            {embedding.positionsName + ".weight", {embedding.positions, embedding.width}});
    }
    if (embedding.types > 0) {
        out.push_back({embedding.typesName + ".weight", {embedding.types, embedding.width}});
    }
    add(embedding.norm, out);
    const RelativeTablePlan relative = relativeTablePlan(config);
    if (relative.rows > 0) {
        out.push_back({relative.name + ".weight", {relative.rows, relative.width}});
        add(relative.norm, out);
    }
    const ConvolutionPlan convolution = convolutionPlan(config);
    if (convolution.tokens > 0) {
        out.push_back(
            {convolution.name + ".weight",
             {convolution.width, convolution.width / convolution.groups, convolution.tokens}});
        out.push_back({convolution.name + ".bias", {convolution.width}});
        add(convolution.norm, out);
    }
}

void addHead(const HeadPlan& head, std::vector<ExpectedWeight>& out)
{
    if (head.dense.exists()) {
        add(head.dense, out);
    }
    add(head.norm, out);
    if (head.logits.exists() && !head.tied) {
        out.push_back({head.logits.name + ".weight", {head.logits.rows, head.logits.cols}});
    }
    if (head.logits.bias) {
        out.push_back({(head.biasName.empty() ? head.logits.name : head.biasName) + ".bias",
                       {head.logits.rows}});
    }
}

} // namespace

std::vector<ExpectedWeight> expectedWeights(const ModelConfig& config)
{
    std::vector<ExpectedWeight> out;
    addBeforeLayers(config, out);
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
    addHead(headPlan(config), out);
    return out;
}

} // namespace pissarro::core::inline model::inline plan
