// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/qcustomplot.h"

#include <QString>

namespace pissarro::ui {

// A tick as UI.md writes numbers: thousands separators, a true minus, no needless zeros, "2e-5" and
// "1.2 M" at the ends.
QString tickText(double value, double step);

// Even steps of 1, 2, 2.5 or 5; for whole-number axes never below 1, and the first whole number is
// labelled too.
class LinearTicker : public QCPAxisTicker {
public:
    void setSuffix(const QString& suffix) { m_suffix = suffix; }
    void setWholeNumbers(bool on) { m_whole = on; }

protected:
    double getTickStep(const QCPRange& range) override;
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar,
                         int precision) override;

private:
    QString m_suffix;
    bool m_whole = false;
    double m_step = 1.0;
};

// 100, 10, 1, 0.1; within few decades also the 3s, or the 2s and 5s; within less than one, even
// steps.
class LogTicker : public LinearTicker {
protected:
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar,
                         int precision) override;

private:
    bool m_even = false; // the last ticks were even steps
};

// As many ticks as the sides of `plot` have room for in its text: a low plot of large text has few.
void fitTickCounts(QCustomPlot& plot);

} // namespace pissarro::ui
