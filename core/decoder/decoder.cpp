// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <map>
#include <type_traits>

namespace pissarro::core {

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
    : Decoder(files, WeightLoader(files, at::TensorOptions().dtype(type).device(device), job, plan),
              job, plan.donor)
{
}

Decoder::Decoder(std::shared_ptr<const ModelFiles> files, const WeightLoader& loader,
                 const JobContext& job, const Decoder* donor)
    : m_files(std::move(files))
    , m_type(loader.type())
    , m_device(loader.device())
    , m_rotary(config(), m_device)
    , m_embedding(embeddingPlan(config()), loader, donor == nullptr ? nullptr : &donor->m_embedding)
    , m_head(headPlan(config()), loader, m_embedding, donor == nullptr ? nullptr : &donor->m_head)
{
    const c10::NoGradGuard noGrad;
    const std::int64_t layers = config().layers;
    m_layers.reserve(static_cast<std::size_t>(layers));
    for (std::int64_t i = 0; i < layers; ++i) {
        job.checkpoint(static_cast<double>(i) / static_cast<double>(layers), "Loading weights");
        m_layers.emplace_back(layerPlan(config(), i), loader,
                              donor == nullptr ? nullptr
                                               : &donor->m_layers[static_cast<std::size_t>(i)]);
    }
}

template <class Visit>
void Decoder::eachParameter(const Visit& visit)
{
    m_embedding.visit(visit);
    for (DecoderLayer& layer : m_layers) {
        layer.visit(visit);
    }
    m_head.visit(visit);
}

template <class Visit>
void Decoder::eachProjection(const Visit& visit)
{
    eachParameter([&](auto& parameter) {
        if constexpr (std::is_same_v<std::decay_t<decltype(parameter)>, Projection>) {
            visit(parameter);
        }
    });
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
    eachParameter([&](auto& parameter) { parameter.trainWeights(wanted); });
}

std::vector<Trainable*> Decoder::trainables()
{
    std::vector<Trainable*> all;
    eachParameter([&](auto& parameter) { parameter.collect(all); });
    return all;
}

void Decoder::refresh()
{
    const c10::NoGradGuard noGrad;
    eachParameter([](auto& parameter) { parameter.refresh(); });
}

} // namespace pissarro::core
