// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/run_curves.h"

#include "ui/look/theme.h"
#include "ui/plot/plot_source.h"
#include "ui/words/field_look.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QCoreApplication>
#include <QHash>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::ui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::RunCurves)
};

constexpr double kRawOpacity = 0.4; // of the thin line under a smoothed one
constexpr int kMarkerPoints = 3; // so few points are no line yet

struct TimeUnit {
    double seconds;
    const char* name;
};

// Minutes and hours only when seconds would be a long number.
TimeUnit timeUnit(const QVector<RunCurve>& curves)
{
    double longest = 0.0;
    for (const RunCurve& curve : curves) {
        if (!curve.records.isEmpty()) {
            longest = std::max(longest, curve.records.last().elapsedS);
        }
    }
    if (longest < 300.0) {
        return {1.0, "s"};
    }
    return longest < 3.0 * 3600.0 ? TimeUnit {60.0, "min"} : TimeUnit {3600.0, "h"};
}

double valueOf(const RunSeries& series, qsizetype i, CurveValue value)
{
    switch (value) {
    case CurveValue::Loss:
        return series.loss(i);
    case CurveValue::GradNorm:
        return series.gradNorm(i);
    case CurveValue::LearningRate:
        return series.learningRate(i);
    case CurveValue::TokensPerS:
        return series.tokensPerS(i);
    }
    return 0.0;
}

double placeOf(const RunSeries& series, qsizetype i, CurveAxis axis, double unit)
{
    switch (axis) {
    case CurveAxis::Step:
        return static_cast<double>(series.step(i));
    case CurveAxis::Tokens:
        return static_cast<double>(series.tokens(i));
    case CurveAxis::Time:
        return series.elapsedS(i) / unit;
    }
    return 0.0;
}

// A value of a run's steps, or of its evaluations.
class StepSource : public PlotSource {
public:
    StepSource(RunSeries series, CurveAxis axis, double unit)
        : m_series(std::move(series))
        , m_axis(axis)
        , m_unit(unit)
    {
    }

    qsizetype size() const override { return m_series.size(); }
    double x(qsizetype i) const override { return placeOf(m_series, i, m_axis, m_unit); }

protected:
    QByteArray identityOf(const char* what, double how) const
    {
        return QByteArray(what) + ' ' + QByteArray::number(how) + ' '
            + QByteArray::number(m_series.id()) + ' ' + QByteArray::number(m_series.rewrites())
            + ' ' + QByteArray::number(static_cast<int>(m_axis)) + ' ' + QByteArray::number(m_unit);
    }
    const RunSeries& series() const { return m_series; }

private:
    RunSeries m_series;
    CurveAxis m_axis;
    double m_unit;
};

class RawSource : public StepSource {
public:
    RawSource(const RunSeries& series, CurveAxis axis, double unit, CurveValue value)
        : StepSource(series, axis, unit)
        , m_value(value)
    {
    }

    QByteArray identity() const override { return identityOf("raw", static_cast<int>(m_value)); }
    double y(qsizetype i) const override { return valueOf(series(), i, m_value); }

private:
    CurveValue m_value;
};

// core::smoothed() of a value, averaged on as steps come.
class SmoothSource : public StepSource {
public:
    SmoothSource(const RunSeries& series, CurveAxis axis, double unit, CurveValue value,
                 double weight)
        : StepSource(series, axis, unit)
        , m_value(value)
        , m_average(weight)
    {
    }

    QByteArray identity() const override
    {
        return identityOf("smooth", static_cast<int>(m_value) + m_average.weight());
    }
    double y(qsizetype i) const override
    {
        while (static_cast<qsizetype>(m_averages.size()) <= i) {
            const auto next = static_cast<qsizetype>(m_averages.size());
            m_averages.push_back(m_average.next(valueOf(series(), next, m_value)));
        }
        return m_averages[static_cast<std::size_t>(i)];
    }

private:
    CurveValue m_value;
    mutable core::MovingAverage m_average; // behind the newest of m_averages
    mutable std::vector<double> m_averages; // of as many steps as were asked for
};

class EvaluationSource : public StepSource {
public:
    using StepSource::StepSource;

    QByteArray identity() const override { return identityOf("evaluations", 0.0); }
    qsizetype size() const override { return static_cast<qsizetype>(all().size()); }
    double x(qsizetype i) const override { return StepSource::x(one(i).first); }
    double y(qsizetype i) const override { return one(i).second; }

private:
    const std::vector<std::pair<qsizetype, double>>& all() const { return series().evaluations(); }
    const std::pair<qsizetype, double>& one(qsizetype i) const
    {
        return all()[static_cast<std::size_t>(i)];
    }
};

} // namespace

QString directoryOf(const core::RunSummary& run)
{
    return QString::fromStdString(run.directory.string());
}

QString runTitle(const core::RunSpec& spec)
{
    const QString title = titleOf(spec.method);
    return !core::hasAdapter(spec.method) ? title
        : !spec.patterns.ranks.empty()    ? Words::tr("%1 rank map").arg(title)
                                          : QStringLiteral("%1 r%2").arg(title).arg(spec.rank);
}

QString runName(const core::RunSummary& run)
{
    const std::string leaf = run.directory.filename().string();
    const bool isTwin = leaf == core::methodName(run.spec.method);
    const std::string parent = run.directory.parent_path().filename().string();
    return lineOf(QString::fromStdString(isTwin && !parent.empty() ? parent + "/" + leaf : leaf));
}

namespace {

// The setting that is another in each of the specs, and short; none: there is no such.
std::optional<core::SpecDifference> tellingDifference(const std::vector<core::RunSpec>& specs)
{
    constexpr std::size_t kShort = 16; // characters: a path tells nobody anything
    for (const core::SpecDifference& one : core::specDifferences(specs)) {
        const std::set<std::string> different(one.values.begin(), one.values.end());
        const bool isShort =
            std::all_of(one.values.begin(), one.values.end(), [](const std::string& value) {
                return !value.empty() && value.size() <= kShort;
            });
        if (isShort && different.size() == one.values.size()) {
            return one;
        }
    }
    return std::nullopt;
}

// Within a label: "learning rate", yet "SVD".
QString inLabel(const QString& title)
{
    const bool isWord = title.size() > 1 && title[1].isLower();
    return isWord ? title.left(1).toLower() + title.mid(1) : title;
}

// Runs of one title are told apart by that setting, else by their names.
QStringList labelsOf(const QVector<core::RunSummary>& runs)
{
    QStringList labels;
    QHash<QString, QVector<qsizetype>> ofTitle;
    for (qsizetype i = 0; i < runs.size(); ++i) {
        labels.append(runTitle(runs[i].spec));
        ofTitle[labels.last()].append(i);
    }
    for (auto group = ofTitle.cbegin(); group != ofTitle.cend(); ++group) {
        if (group->size() < 2) {
            continue;
        }
        std::vector<core::RunSpec> specs;
        for (const qsizetype run : *group) {
            specs.push_back(runs[run].spec);
        }
        const auto difference = tellingDifference(specs);
        for (qsizetype i = 0; i < group->size(); ++i) {
            const qsizetype run = group->at(i);
            labels[run] = difference
                ? QStringLiteral("%1, %2 %3")
                      .arg(group.key(), inLabel(settingTitle(difference->key)),
                           settingValue(difference->key,
                                        difference->values[static_cast<std::size_t>(i)]))
                : runName(runs[run]);
        }
    }
    return labels;
}

} // namespace

QVector<RunCurve> curvesOf(const QVector<core::RunSummary>& runs, const QVector<RunSeries>& records)
{
    const QStringList labels = labelsOf(runs);
    std::map<core::Method, int> seen; // runs of a method so far
    QVector<RunCurve> curves;
    for (qsizetype i = 0; i < runs.size(); ++i) {
        const int before = seen[runs[i].spec.method]++;
        RunCurve curve;
        curve.label = labels[i];
        curve.color = methodColor(runs[i].spec.method);
        if (before >= 2) { // the third and later ones: paler, so that they can be told apart
            curve.color.setAlphaF(before >= 4 ? 0.4F : 0.65F);
        }
        curve.dashed = before % 2 == 1;
        curve.records = records.value(i);
        curves.append(curve);
    }
    return curves;
}

QVector<RunCurve> evaluationNote(const QVector<RunCurve>& curves)
{
    const bool evaluated = std::any_of(curves.begin(), curves.end(), [](const RunCurve& curve) {
        return !curve.records.evaluations().empty();
    });
    if (!evaluated) {
        return {};
    }
    RunCurve note;
    note.label = Words::tr("held out");
    note.color = Theme::instance().colors().muted;
    note.dashed = true;
    return {note};
}

QString axisTitle(CurveAxis axis, const QVector<RunCurve>& curves)
{
    switch (axis) {
    case CurveAxis::Step:
        return Words::tr("step");
    case CurveAxis::Tokens:
        return Words::tr("tokens");
    case CurveAxis::Time:
        return Words::tr("time, %1").arg(QLatin1String(timeUnit(curves).name));
    }
    return {};
}

QString valueTitle(CurveValue value)
{
    switch (value) {
    case CurveValue::Loss:
        return Words::tr("loss, nats");
    case CurveValue::GradNorm:
        return Words::tr("gradient norm");
    case CurveValue::LearningRate:
        return Words::tr("learning rate");
    case CurveValue::TokensPerS:
        return Words::tr("tokens/s");
    }
    return {};
}

namespace {

// The losses of the held-out examples, on the abscissae of the run's own curve.
void addEvaluations(const RunCurve& curve, CurveAxis axis, double unit, QVector<PlotSeries>& into)
{
    if (!curve.records.evaluations().empty()) {
        PlotSeries held;
        held.source = std::make_shared<EvaluationSource>(curve.records, axis, unit);
        held.label = Words::tr("%1 held out").arg(curve.label);
        held.color = curve.color;
        held.dashed = true;
        held.markers = true;
        into.append(held);
    }
}

} // namespace

QVector<PlotSeries> seriesOf(const QVector<RunCurve>& curves, CurveAxis axis, CurveValue value,
                             double smoothing, bool labelOnLine)
{
    const double unit = timeUnit(curves).seconds;
    QVector<PlotSeries> raw;
    QVector<PlotSeries> smooth;
    for (const RunCurve& curve : curves) {
        PlotSeries series;
        series.label = curve.label;
        series.color = curve.color;
        series.dashed = curve.dashed;
        series.source = std::make_shared<RawSource>(curve.records, axis, unit, value);
        series.markers = curve.records.size() <= kMarkerPoints;
        series.labelOnLine = labelOnLine;
        if (smoothing > 0.0) {
            PlotSeries average = series;
            average.source =
                std::make_shared<SmoothSource>(curve.records, axis, unit, value, smoothing);
            average.width = 2.2;
            smooth.append(average);
            series.label = Words::tr("%1 raw").arg(series.label);
            series.width = 1.0;
            series.opacity = kRawOpacity;
            series.labelOnLine = false;
            series.markers = false;
            series.dashed = false; // thin dashes would flicker; the thick line tells the runs apart
        }
        raw.append(series);
        if (value == CurveValue::Loss) {
            addEvaluations(curve, axis, unit, smooth);
        }
    }
    return raw + smooth; // thick lines above thin ones
}

} // namespace pissarro::ui
