// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/saved_weights_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_mix.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/format/safetensors.h"
#include "core/model/base_files.h"
#include "core/model/provenance.h"
#include "core/run/run_inputs.h"
#include "core/session/checkpoint_tensors.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/runtime.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace pissarro::core::inline session {

namespace {

namespace fs = std::filesystem;

// What the trainer writes of a run, ready for use.
fs::path resultOf(const RunSummary& run)
{
    return run.directory / (hasAdapter(run.spec.method) ? "adapter" : "model");
}

bool hasResult(const RunSummary& run)
{
    return hasAdapter(run.spec.method) ? holdsAdapter(resultOf(run)) : holdsModel(resultOf(run));
}

// The chosen state of a run that keeps none but its result: a person has made room. Nothing: it is another one.
std::optional<StoredState> onlyResult(const RunSummary& run, const StateChoice& choice)
{
    using Kind = StateChoice::Kind;
    if (!hasResult(run) || !checkpointSteps(run.directory, /*whole=*/true).empty()
        || readState(bestDirectory(run.directory))) {
        return std::nullopt;
    }
    // Older versions did not say which step it is: the last one.
    const std::int64_t step = run.adapterStep > 0 ? run.adapterStep : run.step;
    StoredState state {{}, step, run.bestStep > 0 && step == run.bestStep, step >= run.step};
    const bool meant = choice.kind == Kind::Usual || (choice.kind == Kind::Best && state.isBest)
        || (choice.kind == Kind::Last && state.isLast)
        || (choice.kind == Kind::Step && choice.step == step);
    return meant ? std::optional(std::move(state)) : std::nullopt;
}

ModelParts partsOfRun(const fs::path& directory, const StateChoice& choice)
{
    ModelParts parts;
    parts.run = readRun(directory);
    const RunSummary& run = *parts.run;
    parts.state = stateOf(run, choice);
    parts.raw = !holdsState(run, *parts.state);
    if (!hasAdapter(run.spec.method)) {
        parts.base = parts.tokenizer = parts.raw ? modelPathOf(run) : resultOf(run);
        return parts;
    }
    parts.tokenizer = isFourBit(run.spec.method) ? baseOf(run) : modelPathOf(run);
    parts.base = untouchedModelOf(run, parts.tokenizer);
    parts.adapter = parts.raw ? fs::path() : resultOf(run);
    return parts;
}

std::set<std::string> modulesOf(const AdapterSet& adapters)
{
    std::set<std::string> modules;
    for (const Adapter& adapter : adapters) {
        modules.insert(adapter.module);
    }
    return modules;
}

// Weights that something is taken out of, or that are set, are held and nobody else's, never made out of four bits at each use.
WeightPlan holding(const RunFactors& factors, const Decoder* donor)
{
    WeightPlan plan;
    plan.donor = donor;
    std::set<std::string> modules = modulesOf(factors.taken);
    for (const auto& [name, value] : factors.saved) {
        modules.insert(name.substr(0, name.rfind('.')));
    }
    if (!modules.empty()) {
        plan.changes = [modules](const std::string& module) { return modules.contains(module); };
        plan.shares = [modules](const std::string& module) { return !modules.contains(module); };
    }
    return plan;
}

bool isRun(const fs::path& path)
{
    std::error_code ignored;
    return fs::exists(path / kRunFile, ignored);
}

// The place that `find` knows, and the untouched model that what lies there was made from; nothing where it is not there:
// what is not there cannot be replaced.
template <class Find>
void addPlace(std::vector<fs::path>& places, Find find)
{
    try {
        const fs::path place = find();
        places.push_back(place);
        if (const auto source = place.empty() ? std::nullopt : sourceModelOf(place)) {
            places.push_back(*source);
        }
    } catch (const Error&) { // told by whoever opens it
    }
}

[[noreturn]] void refuseUnmerged(const ModelParts& parts)
{
    throw Error(
        ErrorKind::InvalidArgument,
        fmt::format("{}: is a run whose tuned model lies in no one folder (expected the "
                    "weights of a model); write it with: pissarro-cli export RUN --as merged "
                    "-o DIR, or name what it trained on: {}",
                    shownPath(parts.run->directory), shownPath(parts.base)));
}

} // namespace

ModelParts partsOf(const std::string& model, const fs::path& adapter, const StateChoice& checkpoint)
{
    std::error_code ignored;
    const fs::path directory(model);
    if (!isRun(directory)) {
        if (fs::is_directory(directory, ignored) && !holdsModel(directory)) {
            refuseTwins(directory);
        }
        refuseRunAsAdapter(adapter);
        ModelParts parts;
        parts.base = parts.tokenizer = resolveModel(model);
        parts.adapter = adapter;
        return parts;
    }
    if (!adapter.empty()) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("{}: is a run, which has an adapter of its own (expected a model with "
                        "--adapter); leave out one of the two",
                        model));
    }
    return partsOfRun(directory, checkpoint);
}

std::shared_ptr<const ModelFiles> baseFilesOf(const ModelParts& parts)
{
    const auto plain = ModelFiles::open(parts.base);
    if (!plain->config().bidirectional || plain->config().head.kind == HeadKind::Sequence) {
        return plain;
    }
    NewHead head = parts.run ? newHeadOf(parts.run->spec) : NewHead();
    if (head.labels == 0 && !parts.adapter.empty()) {
        head = headOfAdapter(parts.adapter);
    }
    return head.labels == 0 ? plain : ModelFiles::open(parts.base, Opening::Checked, head);
}

std::shared_ptr<const Tokenizer> tokenizerOf(const ModelParts& parts)
{
    if (parts.run) {
        requireSameTokenizer(*parts.run, parts.tokenizer);
    }
    return openTokenizer(parts.tokenizer);
}

fs::path weightsOf(const std::string& model)
{
    ModelParts parts = partsOf(model);
    if (parts.run && (parts.raw || !parts.adapter.empty())) {
        refuseUnmerged(parts);
    }
    return std::move(parts.base);
}

fs::path tunedFormOf(const std::string& tuned, const ModelFiles& base)
{
    ModelParts parts = partsOf(tuned);
    if (!parts.run || (parts.adapter.empty() && !parts.raw)) {
        return std::move(parts.base);
    }
    if (parts.raw) {
        refuseUnmerged(parts);
    }
    std::error_code ignored;
    if (!fs::equivalent(parts.base, base.path(), ignored)) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: its adapter belongs to {} (found {}); compare with that model",
                                shownPath(parts.run->directory), shownPath(parts.base),
                                shownPath(base.path())));
    }
    return std::move(parts.adapter);
}

TunedForm openTuned(const fs::path& tuned, const ModelFiles& base, const JobContext& job)
{
    TunedForm form;
    if (holdsAdapter(tuned)) {
        form.adapters = plainAdapters(readPeftAdapter(tuned, base), base, job);
    } else {
        form.model = ModelFiles::open(resolveModel(tuned.string()));
    }
    return form;
}

void refuseRunAsAdapter(const fs::path& adapter)
{
    if (!adapter.empty() && !holdsAdapter(adapter)) {
        refuseTwins(adapter);
    }
    if (!adapter.empty() && isRun(adapter)) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("{}: is a run (expected a PEFT folder, with adapter_config.json); name "
                        "{}, or the run alone as the model",
                        shownPath(adapter), shownPath(adapter / "adapter")));
    }
}

std::vector<fs::path> readPlaces(const RunSummary& run)
{
    std::vector<fs::path> places {run.directory};
    addPlace(places, [&] { return modelPathOf(run); });
    if (isFourBit(run.spec.method)) {
        addPlace(places, [&] { return baseOf(run); });
    }
    if (hasAdapter(run.spec.method)) {
        addPlace(places, [&] { return initialAdapterOf(run); });
    }
    return places;
}

std::vector<fs::path> readPlaces(const std::string& model, const fs::path& adapter)
{
    std::vector<fs::path> places {model};
    std::error_code ignored;
    const auto add = [&](const RunSummary& run) {
        const std::vector<fs::path> more = readPlaces(run);
        places.insert(places.end(), more.begin(), more.end());
    };
    addPlace(places, [&] { return adapter; });
    try {
        if (isRun(model)) {
            add(readRun(model));
        } else if (fs::is_directory(model, ignored)) {
            for (const RunSummary& twin : runsOfRequest(model)) {
                add(twin);
            }
        }
    } catch (const Error&) { // told by whoever opens it
    }
    addPlace(places, [&] { return resolveModel(model); });
    return places;
}

std::vector<fs::path> readPlaces(const RunSpec& spec)
{
    std::vector<fs::path> places = readPlaces(spec.model, spec.initAdapter);
    const std::vector<fs::path> data = dataPlaces(spec.data);
    places.insert(places.end(), data.begin(), data.end());
    places.insert(places.end(), {spec.batches, spec.evalTaskData});
    return places;
}

StoredState stateOf(const RunSummary& run, const StateChoice& choice)
{
    auto only = onlyResult(run, choice);
    return only ? *std::move(only) : findState(run, choice);
}

bool holdsState(const RunSummary& run, const StoredState& state)
{
    return state.directory.empty() || (run.adapterStep == state.step && hasResult(run));
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
    const fs::path start =
        run.directory / factorsFolder(methodName(run.spec.method), FactorsAre::Start);
    return holdsAdapter(start) ? start : initialAdapterOf(run);
}

RunStart startOf(const RunSummary& run, const ModelFiles& files)
{
    RunStart start;
    start.factors = readPeftAdapter(startAdapterOf(run), files).adapters;
    if (reducesBase(run.spec)) {
        start.taken = asFactors(start.factors);
    } else if (!run.spec.initAdapter.empty() && sourceModelOf(initialAdapterOf(run))) {
        start.taken = readPeftAdapter(initialAdapterOf(run), files).adapters;
    }
    return start;
}

RunFactors factorsOf(const RunSummary& run, const StoredState& state, const ModelFiles& files)
{
    RunStart start = startOf(run, files);
    RunFactors factors;
    factors.taken = std::move(start.taken);
    NamedTensors masters;
    for (Adapter adapter : start.factors) {
        for (const AdapterTensor& tensor : adapter.kind->tensors) {
            at::Tensor& value = adapter.*tensor.value;
            value = value.clone();
            masters.emplace_back(masterName(adapter.module, tensor), value);
        }
        factors.trained.push_back(std::move(adapter));
    }
    for (const std::string& module : savedModulesOf(files)) {
        for (const char* const ending : {"weight", "bias"}) {
            const std::string name = fmt::format("{}.{}", module, ending);
            if (files.find(name) != nullptr) {
                const at::Tensor value = loadWeight(files, name);
                masters.emplace_back(name, value);
                factors.saved.emplace(name, value);
            }
        }
    }
    readTrained(state.directory, masters);
    return factors;
}

SavedWeights savedOf(const std::map<std::string, at::Tensor>& weights, const ModelFiles& files)
{
    SavedWeights saved;
    const std::vector<std::string> modules = savedModulesOf(files);
    for (const auto& [name, value] : weights) {
        const std::string module = name.substr(0, name.rfind('.'));
        if (std::find(modules.begin(), modules.end(), module) != modules.end()) {
            saved.emplace(name, value);
        }
    }
    return saved;
}

bool reducesBase(const RunSpec& spec)
{
    return reducesBase(spec, spec.method);
}

bool reducesBase(const RunSpec& spec, Method method)
{
    return isResidual(method) && spec.initAdapter.empty();
}

std::shared_ptr<const ModelFiles> trainedFilesOf(const RunSummary& run)
{
    return ModelFiles::open(isFourBit(run.spec.method) ? baseOf(run) : modelPathOf(run),
                            Opening::Checked, newHeadOf(run.spec));
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
            .copy_(subtractAdapter(
                loadWeight(decoder.files(), adapter.module + ".weight", at::kFloat, job), adapter));
    });
}

std::unique_ptr<Decoder> openPlanned(const std::shared_ptr<const ModelFiles>& files,
                                     at::ScalarType type, at::Device device, const JobContext& job,
                                     const WeightPlan& plan)
{
    return std::make_unique<Decoder>(files, type, device, job, plan);
}

std::unique_ptr<Decoder> openAdapted(const std::shared_ptr<const ModelFiles>& files,
                                     const RunFactors& factors, at::ScalarType type,
                                     at::Device device, const JobContext& job, const Decoder* donor)
{
    auto decoder = openPlanned(files, type, device, job, holding(factors, donor));
    takeFromBase(*decoder, factors.taken, job);
    if (!factors.trained.empty()) {
        decoder->attach(factors.trained);
    }
    if (!factors.saved.empty()) {
        decoder->setWeights(factors.saved);
    }
    return decoder;
}

TrainedModel openTrained(const RunSummary& run, at::ScalarType type, const JobContext& job)
{
    return openTrained(run, findState(run), type, job);
}

TrainedModel openTrained(const RunSummary& run, const StoredState& state, at::ScalarType type,
                         const JobContext& job)
{
    TrainedModel model;
    model.files = trainedFilesOf(run);
    RunFactors factors = factorsOf(run, state, *model.files);
    model.taken = factors.taken;
    model.saved = factors.saved;
    if (!reducesBase(run.spec)) {
        factors.taken.clear();
    }
    model.decoder = openAdapted(model.files, factors, type, at::kCPU, job);
    model.trained = model.decoder->adapters();
    return model;
}

PlainLora plainLoraOf(const RunSummary& run, const ModelFiles& files, const AdapterSet& trained,
                      const AdapterSet& taken)
{
    const RunSpec& spec = run.spec;
    const fs::path untouched = untouchedModelOf(run, files.path());
    const bool own = untouched == files.path() && !isFourBit(spec.method);
    const std::int64_t factor = taken.empty() ? 1 : 2;
    // Not every program knows use_rslora: the scale is written as a plain alpha / rank.
    const double root = spec.rslora ? std::sqrt(static_cast<double>(spec.rank)) : 1.0;
    return {taken.empty() ? trained : convertToLora(trained, taken),
            {own ? spec.model : untouched.string(), spec.rank * factor,
             spec.alpha * root * static_cast<double>(factor), false, &files, spec.dropout}};
}

WeightProvider trainedWeights(const RunSummary& run, const StoredState& state,
                              std::shared_ptr<const ModelFiles> files)
{
    const auto trained = std::make_shared<const SafetensorsFile>(
        SafetensorsFile::open(state.directory / kStateTensors));
    const bool rounded = run.spec.dtype == BaseDType::BFloat16;
    return [trained, rounded, files = std::move(files),
            directory = state.directory](const std::string& name) {
        const TensorView* stored = files->find(name);
        const TensorView* view = trained->find(name);
        if (view == nullptr) {
            return rounded && stored != nullptr ? loadWeight(*files, name, at::kBFloat16)
                                                : at::Tensor();
        }
        if (stored != nullptr && !files->isFourBit() && stored->shape != view->shape) {
            throw Error(ErrorKind::Format,
                        fmt::format("{}: belongs to another run ({})", shownPath(directory), name));
        }
        at::Tensor weight = tensorOver(*view).clone();
        requireIntact(
            trained->file()->bytes().data()); // or zeros would be written, and found equal
        return weight;
    };
}

std::unique_ptr<Decoder> openWith(const std::shared_ptr<const ModelFiles>& files,
                                  const WeightProvider& weights, at::ScalarType type,
                                  at::Device device, const JobContext& job)
{
    WeightPlan plan;
    plan.changes = [](const std::string& /*module*/) { return true; };
    auto decoder = openPlanned(files, type, device, job, plan);
    decoder->trainWeights([](const std::string& /*module*/) { return true; });
    for (Trainable* one : decoder->trainables()) {
        job.throwIfCancelled();
        if (const at::Tensor weight = weights(one->name); weight.defined()) {
            one->value.copy_(weight);
        }
    }
    decoder->refresh();
    return decoder;
}

} // namespace pissarro::core::inline session
