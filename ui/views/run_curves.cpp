// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/run_curves.h"

#include "ui/look/theme.h"
#include "ui/words/method_look.h"

#include <QHash>

#include <algorithm>
#include <cmath>
#include <map>

namespace pissarro::ui {

namespace {

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

QVector<double> abscissae(const RunCurve& curve, CurveAxis axis, double unit)
{
    QVector<double> x;
    x.reserve(curve.records.size());
    for (qsizetype i = 0; i < curve.records.size(); ++i) {
        x.append(placeOf(curve.records, i, axis, unit));
    }
    return x;
}

} // namespace

QString directoryOf(const core::RunSummary& run)
{
    return QString::fromStdString(run.directory.string());
}

QString runTitle(const core::RunSpec& spec)
{
    const QString title = titleOf(spec.method);
    return !core::hasAdapter(spec.method) ? title
        : !spec.patterns.ranks.empty()
        ? QCoreApplication::translate("RunCurves", "%1 rank map").arg(title)
        : QStringLiteral("%1 r%2").arg(title).arg(spec.rank);
}

QString runName(const core::RunSummary& run)
{
    const std::string leaf = run.directory.filename().string();
    const bool isTwin = leaf == core::methodName(run.spec.method);
    const std::string parent = run.directory.parent_path().filename().string();
    return QString::fromStdString(isTwin && !parent.empty() ? parent + "/" + leaf : leaf);
}

QVector<RunCurve> curvesOf(const QVector<core::RunSummary>& runs, const QVector<RunSeries>& records)
{
    QHash<QString, int> titles;
    for (const core::RunSummary& run : runs) {
        ++titles[runTitle(run.spec)];
    }
    std::map<core::Method, int> seen; // runs of a method so far
    QVector<RunCurve> curves;
    for (qsizetype i = 0; i < runs.size(); ++i) {
        const int before = seen[runs[i].spec.method]++;
        const QString title = runTitle(runs[i].spec);
        RunCurve curve;
        curve.label = titles[title] > 1 ? runName(runs[i]) : title;
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
    note.label = QStringLiteral("held out");
    note.color = Theme::instance().colors().muted;
    note.dashed = true;
    return {note};
}

QString axisTitle(CurveAxis axis, const QVector<RunCurve>& curves)
{
    switch (axis) {
    case CurveAxis::Step:
        return QStringLiteral("step");
    case CurveAxis::Tokens:
        return QStringLiteral("tokens");
    case CurveAxis::Time:
        return QStringLiteral("time, %1").arg(QLatin1String(timeUnit(curves).name));
    }
    return {};
}

QString valueTitle(CurveValue value)
{
    switch (value) {
    case CurveValue::Loss:
        return QStringLiteral("loss, nats");
    case CurveValue::GradNorm:
        return QStringLiteral("gradient norm");
    case CurveValue::LearningRate:
        return QStringLiteral("learning rate");
    case CurveValue::TokensPerS:
        return QStringLiteral("tokens/s");
    }
    return {};
}

namespace {

// The losses of the held-out examples, on the abscissae of the run's own curve.
void addEvaluations(const RunCurve& curve, const PlotSeries& own, QVector<PlotSeries>& into)
{
    PlotSeries held;
    for (const auto& [i, loss] : curve.records.evaluations()) {
        held.x.append(own.x[i]);
        held.y.append(loss);
    }
    if (!held.x.isEmpty()) {
        held.label = curve.label + QStringLiteral(" held out");
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
        series.x = abscissae(curve, axis, unit);
        series.y.reserve(curve.records.size());
        for (qsizetype i = 0; i < curve.records.size(); ++i) {
            series.y.append(valueOf(curve.records, i, value));
        }
        series.markers = curve.records.size() <= kMarkerPoints;
        series.labelOnLine = labelOnLine;
        if (smoothing > 0.0) {
            PlotSeries average = series;
            const auto values = core::smoothed({series.y.cbegin(), series.y.cend()}, smoothing);
            average.y = {values.begin(), values.end()};
            average.width = 2.2;
            smooth.append(average);
            series.label += QStringLiteral(" raw");
            series.width = 1.0;
            series.opacity = kRawOpacity;
            series.labelOnLine = false;
            series.markers = false;
            series.dashed = false; // thin dashes would flicker; the thick line tells the runs apart
        }
        raw.append(series);
        if (value == CurveValue::Loss) {
            addEvaluations(curve, raw.last(), smooth);
        }
    }
    return raw + smooth; // thick lines above thin ones
}

} // namespace pissarro::ui
