// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/train_options.h"
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/run/run_directory.h"
#include "core/sweep/rate_finder.h"
#include "core/text/number_text.h"
#include "core/text/shell_text.h"
#include "core/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kMeanOf = 5; // losses of the mean that ends the summary

// Prints each step as one line: all methods beside each other once the last of them has done it.
class StepPrinter : public core::TrainObserver {
public:
    StepPrinter(Console& console, std::size_t runs)
        : m_console(console)
        , m_names(runs)
        , m_from(runs)
        , m_records(runs)
    {
    }

    void runPrepared(int run, const core::RunSummary& summary) override
    {
        m_names.at(index(run)) = core::methodName(summary.spec.method);
        m_from.at(index(run)) = summary.step;
        m_steps = summary.steps;
        m_console.message(fmt::format(
            "{}: {} of {} parameters train, ready after {}", core::methodTitle(summary.spec.method),
            core::groupedText(summary.trainableParameters),
            core::groupedText(summary.modelParameters), durationText(summary.initSeconds)));
    }

    void stepDone(int run, const core::StepRecord& record) override
    {
        m_records.at(index(run)) = record;
        if (isLastOf(record.step)) {
            printStep(record);
        }
    }

    void runFailed(int run, std::string_view /*why: a message tells*/) override
    {
        m_from.at(index(run)).reset();
    }

    void message(std::string_view text) override { m_console.message(text); }

private:
    static std::size_t index(int run) { return static_cast<std::size_t>(run); }

    // Whether every run whose turn the step is has told of it: one that was ahead waits, one that failed is out.
    bool isLastOf(std::int64_t step) const
    {
        for (std::size_t run = 0; run < m_records.size(); ++run) {
            const bool takesPart = m_from[run] && *m_from[run] < step;
            if (takesPart && (!m_records[run] || m_records[run]->step < step)) {
                return false;
            }
        }
        return true;
    }

    void printStep(const core::StepRecord& last)
    {
        std::string line = fmt::format("step {}/{}", last.step, m_steps);
        double secondsPerToken = 0.0; // of all runs, one after the other
        for (std::size_t run = 0; run < m_records.size(); ++run) {
            if (const auto& record = m_records[run]; record && record->step == last.step) {
                line += fmt::format("  {} loss {} grad {}", m_names[run],
                                    core::fixedText(record->loss, 4),
                                    core::fixedText(record->gradNorm, 3));
                secondsPerToken += record->tokensPerS > 0.0 ? 1.0 / record->tokensPerS : 0.0;
            }
        }
        line += fmt::format("  lr {}", core::roundedText(last.learningRate, 3));
        if (secondsPerToken > 0.0) {
            line += fmt::format("  {} tokens/s", core::fixedText(1.0 / secondsPerToken, 0));
        }
        if (last.elapsedS > 0.0 && last.step < m_steps) {
            line += "  left "
                + durationText(last.elapsedS / static_cast<double>(last.step)
                               * static_cast<double>(m_steps - last.step));
        }
        m_console.message(line);
    }

    Console& m_console;
    std::vector<std::string> m_names; // by run
    std::vector<std::optional<std::int64_t>>
        m_from; // steps done before; empty: not there, or failed
    std::vector<std::optional<core::StepRecord>> m_records; // the newest of each run
    std::int64_t m_steps = 0;
};

// How a run ended, as its directory tells it.
struct Outcome {
    core::RunSummary summary;
    std::int64_t steps = 0; // done
    double finalLoss = std::nan("");
    double meanLoss = std::nan(""); // of the last kMeanOf
    double tokensPerS = 0.0; // over all steps but the first
    std::int64_t memoryBytes = 0;
};

Outcome outcomeOf(const core::RunSummary& summary)
{
    Outcome outcome;
    outcome.summary = summary;
    std::vector<core::StepRecord> records;
    core::appendRecords(records, core::MetricsTail(summary.directory).poll());
    if (records.empty()) {
        return outcome;
    }
    const core::StepRecord& first = records.front();
    const core::StepRecord& last = records.back();
    outcome.steps = last.step;
    outcome.finalLoss = last.loss;
    outcome.meanLoss = core::meanLoss(records, 0, kMeanOf);
    const double seconds = last.elapsedS - first.elapsedS;
    outcome.tokensPerS =
        seconds > 0.0 ? static_cast<double>(last.tokens - first.tokens) / seconds : last.tokensPerS;
    outcome.memoryBytes = last.memoryBytes;
    return outcome;
}

ordered_json toJson(const std::vector<Outcome>& outcomes)
{
    ordered_json document;
    document["runs"] = ordered_json::array();
    for (const Outcome& outcome : outcomes) {
        ordered_json run;
        run["directory"] = outcome.summary.directory.string();
        run["method"] = core::methodName(outcome.summary.spec.method);
        run["state"] = core::runStateName(outcome.summary.state);
        run["steps"] = outcome.steps;
        run["planned_steps"] = outcome.summary.steps;
        run["final_loss"] = outcome.finalLoss; // NaN, no step done, becomes null
        run["mean_loss_last_5"] = outcome.meanLoss;
        run["tokens_per_s"] = outcome.tokensPerS;
        run["memory_bytes"] = outcome.memoryBytes;
        run["estimated_memory_bytes"] = outcome.summary.estimatedMemoryBytes;
        run["init_seconds"] = outcome.summary.initSeconds;
        run["trainable_parameters"] = outcome.summary.trainableParameters;
        document["runs"].push_back(std::move(run));
    }
    return document;
}

std::string toText(const std::vector<Outcome>& outcomes)
{
    std::string text;
    for (const Outcome& outcome : outcomes) {
        text += fmt::format(
            "{}: {} after {} of {} steps", core::methodTitle(outcome.summary.spec.method),
            core::runStateName(outcome.summary.state), outcome.steps, outcome.summary.steps);
        if (outcome.steps > 0) {
            text += fmt::format(", final loss {}, mean of the last {} {}, {} tokens/s",
                                core::fixedText(outcome.finalLoss, 4),
                                std::min<std::int64_t>(kMeanOf, outcome.steps),
                                core::fixedText(outcome.meanLoss, 4),
                                core::fixedText(outcome.tokensPerS, 0));
        }
        text += fmt::format("\n  {}\n", outcome.summary.directory.string());
    }
    return text;
}

// What a ramp proposes for the twins that ask for it; where it proposes nothing they take the run's own rate.
void findTwinRates(const TrainOptions& options, core::TrainRequest& request, Session& session)
{
    for (const core::Method twin : options.rampedTwins()) {
        const core::RateRamp ramp = core::rateRamp(request.spec, twin, {}, session.job());
        session.console.message(std::string(core::methodTitle(twin)) + ": "
                                + ramp.proposal.reason.text());
        if (ramp.proposal.rate) {
            request.twinRates[twin] = *ramp.proposal.rate;
        }
    }
}

ExitCode train(const TrainOptions& options, Session& session)
{
    core::TrainRequest request = options.request(session);
    if (!request.resume) { // one that goes on keeps the rate it has
        findTwinRates(options, request, session);
    }
    request.control = std::make_shared<core::TrainControl>();
    session.interrupt.softenFirst([control = request.control, &console = session.console] {
        control->stopAndKeep(); // first: a message may have to wait for who reads it
        console.message("stopping; what was learned up to the last whole step is kept (again: at "
                        "once, and nothing is)");
    });
    session.console.message("run directory: " + request.runDirectory.string());
    StepPrinter printer(session.console, 1 + request.twins.size());
    const std::vector<core::RunSummary> summaries = core::train(request, printer, session.job());

    std::vector<Outcome> outcomes;
    std::transform(summaries.begin(), summaries.end(), std::back_inserter(outcomes), outcomeOf);
    if (options.json()) {
        session.console.json(toJson(outcomes));
    } else {
        session.console.result(toText(outcomes));
    }
    const bool stopped = std::any_of(summaries.begin(), summaries.end(), [](const auto& summary) {
        return summary.state == core::RunState::Stopped;
    });
    if (stopped && session.interrupt.arrived()) {
        session.console.error("interrupted; go on with: pissarro-cli train --resume -o "
                              + core::shellQuoted(request.runDirectory.string()));
        return ExitCode::Interrupted;
    }
    const auto failed = std::find_if(summaries.begin(), summaries.end(), [](const auto& summary) {
        return summary.state == core::RunState::Failed;
    });
    if (failed != summaries.end()) { // its twin came to its end
        session.console.error(fmt::format("{}: {}", failed->directory.string(), failed->message));
        return ExitCode::Failed;
    }
    return ExitCode::Done;
}

} // namespace

void addTrain(VerbTable& verbs)
{
    auto options = std::make_shared<TrainOptions>();
    CLI::App& verb = verbs.add(
        "train", "Train a run, and twins beside it on the same batches",
        "pissarro-cli train --model model.gguf --data gsm8k.jsonl --method pissa --twin lora "
        "--steps 20 -o runs/gsm8k",
        [options](Session& session) { return train(*options, session); });
    options->addTo(verb);
}

} // namespace pissarro::cli
