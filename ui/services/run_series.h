// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"

#include <QVector>
#include <QtGlobal>

#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace pissarro::ui {

// The steps of a run as they are told, in columns: what a plot draws, 56 bytes a step. A handle: copies are the same
// series and see it grow; nothing is ever copied whole but by copy().
// Threads: the GUI thread.
class RunSeries {
public:
    RunSeries();
    RunSeries(std::initializer_list<core::StepRecord> records);

    // A resumed run tells its steps again from the checkpoint on: the later telling counts.
    void append(const core::StepRecord& record);
    RunSeries copy() const; // another series with the same steps

    qsizetype size() const;
    bool isEmpty() const { return size() == 0; }
    // Complete, as they were told. Requires: not empty.
    const core::StepRecord& first() const;
    const core::StepRecord& last() const;

    // Of step i, in [0, size()).
    std::int64_t step(qsizetype i) const;
    std::int64_t tokens(qsizetype i) const; // cumulative
    double elapsedS(qsizetype i) const;
    double loss(qsizetype i) const;
    double gradNorm(qsizetype i) const;
    double learningRate(qsizetype i) const;
    double tokensPerS(qsizetype i) const;
    // Losses of held-out examples: after which step (its i), the loss. Finite, in the order of steps.
    const std::vector<std::pair<qsizetype, double>>& evaluations() const;

    double meanTokensPerS() const; // of all finite ones; NaN: none
    // Mean loss over the `count` newest steps up to `lastStep` (0: up to the newest); NaN: none.
    double meanLoss(std::int64_t lastStep, std::int64_t count) const;

    // Points drawn of a series stay right while both are the same; there may be more of them.
    quint64 id() const;
    quint64 rewrites() const; // how often steps were told again

private:
    struct Columns;
    std::shared_ptr<Columns> d; // never null
};

// The step that all of them have made; 0: none.
std::int64_t commonStep(const QVector<RunSeries>& series);

// Until the last step of a run in progress, by the pace of its newest steps: neither preparing nor pauses count. NaN: not
// known yet. Units: seconds.
double secondsLeft(const RunSeries& series, std::int64_t steps);

} // namespace pissarro::ui
