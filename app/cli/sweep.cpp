// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep_report.h"
#include "app/cli/verb.h"
#include "core/base/allowed_cores.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/file/atomic_file.h"
#include "core/file/output_marker.h"
#include "core/sweep/rank_trials.h"
#include "core/sweep/sweep_evaluation.h"
#include "core/sweep/sweep_rates.h"
#include "core/sweep/sweep_results.h"
#include "core/sweep/sweep_runner.h"
#include "core/sweep/worker_processes.h"
#include "core/text/message_text.h"
#include "core/text/shell_text.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::uint64_t kLargestSweepFile = 16U << 20U;
constexpr std::int64_t kTrialSteps = 30;

struct Options {
    std::string file;
    Output output;
    int workers = 0; // 0: as SWEEP.json says, or the sweep that is there
    int threads = 0;
    bool dryRun = false;
    bool join = false;
    bool pause = false;
    std::vector<std::string> retry;
    bool retryFailed = false;
    std::vector<std::string> skip;
    bool findRates = false;
    bool runCode = false;
    std::string python = "python3";
    std::string tryRanks;
    std::int64_t trialSteps = kTrialSteps;
    bool json = false;
};

core::SweepSpec readSpec(const std::string& file)
{
    try {
        return core::sweepFromJson(core::readWholeFile(file, kLargestSweepFile));
    } catch (const core::Error& error) {
        throw error.kind() == core::ErrorKind::Io ? error : error.within(file);
    }
}

// What is asked for: SWEEP.json, or what the folder holds.
core::SweepSpec specOf(const Options& options)
{
    if (!options.file.empty()) {
        return readSpec(options.file);
    }
    if (options.output.path.empty()) {
        throw UsageError("nothing to do: name SWEEP.json, or with -o a folder that holds a sweep");
    }
    return core::SweepStore(options.output.path).spec();
}

// Before hours of training, not behind them.
void requireConsent(const core::SweepSpec& spec, const Options& options)
{
    const auto& asked = spec.evaluation;
    if (asked && core::evaluatedTask(asked->task).runsCode && !options.runCode) {
        throw UsageError("the sweep asks its runs "
                         + std::string(core::evaluatedTask(asked->task).title)
                         + ", which is scored by running what they wrote, in a sandbox; agree to "
                           "that with --run-code");
    }
}

int workersOf(const Options& options, int otherwise)
{
    return options.workers > 0 ? options.workers : otherwise;
}

// What a person says of the queue.
void giveOrders(core::SweepState& state, const Options& options)
{
    for (const std::string& name : options.skip) {
        core::skipRun(state, name);
    }
    for (const std::string& name : options.retry) {
        core::retryRun(state, name);
    }
    for (core::SweepRun& run : state.runs) {
        if (options.retryFailed && run.state == core::SweepRunState::Failed) {
            core::retryRun(state, run.name);
        }
    }
    state.workers = workersOf(options, state.workers);
    if (!options.join) { // whoever starts a sweep wants it to go
        state.paused = options.pause;
        state.why.clear();
    }
}

// Of a sweep that begins here: everything that would be refused is, before its folder is made or an earlier one goes.
core::SweepForecast foretoldBeginning(const Options& options, const core::SweepSpec& spec,
                                      Session& session)
{
    const core::SweepPlan plan = core::planSweep(spec);
    core::SweepState state = core::freshState(plan, spec.workers);
    giveOrders(state, options);
    if (spec.evaluation && !std::filesystem::exists(spec.evaluation->data)) {
        throw core::Error(core::ErrorKind::Io,
                          fmt::format("eval: {}: is not there (expected the questions that the "
                                      "finished runs are asked)",
                                      core::shownPath(spec.evaluation->data)));
    }
    return core::forecastSweep(plan, workersOf(options, spec.workers), options.output.path,
                               session.job());
}

// A sweep that is open, and what it will cost where it has just begun.
struct OpenSweep {
    core::SweepStore store;
    std::optional<core::SweepForecast> forecast;
};

OpenSweep openSweep(const Options& options, Session& session)
{
    if (options.output.path.empty()) {
        throw UsageError("a sweep needs its folder: -o DIR");
    }
    if (options.file.empty()) {
        return {core::SweepStore(options.output.path), {}};
    }
    const core::SweepSpec spec = readSpec(options.file);
    if (!options.pause && !options.join) { // who joins asks nothing
        requireConsent(spec, options);
    }
    const core::OutputRule rule = options.output.rule({options.file});
    std::optional<core::SweepForecast> forecast;
    if (core::beginsSweep(options.output.path, spec, rule)) {
        forecast = foretoldBeginning(options, spec, session);
    }
    return {core::openSweep(options.output.path, spec, rule), std::move(forecast)};
}

// -- what only looks

ExitCode foretell(const Options& options, Session& session)
{
    const core::SweepSpec spec = specOf(options);
    const core::SweepPlan plan = core::planSweep(spec);
    const core::SweepForecast forecast = core::forecastSweep(plan, workersOf(options, spec.workers),
                                                             options.output.path, session.job());
    if (options.json) {
        session.console.json(forecastJson(plan, forecast));
    } else {
        session.console.result(forecastText(plan, forecast));
    }
    return ExitCode::Done;
}

ExitCode findRates(const Options& options, Session& session)
{
    const core::SweepSpec spec = specOf(options);
    const std::vector<core::RateRamp> ramps = core::rampsOf(core::planSweep(spec), session.job());
    const ordered_json proposed = core::sweepToJson(core::withRates(spec, ramps));
    if (options.json) {
        session.console.json(ratesJson(ramps, proposed));
    } else {
        session.console.result(ratesText(ramps));
    }
    return ExitCode::Done;
}

ExitCode tryRanks(const Options& options, Session& session)
{
    constexpr std::int64_t kLargestRank = 65'536;
    const auto ranks = parseWholeNumbers("--try-ranks", options.tryRanks, 1, kLargestRank);
    const core::SweepPlan plan = core::planSweep(specOf(options));
    const core::RankProposal proposal = core::proposeRank(
        core::tryRanks(plan.runs.front().spec, ranks, options.trialSteps, session.job()));
    if (options.json) {
        session.console.json(ranksJson(proposal));
    } else {
        session.console.result(ranksText(proposal));
    }
    return ExitCode::Done;
}

// -- the work

class SweepPrinter : public core::SweepObserver {
public:
    explicit SweepPrinter(Console& console)
        : m_console(console)
    {
    }

    void stateChanged(const core::SweepState& state) override
    {
        if (const std::string text = core::stateText(state); text != m_said) {
            m_console.message(text);
            m_said = text;
        }
    }
    void runStarted(const core::PlannedRun& run, std::int64_t fromStep) override
    {
        m_console.message(fromStep > 0
                              ? fmt::format("{}: goes on after step {}", run.name, fromStep)
                              : run.name + ": begins");
    }
    void runEnded(const core::SweepRun& run) override
    {
        m_console.message(fmt::format("{}: {} at step {}{}{}", run.name,
                                      core::sweepRunStateName(run.state), run.step,
                                      run.message.empty() ? "" : "; ", run.message));
    }
    void message(std::string_view text) override { m_console.message(text); }

private:
    Console& m_console;
    std::string m_said;
};

bool isFresh(const core::SweepState& state)
{
    return std::none_of(state.runs.begin(), state.runs.end(),
                        [](const core::SweepRun& run) { return run.attempts > 0; });
}

// Count, time and disk before the first run; how many work side by side.
int prepare(const OpenSweep& sweep, const Options& options, Session& session)
{
    const core::SweepStore& store = sweep.store;
    const core::SweepState state = store.read();
    const int asked = options.join ? 1 : state.workers;
    if (options.join || (asked == 1 && !isFresh(state))) {
        return 1;
    }
    const core::SweepForecast forecast = sweep.forecast
        ? *sweep.forecast
        : core::forecastSweep(store.plan(), asked, store.folder(), session.job());
    for (const std::string& warning : forecast.warnings) {
        session.console.warning(warning);
    }
    session.console.message(forecastLine(forecast));
    return std::min(asked, forecast.workersThatFit);
}

std::shared_ptr<core::WorkerProcesses> startOthers(const core::SweepStore& store, int workers,
                                                   int threads)
{
    const std::vector<std::string> command {
        core::thisProgram(),    "sweep", "--join", "--threads", fmt::format("{}", threads), "-o",
        store.folder().string()};
    return std::make_shared<core::WorkerProcesses>(command, workers - 1, store.folder());
}

core::SweepState work(const OpenSweep& sweep, const Options& options, Session& session)
{
    const core::SweepStore& store = sweep.store;
    const int workers = prepare(sweep, options, session);
    core::SweepOptions how;
    how.control = std::make_shared<core::SweepControl>();
    how.threads = options.threads > 0 ? options.threads
        : workers > 1                 ? std::max(1, core::allowedCores() / workers)
                                      : 0;
    const auto others = startOthers(store, workers, std::max(1, how.threads));
    session.interrupt.softenFirst([control = how.control, &console = session.console, others] {
        control->leave(); // first: a message may have to wait for who reads it
        others->askToLeave();
        console.message("leaving; the run at work is kept up to its last whole step (again: at "
                        "once, and goes back to its checkpoint)");
    });
    SweepPrinter printer(session.console);
    core::SweepState state = core::workOn(store, how, printer, session.job());
    others->wait();
    session.interrupt.softenFirst({});
    return options.join ? state : store.read();
}

void evaluateRuns(const core::SweepStore& store, const Options& options, Session& session)
{
    core::EvaluateOptions how;
    how.consent = options.runCode ? core::CodeConsent::Given : core::CodeConsent::NotGiven;
    how.python = options.python;
    how.warn = [&session](std::string_view line) { session.console.warning(line); };
    session.console.message(
        "asking the finished runs "
        + std::string(core::evaluatedTask(store.spec().evaluation->task).title));
    core::evaluateSweep(store, how, session.job());
}

ExitCode codeOf(const core::SweepStore& store, const core::SweepState& state, Session& session)
{
    const std::string goOn =
        "go on with: pissarro-cli sweep -o " + core::shellQuoted(store.folder().string());
    if (session.interrupt.arrived()) {
        session.console.error("interrupted; " + goOn);
        return ExitCode::Interrupted;
    }
    if (state.paused) {
        session.console.error(state.why.empty()
                                  ? fmt::format("{}: is paused; {}", store.folder().string(), goOn)
                                  : state.why);
        return ExitCode::Failed;
    }
    const auto failed =
        std::find_if(state.runs.begin(), state.runs.end(), [](const core::SweepRun& run) {
            return run.state == core::SweepRunState::Failed;
        });
    if (failed != state.runs.end()) {
        session.console.error("run " + failed->name + ": " + failed->message);
        return ExitCode::Failed;
    }
    return ExitCode::Done;
}

ExitCode train(const Options& options, Session& session)
{
    const OpenSweep sweep = openSweep(options, session);
    const core::SweepStore& store = sweep.store;
    if (!options.pause && !options.join) {
        requireConsent(store.spec(), options);
    }
    store.change([&](core::SweepState& state) { giveOrders(state, options); });
    if (options.pause) {
        session.console.result(core::stateText(store.read()) + "; paused\n");
        return ExitCode::Done;
    }
    const core::SweepState state = work(sweep, options, session);
    if (options.join) { // who started the sweep tells of it
        return session.interrupt.arrived() ? ExitCode::Interrupted : ExitCode::Done;
    }
    if (store.spec().evaluation && !state.paused && !session.interrupt.arrived()) {
        evaluateRuns(store, options, session);
    }
    const core::SweepResults results = core::resultsOf(store, core::scoredByEvaluation(store));
    const ordered_json document = core::resultsToJson(results);
    core::writeFileAtomically(store.folder() / "results.json",
                              dumped(core::markedJson(document)) + "\n");
    core::writeFileAtomically(store.folder() / "results.csv", core::resultsToCsv(results));
    if (options.json) {
        session.console.json(document);
    } else {
        session.console.result(resultsText(results));
    }
    return codeOf(store, state, session);
}

ExitCode sweep(const Options& options, Session& session)
{
    const int looks = (options.dryRun ? 1 : 0) + (options.findRates ? 1 : 0)
        + (options.tryRanks.empty() ? 0 : 1) + (options.pause ? 1 : 0) + (options.join ? 1 : 0);
    if (looks > 1) {
        throw UsageError("--dry-run, --find-rates, --try-ranks, --pause and --join exclude each "
                         "other; name one");
    }
    return options.dryRun           ? foretell(options, session)
        : options.findRates         ? findRates(options, session)
        : !options.tryRanks.empty() ? tryRanks(options, session)
                                    : train(options, session);
}

} // namespace

void addSweep(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "sweep", "Train a grid or list of runs through a queue; goes on where it was left",
        "pissarro-cli sweep sweep.json -o sweeps/rates --workers 2",
        [options](Session& session) { return sweep(*options, session); });
    verb.add_option("SWEEP.json", options->file,
                    "base, axes, twins, runs, pair_alpha_with_rank, stop, eval, workers; left out: "
                    "the sweep that -o holds");
    addOutput(verb, options->output, "folder of the sweep");
    addWhole(verb, "--workers", options->workers, {1, core::kMostWorkers},
             "runs at a time; default: as SWEEP.json says")
        ->default_str("");
    addWhole(verb, "--threads", options->threads, {0, 1'024},
             "threads of a run that leaves them open; default: the cores by the workers")
        ->default_str("");
    verb.add_flag("--dry-run", options->dryRun, "only count runs, time and disk");
    verb.add_flag("--find-rates", options->findRates,
                  "only a short ramp of each method, and the learning rates that it proposes");
    verb.add_option("--try-ranks", options->tryRanks,
                    "only train these ranks briefly, and say which to start with: 8,16,32");
    addWhole(verb, "--trial-steps", options->trialSteps, {4, 100'000},
             "steps of each of --try-ranks");
    verb.add_flag("--run-code", options->runCode,
                  "let the sandbox run what models write, where eval asks for programs");
    verb.add_option("--python", options->python, "that runs it")->capture_default_str();
    verb.add_flag("--join", options->join, "work at a sweep that is under way, as one worker more");
    verb.add_flag("--pause", options->pause, "pause the sweep in all programs that work at it");
    verb.add_flag("--retry-failed", options->retryFailed, "let failed runs wait again");
    addTexts(verb, "--retry", options->retry, "let this failed, skipped or ended run wait again");
    addTexts(verb, "--skip", options->skip, "leave this run out");
    addJson(verb, options->json);
}

} // namespace pissarro::cli
