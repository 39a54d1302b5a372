// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/history/history_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace pissarro::core::inline history {

namespace {

constexpr std::string_view kTotalFlops = "total_flos"; // as the HF Trainer tells it

// Where steps stand on an axis.
class StepPlaces {
public:
    StepPlaces(std::span<const std::int64_t> steps, std::span<const double> places, double factor)
    {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const Knot knot {static_cast<double>(steps[i]), places[i] * factor};
            m_end = knot.step;
            if (std::isfinite(knot.place) && knot.place > m_knots.back().place
                && knot.step > m_knots.back().step) {
                m_knots.push_back(knot);
            }
        }
    }

    // NaN: it has none. Requires: steps rise from call to call.
    double at(std::int64_t step)
    {
        const auto wanted = static_cast<double>(step);
        if (m_knots.size() < 2 || wanted > m_end || wanted < 0.0) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        while (m_next + 1 < m_knots.size() && m_knots[m_next].step < wanted) {
            ++m_next;
        }
        const Knot& right = m_knots[m_next];
        if (right.step == wanted) {
            return right.place;
        }
        if (right.step < wanted) { // rounded to the last one: as fast as the whole run
            return right.place + (wanted - right.step) * right.place / right.step;
        }
        const Knot& left = m_knots[m_next - 1];
        return left.place
            + (right.place - left.place) * ((wanted - left.step) / (right.step - left.step));
    }

private:
    struct Knot {
        double step = 0.0;
        double place = 0.0;
    };
    std::vector<Knot> m_knots {Knot {}}; // rising in both
    std::size_t m_next = 0;
    double m_end = 0.0; // the last step that the axis was told of
};

StepPlaces placesBy(const MetricSeries* axis, double factor = 1.0)
{
    return axis == nullptr ? StepPlaces({}, {}, factor)
                           : StepPlaces(axis->steps, axis->values, factor);
}

StepPlaces flopPlaces(const History& history, double flopsPerToken)
{
    const MetricSeries* const tokens = history.find(metric::kTokens);
    const auto total = history.figures.find(kTotalFlops);
    if (flopsPerToken > 0.0 || total == history.figures.end()) {
        return flopsPerToken > 0.0 ? placesBy(tokens, flopsPerToken) : placesBy(nullptr);
    }
    if (tokens != nullptr && tokens->values.back() > 0.0) {
        return placesBy(tokens, total->second / tokens->values.back());
    }
    const std::int64_t steps[] {history.step};
    const double places[] {total->second};
    return {steps, places, 1.0};
}

StepPlaces placesOn(const History& history, HistoryAxis axis, double flopsPerToken)
{
    switch (axis) {
    case HistoryAxis::Tokens:
        return placesBy(history.find(metric::kTokens));
    case HistoryAxis::Epoch:
        return placesBy(history.find(metric::kEpoch));
    case HistoryAxis::Time:
        return placesBy(history.find(metric::kElapsed));
    case HistoryAxis::Flops:
        return flopPlaces(history, flopsPerToken);
    case HistoryAxis::Step:
        break;
    }
    return placesBy(nullptr);
}

} // namespace

HistoryCurve curveOf(const History& history, std::string_view metric, HistoryAxis axis,
                     double flopsPerToken)
{
    HistoryCurve curve;
    const MetricSeries* const told = history.find(metric);
    if (told == nullptr) {
        return curve;
    }
    StepPlaces places = placesOn(history, axis, flopsPerToken);
    curve.points.reserve(told->steps.size());
    curve.steps.reserve(told->steps.size());
    for (std::size_t i = 0; i < told->steps.size(); ++i) {
        const std::int64_t step = told->steps[i];
        const double x = axis == HistoryAxis::Step ? static_cast<double>(step) : places.at(step);
        if (std::isfinite(x) && (curve.points.empty() || curve.points.back().x < x)) {
            curve.points.push_back({x, told->values[i]});
            curve.steps.push_back(step);
        }
    }
    return curve;
}

} // namespace pissarro::core::inline history
