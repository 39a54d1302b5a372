// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_series.h"

#include "core/sweep/sweep_series_p.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace pissarro::core::inline sweep {

namespace {

constexpr const char* kRate = "learning_rate";

} // namespace

bool isNoSetting(const std::string& key)
{
    return key == kMethodKey || key == kRate || key == "seed";
}

Setting settingOf(const SweepRow& row, const std::string& left)
{
    Setting setting;
    for (const SpecSetting& one : row.varied) {
        if (!isNoSetting(one.key) && one.key != left) {
            setting.emplace_back(one.key, one.value);
        }
    }
    return setting;
}

std::string textOf(const Setting& setting)
{
    std::string text;
    for (const auto& [key, value] : setting) {
        text += (text.empty() ? "" : ", ") + key + " " + value;
    }
    return text;
}

std::string valueOf(const SweepRow& row, const std::string& key)
{
    if (key == kMethodKey) { // also where it does not vary
        return std::string(methodName(row.method));
    }
    const auto found = std::find_if(row.varied.begin(), row.varied.end(),
                                    [&](const SpecSetting& one) { return one.key == key; });
    return found == row.varied.end() ? std::string() : found->value;
}

SeriesPoint pointOf(const std::vector<const SweepRow*>& rows, const std::string& value)
{
    SeriesPoint point;
    point.value = value;
    point.number = numberIn<double>(value).value_or(std::nan(""));
    point.rate = rows.front()->learningRate;
    point.parameters = rows.front()->trainableParameters;
    std::vector<double> scores;
    scores.reserve(rows.size());
    for (const SweepRow* row : rows) {
        scores.push_back(row->score.reported);
    }
    point.score = summaryOf(scores);
    return point;
}

Series& seriesIn(std::vector<Series>& all, const SweepRow& row, const Setting& held)
{
    const std::string setting = textOf(held);
    const std::string method(methodTitle(row.method));
    const auto found = std::find_if(all.begin(), all.end(), [&](const Series& one) {
        return one.method == method && one.setting == setting;
    });
    return found != all.end() ? *found : all.emplace_back(Series {method, setting, {}});
}

void sortPoints(Series& series)
{
    std::stable_sort(
        series.points.begin(), series.points.end(),
        [](const SeriesPoint& a, const SeriesPoint& b) { return a.number < b.number; });
}

std::vector<double> ratesOf(const SweepResults& results)
{
    std::vector<double> rates;
    for (const SweepRow& row : results.rows) {
        rates.push_back(row.learningRate);
    }
    std::sort(rates.begin(), rates.end());
    rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
    return rates;
}

std::vector<Series> seriesAtRate(const SweepResults& results, const std::string& key, double rate)
{
    std::vector<Series> all;
    std::map<std::string, std::vector<const SweepRow*>> cells; // by line and value
    const auto nameOf = [&](const SweepRow& row) {
        return std::string(methodName(row.method)) + "\n" + textOf(settingOf(row, key)) + "\n"
            + valueOf(row, key);
    };
    for (const SweepRow& row : results.rows) {
        if (row.learningRate == rate && !valueOf(row, key).empty()
            && std::isfinite(row.score.reported)) {
            cells[nameOf(row)].push_back(&row);
        }
    }
    for (const SweepRow& row : results.rows) { // lines as they appear
        const auto cell = cells.find(nameOf(row));
        if (cell != cells.end() && cell->second.front() == &row) {
            seriesIn(all, row, settingOf(row, key))
                .points.push_back(pointOf(cell->second, valueOf(row, key)));
        }
    }
    for (Series& series : all) {
        sortPoints(series);
    }
    return all;
}

std::vector<const SweepRow*> rowsBehind(const SweepResults& results, const Series& series,
                                        const std::string& key, const SeriesPoint& point)
{
    std::vector<const SweepRow*> rows;
    for (const SweepRow& row : results.rows) {
        const bool isValue =
            key == kRate ? row.learningRate == point.rate : valueOf(row, key) == point.value;
        if (isValue && methodTitle(row.method) == series.method
            && textOf(settingOf(row, key)) == series.setting) {
            rows.push_back(&row);
        }
    }
    return rows;
}

bool isToCome(const SweepRow& row)
{
    return row.state == SweepRunState::Waiting || row.state == SweepRunState::Running;
}

} // namespace pissarro::core::inline sweep
