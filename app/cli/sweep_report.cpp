// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sweep_report.h"

#include "app/cli/console.h"
#include "core/base/fmt.h"
#include "core/text/escaped_text.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <cmath>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

ordered_json number(double value)
{
    return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

std::string bytes(std::int64_t count)
{
    return core::bytesText(static_cast<std::uint64_t>(count));
}

std::string ratesList(const std::vector<double>& rates)
{
    std::string text;
    for (const double rate : rates) {
        text += (text.empty() ? "" : ", ") + core::rateText(rate);
    }
    return text;
}

} // namespace

std::string forecastLine(const core::SweepForecast& forecast)
{
    return fmt::format("{} {}, {} steps, about {}, {} on disk", forecast.runs,
                       forecast.runs == 1 ? "run" : "runs", core::groupedText(forecast.steps),
                       durationText(forecast.seconds), bytes(forecast.diskBytes))
        + (forecast.freeBytes >= 0 ? " (" + bytes(forecast.freeBytes) + " free)" : std::string());
}

std::string forecastText(const core::SweepPlan& plan, const core::SweepForecast& forecast)
{
    std::string text = forecastLine(forecast) + "\n";
    if (forecast.repeated > 0) {
        text += fmt::format("{} combinations are the same run as another\n", forecast.repeated);
    }
    text += fmt::format("memory of a run up to {}, {} at a time fit\n", bytes(forecast.memoryBytes),
                        forecast.workersThatFit);
    for (const std::string& warning : forecast.warnings) {
        text += "warning: " + core::terminalLine(warning) + "\n";
    }
    for (const core::PlannedRun& run : plan.runs) {
        text += "  " + core::terminalLine(run.name) + "\n";
    }
    return text;
}

ordered_json forecastJson(const core::SweepPlan& plan, const core::SweepForecast& forecast)
{
    ordered_json object {{"count", forecast.runs},
                         {"repeated", forecast.repeated},
                         {"steps", forecast.steps},
                         {"seconds", number(forecast.seconds)},
                         {"disk_bytes", forecast.diskBytes},
                         {"free_bytes", forecast.freeBytes},
                         {"memory_bytes", forecast.memoryBytes},
                         {"workers_that_fit", forecast.workersThatFit},
                         {"warnings", forecast.warnings}};
    object["runs"] = ordered_json::array();
    for (const core::PlannedRun& run : plan.runs) {
        ordered_json varied = ordered_json::object();
        for (const core::SpecSetting& setting : run.varied) {
            varied[setting.key] = setting.value;
        }
        object["runs"].push_back({{"name", run.name}, {"varied", std::move(varied)}});
    }
    return object;
}

std::string ratesText(const std::vector<core::RateRamp>& ramps)
{
    std::string text;
    for (const core::RateRamp& ramp : ramps) {
        text += std::string(core::methodTitle(ramp.method)) + ": " + ramp.proposal.reason.text();
        text +=
            ramp.proposal.grid.empty() ? "\n" : " To try: " + ratesList(ramp.proposal.grid) + "\n";
    }
    return text;
}

ordered_json ratesJson(const std::vector<core::RateRamp>& ramps, const ordered_json& proposed)
{
    ordered_json list = ordered_json::array();
    for (const core::RateRamp& ramp : ramps) {
        ordered_json points = ordered_json::array();
        for (std::size_t i = 0; i < ramp.points.size(); ++i) {
            points.push_back({{"learning_rate", ramp.points[i].rate},
                              {"loss", number(ramp.points[i].loss)},
                              {"smoothed", number(ramp.proposal.smoothed[i])}});
        }
        list.push_back(
            {{"method", core::methodName(ramp.method)},
             {"learning_rate", ramp.proposal.rate ? number(*ramp.proposal.rate) : ordered_json()},
             {"grid", ramp.proposal.grid},
             {"reason", ramp.proposal.reason.text()},
             {"points", std::move(points)}});
    }
    return {{"proposals", std::move(list)}, {"sweep", proposed}};
}

std::string ranksText(const core::RankProposal& proposal)
{
    std::string text = proposal.reason.text() + "\n";
    for (const core::TriedRank& one : proposal.tried) {
        text += fmt::format("  rank {}: loss {}, {} parameters\n", one.rank,
                            core::fixedText(one.loss, 4), core::groupedText(one.parameters));
    }
    return text;
}

ordered_json ranksJson(const core::RankProposal& proposal)
{
    ordered_json tried = ordered_json::array();
    for (const core::TriedRank& one : proposal.tried) {
        tried.push_back({{"rank", one.rank},
                         {"parameters", one.parameters},
                         {"loss", number(one.loss)},
                         {"behind", number(one.behind.mean)},
                         {"as_good", one.isAsGood}});
    }
    return {{"rank", proposal.rank ? ordered_json(*proposal.rank) : ordered_json()},
            {"best", proposal.best},
            {"reason", proposal.reason.text()},
            {"tried", std::move(tried)}};
}

std::string resultsText(const core::SweepResults& results)
{
    std::string text;
    for (const core::SweepRow& row : results.rows) {
        text += fmt::format("{}: {} at step {} of {}", core::terminalLine(row.name),
                            core::sweepRunStateName(row.state), row.step, row.steps);
        text += std::isfinite(row.score.reported)
            ? ", score " + core::fixedText(row.score.reported, 4)
            : std::isfinite(row.trainLoss) ? ", training loss " + core::fixedText(row.trainLoss, 4)
                                           : std::string();
        text += "\n";
    }
    for (const core::Conclusion& conclusion : results.conclusions) {
        std::string line = conclusion.setting.empty() ? "" : conclusion.setting + ": ";
        for (const core::Said& sentence : conclusion.sentences) {
            line += sentence.text() + " ";
        }
        text += core::terminalLine(line) + "\n";
    }
    for (const core::Said& note : results.notes) {
        text += core::terminalLine(note.text()) + "\n";
    }
    return text;
}

} // namespace pissarro::cli
