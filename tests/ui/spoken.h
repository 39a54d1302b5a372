// SPDX-License-Identifier: GPL-3.0-or-later
// What a language of the window is tried on: the frame and each page, with a tiny model and the demo's data.
#pragma once

#include "ui/services/services.h"
#include "ui/shell/main_window.h"

#include <QStringList>

namespace pissarro::tests {

// Requires: hasModel(); the language is spoken already.
class SpokenWindow {
public:
    static bool hasModel(); // shared/golden is there

    SpokenWindow();

    // Whether model and data were opened and the Train page stands at 1100 × 700, its advanced fields unfolded.
    bool isReady() const { return m_ready; }
    // Words in sight that have no room: "train.start: «Train with LoRA twin» needs 150 px, has 120". What shortens its text
    // by itself and tells it whole in its tool tip (ElidedLabel, a path) is left out.
    QStringList clipped();
    // Every text that a person can come by: shown, in tool tips, names for screen readers, items of lists, actions; also
    // of parts that are hidden for now.
    QStringList texts() const;
    const ui::MainWindow& window() const { return m_window; }

private:
    QVector<const QWidget*> frame() const; // what stands around the pages, with their menus
    const QWidget* page(const ui::PageEntry& entry) const;

    ui::Services m_services;
    ui::MainWindow m_window;
    bool m_ready = false;
};

// The words of English in a text: no names (PiSSA, float32), no keys ("Ctrl+P"), no paths, no code ("q_proj", "run.json").
QStringList englishIn(const QString& text);

} // namespace pissarro::tests
