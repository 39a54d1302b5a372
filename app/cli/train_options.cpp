// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/train_options.h"

#include "app/cli/field_options.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/model/rank_pattern.h"
#include "core/run/run_place.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

namespace pissarro::cli {

namespace {

namespace fs = std::filesystem;
using core::Method;
using core::RunSpec;

constexpr std::uint64_t kLargestRunFile = 16ULL << 20;

// "SmolLM2-135M-Instruct-pissa-20261124-134154" below the folder of all runs.
fs::path freshRunDirectory(const RunSpec& spec)
{
    const std::time_t now = std::time(nullptr);
    std::tm local {};
    localtime_r(&now, &local);
    std::array<char, 32> stamp {};
    std::strftime(stamp.data(), stamp.size(), "%Y%m%d-%H%M%S", &local);
    fs::path model = fs::path(spec.model).lexically_normal();
    if (!model.has_filename()) { // "models/smol/"
        model = model.parent_path();
    }
    std::string name =
        model.extension() == ".gguf" ? model.stem().string() : model.filename().string();
    name += fmt::format("-{}-{}", core::methodName(spec.method), stamp.data());
    fs::path directory = core::defaultRunRoot() / name;
    for (int i = 2; fs::exists(directory); ++i) {
        directory = core::defaultRunRoot() / fmt::format("{}-{}", name, i);
    }
    return directory;
}

} // namespace

void TrainOptions::addTo(CLI::App& verb)
{
    verb.add_option("RUN.json", m_runFile, "spec of a run; flags replace what it says");
    const RunSpec standard;
    for (const core::SpecField& field : core::specFields()) {
        if (verb.get_option_no_throw(field.flag) != nullptr) { // a rank map is two settings
            continue;
        }
        addField(verb, field, field.get(standard),
                 [this, &field](const core::FieldValue& value) { take(field, value); });
        if (field.key == "method") {
            addTexts(verb, "--twin", m_twins,
                     "a method to train beside it on the same batches; may be repeated")
                ->check(CLI::IsMember(methodNames()));
        }
    }
    verb.get_option("--batches")->excludes(verb.get_option("--data"));
    CLI::Option* steps = verb.get_option("--steps");
    steps->default_str("by --epochs");
    verb.get_option("--epochs")->excludes(steps);
    verb.add_flag("--resume", m_resume,
                  "go on from the newest checkpoint in RUNDIR; --steps or --epochs lengthen it");
    verb.add_flag("--restart", m_restart,
                  "with --resume: a run without a checkpoint begins anew, its records kept aside");
    addTexts(verb, "--twin-lr", m_twinRates,
             "a learning rate of the twin's own; find: by a short ramp before the start")
        ->type_name("METHOD=RATE");
    addOutput(verb, m_output,
              "run directory; with twins one folder per method in it; default: a fresh one in "
              "$XDG_DATA_HOME/pissarro/runs");
    addJson(verb, m_json);
}

// Keeps what the line says of a setting: RUN.json, which it replaces, is read later.
void TrainOptions::take(const core::SpecField& field, const core::FieldValue& value)
{
    RunSpec probe;
    const core::FieldValue standard = field.get(probe);
    if (std::holds_alternative<std::vector<std::string>>(standard)) {
        m_texts[&field].push_back(std::get<std::string>(value));
    } else if (std::holds_alternative<core::PatternValues<std::int64_t>>(standard)) {
        m_rankMap = std::get<std::string>(value);
    } else if (field.set(probe, value)) {
        m_given.emplace_back(&field, value);
    } else {
        refuseValue(field, value);
    }
}

namespace {

// A model or a run in the place of RUN.json. Throws: core::Error.
void refuseFolder(const std::string& named)
{
    const std::filesystem::path folder(named);
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored)) {
        return;
    }
    const bool isRun = std::filesystem::exists(folder / core::kRunFile, ignored);
    throw core::Error(
        core::ErrorKind::InvalidArgument,
        fmt::format("{}: is a folder (expected RUN.json, the spec of a run); {}", named,
                    isRun ? fmt::format("go on with this run by --resume -o {}, or train "
                                        "as it did by naming {} in it and another -o",
                                        named, core::kRunFile)
                          : "name the model with --model"));
}

} // namespace

// The spec that the flags change: RUN.json's, or the run's own when it is resumed without one.
void TrainOptions::startFromFiles(core::TrainRequest& request) const
{
    if (!m_runFile.empty()) {
        refuseFolder(m_runFile);
        try {
            request.spec = core::specFromJson(core::readWholeFile(m_runFile, kLargestRunFile));
        } catch (const core::Error& error) {
            throw error.kind() == core::ErrorKind::Io ? error : error.within(m_runFile);
        }
        return;
    }
    if (!m_resume) {
        return;
    }
    const std::vector<core::RunSummary> runs = core::runsOfRequest(m_output.path);
    if (runs.empty()) {
        throw core::Error(
            core::ErrorKind::Io,
            fmt::format("{}: holds no run (expected run.json in it or in a folder named after a "
                        "method); leave out --resume to start one",
                        m_output.path));
    }
    request.spec = runs.front().spec;
    for (std::size_t twin = 1; twin < runs.size(); ++twin) {
        request.twins.push_back(runs[twin].spec.method);
    }
}

void TrainOptions::applyTo(RunSpec& spec, const Session& session) const
{
    for (const auto& [field, value] : m_given) {
        field->set(spec, value);
    }
    for (const auto& [field, texts] : m_texts) {
        field->set(spec, splitPatterns(texts));
    }
    if (session.given("--epochs")) { // they count, whatever steps a RUN.json names
        spec.steps = 0;
    }
    if (!m_rankMap.empty()) {
        spec.patterns = core::readRankPatterns(m_rankMap);
    }
    if (session.given("--data")) { // a source on the line replaces the one of RUN.json
        spec.batches.clear();
    } else if (session.given("--batches")) {
        spec.data.clear();
    }
}

core::TrainRequest TrainOptions::request(Session& session) const
{
    core::TrainRequest request;
    request.resume = m_resume;
    request.restart = m_restart;
    if (m_restart && !m_resume) {
        throw UsageError("--restart belongs to --resume");
    }
    request.runDirectory = m_output.path;
    // With --force an earlier run goes, and its spec with it.
    const bool ownSpec = !m_output.force && core::isOwnSpec(m_runFile, m_output.path);
    request.output = m_output.rule({ownSpec ? std::string() : m_runFile, m_rankMap});
    if (m_resume && m_output.path.empty()) {
        throw UsageError("--resume needs the run directory: -o RUNDIR");
    }
    if (m_resume && m_output.force) {
        throw UsageError("--resume and --force cannot be used together: one goes on with the run, "
                         "the other replaces it");
    }
    startFromFiles(request);
    applyTo(request.spec, session);
    if (!m_twins.empty()) {
        request.twins.clear();
    }
    for (const std::string& name : m_twins) {
        const Method twin = core::methodNamed(name);
        if (twin == request.spec.method
            || std::count(request.twins.begin(), request.twins.end(), twin) > 0) {
            throw UsageError(
                fmt::format("--twin {}: that method trains already; name another one", name));
        }
        request.twins.push_back(twin);
    }
    takeTwinRates(request);
    check(request.spec, session);
    warnUnused(request, session);
    if (request.runDirectory.empty()) {
        request.runDirectory = freshRunDirectory(request.spec);
    }
    return request;
}

namespace {

constexpr std::string_view kFind = "find";

// "lora=2e-4" in its two halves. Throws: UsageError
std::pair<Method, std::string> halvesOf(const std::string& text)
{
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos) {
        throw UsageError("--twin-lr " + text + ": expected METHOD=RATE or METHOD=find");
    }
    try {
        return {core::methodNamed(text.substr(0, sign)), text.substr(sign + 1)};
    } catch (const core::Error& error) {
        throw UsageError("--twin-lr " + text + ": " + error.what());
    }
}

} // namespace

void TrainOptions::takeTwinRates(core::TrainRequest& request) const
{
    for (const std::string& text : m_twinRates) {
        const auto [twin, rate] = halvesOf(text);
        if (std::count(request.twins.begin(), request.twins.end(), twin) == 0) {
            throw UsageError("--twin-lr " + text + ": no twin of that method; name it with --twin");
        }
        if (rate == kFind) {
            continue;
        }
        const auto value = core::numberIn<double>(rate);
        if (!value || !(*value > 0.0)) {
            throw UsageError("--twin-lr " + text + ": expected a rate above 0, or find");
        }
        request.twinRates[twin] = *value;
    }
}

std::vector<Method> TrainOptions::rampedTwins() const
{
    std::vector<Method> twins;
    for (const std::string& text : m_twinRates) {
        if (const auto [twin, rate] = halvesOf(text); rate == kFind) {
            twins.push_back(twin);
        }
    }
    return twins;
}

// A value from the command line is wrong usage, one from a file is bad input.
void TrainOptions::check(const RunSpec& spec, const Session& session) const
{
    const std::vector<core::SpecProblem> problems = core::checkSpec(spec);
    if (problems.empty()) {
        return;
    }
    const core::SpecProblem& problem = problems.front();
    const std::string& flag = core::specField(problem.key).flag;
    if (!m_runFile.empty() && !session.given(flag)) {
        throw core::Error(core::ErrorKind::InvalidArgument,
                          fmt::format("{}: {} {}", m_runFile, problem.key, problem.message));
    }
    throw UsageError(fmt::format("{} {}", flag, problem.message));
}

void TrainOptions::warnUnused(const core::TrainRequest& request, Session& session)
{
    core::SpecUse use {request.spec, request.twins};
    use.methods.push_back(request.spec.method);
    for (const core::SpecField& field : core::specFields()) {
        if (field.applies && session.given(field.flag) && !field.applies(use)) {
            session.console.warning(
                fmt::format("{} has no meaning here: only {} uses it", field.flag, field.who));
        }
    }
}

} // namespace pissarro::cli
