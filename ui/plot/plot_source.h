// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QtGlobal>

#include <memory>

namespace pissarro::ui {

class PlotShape;

// The points of a curve that grows at its end, read where they are: a LinePlot keeps none of them.
// Threads: the GUI thread.
class PlotSource {
public:
    virtual ~PlotSource() = default;

    // Two sources of the same identity have the same points, of which one may have more: what was drawn of one stays.
    virtual QByteArray identity() const = 0;
    virtual qsizetype size() const = 0; // never less than before
    virtual double x(qsizetype i) const = 0;
    virtual double y(qsizetype i) const = 0; // NaN makes a gap

    // Of all its points, where somebody has looked at them for such axes (on a worker); null: the plot looks itself.
    virtual std::shared_ptr<const PlotShape> shape(bool /*logX*/, bool /*logY*/) const
    {
        return nullptr;
    }
    virtual bool isFixed() const { return false; } // it never grows, and any thread may read it
};

} // namespace pissarro::ui
