// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/text/said.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <map>
#include <type_traits>
#include <utility>

namespace pissarro::core::inline decoder {

namespace {

std::int64_t positionsOf(const FlatBatch& batch)
{
    return batch.positions_N.numel() == 0 ? 0 : batch.positions_N.max().item<std::int64_t>() + 1;
}

// The batch with tokens more, a row of their own that nothing scores, so that their number suits Ops::product().
FlatBatch filledUp(const FlatBatch& batch, at::ScalarType type, const Ops& ops)
{
    const std::int64_t tokens = batch.ids_N.numel();
    const std::int64_t more = ops.productRows(tokens, type) - tokens;
    if (more == 0) {
        return batch;
    }
    FlatBatch filled = batch;
    filled.ids_N = at::cat({batch.ids_N, batch.ids_N.narrow(0, 0, 1).expand({more})});
    filled.positions_N =
        at::cat({batch.positions_N, at::arange(more, batch.positions_N.options())});
    filled.segments.push_back({tokens, more});
    if (batch.voices_N.defined()) {
        filled.voices_N = at::constant_pad_nd(batch.voices_N, {0, more});
    }
    if (batch.types_N.defined()) {
        filled.types_N = at::constant_pad_nd(batch.types_N, {0, more});
    }
    return filled;
}

} // namespace

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
    , m_ops(loader.ops())
    , m_rotary(config(), m_device)
    , m_embedding(embeddingPlan(config()), loader, donor == nullptr ? nullptr : &donor->m_embedding)
    , m_head(headPlan(config()), loader, m_embedding, donor == nullptr ? nullptr : &donor->m_head)
{
    const c10::NoGradGuard noGrad;
    if (config().windowRopeTheta > 0.0) {
        m_windowRotary.emplace(config(), m_device, Turning::Window);
    }
    if (const RelativeTablePlan plan = relativeTablePlan(config()); plan.rows > 0) {
        m_relative.emplace(plan, loader);
    }
    if (const ConvolutionPlan plan = convolutionPlan(config()); plan.tokens > 0) {
        m_convolution.emplace(plan, loader);
    }
    const std::int64_t layers = config().layers;
    m_layers.reserve(static_cast<std::size_t>(layers));
    for (std::int64_t i = 0; i < layers; ++i) {
        job.checkpoint(static_cast<double>(i) / static_cast<double>(layers),
                       PISSARRO_SAID("pissarro::core", "Loading weights"));
        m_layers.emplace_back(layerPlan(config(), i), loader,
                              donor == nullptr ? nullptr
                                               : &donor->m_layers[static_cast<std::size_t>(i)]);
    }
}

template <class Visit>
void Decoder::eachParameter(const Visit& visit)
{
    m_embedding.visit(visit);
    if (m_relative) {
        m_relative->visit(visit);
    }
    if (m_convolution) {
        m_convolution->visit(visit);
    }
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

void Decoder::attachVoices(const std::vector<AdapterSet>& voices)
{
    const c10::NoGradGuard noGrad;
    std::multimap<std::string, Projection::Voiced> byModule;
    for (std::size_t voice = 0; voice < voices.size(); ++voice) {
        for (const Adapter& adapter : voices[voice]) {
            byModule.emplace(adapter.module,
                             Projection::Voiced {0, static_cast<std::int64_t>(voice), &adapter});
        }
    }
    eachProjection([&](Projection& projection) {
        std::vector<Projection::Voiced> terms;
        for (std::size_t i = 0; i < projection.parts().size(); ++i) {
            const auto [first, last] = byModule.equal_range(projection.parts()[i].module);
            for (auto one = first; one != last; ++one) {
                terms.push_back(one->second);
                terms.back().part = i;
            }
            byModule.erase(first, last);
        }
        projection.attachVoices(terms, static_cast<std::int64_t>(voices.size()));
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

void Decoder::setWeights(const std::map<std::string, at::Tensor>& weights)
{
    const c10::NoGradGuard noGrad;
    std::size_t found = 0;
    const auto set = [&](const std::string& name, const auto& placeOf) {
        if (const auto given = weights.find(name); given != weights.end()) {
            placeOf().copy_(given->second);
            ++found;
        }
    };
    eachParameter([&](auto& parameter) {
        if constexpr (std::is_same_v<std::decay_t<decltype(parameter)>, WholeWeight>) {
            set(parameter.module + "." + parameter.ending, [&] { return parameter.value; });
        } else {
            for (std::size_t part = 0; part < parameter.parts().size(); ++part) {
                const std::string& module = parameter.parts()[part].module;
                set(module + ".weight", [&] { return parameter.heldWeight(part); });
                if (parameter.bias().defined()) {
                    set(module + ".bias", [&] { return parameter.biasOf(part); });
                }
            }
        }
    });
    if (found != weights.size()) {
        throw Error(ErrorKind::Internal, "a weight to be set is none of the model's");
    }
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

at::Tensor Decoder::throughLayers(const at::Tensor& ids_N, const Pass& pass, const JobContext& job,
                                  const Left& left) const
{
    at::Tensor x_ND = m_embedding.forward(
        ids_N, pass.places_N.defined() ? pass.places_N : pass.positions_N, pass.types_N);
    const at::Tensor given_ND = m_convolution ? x_ND : at::Tensor();
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        job.throwIfCancelled();
        if (left.inputs != nullptr) {
            left.inputs->push_back(x_ND);
        }
        DecoderLayer::Saved* saved = left.saved == nullptr ? nullptr : &(*left.saved)[i];
        if (saved != nullptr && m_checkpointing) {
            saved->x_ND = x_ND;
            saved = nullptr;
        }
        x_ND = m_layers[i].forward(x_ND, pass, left.kept == nullptr ? nullptr : &(*left.kept)[i],
                                   saved);
        if (i == 0 && m_convolution) {
            if (left.beforeConvolution != nullptr) {
                *left.beforeConvolution = x_ND;
            }
            x_ND = m_convolution->forward(given_ND, x_ND, pass);
        }
    }
    return x_ND;
}

Pass Decoder::passAt(const at::Tensor& positions_N, const std::vector<Segment>& segments,
                     std::int64_t longest) const
{
    Pass pass {positions_N, segments, m_rotary.upTo(longest)};
    if (m_windowRotary) {
        pass.windowRotary = &m_windowRotary->upTo(longest);
    }
    if (m_relative) {
        pass.relative_PD = m_relative->forward();
    }
    return pass;
}

at::Tensor Decoder::placesOf(const at::Tensor& ids_N, const std::vector<Segment>& segments) const
{
    const std::int64_t pad = config().padId;
    if (!config().positionsSkipPadding) {
        return {};
    }
    at::Tensor places_N = at::empty_like(ids_N);
    for (const Segment& segment : segments) {
        const at::Tensor seen_T =
            ids_N.narrow(0, segment.offset, segment.length).ne(pad).to(at::kLong);
        places_N.narrow(0, segment.offset, segment.length)
            .copy_(seen_T.cumsum(0).mul_(seen_T).add_(pad));
    }
    return places_N;
}

Pass Decoder::passOf(const FlatBatch& batch) const
{
    Pass pass = passAt(batch.positions_N, batch.segments, positionsOf(batch));
    pass.voices_N = batch.voices_N;
    pass.types_N = batch.types_N;
    pass.places_N = placesOf(batch.ids_N, batch.segments);
    return pass;
}

at::Tensor Decoder::logits(const at::Tensor& ids_BT, const at::Tensor& mask_BT,
                           const JobContext& job, const at::Tensor& types_BT) const
{
    const c10::NoGradGuard noGrad;
    const std::int64_t length = ids_BT.size(1);
    const bool ofTexts = config().head.kind == HeadKind::Sequence;
    at::Tensor all_BTV =
        at::empty({ids_BT.size(0), ofTexts ? 1 : length, config().outputs()}, at::kFloat);
    const at::Tensor positions_N =
        at::arange(length, at::TensorOptions().dtype(at::kLong).device(m_device));
    const std::vector<Segment> segments {{0, length}};
    for (std::int64_t row = 0; row < ids_BT.size(0); ++row) {
        Pass pass = passAt(positions_N, segments, length);
        if (mask_BT.defined() && !mask_BT[row].all().item<bool>()) {
            pass.keyMask_T = mask_BT[row].to(m_device);
        }
        const at::Tensor ids_T = ids_BT[row].to(m_device);
        pass.places_N = placesOf(ids_T, segments);
        if (types_BT.defined()) {
            pass.types_N = types_BT[row].to(m_device);
        }
        const at::Tensor x_ND = throughLayers(ids_T, pass, job, {});
        all_BTV[row].copy_(m_head.forward(ofTexts ? x_ND.narrow(0, 0, 1) : x_ND));
    }
    return ofTexts ? all_BTV.squeeze(1) : all_BTV;
}

std::vector<at::Tensor> Decoder::hiddenStates(const FlatBatch& batch, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    std::vector<at::Tensor> states;
    Left left;
    left.inputs = &states;
    const at::Tensor x_ND = throughLayers(batch.ids_N, passOf(batch), job, left);
    states.push_back(m_head.normed(x_ND));
    return states;
}

at::Tensor Decoder::scoredLogits(const FlatBatch& batch, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const at::Tensor x_ND = throughLayers(batch.ids_N, passOf(batch), job, {});
    return m_head.forward(x_ND.index_select(0, batch.scored_M));
}

double Decoder::loss(const FlatBatch& given, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const FlatBatch batch = filledUp(given, m_type, m_ops);
    RoutingSums routing {given.ids_N.numel()};
    Pass pass = passOf(batch);
    pass.counting = config().mixture.balance > 0.0 ? &routing : nullptr;
    const at::Tensor x_ND = throughLayers(batch.ids_N, pass, job, {});
    return m_head.loss(x_ND.index_select(0, batch.scored_M), batch.labels_M, job)
        + config().mixture.balance * routing.loss();
}

at::Tensor Decoder::losses(const FlatBatch& given, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const FlatBatch batch = filledUp(given, m_type, m_ops);
    const at::Tensor x_ND = throughLayers(batch.ids_N, passOf(batch), job, {});
    return m_head.losses(x_ND.index_select(0, batch.scored_M), batch.labels_M, job);
}

void Decoder::setDropout(const Dropout& dropout)
{
    eachProjection([&](Projection& projection) { projection.setDropout(dropout); });
}

double Decoder::lossAndGradients(const FlatBatch& given, double gradientScale,
                                 const JobContext& job, const Dropout& dropout)
{
    const c10::NoGradGuard noGrad;
    setDropout(dropout);
    const struct EndsDropout { // also where it is cancelled
        Decoder& of;
        ~EndsDropout() { of.setDropout({}); }
    } ends {*this};
    const FlatBatch batch = filledUp(given, m_type, m_ops);
    Pass pass = passOf(batch);
    if (m_relative && m_relative->trains()) {
        pass.relativeGradient_PD = at::zeros_like(pass.relative_PD);
    }
    RoutingSums routing {given.ids_N.numel()};
    const double balance = config().mixture.balance;
    pass.counting = balance > 0.0 ? &routing : nullptr;
    std::vector<DecoderLayer::Saved> saved(m_layers.size());
    at::Tensor beforeConvolution;
    Left left;
    left.saved = &saved;
    left.beforeConvolution = &beforeConvolution;
    at::Tensor x_ND = throughLayers(batch.ids_N, pass, job, left);
    pass.counting = nullptr; // layers that are computed again count once
    if (batch.scored_M.numel() == 0) {
        return 0.0;
    }
    if (routing.chosen_E.defined()) {
        routing.gradient = balance * gradientScale;
        pass.counted = &routing;
    }
    at::Tensor dscored_MD;
    const double loss = m_head.lossAndGradient(x_ND.index_select(0, batch.scored_M), batch.labels_M,
                                               gradientScale, dscored_MD, job);
    at::Tensor dx_ND = at::zeros_like(x_ND).index_copy_(0, batch.scored_M, dscored_MD);
    x_ND = at::Tensor();
    backwardOfLayers(batch, pass, saved, beforeConvolution, std::move(dx_ND), job);
    return loss + balance * routing.loss();
}

void Decoder::backwardOfLayers(const FlatBatch& batch, const Pass& pass,
                               std::vector<DecoderLayer::Saved>& saved,
                               const at::Tensor& beforeConvolution, at::Tensor dx_ND,
                               const JobContext& job)
{
    at::Tensor beside_ND; // through the convolution, past the first layer
    for (std::size_t i = m_layers.size(); i-- > 0;) {
        job.throwIfCancelled();
        if (i == 0 && m_convolution) {
            beside_ND = m_embedding.trains() ? at::zeros_like(dx_ND) : at::Tensor();
            m_convolution->backward(saved[i].x_ND, beforeConvolution, pass, dx_ND, beside_ND);
        }
        if (m_checkpointing) {
            m_layers[i].forward(saved[i].x_ND, pass, nullptr, &saved[i]);
        }
        m_layers[i].backward(saved[i], pass, dx_ND, i > 0 || m_embedding.trains());
        saved[i] = {};
    }
    if (pass.relativeGradient_PD.defined()) {
        m_relative->backward(pass.relativeGradient_PD);
    }
    if (m_embedding.trains()) {
        if (beside_ND.defined()) {
            dx_ND = dx_ND + beside_ND;
        }
        m_embedding.backward(batch.ids_N,
                             pass.places_N.defined() ? pass.places_N : batch.positions_N, dx_ND,
                             batch.types_N);
    }
}

} // namespace pissarro::core::inline decoder
