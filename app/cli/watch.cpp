// SPDX-License-Identifier: GPL-3.0-or-later
// watch, pause, stop: a run that another process trains.
#include "app/cli/step_printer.h"
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/run/run_follower.h"
#include "core/run/run_orders.h"
#include "core/text/escaped_text.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::string directory;
    std::int64_t last = 10; // of watch: steps that are shown of those that are done
    bool goesOn = false; // of pause
    bool noWait = false;
    bool json = false;
};

// From the newest steps on, with the twins beside each other.
class WatchPrinter : public StepPrinter {
public:
    WatchPrinter(Console& console, const std::vector<core::RunSummary>& runs, std::int64_t last)
        : StepPrinter(console, runs.size())
    {
        for (const core::RunSummary& run : runs) {
            m_known = std::max(m_known, run.step - last);
            runPrepared(static_cast<int>(&run - runs.data()), run);
        }
    }

    void runPrepared(int run, const core::RunSummary& summary) override
    {
        if (!m_prepared.insert(run).second) {
            return;
        }
        core::RunSummary whole = summary;
        whole.step = 0; // its steps are told from the first
        StepPrinter::runPrepared(run, whole);
    }

    void stepDone(int run, const core::StepRecord& record) override
    {
        if (record.step > m_known) {
            StepPrinter::stepDone(run, record);
        }
    }

private:
    std::set<int> m_prepared;
    std::int64_t m_known = 0; // the last step that is not shown
};

void tell(const std::vector<core::RunSummary>& runs, const Options& options, Session& session)
{
    ordered_json list = ordered_json::array();
    std::string text;
    for (const core::RunSummary& run : runs) {
        list.push_back({{"directory", run.directory.string()},
                        {"method", core::methodName(run.spec.method)},
                        {"state", core::runStateName(run.state)},
                        {"step", run.step},
                        {"planned_steps", run.steps},
                        {"message", run.message}});
        text += fmt::format("{}: {}\n", core::methodTitle(run.spec.method),
                            core::terminalLine(core::runStateText(run)));
    }
    if (options.json) {
        session.console.json({{"runs", std::move(list)}});
    } else {
        session.console.result(text);
    }
}

ExitCode watch(const Options& options, Session& session)
{
    core::FollowRequest request;
    request.directory = options.directory;
    WatchPrinter printer(session.console, core::runsOfRequest(request.directory), options.last);
    const auto runs = core::followRun(request, printer, session.job());
    tell(runs, options, session);
    const auto bad = std::find_if(runs.begin(), runs.end(), [](const core::RunSummary& run) {
        return run.state == core::RunState::Failed || run.state == core::RunState::Interrupted;
    });
    if (bad != runs.end()) {
        session.console.error(
            fmt::format("{}: {}", bad->directory.string(), core::runStateText(*bad)));
        return ExitCode::Failed;
    }
    return ExitCode::Done;
}

ExitCode order(core::RunOrder what, const Options& options, Session& session)
{
    if (!options.noWait) {
        session.console.message("asked; the step in work is done first");
    }
    const auto runs = core::orderRun(
        options.directory, what, options.noWait ? core::OrderWait::No : core::OrderWait::UntilDone,
        session.job());
    tell(runs, options, session);
    return ExitCode::Done;
}

CLI::App& addOrder(VerbTable& verbs, const std::shared_ptr<Options>& options,
                   const std::string& name, const std::string& description, VerbMain main)
{
    CLI::App& verb = verbs.add(name, description, fmt::format("pissarro-cli {} runs/gsm8k", name),
                               std::move(main));
    verb.add_option("RUNDIR", options->directory,
                    "directory of a run, or of its twins, that another process trains")
        ->required();
    addJson(verb, options->json);
    return verb;
}

} // namespace

void addWatch(VerbTable& verbs)
{
    auto watched = std::make_shared<Options>();
    CLI::App& verb = addOrder(verbs, watched, "watch",
                              "Shows a run as it goes on; Ctrl+C ends the looking alone",
                              [watched](Session& session) { return watch(*watched, session); });
    addWhole(verb, "--last", watched->last, {0},
             "steps that are shown of those that are done already");
    auto paused = std::make_shared<Options>();
    CLI::App& pause =
        addOrder(verbs, paused, "pause", "Lets a run wait after the step in work",
                 [paused](Session& session) {
                     return order(paused->goesOn ? core::RunOrder::GoOn : core::RunOrder::Pause,
                                  *paused, session);
                 });
    pause.add_flag("--go-on", paused->goesOn, "lets one that waits go on");
    auto stopped = std::make_shared<Options>();
    CLI::App& stop = addOrder(
        verbs, stopped, "stop", "Ends a run after the step in work and keeps what was learned",
        [stopped](Session& session) { return order(core::RunOrder::Stop, *stopped, session); });
    for (const auto& [one, options] : {std::pair(&pause, paused), std::pair(&stop, stopped)}) {
        one->add_flag("--no-wait", options->noWait, "ask, and do not wait until it is so");
    }
}

} // namespace pissarro::cli
