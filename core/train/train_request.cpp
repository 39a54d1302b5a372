// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/regular_file.h"
#include "core/model/base_files.h"
#include "core/run/run_inputs.h"
#include "core/run/run_place.h"
#include "core/session/open_model.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/train/memory_estimate.h"
#include "core/train/train_request_p.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace pissarro::core::inline training {

namespace {

OutputRule outputRule(const TrainRequest& request)
{
    resolveModel(request.spec.model); // one that is not there is told of before its places
    return request.output.with(readPlaces(request.spec));
}

} // namespace

void checkRequest(const TrainRequest& request)
{
    const std::vector<Method> methods = methodsOf(request);
    for (auto twin = methods.begin() + 1; twin != methods.end(); ++twin) {
        if (std::find(methods.begin(), twin, *twin) != twin) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("the twin {} is the run's own method or named twice (expected "
                                    "another method)",
                                    methodName(*twin)));
        }
    }
    for (const auto& [method, rate] : request.twinRates) {
        if (std::find(request.twins.begin(), request.twins.end(), method) == request.twins.end()) {
            throw Error(ErrorKind::InvalidArgument,
                        std::string(methodName(method)) + " has a learning rate of its own, "
                            + rateText(rate) + ", and is no twin (expected one that is named)");
        }
    }
    for (const Method method : methods) {
        if (const auto problems = checkSpec(specOf(request, method)); !problems.empty()) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("{} {}", problems.front().key, problems.front().message));
        }
    }
}

void takeModelOfRun(RunSpec& spec)
{
    std::error_code ignored;
    const std::filesystem::path folder(spec.model);
    if (std::filesystem::exists(folder / kRunFile, ignored)) {
        spec.model = weightsOf(spec.model).string();
    } else if (!spec.model.empty() && !holdsModel(folder)) {
        refuseTwins(folder);
    }
}

std::vector<Method> methodsOf(const TrainRequest& request)
{
    std::vector<Method> methods {request.spec.method};
    methods.insert(methods.end(), request.twins.begin(), request.twins.end());
    return methods;
}

RunSpec specOf(const TrainRequest& request, Method method)
{
    RunSpec own = request.spec;
    own.method = method;
    const auto rate = request.twinRates.find(method);
    own.learningRate = rate == request.twinRates.end() ? own.learningRate : rate->second;
    return own;
}

void keepTwinRates(TrainRequest& request)
{
    for (const Method twin : goesOn(request) ? request.twins : std::vector<Method>()) {
        const auto directory = directoryOf(request, twin);
        std::error_code ignored;
        if (std::filesystem::exists(directory / kRunFile, ignored)) {
            request.twinRates.emplace(twin, readRun(directory).spec.learningRate);
        }
    }
}

void takePlaceOfRun(TrainRequest& request, TrainObserver& observer)
{
    if (!goesOn(request)) {
        return;
    }
    const std::filesystem::path folder = request.runDirectory;
    const std::vector<RunSummary> runs = runsOfRequest(folder);
    const bool isOneRun = runs.front().directory == folder;
    if (isOneRun == request.twins.empty()) {
        return;
    }
    if (isOneRun) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("{}: is the run of {} alone, and twins have folders of their own in "
                        "one of theirs; leave out the twins to go on with it, or choose "
                        "another run folder",
                        shownPath(folder), methodTitle(runs.front().spec.method)));
    }
    const std::filesystem::path own = folder / std::string(methodName(request.spec.method));
    const auto found = std::find_if(runs.begin(), runs.end(),
                                    [&](const RunSummary& run) { return run.directory == own; });
    if (found == runs.end()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: holds no run of {} to go on with (expected it in {}); go on "
                                "with the one in {} by naming that folder, or leave out --resume "
                                "and choose another run folder",
                                shownPath(folder), methodTitle(request.spec.method), shownPath(own),
                                shownPath(runs.front().directory)));
    }
    request.runDirectory = own;
    observer.message(fmt::format("goes on with the run in {}", shownPath(own)));
}

std::filesystem::path directoryOf(const TrainRequest& request, Method method)
{
    return request.twins.empty() ? request.runDirectory
                                 : request.runDirectory / std::string(methodName(method));
}

bool goesOn(const TrainRequest& request)
{
    return request.resume && !runsOfRequest(request.runDirectory).empty();
}

std::filesystem::path modelPathOf(const TrainRequest& request)
{
    auto runs = request.resume ? runsOfRequest(request.runDirectory) : std::vector<RunSummary>();
    if (runs.empty()) {
        return resolveModel(request.spec.model);
    }
    runs.front().spec.model = request.spec.model;
    return modelPathOf(runs.front());
}

std::string timeOfRun(const TrainRequest& request)
{
    for (const RunSummary& run :
         request.resume ? runsOfRequest(request.runDirectory) : std::vector<RunSummary>()) {
        if (!run.inputs.now.empty()) {
            return run.inputs.now;
        }
    }
    const std::time_t now = std::time(nullptr);
    std::tm parts {};
    ::localtime_r(&now, &parts);
    std::array<char, 32> text {};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    return {text.data(), size};
}

void requireDataOf(const TrainRequest& request)
{
    const bool ready = !request.spec.batches.empty();
    const std::string& data = ready ? request.spec.batches : request.spec.data;
    if (!request.resume || pathExists(data)) {
        return;
    }
    const std::vector<RunSummary> runs = runsOfRequest(request.runDirectory);
    if (runs.empty() || !runs.front().inputs.isKnown()
        || data != runs.front().inputs.data.string()) {
        return; // of another place that was named whoever reads there tells
    }
    throw Error(ErrorKind::Io,
                fmt::format("{}: the data that it trained on lay at {} and is not there; name its "
                            "new place with: pissarro-cli train --resume -o RUNDIR {} PATH",
                            shownPath(request.runDirectory), shownPath(data),
                            ready ? "--batches" : "--data"));
}

void checkPlaces(const TrainRequest& request)
{
    if (!goesOn(request)) {
        checkRunDirectory(request.runDirectory, outputRule(request));
    }
}

void claimPlaces(const TrainRequest& request)
{
    const std::vector<Method> methods = methodsOf(request);
    if (!goesOn(request)) {
        claimRunDirectory(request.runDirectory, methods, outputRule(request));
        return;
    }
    for (const Method method : methods) { // a twin that a crash kept from beginning
        if (!std::filesystem::exists(directoryOf(request, method) / kRunFile)) {
            claimRunDirectory(directoryOf(request, method), {method}, outputRule(request));
        }
    }
}

void checkGiven(const TrainRequest& request, const ModelFiles& files, TrainObserver& observer)
{
    const std::string& folder = request.spec.initAdapter;
    if (folder.empty()) {
        return;
    }
    refuseRunAsAdapter(folder);
    const PeftAdapter given = readPeftAdapter(folder, files, [&](std::string_view line) {
        observer.message(fmt::format("warning: {}", line));
    });
    if (!given.takenStart.empty()) {
        throw Error(
            ErrorKind::Format,
            fmt::format("{}: has init_lora_weights \"{}\": its factors belong on a base that was "
                        "reduced, and PEFT reduces it anew when it loads them (expected "
                        "true); train on that residual base, or save the adapter with PEFT's "
                        "path_initial_model_for_weight_conversion",
                        folder, given.initLoraWeights));
    }
    if (given.dropout > 0.0 && given.dropout != request.spec.dropout) {
        observer.message(
            fmt::format("warning: {}: lora_dropout {} is not applied: this training has "
                        "--dropout {}",
                        folder, numberText(given.dropout), numberText(request.spec.dropout)));
    }
}

void requireTrainable(const ModelFiles& files, TrainObserver& observer)
{
    const ModelConfig& config = files.config();
    if (config.bidirectional && config.head.kind != HeadKind::Sequence) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: is an encoder ({}) without a head that sorts texts (expected "
                                "one to train); give it a new one: --labels with the number of "
                                "classes or their names, 1 for a number",
                                shownPath(files.path()), config.architecture));
    }
    std::string drawn;
    for (const std::string& module : files.drawnModules()) {
        drawn += (drawn.empty() ? "" : ", ") + module;
    }
    if (!drawn.empty()) {
        observer.message(fmt::format("new, with numbers drawn by the seed: {}", drawn));
    }
}

void tellOfDisk(const TrainRequest& request, const ModelFiles& files, std::int64_t steps,
                TrainObserver& observer)
{
    const std::int64_t needed = estimateDisk(files, request.spec, request.twins, steps).total();
    const std::int64_t free = freeDiskBytes(request.runDirectory);
    if (free >= 0 && needed > free) {
        observer.message(fmt::format(
            "{}: the run will need about {} on disk, {} are free: make room, "
            "or keep fewer checkpoints",
            request.runDirectory.string(), bytesText(static_cast<std::uint64_t>(needed)),
            bytesText(static_cast<std::uint64_t>(free))));
    }
}

} // namespace pissarro::core::inline training
