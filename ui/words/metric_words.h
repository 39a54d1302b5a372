// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/history/history_curve.h"

#include <QString>
#include <QStringList>

namespace pissarro::ui {

// What runs tell step by step, in words, and in which unit it is drawn. Names are those of core/history/metric_names.h;
// what only others tell keeps its own.

QString metricTitle(const QString& metric); // "loss, nats", "peak memory, GB", "eval_wer"
QString metricHead(const QString& metric); // "Loss", over what is drawn; its unit stands at the axis
double metricUnit(const QString& metric); // what one is that is drawn: 1e9 bytes
bool isLowerBetter(const QString& metric); // losses and perplexities
QStringList knownMetrics(); // in the order in which they are offered, others after them

QString axisTitle(core::HistoryAxis axis); // "wall time, min"
double axisUnit(core::HistoryAxis axis); // 60 seconds

} // namespace pissarro::ui
