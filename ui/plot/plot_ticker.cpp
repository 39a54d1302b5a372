// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/metrics.h"
#include "ui/plot/plot_ticker_p.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kFewestTicks = 2;
constexpr int kMostTicks = 5;
constexpr int kWidthOfTick = 52; // px, "100,000" and a gap
constexpr int kHeightOfTick = 22; // px, a line and a gap

QString withoutTrailingZeros(QString text)
{
    if (text.contains(u'.')) {
        while (text.endsWith(u'0')) {
            text.chop(1);
        }
        if (text.endsWith(u'.')) {
            text.chop(1);
        }
    }
    return text;
}

// "2e-05" -> "2e-5"
QString scientific(double value)
{
    const QString raw = QString::number(value, 'e', 2);
    const qsizetype at = raw.indexOf(u'e');
    return withoutTrailingZeros(raw.left(at)) + u'e' + QString::number(raw.mid(at + 1).toInt());
}

int decimalsOf(double step)
{
    int decimals = 0;
    for (double scaled = step;
         decimals < 6 && std::abs(scaled - std::round(scaled)) > 1e-6 * scaled; scaled *= 10) {
        ++decimals;
    }
    return decimals;
}

} // namespace

QString tickText(double value, double step)
{
    static const QLocale locale(QLocale::English, QLocale::UnitedStates);
    const double size = std::abs(value);
    if (size < 1e-9 * step || size < 1e-300) {
        return QStringLiteral("0");
    }
    QString text;
    if (size < 1e-3 || size >= 1e12) {
        text = scientific(size);
    } else if (size >= 1e6) {
        text = withoutTrailingZeros(locale.toString(size / 1e6, 'f', decimalsOf(step / 1e6)))
            + QStringLiteral(" M");
    } else {
        text = withoutTrailingZeros(locale.toString(size, 'f', decimalsOf(step)));
    }
    return value < 0 ? QChar(0x2212) + text : text;
}

double LinearTicker::getTickStep(const QCPRange& range)
{
    m_step = QCPAxisTicker::getTickStep(range);
    if (m_whole) {
        m_step = std::max(1.0, std::round(m_step));
    }
    return m_step;
}

QVector<double> LinearTicker::createTickVector(double tickStep, const QCPRange& range)
{
    QVector<double> ticks = QCPAxisTicker::createTickVector(tickStep, range);
    const double lower = std::ceil(range.lower - 1e-9 * tickStep);
    if (m_whole && std::abs(lower - range.lower) < 1e-6) { // a full view, not a zoomed one
        const auto next = std::find_if(ticks.begin(), ticks.end(),
                                       [lower](double tick) { return tick >= lower - 1e-9; });
        if (next != ticks.end() && *next - lower > 0.35 * tickStep) {
            ticks.insert(next, lower);
        }
    }
    return ticks;
}

QString LinearTicker::getTickLabel(double tick, const QLocale& /*locale*/, QChar /*formatChar*/,
                                   int /*precision*/)
{
    return tickText(tick, m_step) + m_suffix;
}

QVector<double> LogTicker::createTickVector(double tickStep, const QCPRange& range)
{
    const double lower = std::max(range.lower, 1e-300);
    const double decades = std::log10(range.upper / lower);
    m_even = decades < 0.7 || !std::isfinite(decades);
    if (m_even) {
        return LinearTicker::createTickVector(tickStep, range);
    }
    QVector<double> multiples {1.0};
    if (decades < 1.6) {
        multiples = {1.0, 2.0, 5.0};
    } else if (decades < 2.6) {
        multiples = {1.0, 3.0};
    }
    const int stride = std::max(1, static_cast<int>(std::ceil(decades / (tickCount() + 2))));
    QVector<double> ticks;
    const int last = static_cast<int>(std::ceil(std::log10(range.upper)));
    for (int decade = static_cast<int>(std::floor(std::log10(lower))); decade <= last; ++decade) {
        if (decade % stride != 0) {
            continue;
        }
        for (const double multiple : multiples) {
            ticks.append(multiple * std::pow(10.0, decade));
        }
    }
    return ticks;
}

QString LogTicker::getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision)
{
    if (m_even) {
        return LinearTicker::getTickLabel(tick, locale, formatChar, precision);
    }
    return tickText(tick, std::pow(10.0, std::floor(std::log10(tick))));
}

void fitTickCounts(QCustomPlot& plot)
{
    const QMargins margins = plot.axisRect()->margins();
    const auto fit = [](const QCPAxis& axis, int room, int each) {
        const auto many = static_cast<int>(std::lround(static_cast<double>(room) / scaled(each)));
        axis.ticker()->setTickCount(std::clamp(many, kFewestTicks, kMostTicks));
    };
    fit(*plot.xAxis, plot.viewport().width() - margins.left() - margins.right(), kWidthOfTick);
    fit(*plot.yAxis, plot.viewport().height() - margins.top() - margins.bottom(), kHeightOfTick);
}

} // namespace pissarro::ui
