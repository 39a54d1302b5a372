// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <functional>

class QObject;

namespace pissarro::ui {

// What a person names on the page Evaluate.
enum class EvaluatedKind {
    Model, // or a run
    Adapter, // a PEFT folder, for the open model
    Evaluation, // or a folder of several
};

// Threads: any, but better not the GUI's.
EvaluatedKind evaluatedKindOf(const QString& path);

// Looks on a worker, for the disk may be away, and tells here unless `context` is gone by then.
void whenEvaluatedKnown(const QString& path, QObject* context,
                        std::function<void(EvaluatedKind kind)> then);

} // namespace pissarro::ui
