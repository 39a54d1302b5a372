// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/compare/update_source_tensors.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/run/run_inputs.h"
#include "core/session/open_model.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/text/message_text.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline compare {

namespace {

// The two thin products of an adapter in float64, whatever kind it is of.
AdapterTerm wideTerm(Adapter adapter)
{
    for (const AdapterTensor& tensor : adapter.kind->tensors) {
        at::Tensor& value = adapter.*tensor.value;
        value = value.to(at::kDouble);
    }
    return adapter.kind->term(adapter);
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

} // namespace

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

const Adapter* UpdateSource::startOf(const std::string& module) const
{
    const auto found = std::find_if(start.begin(), start.end(),
                                    [&](const Adapter& one) { return one.module == module; });
    return found == start.end() ? nullptr : &*found;
}

UpdateSource sourceOf(const RunSummary& run, bool withBase, const JobContext& job)
{
    UpdateSource source;
    source.isFourBit = isFourBit(run.spec.method);
    source.trainedOn = trainedFilesOf(run);
    if (hasAdapter(run.spec.method)) {
        source.start = pissarro::core::startOf(run, *source.trainedOn).factors;
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
    if (m_tensors) {
        return changeBetween(trainedOf(*start), start);
    }
    return changeBetween(m_result.at(module.name), m_resultIsPlain ? nullptr : start);
}

} // namespace pissarro::core::inline compare
