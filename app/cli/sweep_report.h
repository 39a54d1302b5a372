// SPDX-License-Identifier: GPL-3.0-or-later
// What `sweep` says on stdout.
#pragma once

#include "core/sweep/rank_trials.h"
#include "core/sweep/rate_finder.h"
#include "core/sweep/sweep_forecast.h"
#include "core/sweep/sweep_results.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pissarro::cli {

std::string forecastLine(const core::SweepForecast& forecast); // without a line's end
std::string forecastText(const core::SweepPlan& plan, const core::SweepForecast& forecast);
nlohmann::ordered_json forecastJson(const core::SweepPlan& plan,
                                    const core::SweepForecast& forecast);

std::string ratesText(const std::vector<core::RateRamp>& ramps);
// `proposed`: the sweep with these rates.
nlohmann::ordered_json ratesJson(const std::vector<core::RateRamp>& ramps,
                                 const nlohmann::ordered_json& proposed);

std::string ranksText(const core::RankProposal& proposal);
nlohmann::ordered_json ranksJson(const core::RankProposal& proposal);

std::string resultsText(const core::SweepResults& results);

} // namespace pissarro::cli
