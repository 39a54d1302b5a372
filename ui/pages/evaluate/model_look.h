// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/services/evaluation_picture.h"

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

// In their order, by the theme in force. Of no task none.
std::vector<ModelLook> looksOf(const TaskPicturePtr& task, const QVector<core::RunSummary>& known);

} // namespace pissarro::ui
