// SPDX-License-Identifier: GPL-3.0-or-later
// Sweeps on disk for tests of the window: trained by a script, whose losses follow from the settings, or left waiting.
#pragma once

#include "core/sweep/sweep_store.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QString>

#include <string>

namespace pissarro::tests {

// Two methods, two ranks, two rates; a rate of 1 fails at its third step.
inline std::string kSweepAxes =
    "'axes': {'method': ['pissa', 'lora'], 'rank': [8, 16], 'learning_rate': [1e-4, 1e-3]}";

inline core::SweepStore sweepAt(const QString& folder, const std::string& more = kSweepAxes)
{
    return core::openSweep(
        folder.toStdString(),
        sweepOf("{'base': {'model': '/models/m', 'data': '/data/d.jsonl', 'steps': 6, 'dtype': "
                "'float32', 'device': 'cpu', 'eval_ratio': 0.2}, "
                + more + "}"),
        {});
}

inline core::SweepStore trainedSweepAt(const QString& folder, const std::string& more = kSweepAxes)
{
    core::SweepStore store = sweepAt(folder, more);
    core::SweepObserver silent;
    core::workOn(store, scripted(), silent, core::JobContext());
    return store;
}

} // namespace pissarro::tests
