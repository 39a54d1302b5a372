// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_inputs.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/cache.h"
#include "core/file/fingerprint.h"
#include "core/file/json_file.h"
#include "core/file/regular_file.h"
#include "core/format/safetensors.h"
#include "core/model/base_files.h"
#include "core/model/model_files.h"
#include "core/run/run_directory.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/said.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;

FileMark markOf(const fs::path& path)
{
    const auto file = MappedFile::open(path);
    return {path.filename().string(), std::string(),
            static_cast<std::int64_t>(file->bytes().size()), file->modifiedNs(), file->changedNs()};
}

bool isUnchanged(const FileMark& then, const FileMark& now)
{
    return then.name == now.name && then.sizeBytes == now.sizeBytes
        && then.modifiedNs == now.modifiedNs && then.changedNs == now.changedNs;
}

// A write within the clock's grain of the last one leaves the same times.
bool isSettled(const FileMark& mark)
{
    using namespace std::chrono;
    const nanoseconds now = system_clock::now().time_since_epoch();
    return now - nanoseconds(mark.changedNs) > 2s;
}

// fileFingerprint(), kept for the next time: a model that was copied is read once, not at every start.
std::string keptFingerprint(const fs::path& path, const FileMark& mark, const JobContext& job)
{
    constexpr int kVersion = 1;
    constexpr const char* kKey = "fingerprint";
    const Cache cache("fingerprints", kVersion);
    std::error_code failed;
    const fs::path real = fs::canonical(path, failed);
    const fs::path entry =
        cache.fileOf({(failed ? path : real).string(),
                      fmt::format("{} {} {}", mark.sizeBytes, mark.modifiedNs, mark.changedNs)});
    if (cache.isOn() && pathExists(entry)) {
        try {
            const auto metadata = SafetensorsFile::open(entry).metadata();
            if (const auto found = metadata.find(kKey); found != metadata.end()) {
                cache.touch(entry);
                return found->second;
            }
        } catch (const Error&) { // of a full disk
        }
    }
    std::string print = fileFingerprint(path, job);
    if (isSettled(mark) && isUnchanged(mark, markOf(path))) {
        cache.keep(entry, [&](const fs::path& file) {
            SafetensorsWriter(file, {}, {{kKey, print}}).commit();
        });
    }
    return print;
}

// The files that hold the model's weights, as ModelFiles opens them: a single file goes before an index.
std::vector<fs::path> weightFiles(const fs::path& model)
{
    const fs::path single = model / "model.safetensors";
    std::error_code ignored;
    if (!fs::is_directory(model, ignored)) {
        return {model}; // a GGUF
    }
    if (fs::exists(single, ignored)) {
        return {single};
    }
    std::set<std::string> shards;
    const nlohmann::json index = readJsonFile(model / "model.safetensors.index.json");
    for (const auto& [weight, shard] : index.at("weight_map").items()) {
        if (auto name = jsonAs<std::string>(shard)) { // ModelFiles has refused what is none
            shards.insert(std::move(*name));
        }
    }
    std::vector<fs::path> files;
    std::transform(shards.begin(), shards.end(), std::back_inserter(files),
                   [&](const std::string& shard) { return model / shard; });
    return files;
}

std::string configFingerprint(const ModelFiles& files)
{
    return files.isGguf() ? std::string() : fileFingerprint(files.path() / kConfigFile);
}

void makeAbsolute(std::string& path)
{
    if (!path.empty() && pathExists(path)) {
        path = fs::absolute(path).lexically_normal().string();
    }
}

// Of both lists, in the order of `then`; the first name whose content is another or that only one of them has.
std::optional<std::string> changedFile(const std::vector<FileMark>& then,
                                       const std::vector<FileMark>& now)
{
    const auto in = [](const std::vector<FileMark>& marks, const std::string& name) {
        return std::find_if(marks.begin(), marks.end(),
                            [&](const FileMark& mark) { return mark.name == name; });
    };
    if (then.size() == 1 && now.size() == 1) { // a single file may have been renamed
        return then[0].fingerprint == now[0].fingerprint ? std::nullopt
                                                         : std::optional(now[0].name);
    }
    for (const FileMark& mark : then) {
        const auto found = in(now, mark.name);
        if (found == now.end() || found->fingerprint != mark.fingerprint) {
            return mark.name;
        }
    }
    for (const FileMark& mark : now) {
        if (in(then, mark.name) == then.end()) {
            return mark.name;
        }
    }
    return std::nullopt;
}

// What a run that read none kept is not compared.
std::string tokenizerNow(const RunSummary& run, const fs::path& model)
{
    return run.inputs.tokenizer.empty() ? std::string() : tokenizerFingerprint(model);
}

void refuseChanges(const RunSummary& run, const RunInputs& now)
{
    const auto changes = inputChanges(run.inputs, now);
    if (!changes.empty()) {
        throw Error(ErrorKind::Format,
                    shownPath(run.directory) + ": " + changes.front()
                        + " since the run trained on it; put the old one back");
    }
}

std::string countsOf(const RunInputs& inputs)
{
    return fmt::format("{}{}", inputs.exampleCount,
                       inputs.heldCount > 0 ? fmt::format(" and {} held out", inputs.heldCount)
                                            : std::string());
}

} // namespace

RunInputs inputsOf(const ModelFiles& files, RunInputs data, const JobContext& job)
{
    RunInputs inputs = std::move(data);
    inputs.model = files.path();
    for (const fs::path& file : weightFiles(files.path())) {
        job.checkpoint(-1, PISSARRO_SAID("pissarro::core", "Reading the weights' fingerprints"));
        FileMark mark = markOf(file);
        mark.fingerprint = fileFingerprint(file, job);
        inputs.weights.push_back(std::move(mark));
    }
    inputs.config = configFingerprint(files);
    return inputs;
}

std::string tokenizerFingerprint(const fs::path& model)
{
    Fingerprint print;
    bool some = false;
    for (const std::string& name : tokenizerFileNames()) {
        const fs::path file = model / name;
        if (pathExists(file)) {
            print.add(name);
            print.add(fileFingerprint(file));
            some = true;
        }
    }
    return some ? print.text() : std::string();
}

std::vector<std::string> inputChanges(const RunInputs& then, const RunInputs& now)
{
    std::vector<std::string> changes;
    if (!then.isKnown()) {
        return changes;
    }
    if (const auto file = changedFile(then.weights, now.weights)) {
        changes.push_back(
            "the model's weights changed: "
            + shownPath(now.model.extension() == ".gguf" ? now.model : now.model / *file));
    }
    if (then.config != now.config) {
        changes.push_back("the model's configuration changed: "
                          + shownPath(now.model / kConfigFile));
    }
    const bool tokenizer = then.tokenizer != now.tokenizer;
    if (then.examples != now.examples) {
        changes.push_back((tokenizer ? "the tokenizer of " + shownPath(now.model) + " changed, and"
                                     : std::string("the data changed:"))
                          + " " + shownPath(now.data) + " gives other tokens (" + countsOf(now)
                          + " examples now, " + countsOf(then) + " then)");
    } else if (tokenizer) { // these examples are the same, what is typed may not be
        changes.push_back("the tokenizer of " + shownPath(now.model) + " changed");
    }
    return changes;
}

void makePathsAbsolute(RunSpec& spec)
{
    for (std::string* path :
         {&spec.model, &spec.data, &spec.batches, &spec.initAdapter, &spec.evalTaskData}) {
        makeAbsolute(*path);
    }
}

fs::path modelPathOf(const RunSummary& run)
{
    try {
        return resolveModel(run.spec.model);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Io || !run.inputs.isKnown()) {
            throw;
        }
        throw Error(ErrorKind::Io,
                    shownPath(run.directory) + ": the model that it trained on lay at "
                        + shownPath(run.inputs.model)
                        + " and is not there; name its new place with: pissarro-cli train "
                          "--resume -o RUNDIR --model PATH");
    }
}

void requireSameModel(const RunSummary& run, const ModelFiles& files, const JobContext& job)
{
    if (!run.inputs.isKnown()) {
        return;
    }
    RunInputs now;
    now.model = files.path();
    for (const fs::path& file : weightFiles(files.path())) {
        job.throwIfCancelled();
        FileMark mark = markOf(file);
        const auto& then = run.inputs.weights;
        const auto same = std::find_if(then.begin(), then.end(),
                                       [&](const FileMark& one) { return isUnchanged(one, mark); });
        mark.fingerprint =
            same != then.end() ? same->fingerprint : keptFingerprint(file, mark, job);
        now.weights.push_back(std::move(mark));
    }
    now.config = configFingerprint(files);
    now.tokenizer = tokenizerNow(run, files.path());
    now.examples = run.inputs.examples;
    refuseChanges(run, now);
}

void requireSameTokenizer(const RunSummary& run, const fs::path& model)
{
    RunInputs now = run.inputs;
    now.model = model;
    now.tokenizer = tokenizerNow(run, model);
    refuseChanges(run, now);
}

} // namespace pissarro::core::inline run
