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

// What is varied beside method, rate and seed, in the order of the table: "rank", "iters".
QStringList variedSettings(const core::SweepResults& results);

ScorePicture pictureAtRate(const core::SweepResults& results, const std::string& key, double rate);
// Each method at its best rate, which stands beside the point.
ScorePicture pictureAtBestRates(const core::SweepResults& results, const std::string& key);
ScorePicture pictureOverRates(const core::SweepResults& results);

struct GridPicture {
    QStringList rows; // rates, the lowest first
    QVector<GridBlock> blocks; // a method each
};
// By rate and a setting; empty: by rate alone. The best of each column is ringed.
GridPicture gridOf(const core::SweepResults& results, const std::string& key);

struct ParallelPicture {
    QVector<ParallelAxis> axes;
    QVector<ParallelRun> runs;
};
ParallelPicture parallelOf(const core::SweepResults& results);

// "PiSSA · rank 16 · 2e-4 · seed 1", by what is varied. seeds: with the seed.
QString rowLabel(const core::SweepRow& row, bool seeds = true);
QString sweepStateWord(core::SweepRunState state); // "ended early"

} // namespace pissarro::ui
