// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/provenance.h"
#include "core/base/error.h"
#include "core/base/torch/parallel_tasks.h"
#include "core/base/torch/runtime.h"
#include "core/base/torch/weights.h"
#include "core/session/open_model_tensors.h"
#include "core/train/checkpoint_tensors.h"
#include "core/train/run_inputs.h"

#include <ATen/ATen.h>

#include <map>
#include <set>

namespace pissarro::core {

namespace {

namespace fs = std::filesystem;

fs::path resultOf(const RunSummary& run, const char* name, const char* file)
{
    fs::path folder = run.directory / name;
    std::error_code ignored;
    if (!fs::exists(folder / file, ignored)) {
        throw Error(ErrorKind::Format,
                    run.directory.string() + ": has no " + name
                        + " yet (expected a run that has trained); let it train first");
    }
    return folder;
}

ModelParts partsOfRun(const fs::path& directory)
{
    RunSummary run = readRun(directory);
    if (!hasAdapter(run.spec.method)) {
        return {resultOf(run, "model", "config.json"), {}, std::move(run)};
    }
    const fs::path adapter = resultOf(run, "adapter", "adapter_config.json");
    const fs::path trainedOn =
        isFourBit(run.spec.method) ? baseOf(run) : resolveModel(run.spec.model);
    return {untouchedModelOf(run, trainedOn), adapter, std::move(run)};
}

at::ScalarType typeOf(BaseDType dtype)
{
    return dtype == BaseDType::BFloat16 ? at::kBFloat16 : at::kFloat;
}

std::set<std::string> modulesOf(const AdapterSet& adapters)
{
    std::set<std::string> modules;
    for (const Adapter& adapter : adapters) {
        modules.insert(adapter.module);
    }
    return modules;
}

// Weights that something is taken out of are held, never made out of four bits at each use.
WeightPlan holding(const AdapterSet& taken)
{
    WeightPlan plan;
    if (!taken.empty()) {
        plan.changes = [modules = modulesOf(taken)](const std::string& module) {
            return modules.contains(module);
        };
    }
    return plan;
}

} // namespace

ModelParts partsOf(const std::string& model, const fs::path& adapter)
{
    std::error_code ignored;
    const fs::path directory(model);
    if (!fs::exists(directory / kRunFile, ignored)) {
        if (fs::is_directory(directory, ignored)
            && !fs::exists(directory / "config.json", ignored)) {
            if (const auto twins = runsOfRequest(directory); !twins.empty()) {
                throw Error(ErrorKind::Format,
                            model
                                + ": holds the runs of several methods; name one of them, such as "
                                + twins.front().directory.string());
            }
        }
        return {resolveModel(model), adapter, std::nullopt};
    }
    if (!adapter.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    model
                        + ": is a run, which has an adapter of its own (expected a model with "
                          "--adapter); leave out one of the two");
    }
    return partsOfRun(directory);
}

fs::path untouchedModelOf(const RunSummary& run, const fs::path& trainedOn)
{
    if (run.spec.initAdapter.empty()) {
        return trainedOn;
    }
    return sourceModelOf(initialAdapterOf(run)).value_or(trainedOn);
}

fs::path startAdapterOf(const RunSummary& run)
{
    const fs::path start = run.directory / (std::string(methodName(run.spec.method)) + "_start");
    std::error_code ignored;
    return fs::exists(start / "adapter_config.json", ignored) ? start : initialAdapterOf(run);
}

bool reducesBase(const RunSpec& spec)
{
    return spec.method == Method::Pissa && spec.initAdapter.empty();
}

std::shared_ptr<const ModelFiles> trainedFilesOf(const RunSummary& run)
{
    return ModelFiles::open(isFourBit(run.spec.method) ? baseOf(run) : modelPathOf(run));
}

void takeFromBase(Decoder& decoder, const AdapterSet& taken, const JobContext& job)
{
    std::map<std::string, at::Tensor> places;
    for (const Adapter& adapter : taken) {
        places.emplace(adapter.module, decoder.heldWeight(adapter.module));
    }
    forEachInParallel(static_cast<std::int64_t>(taken.size()), [&](std::int64_t i) {
        job.throwIfCancelled();
        const Adapter& adapter = taken[static_cast<std::size_t>(i)];
        places.at(adapter.module)
            .copy_(
                subtractAdapter(loadWeight(decoder.files(), adapter.module + ".weight"), adapter));
    });
}

std::unique_ptr<Decoder> openReduced(const std::shared_ptr<const ModelFiles>& files,
                                     const AdapterSet& taken, at::ScalarType type,
                                     at::Device device, const JobContext& job)
{
    auto decoder = std::make_unique<Decoder>(files, type, device, job, holding(taken));
    takeFromBase(*decoder, taken, job);
    return decoder;
}

OpenedModel openModel(const InferenceModel& model, const JobContext& job)
{
    const c10::Device device = parseDevice(model.device);
    OpenedModel opened;
    opened.parts = partsOf(model.model, model.adapter);
    opened.files = ModelFiles::open(opened.parts.base);
    if (opened.parts.adapter.empty()) {
        opened.decoder = openReduced(opened.files, {}, typeOf(model.dtype), device, job);
        return opened;
    }
    const PeftAdapter adapter = readPeftAdapter(opened.parts.adapter, *opened.files,
                                                opened.parts.run ? Warn() : model.warn);
    const AdapterSet taken = takenFromBase(adapter, *opened.files, job);
    opened.decoder = openReduced(opened.files, taken, typeOf(model.dtype), device, job);
    opened.decoder->attach(adapter.adapters);
    return opened;
}

TrainedModel openTrained(const RunSummary& run, at::ScalarType type, const JobContext& job)
{
    TrainedModel model;
    model.files = trainedFilesOf(run);
    const AdapterSet start = readPeftAdapter(startAdapterOf(run), *model.files).adapters;
    const bool given = !run.spec.initAdapter.empty();
    if (reducesBase(run.spec)) {
        model.taken = start;
    } else if (given && sourceModelOf(initialAdapterOf(run))) {
        model.taken = readPeftAdapter(initialAdapterOf(run), *model.files).adapters;
    }
    model.decoder = openReduced(model.files, reducesBase(run.spec) ? model.taken : AdapterSet(),
                                type, at::kCPU, job);
    model.decoder->attach(start);
    readTrained(findState(run).directory, model.decoder->trainables());
    model.decoder->refresh();
    model.trained = model.decoder->adapters();
    return model;
}

} // namespace pissarro::core
