// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/services/run_series.h"

#include <QStringList>
#include <QVector>

namespace pissarro::ui {

// What the demo saw.
struct DemoFacts {
    QString model; // "SmolLM2-135M-Instruct: LLaMA · 30 layers …"
    QString device;
    int spectra = 0;
    double firstCurveSeconds = 0.0; // from opening to the first singular values
    double spectraSeconds = 0.0; // to the last
    core::RunSpec spec;
    QVector<core::RunSummary> runs; // the spec's own method first
    QVector<RunSeries> records; // same order
    double trainSeconds = 0.0; // both twins, initialisation included
    QStringList pictures; // file names
};

double finalLoss(const RunSeries& records); // NaN: none
double meanOfLast(const RunSeries& records, int steps);

QString finalLosses(const DemoFacts& facts); // a line a run, and the difference
// One page of Markdown. Throws: core::Error{Io} naming the file.
void writeSummary(const QString& path, const DemoFacts& facts);

} // namespace pissarro::ui
