// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/compare/run_report_p.h"
#include "core/history/metric_names.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace pissarro::core::inline compare {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Runs that differ in their seed alone, by their places.
std::vector<std::vector<std::size_t>> seedGroups(const std::vector<ComparedRun>& runs)
{
    std::vector<std::vector<std::size_t>> groups;
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!runs[i].run) {
            groups.push_back({i});
            continue;
        }
        RunSpec spec = runs[i].run->spec;
        spec.seed = 0;
        const auto [found, isNew] = known.emplace(specToJson(spec), groups.size());
        if (isNew) {
            groups.emplace_back();
        }
        groups[found->second].push_back(i);
    }
    return groups;
}

std::vector<CurvePoint> curveOf(const ComparedRun& run, std::string_view metric)
{
    std::vector<CurvePoint> points;
    if (const MetricSeries* series = run.history.find(metric)) {
        for (std::size_t i = 0; i < series->steps.size(); ++i) {
            points.push_back({static_cast<double>(series->steps[i]), series->values[i]});
        }
    }
    return points;
}

double smoothingOf(std::size_t points)
{
    return points > 200 ? 0.95 : points > 40 ? 0.8 : 0.0;
}

std::vector<CurvePoint> smoothedCurve(std::vector<CurvePoint> points, double weight)
{
    MovingAverage average(weight);
    for (CurvePoint& one : points) {
        one.y = average.next(one.y);
    }
    return points;
}

// Of runs of one title by the seed where that does, else by the folder.
std::string toldApart(const ComparedRun& run, const std::vector<const ComparedRun*>& alike)
{
    const std::string title = run.title();
    if (alike.size() < 2 || title == run.name) {
        return title;
    }
    std::set<std::uint64_t> seeds;
    for (const ComparedRun* one : alike) {
        if (one->run) {
            seeds.insert(static_cast<std::uint64_t>(one->run->spec.seed));
        }
    }
    return run.run && seeds.size() == alike.size()
        ? fmt::format("{}, seed {}", title, run.run->spec.seed)
        : title + " · " + run.name;
}

// Of a group of several the mean with the lowest and highest around it.
PlottedCurve plotted(const RunComparison& comparison, const std::vector<RunLook>& looks,
                     const std::vector<std::size_t>& group, std::string_view metric, bool smooth)
{
    const RunLook& look = looks[group.front()];
    PlottedCurve curve {group.size() > 1 ? fmt::format(
                            "{}, {} seeds", comparison.runs[group.front()].title(), group.size())
                                         : look.name,
                        look.paint};
    curve.dash = look.dash;
    std::vector<std::vector<CurvePoint>> curves;
    for (const std::size_t i : group) {
        curves.push_back(curveOf(comparison.runs[i], metric));
        const double weight = smooth ? smoothingOf(curves.back().size()) : 0.0;
        if (weight > 0.0) {
            if (group.size() == 1) {
                curve.raw = curves.back();
            }
            curves.back() = smoothedCurve(std::move(curves.back()), weight);
        }
    }
    if (group.size() == 1) {
        curve.points = std::move(curves.front());
    } else {
        for (const BandPoint& one : bandOver(curves)) {
            curve.points.push_back({one.x, one.summary.mean});
            if (one.summary.count > 1) {
                curve.band.push_back({one.x, one.summary.lowest, one.summary.highest});
            }
        }
    }
    curve.hasDots = !smooth && curve.points.size() <= 40;
    return curve;
}

Picture curvesPicture(const RunComparison& comparison, const std::vector<RunLook>& looks,
                      std::string_view metric, bool smooth)
{
    LinePlot plot {{"step"}, {}, {}};
    bool isSmoothed = false;
    bool hasBand = false;
    std::size_t left = 0;
    for (const auto& group : seedGroups(comparison.runs)) {
        PlottedCurve curve = plotted(comparison, looks, group, metric, smooth);
        if (curve.points.empty()) {
            continue;
        }
        if (plot.curves.size() == kMostCurves) {
            ++left;
            continue;
        }
        isSmoothed =
            isSmoothed || !curve.raw.empty() || (smooth && smoothingOf(curve.points.size()) > 0.0);
        hasBand = hasBand || !curve.band.empty();
        plot.curves.push_back(std::move(curve));
    }
    std::vector<double> ends;
    for (const PlottedCurve& curve : plot.curves) {
        ends.push_back(curve.points.back().y);
    }
    const std::vector<std::string> values = columnTexts(ends);
    for (std::size_t i = 0; i < values.size(); ++i) {
        plot.curves[i].value = values[i];
    }
    std::string subtitle = metric == metric::kLoss ? "training" : "of the examples held out";
    subtitle += isSmoothed ? ", smoothed" : "";
    subtitle += hasBand ? "; band: lowest to highest over seeds" : "";
    subtitle += left > 0 ? fmt::format("; {} more in the table of runs", left) : "";
    return {metric == metric::kLoss ? "Loss" : "Held-out loss", subtitle, std::move(plot)};
}

// -- against rank

struct Tried {
    std::string method;
    Paint paint;
    double rank = 0.0;
    double rate = 0.0;
    double choosing = 0.0;
    double score = 0.0;
};

// Score by method and rank, of the runs of one rate, or of each method's best at that rank.
using ByRank = std::map<std::string, std::map<double, std::vector<double>>>;

std::vector<Tried> triedRanks(const RunComparison& comparison)
{
    std::vector<Tried> all;
    const bool byLoss = comparison.claims.lowerIsBetter;
    for (const ComparedRun& one : comparison.runs) {
        if (!one.run || !hasAdapter(one.run->spec.method)) {
            continue;
        }
        const RunSpec& spec = one.run->spec;
        const double held = heldOutLoss(one);
        double score = std::isnan(held) ? endLoss(one) : held;
        for (const Scoreboard& evaluation : comparison.evaluations) {
            const ScoredModel* model = evaluation.find(one.name);
            if (!byLoss && model != nullptr && !evaluation.isPerplexity) {
                score = model->score;
                break;
            }
        }
        if (std::isfinite(score)) {
            all.push_back({std::string(methodTitle(spec.method)),
                           seriesPaint(static_cast<int>(placeOf(spec.method))),
                           static_cast<double>(spec.rank), spec.learningRate, score, score});
        }
    }
    return all;
}

double meanOf(const std::vector<double>& values)
{
    return summaryOf(values).mean;
}

// The rate at which most methods were tried at most ranks.
double commonRate(const std::vector<Tried>& all)
{
    std::map<double, std::set<std::pair<std::string, double>>> tried;
    for (const Tried& one : all) {
        tried[one.rate].insert({one.method, one.rank});
    }
    const auto best =
        std::max_element(tried.begin(), tried.end(), [](const auto& a, const auto& b) {
            return a.second.size() < b.second.size();
        });
    return best->first;
}

LinePlot rankPlot(const std::vector<Tried>& all, const ByRank& scores)
{
    LinePlot plot {{"rank r", true}, {}, {}};
    std::set<double> ranks;
    for (const auto& [method, byRank] : scores) {
        const auto look = std::find_if(all.begin(), all.end(), [&name = method](const Tried& one) {
            return one.method == name;
        });
        PlottedCurve curve {method, look->paint};
        curve.hasDots = true;
        for (const auto& [rank, values] : byRank) {
            ranks.insert(rank);
            curve.points.push_back({rank, meanOf(values)});
        }
        plot.curves.push_back(std::move(curve));
    }
    plot.x.at.assign(ranks.begin(), ranks.end());
    return plot;
}

ByRank atBestRates(const std::vector<Tried>& all, bool lowerIsBetter)
{
    std::map<std::pair<std::string, double>, std::map<double, std::vector<double>>> byRate;
    for (const Tried& one : all) {
        byRate[{one.method, one.rank}][one.rate].push_back(one.score);
    }
    ByRank best;
    for (const auto& [key, rates] : byRate) {
        double found = kNone;
        for (const auto& [rate, values] : rates) {
            const double mean = meanOf(values);
            const bool better = lowerIsBetter ? mean < found : mean > found;
            found = std::isnan(found) || better ? mean : found;
        }
        best[key.first][key.second] = {found};
    }
    return best;
}

} // namespace

std::vector<RunLook> looksOf(const std::vector<ComparedRun>& runs)
{
    std::map<std::string, std::vector<const ComparedRun*>> titles;
    for (const ComparedRun& one : runs) {
        titles[one.title()].push_back(&one);
    }
    std::map<int, int> drawn; // runs of a series so far
    std::vector<RunLook> looks;
    int other = kSeries - 1;
    for (const ComparedRun& one : runs) {
        const int series = one.run ? static_cast<int>(placeOf(one.run->spec.method)) : other;
        const int place = drawn[series]++;
        const std::string title = one.title();
        looks.push_back({toldApart(one, titles[title]), seriesPaint(series),
                         place == 0       ? Dash::Solid
                             : place == 1 ? Dash::Dashed
                                          : Dash::Dotted});
    }
    return looks;
}

Pictures lossPictures(const RunComparison& comparison, const std::vector<RunLook>& looks)
{
    Pictures pictures {curvesPicture(comparison, looks, metric::kLoss, true)};
    Picture held = curvesPicture(comparison, looks, metric::kEvalLoss, false);
    if (!std::get<LinePlot>(held.plot).curves.empty()) {
        pictures.push_back(std::move(held));
    }
    std::erase_if(pictures,
                  [](const Picture& one) { return std::get<LinePlot>(one.plot).curves.empty(); });
    return pictures;
}

Pictures rankPictures(const RunComparison& comparison)
{
    const auto all = triedRanks(comparison);
    std::set<double> ranks;
    for (const Tried& one : all) {
        ranks.insert(one.rank);
    }
    if (ranks.size() < 2) {
        return {};
    }
    const double rate = commonRate(all);
    ByRank same;
    for (const Tried& one : all) {
        if (one.rate == rate) {
            same[one.method][one.rank].push_back(one.score);
        }
    }
    const std::string& measure = comparison.claims.measure;
    return {{"The same rate for all", measure + " at " + rateText(rate), rankPlot(all, same)},
            {"Each at its best rate", measure + ", the rate chosen by it",
             rankPlot(all, atBestRates(all, comparison.claims.lowerIsBetter))}};
}

} // namespace pissarro::core::inline compare
