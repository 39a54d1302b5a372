// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/update_map.h"

#include "core/base/error.h"
#include "core/compare/update_source_tensors.h"
#include "core/format/peft_config.h"
#include "core/linalg/factor_cache_tensors.h"
#include "core/linalg/gram_tensors.h"
#include "core/model/base_files.h"
#include "core/model/provenance.h"
#include "core/session/open_model.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/guarded.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/text/message_text.h"
#include "core/text/said.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <set>

namespace pissarro::core::inline compare {

namespace {

namespace fs = std::filesystem;

constexpr const char* kStage = PISSARRO_SAID("pissarro::core", "Comparing with the start");

// What a matrix is compared with, made once for all of its states. float64; undefined: there is none.
struct Surroundings {
    double norm = ModuleUpdate::kUnknown; // ||W||_F
    double startError = ModuleUpdate::kUnknown;
    at::Tensor baseOut_OK;
    at::Tensor baseIn_IK;
    at::Tensor startOut_OR;
    at::Tensor startIn_IR;
};

at::Tensor basisOf(const at::Tensor& columns_NR)
{
    return columns_NR.any().item<bool>() ? std::get<0>(at::linalg_qr(columns_NR)) : at::Tensor();
}

void lookAtBase(Surroundings& around, const LinearModule& module, const UpdateSource& source,
                std::int64_t directions, const JobContext& job)
{
    const std::string name = module.name + ".weight";
    const at::Tensor w_OI = loadWeight(*source.untouched, name, at::kFloat, job);
    const double norm = std::sqrt(squaredNorm(w_OI));
    if (norm == 0.0) {
        return;
    }
    around.norm = norm;
    const TruncatedSvd leading =
        FactorCache().exactSvd(w_OI, std::min(directions, module.smallerSide()), 0, c10::kCPU, job);
    around.baseOut_OK = leading.u_OR.to(at::kDouble);
    around.baseIn_IK = leading.v_IR.to(at::kDouble);
    if (const Adapter* start = source.startOf(module.name); source.isFourBit && start != nullptr) {
        const Change begun = changeBetween(*start, nullptr);
        const at::Tensor error = loadWeight(*source.trainedOn, name, at::kDouble, job)
                                     .add_(begun.b_OQ.mm(begun.a_QI))
                                     .sub_(w_OI);
        around.startError = std::sqrt(squaredNorm(error)) / norm;
    }
}

Surroundings surroundingsOf(const LinearModule& module, const UpdateSource& source,
                            std::int64_t directions, const JobContext& job)
{
    Surroundings around;
    if (const Adapter* start = source.startOf(module.name)) {
        const Change begun = changeBetween(*start, nullptr);
        around.startOut_OR = basisOf(begun.b_OQ);
        around.startIn_IR = basisOf(begun.a_QI.t());
    }
    if (source.untouched) {
        lookAtBase(around, module, source, directions, job);
    }
    return around;
}

std::vector<double> cosines(const at::Tensor& with_NK, const at::Tensor& leading_NR)
{
    return with_NK.defined() ? principalCosines(with_NK, leading_NR) : std::vector<double>();
}

ModuleUpdate measured(const LinearModule& module, const Change& change, const Surroundings& around,
                      std::int64_t directions, const JobContext& job)
{
    const TruncatedSvd svd = tripletsOf(change, directions, job);
    ModuleUpdate update;
    update.module = module;
    update.delta = spectrumOf(module, svd.s_R);
    update.relativeNorm = update.norm() / around.norm; // NaN where that is not known
    update.startError = around.startError;
    const std::int64_t count = std::min(directions, directionsOf(svd));
    if (count > 0) {
        const at::Tensor u_OR = svd.u_OR.narrow(1, 0, count);
        const at::Tensor v_IR = svd.v_IR.narrow(1, 0, count);
        update.toStart = {cosines(around.startOut_OR, u_OR), cosines(around.startIn_IR, v_IR)};
        update.toBase = {cosines(around.baseOut_OK, u_OR), cosines(around.baseIn_IK, v_IR)};
    }
    return update;
}

// The matrices that trained, of those asked for.
std::vector<LinearModule> modulesOf(const UpdateSource& source,
                                    const std::vector<std::string>& globs,
                                    const std::vector<std::string>& targets)
{
    std::set<std::string> trained;
    for (const Adapter& one : source.start) {
        trained.insert(one.module);
    }
    if (source.start.empty()) {
        for (const LinearModule& one : selectModules(*source.trainedOn, targets)) {
            trained.insert(one.name);
        }
    }
    std::vector<LinearModule> modules = selectModules(*source.trainedOn, globs);
    std::erase_if(modules, [&](const LinearModule& one) { return !trained.contains(one.name); });
    if (modules.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    "none of the modules asked for trained; name others, or none for all of them");
    }
    return modules;
}

std::int64_t rankOf(const UpdateSource& source, const std::string& module)
{
    const Adapter* start = source.startOf(module);
    return start == nullptr ? 0 : start->rank();
}

// Every state with its modules, before one is measured.
void frame(RunUpdate& update, const std::vector<LinearModule>& modules, const UpdateSource& source)
{
    for (StateUpdate& state : update.states) {
        for (const LinearModule& module : modules) {
            ModuleUpdate one;
            one.module = module;
            one.rank = rankOf(source, module.name);
            state.modules.push_back(std::move(one));
        }
    }
}

std::vector<StoredState> statesOf(const RunSummary& run, const StoredState& usual, bool every)
{
    std::vector<StoredState> states;
    if (every) {
        states = storedStates(run);
        std::reverse(states.begin(), states.end());
    }
    if (states.empty()) {
        states.push_back(usual);
    }
    return states;
}

} // namespace

const StateUpdate& RunUpdate::usual() const
{
    const auto found = std::find_if(states.begin(), states.end(),
                                    [](const StateUpdate& one) { return one.isUsual; });
    return found == states.end() ? states.back() : *found;
}

RunUpdate updateOfRun(const RunSummary& run, const UpdateMapOptions& options, const JobContext& job,
                      UpdateObserver* observer)
{
    RunUpdate result;
    result.path = run.directory;
    guarded("update of " + shownPath(run.directory), [&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads;
        const UpdateSource source = sourceOf(run, options.withBase, job);
        const StoredState usual = stateOf(run, {});
        std::vector<StateReader> readers;
        for (const StoredState& state : statesOf(run, usual, options.everyState)) {
            readers.emplace_back(run, state, source);
            result.states.push_back({state.step, state.title(), state.step == usual.step, {}});
        }
        const auto modules = modulesOf(source, options.modules, run.spec.targets);
        frame(result, modules, source);
        if (observer != nullptr) {
            observer->begun(result);
        }
        forEachInParallel(
            static_cast<std::int64_t>(modules.size()), {job, kStage},
            [&](std::int64_t i) {
                const LinearModule& module = modules[static_cast<std::size_t>(i)];
                const Surroundings around = surroundingsOf(module, source, options.directions, job);
                std::vector<ModuleUpdate> updates;
                for (const StateReader& reader : readers) {
                    updates.push_back(measured(module, reader.changeOf(module, source, job), around,
                                               options.directions, job));
                    updates.back().rank = rankOf(source, module.name);
                }
                return updates;
            },
            [&](std::int64_t i, std::vector<ModuleUpdate> updates) {
                if (observer != nullptr) {
                    observer->measured(static_cast<std::size_t>(i), updates);
                }
                for (std::size_t s = 0; s < updates.size(); ++s) {
                    result.states[s].modules[static_cast<std::size_t>(i)] = std::move(updates[s]);
                }
            });
        result.notes = source.notes;
    });
    return result;
}

namespace {

// The adapter of a folder and the base that it is on: of a pair <method>_ft on the folder itself.
struct PairPlaces {
    fs::path adapter;
    fs::path base;
};

std::optional<PairPlaces> placesOf(const fs::path& folder)
{
    if (holdsAdapter(folder)) {
        return PairPlaces {folder, {}};
    }
    const auto trained = trainedFactorsIn(folder);
    return trained ? std::optional(PairPlaces {*trained, folder}) : std::nullopt;
}

// The base that an adapter names, beside it where it is the pair's own that was moved.
fs::path baseNamedBy(const fs::path& adapter)
{
    const fs::path above = fs::absolute(adapter).lexically_normal().parent_path();
    if (holdsModel(above)) {
        return above;
    }
    const auto text = readWholeFile(adapter / kAdapterConfigFile, 1U << 20);
    try {
        return resolveModel(peftConfigFromJson(text, peftForms()).baseModel);
    } catch (const Error& e) {
        throw e.withinOnce(shownPath(adapter));
    }
}

UpdateSource sourceOf(const PairPlaces& places, bool withBase)
{
    UpdateSource source;
    source.trainedOn =
        ModelFiles::open(places.base.empty() ? baseNamedBy(places.adapter) : places.base);
    source.isFourBit = source.trainedOn->isFourBit();
    if (const auto made = factorsMadeWith(source.trainedOn->path())) {
        source.start = readPeftAdapter(*made, *source.trainedOn).adapters;
    }
    if (withBase) {
        const auto untouched = sourceModelOf(source.trainedOn->path());
        try {
            source.untouched = untouched ? ModelFiles::open(*untouched) : source.trainedOn;
        } catch (const Error& e) {
            source.notes.push_back("Changes are not told relative to the model's weights: "
                                   + std::string(e.what()));
        }
    }
    return source;
}

} // namespace

bool isPairOrAdapter(const fs::path& folder)
{
    return placesOf(folder).has_value();
}

RunUpdate updateOfPair(const fs::path& folder, const UpdateMapOptions& options,
                       const JobContext& job)
{
    RunUpdate result;
    result.path = folder;
    guarded("update of " + shownPath(folder), [&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads;
        const auto places = placesOf(folder);
        if (!places) {
            throw Error(ErrorKind::Io,
                        shownPath(folder)
                            + ": holds no adapter (expected adapter_config.json, or the pair that "
                              "export --as pair writes)");
        }
        UpdateSource source = sourceOf(*places, options.withBase);
        const PeftAdapter trained = readPeftAdapter(places->adapter, *source.trainedOn);
        if (source.start.empty()) { // it began at nothing
            for (Adapter& one : source.start = asFactors(trained.adapters)) {
                one.b_OR = at::zeros_like(one.b_OR);
            }
        }
        const auto modules = modulesOf(source, options.modules, {});
        StateUpdate state {0, "as stored", true, {}};
        state.modules.resize(modules.size());
        std::map<std::string, const Adapter*> byModule;
        for (const Adapter& one : trained.adapters) {
            byModule.emplace(one.module, &one);
        }
        forEachInParallel(
            static_cast<std::int64_t>(modules.size()), {job, kStage},
            [&](std::int64_t i) {
                const LinearModule& module = modules[static_cast<std::size_t>(i)];
                const auto found = byModule.find(module.name);
                if (found == byModule.end()) {
                    throw Error(ErrorKind::Format,
                                shownPath(places->adapter) + ": has no factors of " + module.name
                                    + ", which its base was made with");
                }
                const auto frozen = [&] {
                    return loadWeight(*source.trainedOn, module.name + ".weight", at::kDouble, job);
                };
                const Change change = changeOn(frozen, *found->second, source.startOf(module.name));
                ModuleUpdate update = measured(
                    module, change, surroundingsOf(module, source, options.directions, job),
                    options.directions, job);
                update.rank = found->second->rank();
                return update;
            },
            [&](std::int64_t i, ModuleUpdate update) {
                state.modules[static_cast<std::size_t>(i)] = std::move(update);
            });
        result.states.push_back(std::move(state));
        result.notes = source.notes;
    });
    return result;
}

std::vector<SpectraBesides>
spectraOf(const RunSummary& run, const std::vector<std::string>& modules, const JobContext& job)
{
    std::vector<SpectraBesides> all;
    guarded("spectra of " + shownPath(run.directory), [&] {
        const c10::NoGradGuard noGrad;
        const ThreadBudget threads;
        const UpdateSource source = sourceOf(run, /*withBase=*/false, job);
        const StateReader reader(run, stateOf(run, {}), source);
        for (const LinearModule& module : modulesOf(source, modules, run.spec.targets)) {
            job.throwIfCancelled();
            all.push_back(spectraBesides(module, source, reader, job));
        }
    });
    return all;
}

} // namespace pissarro::core::inline compare
