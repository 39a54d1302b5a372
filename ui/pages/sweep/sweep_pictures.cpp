// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/sweep_pictures.h"

#include "core/evaluate/evaluated_tasks.h"
#include "core/sweep/sweep_series.h"
#include "core/text/number_text.h"
#include "ui/words/field_look.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"
#include "ui/words/method_look.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace pissarro::ui {

namespace {

constexpr const char* kRate = "learning_rate";

class PictureWords {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::PictureWords)

public:
    static QString heldOutLoss() { return tr("held-out loss"); }
    static QString trainingLoss() { return tr("training loss"); }
    static QString seed(const QString& value) { return tr("seed %1").arg(value); }
    static QString setting(const QString& title, const QString& value)
    {
        return tr("%1 %2", "a setting and its value: rank 16").arg(title, value);
    }
    static QString stillToCome() { return tr("Hollow: runs of it are still to come."); }
    static QString pointTip(const core::SeriesPoint& point, const QString& line,
                            const QString& value);
    static QString state(core::SweepRunState state);
};

QString PictureWords::pointTip(const core::SeriesPoint& point, const QString& line,
                               const QString& value)
{
    const QString rate = formatRate(point.rate);
    const QString mean = formatNumber(point.score.mean);
    if (!point.score.standardError) {
        return tr("%1, %2: %3 at a learning rate of %4, one seed").arg(line, value, mean, rate);
    }
    return tr("%1, %2: %3 at a learning rate of %4, mean and standard error of %n seeds", nullptr,
              pluralOf(point.score.count))
        .arg(line, value, meanWithError(point.score.mean, *point.score.standardError), rate);
}

QString PictureWords::state(core::SweepRunState state)
{
    switch (state) {
    case core::SweepRunState::Waiting:
        return tr("waiting");
    case core::SweepRunState::Running:
        return tr("running");
    case core::SweepRunState::Done:
        return tr("done");
    case core::SweepRunState::EndedEarly:
        return tr("ended early");
    case core::SweepRunState::Failed:
        return tr("failed");
    case core::SweepRunState::Skipped:
        return tr("skipped");
    }
    return {};
}

QColor colorOf(const std::string& title)
{
    for (const core::Method method : core::allMethods()) {
        if (core::methodTitle(method) == title) {
            return methodColor(method);
        }
    }
    return methodColor(core::Method());
}

QString labelOf(const core::Series& series)
{
    const QString method = QString::fromStdString(series.method);
    return series.setting.empty() ? method
                                  : method + QStringLiteral(", ") + settingWords(series.setting);
}

// Of a file its name: where it lies is in the folder's files.
QString valueTitle(const std::string& key, const std::string& value)
{
    const QString text = settingValue(key, value);
    const bool isPath = key == "model" || key == "data" || key == "batches" || key == "init_adapter"
        || key == "eval_task_data";
    return isPath ? text.section(QLatin1Char('/'), -1, -1, QString::SectionSkipEmpty) : text;
}

// Within a line: "learning rate", yet "SVD".
QString inLine(const QString& title)
{
    const bool isWord = title.size() > 1 && title[1].isLower();
    return isWord ? title.left(1).toLower() + title.mid(1) : title;
}

// "rank 16, data /home/a/rows.jsonl" of core: "rank 16", "data rows.jsonl". A value may have commas of its own.
QStringList settingParts(const std::string& setting)
{
    QStringList parts;
    std::vector<std::pair<std::string, std::string>> found;
    for (const QString& part : QString::fromStdString(setting).split(QStringLiteral(", "))) {
        const std::string key = part.section(QLatin1Char(' '), 0, 0).toStdString();
        const auto& fields = core::specFields();
        const bool isKey = std::any_of(fields.begin(), fields.end(),
                                       [&key](const auto& field) { return field.key == key; });
        if (isKey || found.empty()) {
            found.emplace_back(key, part.section(QLatin1Char(' '), 1).toStdString());
        } else {
            found.back().second += ", " + part.toStdString();
        }
    }
    for (const auto& [key, value] : found) {
        parts.append(PictureWords::setting(inLine(settingTitle(key)), valueTitle(key, value)));
    }
    return parts;
}

// All values of the lines, ascending where they are numbers, else as they appear.
std::vector<std::string> valuesOf(const std::vector<core::Series>& all)
{
    std::vector<std::pair<double, std::string>> found;
    for (const core::Series& series : all) {
        for (const core::SeriesPoint& point : series.points) {
            const auto same = std::find_if(found.begin(), found.end(), [&](const auto& one) {
                return one.second == point.value;
            });
            if (same == found.end()) {
                found.emplace_back(point.number, point.value);
            }
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> values;
    for (auto& [number, value] : found) {
        values.push_back(std::move(value));
    }
    return values;
}

struct PictureOrder {
    const core::SweepResults& results;
    std::string key;
    bool oneRate = false; // only runs of the point's rate may be still to come
    bool ratesBeside = false;
};

ScorePoint pointOf(const PictureOrder& order, const core::Series& series,
                   const core::SeriesPoint& from, int column)
{
    ScorePoint point;
    point.column = column;
    point.value = from.score.mean;
    point.error = from.score.standardError.value_or(0.0);
    const QString rate = formatRate(from.rate);
    point.note = order.ratesBeside ? rate : QString();
    for (const core::SweepRow* row : core::rowsBehind(order.results, series, order.key, from)) {
        const bool sameRate = row->learningRate == from.rate;
        point.open = point.open || (core::isToCome(*row) && (sameRate || !order.oneRate));
        if (sameRate) {
            point.runs.append(QString::fromStdString(row->name));
        }
    }
    const QString value =
        PictureWords::setting(settingTitle(order.key), valueTitle(order.key, from.value));
    point.tip = PictureWords::pointTip(from, labelOf(series), value);
    if (point.open) {
        point.tip += QLatin1Char('\n') + PictureWords::stillToCome();
    }
    return point;
}

ScorePicture pictureOf(const PictureOrder& order, const std::vector<core::Series>& all)
{
    ScorePicture picture;
    const std::vector<std::string> values = valuesOf(all);
    for (const std::string& value : values) {
        picture.columns.append(valueTitle(order.key, value));
    }
    std::map<std::string, int> lines; // of each method
    for (const core::Series& series : all) {
        ScoreLine line;
        line.label = labelOf(series);
        line.color = colorOf(series.method);
        line.place = lines[series.method]++;
        for (const core::SeriesPoint& point : series.points) {
            const auto place = std::find(values.begin(), values.end(), point.value);
            line.points.append(
                pointOf(order, series, point, static_cast<int>(place - values.begin())));
        }
        picture.lines.append(line);
    }
    return picture;
}

std::string variedValue(const core::SweepRow& row, const std::string& key)
{
    for (const core::SpecSetting& one : row.varied) {
        if (one.key == key) {
            return one.value;
        }
    }
    return {};
}

// Distinct values, ascending where they are numbers.
std::vector<std::string> valuesOf(const core::SweepResults& results, const std::string& key)
{
    std::vector<core::Series> one(1);
    for (const core::SweepRow& row : results.rows) {
        if (const std::string value = variedValue(row, key); !value.empty()) {
            core::SeriesPoint point;
            point.value = value;
            point.number = core::numberIn<double>(value).value_or(std::nan(""));
            one.front().points.push_back(point);
        }
    }
    return valuesOf(one);
}

// The runs of a cell that differ in what is not shown, seeds above all: their mean.
GridCell cellOf(const std::vector<const core::SweepRow*>& rows)
{
    GridCell cell;
    double sum = 0.0;
    double choosing = 0.0; // NaN: a run has none
    int scored = 0;
    QStringList tips;
    for (const core::SweepRow* row : rows) {
        cell.runs.append(QString::fromStdString(row->name));
        const bool has = std::isfinite(row->score.reported);
        sum += has ? row->score.reported : 0.0;
        choosing += has ? row->score.choosing : std::nan("");
        scored += has ? 1 : 0;
        tips.append(QStringLiteral("%1: %2").arg(
            rowLabel(*row), has ? formatNumber(row->score.reported) : sweepStateWord(row->state)));
    }
    cell.value = scored > 0 ? sum / scored : std::nan("");
    cell.choosing = choosing / static_cast<double>(rows.size());
    cell.tip = tips.join(QLatin1Char('\n'));
    return cell;
}

// By the half that chooses rates, as the best rates of the plot beside it are: what is reported had no say.
void ringBest(GridBlock& block, qsizetype rows, bool lower)
{
    const qsizetype columns = block.columns.size();
    for (qsizetype column = 0; column < columns; ++column) {
        GridCell* best = nullptr;
        for (qsizetype row = 0; row < rows; ++row) {
            GridCell& cell = block.cells[row * columns + column];
            const bool better = std::isfinite(cell.choosing)
                && (best == nullptr
                    || (lower ? cell.choosing < best->choosing : cell.choosing > best->choosing));
            best = better ? &cell : best;
        }
        if (best != nullptr) {
            best->best = true;
        }
    }
}

} // namespace

QString measureTitle(const core::SweepResults& results)
{
    switch (results.scoreKind) {
    case core::ScoreKind::HeldOutLoss:
        return PictureWords::heldOutLoss();
    case core::ScoreKind::TrainLoss:
        return PictureWords::trainingLoss();
    case core::ScoreKind::Given:
        break;
    }
    for (const core::EvaluatedTask& task : core::evaluatedTasks()) {
        if (task.name == results.measure) {
            return titleText(task.title);
        }
    }
    return QString::fromStdString(results.measure);
}

bool isLowerBetter(const core::SweepResults& results)
{
    return results.scoreKind != core::ScoreKind::Given || results.measure == core::kPerplexity;
}

QStringList variedSettings(const core::SweepResults& results)
{
    QStringList keys;
    for (const auto& [key, series] : results.ablations) {
        key == "rank" ? keys.prepend(QString::fromStdString(key))
                      : keys.append(QString::fromStdString(key));
    }
    return keys;
}

ScorePicture pictureAtRate(const core::SweepResults& results, const std::string& key, double rate)
{
    return pictureOf({results, key, true, false}, core::seriesAtRate(results, key, rate));
}

ScorePicture pictureAtBestRates(const core::SweepResults& results, const std::string& key)
{
    for (const auto& [name, series] : results.ablations) {
        if (name == key) {
            return pictureOf({results, key, false, core::ratesOf(results).size() > 1}, series);
        }
    }
    return {};
}

ScorePicture pictureOverRates(const core::SweepResults& results)
{
    return pictureOf({results, kRate, true, false}, results.rateSensitivity);
}

GridPicture gridOf(const core::SweepResults& results, const std::string& key)
{
    const std::vector<double> rates = core::ratesOf(results);
    std::vector<std::string> values = key.empty() || key == core::kMethodKey
        ? std::vector<std::string>()
        : valuesOf(results, key); // a block is a method
    const bool none = values.empty();
    if (none) {
        values.emplace_back();
    }
    GridPicture picture;
    for (const double rate : rates) {
        picture.rows.append(formatRate(rate));
    }
    std::map<core::Method,
             std::map<std::pair<double, std::string>, std::vector<const core::SweepRow*>>>
        cells;
    std::vector<core::Method> methods;
    for (const core::SweepRow& row : results.rows) {
        if (std::find(methods.begin(), methods.end(), row.method) == methods.end()) {
            methods.push_back(row.method);
        }
        cells[row.method][{row.learningRate, none ? std::string() : variedValue(row, key)}]
            .push_back(&row);
    }
    for (const core::Method method : methods) {
        GridBlock block {titleOf(method), methodColor(method), {}, {}};
        for (const std::string& value : values) {
            block.columns.append(valueTitle(key, value));
        }
        for (const double rate : rates) {
            for (const std::string& value : values) {
                const auto found = cells[method].find({rate, value});
                block.cells.append(found == cells[method].end() ? GridCell()
                                                                : cellOf(found->second));
            }
        }
        ringBest(block, picture.rows.size(), isLowerBetter(results));
        picture.blocks.append(block);
    }
    return picture;
}

ParallelPicture parallelOf(const core::SweepResults& results)
{
    ParallelPicture picture;
    std::vector<std::vector<std::string>> values; // of each axis
    std::vector<std::string> keys;
    for (const core::SpecField& field : core::specFields()) {
        std::vector<std::string> found = valuesOf(results, field.key);
        if (found.size() > 1) {
            ParallelAxis axis {settingTitle(field.key), {}};
            for (const std::string& value : found) {
                axis.values.append(valueTitle(field.key, value));
            }
            picture.axes.append(axis);
            values.push_back(std::move(found));
            keys.push_back(field.key);
        }
    }
    for (const core::SweepRow& row : results.rows) {
        ParallelRun run;
        run.name = QString::fromStdString(row.name);
        run.label = rowLabel(row);
        run.color = methodColor(row.method);
        run.score = row.score.reported;
        for (std::size_t axis = 0; axis < keys.size(); ++axis) {
            const auto place =
                std::find(values[axis].begin(), values[axis].end(), variedValue(row, keys[axis]));
            run.values.append(
                place == values[axis].end() ? -1 : static_cast<int>(place - values[axis].begin()));
        }
        picture.runs.append(run);
    }
    return picture;
}

QString meanWithError(double mean, double error)
{
    const double magnitude = std::abs(mean);
    if (magnitude < 0.1 || magnitude >= 1000.0) {
        return QStringLiteral("%1 ± %2").arg(formatNumber(mean), formatNumber(error, 2));
    }
    const int decimals = magnitude < 1.0 ? 4 : magnitude < 10.0 ? 3 : magnitude < 100.0 ? 2 : 1;
    const double least = std::pow(10.0, -decimals); // that these decimals tell
    const QString shown = QString::number(mean, 'f', decimals);
    return QStringLiteral("%1 ± %2").arg(QString(shown).replace(QLatin1Char('-'), QChar(0x2212)),
                                         error < least && error > 0.0
                                             ? formatNumber(error, 1)
                                             : QString::number(error, 'f', decimals));
}

QString settingWords(const std::string& setting)
{
    return setting.empty() ? QString() : settingParts(setting).join(QStringLiteral(", "));
}

QString rowLabel(const core::SweepRow& row, bool seeds)
{
    QStringList parts {titleOf(row.method)};
    for (const core::SpecSetting& one : row.varied) {
        const QString value = valueTitle(one.key, one.value);
        if (one.key == kRate) {
            parts.append(value);
        } else if (one.key == "seed") {
            if (seeds) {
                parts.append(PictureWords::seed(value));
            }
        } else if (one.key == "rank") {
            parts.append(QStringLiteral("r%1").arg(value));
        } else if (one.key != "method") {
            parts.append(PictureWords::setting(inLine(settingTitle(one.key)), value));
        }
    }
    return parts.join(QStringLiteral(" · "));
}

QString sweepStateWord(core::SweepRunState state)
{
    return PictureWords::state(state);
}

} // namespace pissarro::ui
