// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/plot/line_plot.h"
#include "ui/services/run_series.h"

#include <QColor>
#include <QString>
#include <QVector>

namespace pissarro::ui {

enum class CurveAxis { Step, Tokens, Time };
enum class CurveValue { Loss, GradNorm, LearningRate, TokensPerS };

constexpr double kSmoothing = 0.6; // weight of the moving average that the loss plots offer

// A run as the plots draw it.
struct RunCurve {
    QString label; // "PiSSA r16"; unique among the curves of a plot
    QColor color; // the method's
    bool dashed = false; // not the first run of its method
    RunSeries records;
};

QString runTitle(const core::RunSpec& spec); // "PiSSA r16", "Full fine-tuning"
QString runName(const core::RunSummary& run); // "2026-11-24-pissa-r16", of twins with "/lora"
QString directoryOf(const core::RunSummary& run); // as text

// Colours and labels in the order of the runs. Runs with the same title are labelled with a setting that tells them apart
// ("PiSSA r16, learning rate 2e-5"), else by their names.
QVector<RunCurve> curvesOf(const QVector<core::RunSummary>& runs,
                           const QVector<RunSeries>& records);

// An entry for the legend that tells what the dotted lines are, where there are any.
QVector<RunCurve> evaluationNote(const QVector<RunCurve>& curves);

QString axisTitle(CurveAxis axis, const QVector<RunCurve>& curves); // with the unit
QString valueTitle(CurveValue value);

// smoothing 0: one line a curve; above: the raw line thin, the smoothed one thick.
QVector<PlotSeries> seriesOf(const QVector<RunCurve>& curves, CurveAxis axis, CurveValue value,
                             double smoothing, bool labelOnLine);

} // namespace pissarro::ui
