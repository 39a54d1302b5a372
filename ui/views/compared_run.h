// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/look/run_stroke.h"
#include "ui/services/overlay.h"
#include "ui/views/overlay_card.h"

#include <QColor>
#include <QHash>
#include <QPixmap>
#include <QString>
#include <QVector>

#include <optional>

namespace pissarro::ui {

// A run that may be compared.
struct ComparedRun {
    OverlayRun run; // its recipe and operations while it is chosen
    std::optional<core::RunSummary> own; // none: another program's
    QString name; // of its folder
    QString label; // at its curve: unique among those that are chosen
    QString said; // by a person, in place of its title; empty: nothing
    QColor color; // by a person, in place of its method's; invalid: nothing
    RunStroke stroke; // while it is chosen
};

ComparedRun comparedRun(const core::RunSummary& run);
ComparedRun comparedRun(const QString& othersPath);

// Recipes, labels and strokes of those that are chosen, in the order of choice: what is drawn keeps its stroke when another
// one is added.
void dressRuns(const QVector<ComparedRun*>& chosen);

// How their curves look, by path: a band is named after what its runs have in common.
QHash<QString, OverlayLook> overlayLooksOf(const QVector<ComparedRun>& chosen);

QPixmap sampleOf(const RunStroke& stroke); // a piece of the curve

} // namespace pissarro::ui
