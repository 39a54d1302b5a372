// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/quant/four_bit_maker_tensors.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace pissarro::core {

namespace {

NormWeight loadNorm(const ModelFiles& files, const std::string& name, at::ScalarType type,
                    at::Device device)
{
    return {name, loadWeight(files, name + ".weight", type).to(device), {}};
}

bool shares(const WeightPlan& plan, const std::string& module)
{
    return plan.donor != nullptr && (!plan.shares || plan.shares(module));
}

// Empty: the weight is held.
WeightMaker makerOf(const std::shared_ptr<const ModelFiles>& files, const std::string& module,
                    at::Device device, const WeightPlan& plan)
{
    if (plan.makes) {
        if (WeightMaker make = plan.makes(module)) {
            return make;
        }
    }
    return plan.changes && plan.changes(module) ? WeightMaker()
                                                : fourBitMaker(files, module, device);
}

} // namespace

FlatBatch flatten(const Batch& batch, at::Device device)
{
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> positions;
    std::vector<std::int64_t> scored;
    std::vector<std::int64_t> labels;
    FlatBatch flat;
    for (std::int64_t row = 0; row < batch.rows; ++row) {
        const std::int64_t first = row * batch.length;
        const auto offset = static_cast<std::int64_t>(ids.size());
        for (std::int64_t t = 0; t < batch.length; ++t) {
            const auto at = static_cast<std::size_t>(first + t);
            if (batch.mask[at] == 0) {
                continue;
            }
            if (t + 1 < batch.length && batch.labels[at + 1] != kIgnoreLabel) {
                scored.push_back(static_cast<std::int64_t>(ids.size()));
                labels.push_back(batch.labels[at + 1]);
            }
            ids.push_back(batch.ids[at]);
            positions.push_back(t);
        }
        const std::int64_t length = static_cast<std::int64_t>(ids.size()) - offset;
        if (length > 0) {
            flat.segments.push_back({offset, length});
        }
    }
    const auto upload = [&](const std::vector<std::int64_t>& values) {
        return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
    };
    flat.ids_N = upload(ids);
    flat.positions_N = upload(positions);
    flat.scored_M = upload(scored);
    flat.labels_M = upload(labels);
    return flat;
}

Decoder::Decoder(std::shared_ptr<const ModelFiles> files, at::ScalarType type, at::Device device,
                 const JobContext& job, const WeightPlan& plan)
    : m_files(std::move(files))
    , m_type(type)
    , m_device(device)
{
    const c10::NoGradGuard noGrad;
    const ModelConfig& c = config();
    const auto weight = [&](const std::string& name) {
        return loadWeight(*m_files, name + ".weight", type, job).to(device);
    };
    const Decoder* donor = plan.donor;
    m_embedding_VD =
        shares(plan, "model.embed_tokens") ? donor->m_embedding_VD : weight("model.embed_tokens");
    m_head_VD = c.tiedEmbeddings  ? m_embedding_VD
        : shares(plan, "lm_head") ? donor->m_head_VD
                                  : weight("lm_head");
    m_finalNorm = loadNorm(*m_files, "model.norm", type, device);
    m_layers.reserve(static_cast<std::size_t>(c.layers));
    for (std::int64_t i = 0; i < c.layers; ++i) {
        job.checkpoint(static_cast<double>(i) / static_cast<double>(c.layers), "Loading weights");
        loadLayer(i, plan, job);
    }
}

void Decoder::loadLayer(std::int64_t index, const WeightPlan& plan, const JobContext& job)
{
    const DecoderLayer* given =
        plan.donor == nullptr ? nullptr : &plan.donor->m_layers[static_cast<std::size_t>(index)];
    DecoderLayer layer;
    layer.plan = layerPlan(config(), index);
    const AttentionPlan& attention = layer.plan.attention;
    const FeedForwardPlan& feed = layer.plan.feed;
    layer.inputNorm = loadNorm(*m_files, layer.plan.before.name, m_type, m_device);
    layer.mlpNorm = loadNorm(*m_files, layer.plan.middle.name, m_type, m_device);
    const Loading loading {plan, job};
    layer.qkv = project({attention.query, attention.key, attention.value}, loading,
                        given ? &given->qkv : nullptr);
    layer.o = project({attention.output}, loading, given ? &given->o : nullptr);
    layer.gateUp = project({feed.gate, feed.up}, loading, given ? &given->gateUp : nullptr);
    layer.down = project({feed.down}, loading, given ? &given->down : nullptr);
    m_layers.push_back(std::move(layer));
}

Projection Decoder::project(const std::vector<LinearPlan>& stacked, const Loading& loading,
                            const Projection* given) const
{
    const auto& [plan, job] = loading;
    std::vector<Projection::Part> parts;
    bool biased = false;
    bool shared = given != nullptr;
    for (const LinearPlan& linear : stacked) {
        parts.push_back(
            {linear.name, 0, linear.rows, -1, 0, makerOf(m_files, linear.name, m_device, plan)});
        biased = biased || linear.bias;
        shared = shared && shares(plan, linear.name);
    }
    if (shared) {
        return Projection::sharing(*given);
    }
    const bool made =
        std::any_of(parts.begin(), parts.end(), [](const auto& part) { return bool(part.make); });
    for (Projection::Part& part : parts) {
        if (made && !part.make) { // held beside those that are made
            part.make =
                [held = loadWeight(*m_files, part.module + ".weight", m_type, job).to(m_device)](
                    at::Tensor& out_OI) { out_OI.copy_(held); };
        }
    }
    Projection projection(std::move(parts), stacked.front().cols,
                          at::TensorOptions().dtype(m_type).device(m_device));
    if (biased) {
        projection.allocateBias();
    }
    for (std::size_t i = 0; i < projection.parts().size(); ++i) {
        const std::string& module = projection.parts()[i].module;
        if (!made) {
            projection.heldWeight(i).copy_(loadWeight(*m_files, module + ".weight", m_type, job));
        }
        if (stacked[i].bias) {
            projection.biasOf(i).copy_(loadWeight(*m_files, module + ".bias", m_type));
        }
    }
    return projection;
}

template <class Visit>
void Decoder::eachProjection(const Visit& visit)
{
    for (DecoderLayer& layer : m_layers) {
        for (Projection* projection : layer.projections()) {
            visit(*projection);
        }
    }
}

template <class Visit>
void Decoder::atModule(const std::string& module, const Visit& visit) const
{
    bool found = false;
    const_cast<Decoder*>(this)->eachProjection([&](Projection& projection) {
        for (std::size_t i = 0; i < projection.parts().size(); ++i) {
            if (projection.parts()[i].module == module) {
                visit(projection, i);
                found = true;
            }
        }
    });
    if (!found) {
        throw Error(ErrorKind::Internal, "the model has no linear module " + module);
    }
}

at::Tensor Decoder::weightOf(const std::string& module) const
{
    at::Tensor weight;
    atModule(module, [&](const Projection& projection, std::size_t part) {
        weight = projection.weightOf(part);
    });
    return weight;
}

at::Tensor Decoder::heldWeight(const std::string& module) const
{
    at::Tensor weight;
    atModule(module, [&](const Projection& projection, std::size_t part) {
        weight = projection.heldWeight(part);
    });
    return weight;
}

void Decoder::attach(const AdapterSet& adapters)
{
    const c10::NoGradGuard noGrad;
    std::map<std::string, const Adapter*> byModule;
    for (const Adapter& adapter : adapters) {
        byModule.emplace(adapter.module, &adapter);
    }
    eachProjection([&](Projection& projection) {
        projection.detachAll();
        for (std::size_t i = 0; i < projection.parts().size(); ++i) {
            const auto found = byModule.find(projection.parts()[i].module);
            if (found != byModule.end()) {
                projection.attach(i, *found->second);
                byModule.erase(found);
            }
        }
        projection.refresh();
    });
    if (!byModule.empty()) {
        throw Error(ErrorKind::Format,
                    "the adapter names a module that the model lacks: " + byModule.begin()->first);
    }
}

void Decoder::complete(const AdapterSet& terms)
{
    const c10::NoGradGuard noGrad;
    for (const Adapter& term : terms) {
        atModule(term.module, [&](Projection& projection, std::size_t part) {
            projection.complete(part, term);
        });
    }
    eachProjection([](Projection& projection) { projection.refresh(); });
}

AdapterSet Decoder::adapters() const
{
    AdapterSet all;
    const_cast<Decoder*>(this)->eachProjection([&](Projection& projection) {
        all.insert(all.end(), projection.adapters().begin(), projection.adapters().end());
    });
    return all;
}

void Decoder::trainWeights(const std::function<bool(const std::string&)>& wanted)
{
    const c10::NoGradGuard noGrad;
    const auto trainNorm = [&](NormWeight& norm) {
        norm.trained =
            wanted(norm.name) ? trainableWeight(norm.name + ".weight", norm.w_D) : Trainable {};
    };
    m_embeddingTrained = wanted("model.embed_tokens")
        ? trainableWeight("model.embed_tokens.weight", m_embedding_VD)
        : Trainable {};
    const bool untied = !m_head_VD.is_same(m_embedding_VD);
    m_headTrained =
        untied && wanted("lm_head") ? trainableWeight("lm_head.weight", m_head_VD) : Trainable {};
    trainNorm(m_finalNorm);
    for (DecoderLayer& layer : m_layers) {
        trainNorm(layer.inputNorm);
        trainNorm(layer.mlpNorm);
    }
    eachProjection([&](Projection& projection) { projection.trainWeights(wanted); });
}

std::vector<Trainable*> Decoder::trainables()
{
    std::vector<Trainable*> all;
    const auto add = [&](Trainable& trainable) {
        if (trainable.value.defined()) {
            all.push_back(&trainable);
        }
    };
    add(m_embeddingTrained);
    for (DecoderLayer& layer : m_layers) {
        add(layer.inputNorm.trained);
        layer.qkv.collect(all);
        layer.o.collect(all);
        add(layer.mlpNorm.trained);
        layer.gateUp.collect(all);
        layer.down.collect(all);
    }
    add(m_finalNorm.trained);
    add(m_headTrained);
    return all;
}

void Decoder::refresh()
{
    const c10::NoGradGuard noGrad;
    refreshFrom(m_embeddingTrained, m_embedding_VD);
    refreshFrom(m_headTrained, m_head_VD);
    refreshFrom(m_finalNorm.trained, m_finalNorm.w_D);
    for (DecoderLayer& layer : m_layers) {
        refreshFrom(layer.inputNorm.trained, layer.inputNorm.w_D);
        refreshFrom(layer.mlpNorm.trained, layer.mlpNorm.w_D);
        for (Projection* projection : layer.projections()) {
            projection->refresh();
        }
    }
}

const RotaryTable& Decoder::rotary(std::int64_t positions) const
{
    if (!m_rotary.cos_TH.defined() || m_rotary.cos_TH.size(0) < positions) {
        m_rotary = makeRotaryTable(config(), std::max<std::int64_t>(positions, 256), m_device);
    }
    return m_rotary;
}

at::Tensor Decoder::embed(const at::Tensor& ids_N) const
{
    at::Tensor x_ND = m_embedding_VD.index_select(0, ids_N);
    if (config().scaleEmbedding) {
        // The factor itself is rounded to the model's dtype first, as transformers does.
        x_ND.mul_(
            at::scalar_tensor(std::sqrt(static_cast<double>(config().width)), x_ND.options()));
    }
    return x_ND;
}

AttentionShape Decoder::attentionShape(const DecoderLayer& layer) const
{
    const AttentionPlan& plan = layer.plan.attention;
    return {plan.heads, plan.kvHeads, plan.headDim, plan.window};
}

at::Tensor Decoder::finalNorm(const at::Tensor& x_ND) const
{
    return rmsNorm(x_ND.contiguous(), m_finalNorm.w_D, config().rmsEpsilon, config().normOffset)
        .y_ND;
}

} // namespace pissarro::core
