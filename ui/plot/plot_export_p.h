// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/line_plot.h"
#include "ui/plot/plot_layers_p.h"

#include <functional>

namespace pissarro::ui {

struct Picture;

// What leaves a LinePlot: its picture, its numbers, and the menu of both, which is the plot's child. Lives as long as the
// plot does.
class PlotExport {
public:
    // showFine(n) draws growing curves n times as fine as the pixels ask for, until they are drawn again.
    PlotExport(LinePlot& owner, PlotState& state, std::function<void(int)> showFine);

    QMenu* menu() const { return m_menu; }
    Picture pictureFor(const QString& path) const; // by its suffix
    QString csv() const;

private:
    QPixmap drawn() const;
    void byDialog(const QString& suffix) const;

    LinePlot& m_owner;
    PlotState& m_state;
    std::function<void(int)> m_showFine;
    QMenu* m_menu;
};

} // namespace pissarro::ui
