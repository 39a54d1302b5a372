// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/step_printer.h"
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

ExitCode train(const TrainOptions& options, Session& session)
{
    core::TrainRequest request = options.request(session);
    if (!request.resume) { // one that goes on keeps the rate it has
        const auto tell = [&session](const core::RateRamp& ramp) {
            session.console.message(
                fmt::format("{}: {}", core::methodTitle(ramp.method), ramp.proposal.reason.text()));
        };
        core::findTwinRates(request, options.rampedTwins(), tell, session.job());
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
