// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/metric_words.h"

#include "ui/words/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

struct MetricWords {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::MetricWords)
};

struct Row {
    std::string_view name;
    const char* title;
    const char* head;
    double unit = 1.0;
};

constexpr std::array kRows {
    Row {core::metric::kLoss, QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "loss, nats"),
         QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "Loss")},
    Row {core::metric::kEvalLoss,
         QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "held-out loss, nats"),
         QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "Held-out loss")},
    Row {core::metric::kGradNorm, QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "gradient norm"),
         QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "Gradient norm")},
    Row {core::metric::kLearningRate,
         QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "learning rate"),
         QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "Learning rate")},
    Row {core::metric::kTokensPerS, QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "tokens/s"),
         QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "Tokens/s")},
    Row {core::metric::kMemory, QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "peak memory, GB"),
         QT_TRANSLATE_NOOP("pissarro::ui::MetricWords", "Peak memory"), 1e9},
};

const Row* rowOf(const QString& metric)
{
    const auto found = std::find_if(kRows.begin(), kRows.end(), [&metric](const Row& row) {
        return metric == fromView(row.name);
    });
    return found == kRows.end() ? nullptr : &*found;
}

} // namespace

QString metricTitle(const QString& metric)
{
    const Row* row = rowOf(metric);
    return row == nullptr ? metric : MetricWords::tr(row->title);
}

QString metricHead(const QString& metric)
{
    const Row* row = rowOf(metric);
    return row == nullptr ? metric : MetricWords::tr(row->head);
}

double metricUnit(const QString& metric)
{
    const Row* row = rowOf(metric);
    return row == nullptr ? 1.0 : row->unit;
}

bool isLowerBetter(const QString& metric)
{
    return metric.endsWith(QLatin1String("loss")) || metric.endsWith(QLatin1String("perplexity"));
}

QStringList knownMetrics()
{
    QStringList names;
    for (const Row& row : kRows) {
        names.append(fromView(row.name));
    }
    return names;
}

QString axisTitle(core::HistoryAxis axis)
{
    switch (axis) {
    case core::HistoryAxis::Tokens:
        return MetricWords::tr("tokens");
    case core::HistoryAxis::Epoch:
        return MetricWords::tr("epoch");
    case core::HistoryAxis::Time:
        return MetricWords::tr("wall time, min");
    case core::HistoryAxis::Flops:
        return MetricWords::tr("FLOPs");
    case core::HistoryAxis::Step:
        break;
    }
    return MetricWords::tr("step");
}

double axisUnit(core::HistoryAxis axis)
{
    return axis == core::HistoryAxis::Time ? 60.0 : 1.0;
}

} // namespace pissarro::ui
