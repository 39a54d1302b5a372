// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/compare/update_source_tensors.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/run/run_inputs.h"
#include "core/session/open_model.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/text/message_text.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline compare {

namespace {

constexpr double kNoDirection = 1e-6; // s_i below this share of s_1 is rounding, not an update

Adapter wide(Adapter adapter)
{
    for (const AdapterTensor& tensor : adapter.kind->tensors) {
        at::Tensor& value = adapter.*tensor.value;
        value = value.to(at::kDouble);
    }
    return adapter;
}

// The two thin products of an adapter in float64, whatever kind it is of.
AdapterTerm wideTerm(const Adapter& adapter)
{
    return adapter.kind->term(wide(adapter));
}

const Adapter* of(const AdapterSet& adapters, const std::string& module)
{
    const auto found = std::find_if(adapters.begin(), adapters.end(),
                                    [&](const Adapter& one) { return one.module == module; });
    return found == adapters.end() ? nullptr : &*found;
}

bool isSameModel(const ModelFiles& files, const ModelFiles& base)
{
    return std::all_of(
        files.linearModules().begin(), files.linearModules().end(), [&](const LinearModule& one) {
            const TensorView* view = base.find(one.name + ".weight");
            return view != nullptr
                && (base.isFourBit() || view->shape == std::vector {one.rows, one.cols});
        });
}

std::vector<double> toVector(const at::Tensor& values)
{
    const at::Tensor flat = values.to(at::kDouble).contiguous();
    return {in<double>(flat), in<double>(flat) + flat.numel()};
}

} // namespace

Spectrum spectrumOf(const LinearModule& module, const at::Tensor& values)
{
    Spectrum spectrum {toVector(values), module.rows, module.cols, 0.0, 0.0};
    spectrum.values.resize(static_cast<std::size_t>(module.smallerSide()), 0.0);
    for (const double value : spectrum.values) {
        spectrum.squaredNorm += value * value;
    }
    return spectrum;
}

// The triplets of a change: all of them of a thin one, else every value and the leading vectors.
TruncatedSvd tripletsOf(const Change& change, std::int64_t most, const JobContext& job)
{
    if (!change.delta_OI.defined()) {
        return svdOfProduct(change.b_OQ, change.a_QI);
    }
    const at::Tensor& delta = change.delta_OI;
    if (!delta.any().item<bool>()) {
        return {delta.new_zeros({delta.size(0), 0}), delta.new_zeros({0}),
                delta.new_zeros({delta.size(1), 0})};
    }
    const SvdFactors factors = svdFactors(delta, job);
    TruncatedSvd svd = takeTriplets(delta, factors, std::min(most, factors.s_K.size(0)), 0);
    svd.s_R = factors.s_K;
    return svd;
}

std::int64_t directionsOf(const TruncatedSvd& svd)
{
    const std::vector<double> values = toVector(svd.s_R);
    const auto moved = std::count_if(values.begin(), values.end(), [&](double value) {
        return value > kNoDirection * values.front();
    });
    return std::min<std::int64_t>(moved, svd.u_OR.size(1));
}

Change changeBetween(const Adapter& trained, const Adapter* start)
{
    const AdapterTerm now = wideTerm(trained);
    if (start == nullptr) {
        return {now.s_OR, now.a_RI, {}};
    }
    const AdapterTerm then = wideTerm(*start);
    if (!then.s_OR.any().item<bool>() || !then.a_RI.any().item<bool>()) {
        return {now.s_OR, now.a_RI, {}};
    }
    return {at::cat({now.s_OR, then.s_OR.neg()}, 1), at::cat({now.a_RI, then.a_RI}, 0), {}};
}

Change changeOn(const std::function<at::Tensor()>& frozen, const Adapter& trained,
                const Adapter* start)
{
    if (trained.kind->norm == nullptr) {
        return changeBetween(trained, start);
    }
    const at::Tensor w_OI = frozen();
    const at::Tensor began_OI = start == nullptr ? w_OI : mergedWeight(w_OI, wide(*start));
    return {{}, {}, mergedWeight(w_OI, wide(trained)).sub_(began_OI)};
}

const Adapter* UpdateSource::startOf(const std::string& module) const
{
    return of(start, module);
}

UpdateSource sourceOf(const RunSummary& run, bool withBase, const JobContext& job)
{
    UpdateSource source;
    source.isFourBit = isFourBit(run.spec.method);
    source.trainedOn = trainedFilesOf(run);
    if (hasAdapter(run.spec.method)) {
        RunStart begun = pissarro::core::startOf(run, *source.trainedOn);
        source.start = std::move(begun.factors);
        if (reducesBase(run.spec)) {
            source.taken = std::move(begun.taken);
        }
    }
    if (!withBase) {
        return source;
    }
    try {
        const auto model = modelPathOf(run);
        const auto files = ModelFiles::open(model);
        requireSameModel(run, *files, job);
        const auto untouched = untouchedModelOf(run, model);
        auto base = untouched == model ? files : ModelFiles::open(untouched);
        if (!isSameModel(*source.trainedOn, *base)) {
            throw Error(ErrorKind::Format, shownPath(untouched) + ": has other matrices");
        }
        source.untouched = std::move(base);
    } catch (const Error& e) {
        source.notes.push_back("Changes are not told relative to the model's weights: "
                               + std::string(e.what()));
    }
    return source;
}

StateReader::StateReader(const RunSummary& run, const StoredState& state,
                         const UpdateSource& source)
    : m_place(shownPath(state.directory.empty() ? run.directory : state.directory))
{
    if (!hasAdapter(run.spec.method)) {
        if (state.directory.empty()) { // RUN/model alone is left
            const auto files = ModelFiles::open(run.directory / "model");
            m_weights = [files](const std::string& name) { return loadWeight(*files, name); };
        } else {
            m_weights = trainedWeights(run, state, source.trainedOn);
        }
    } else if (state.directory.empty()) {
        for (Adapter& one :
             readPeftAdapter(run.directory / "adapter", *source.trainedOn).adapters) {
            const std::string module = one.module;
            m_result.emplace(module, std::move(one));
        }
        m_resultIsPlain = !isFourBit(run.spec.method);
    } else {
        m_tensors = std::make_unique<SafetensorsFile>(
            SafetensorsFile::open(state.directory / kStateTensors));
    }
}

Adapter StateReader::trainedOf(const Adapter& start) const
{
    Adapter trained = start;
    for (const AdapterTensor& tensor : start.kind->tensors) {
        const std::string name = masterName(start.module, tensor);
        const TensorView* view = m_tensors->find(name);
        at::Tensor& value = trained.*tensor.value;
        if (view == nullptr || view->shape != value.sizes().vec()) {
            throw Error(ErrorKind::Format,
                        m_place + ": belongs to another run (expected " + name + " of "
                            + shownShape(value.sizes().vec()) + ")");
        }
        value = tensorOver(*view).clone();
    }
    requireIntact(m_tensors->file()->bytes().data()); // or zeros would be compared
    return trained;
}

Change StateReader::changeOf(const LinearModule& module, const UpdateSource& source,
                             const JobContext& job) const
{
    if (m_weights) {
        const std::string name = module.name + ".weight";
        const at::Tensor trained = m_weights(name);
        const at::Tensor w_OI = loadWeight(*source.trainedOn, name, at::kDouble, job);
        return {
            {}, {}, trained.defined() ? trained.to(at::kDouble).sub(w_OI) : at::zeros_like(w_OI)};
    }
    const Adapter* start = source.startOf(module.name);
    const auto untouched = [&] {
        return loadWeight(*source.trainedOn, module.name + ".weight", at::kDouble, job);
    };
    const auto frozen = [&] {
        const Adapter* taken = of(source.taken, module.name);
        return taken == nullptr ? untouched() : subtractAdapter(untouched(), wide(*taken));
    };
    if (m_tensors) {
        return changeOn(frozen, trainedOf(*start), start);
    }
    const Adapter& result = m_result.at(module.name);
    return m_resultIsPlain ? changeOn(untouched, result, nullptr) : changeOn(frozen, result, start);
}

} // namespace pissarro::core::inline compare
