// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluation_spec.h"
#include "core/run/run_directory.h"

#include <QColor>
#include <QString>
#include <QVector>

#include <vector>

namespace pissarro::ui {

// A model of an evaluation as the page shows it.
struct ModelLook {
    QString name; // the evaluation's
    QColor color; // its method's where it is a known run; else a grey
};

// In their order, by the theme in force.
std::vector<ModelLook> looksOf(const core::EvaluationSpec& spec,
                               const QVector<core::RunSummary>& known);

} // namespace pissarro::ui
