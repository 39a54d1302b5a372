// SPDX-License-Identifier: GPL-3.0-or-later
// What the page draws of a sweep, as functions of its results.
#pragma once

#include "core/sweep/sweep_results.h"
#include "ui/pages/sweep/parallel_plot.h"
#include "ui/pages/sweep/run_grid.h"
#include "ui/pages/sweep/score_plot.h"

#include <QString>
#include <QStringList>
#include <QVector>

#include <string>

namespace pissarro::ui {

struct ScorePicture {
    QStringList columns;
    QVector<ScoreLine> lines;
};

QString measureTitle(const core::SweepResults& results); // "held-out loss"
bool isLowerBetter(const core::SweepResults& results);

// What is varied beside method, rate and seed, the rank first, then in the order of the table: "rank", "iters".
QStringList variedSettings(const core::SweepResults& results);

ScorePicture pictureAtRate(const core::SweepResults& results, const std::string& key, double rate);
// Each method at its best rate, which stands beside the point.
ScorePicture pictureAtBestRates(const core::SweepResults& results, const std::string& key);
ScorePicture pictureOverRates(const core::SweepResults& results);

struct GridPicture {
    QStringList rows; // rates, the lowest first
    QVector<GridBlock> blocks; // a method each
};
// By rate and a setting; empty: by rate alone. The best of each column is ringed, by the half of the held-out rows that chooses
// rates, once all runs of a cell have a score.
GridPicture gridOf(const core::SweepResults& results, const std::string& key);

struct ParallelPicture {
    QVector<ParallelAxis> axes;
    QVector<ParallelRun> runs;
};
ParallelPicture parallelOf(const core::SweepResults& results);

// "6.182 ± 0.007": the mean with four digits, the error with as many decimals.
QString meanWithError(double mean, double error);

// What core holds equal of a line, "rank 16, data /home/a/rows.jsonl", for people: "rank 16, data rows.jsonl".
QString settingWords(const std::string& setting);

// "PiSSA · rank 16 · 2e-4 · seed 1", by what is varied. seeds: with the seed.
QString rowLabel(const core::SweepRow& row, bool seeds = true);
QString sweepStateWord(core::SweepRunState state); // "ended early"

} // namespace pissarro::ui
