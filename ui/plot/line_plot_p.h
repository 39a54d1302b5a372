// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/line_plot.h"
#include "ui/plot/plot_export_p.h"
#include "ui/plot/plot_layers_p.h"
#include "ui/plot/plot_stream_p.h"
#include "ui/plot/plot_ticker_p.h"

#include <memory>
#include <vector>

namespace pissarro::ui {

struct LinePlot::Private {
    PlotState state;
    QSharedPointer<LinearTicker> xTicker {new LinearTicker};
    QSharedPointer<LinearTicker> yTicker {new LinearTicker};
    QSharedPointer<LogTicker> logXTicker {new LogTicker};
    QSharedPointer<LogTicker> logYTicker {new LogTicker};
    std::unique_ptr<PlotExport> exports;
    std::vector<std::shared_ptr<PlotStream>> streams; // of graph i; null: its points are set
    std::optional<QVector<double>> readKeys; // none: not asked for since curves or view changed

    std::optional<double> xLower, xUpper, yLower, yUpper; // limits that the page set
    QCPRange fullX {0, 1};
    QCPRange fullY {0, 1};
    bool logX = false;
    bool logY = false;
    bool zoomedX = false; // a person chose the range of x: new data keep it
    bool zoomedY = false;
    bool applying = false; // ranges change by the program, not by a person
    bool dragging = false; // the cursor
};

} // namespace pissarro::ui
