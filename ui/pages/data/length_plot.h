// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/data_figures.h"
#include "ui/widgets/readable_table.h"

#include <QWidget>

namespace pissarro::ui {

// How many rows are how long, with the maximal length as a line that is dragged, or moved by the arrows (a bar), Page Up and
// Page Down (ten), Home and End. What lies beyond it is red.
class LengthPlot : public QWidget, public ReadableTable {
    Q_OBJECT

public:
    explicit LengthPlot(QWidget* parent = nullptr);

    void setFigures(const core::LengthFigures& figures);
    void setCut(std::int64_t length); // emits nothing

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    int tableRows() const override;
    int tableColumns() const override { return 1; }
    QString rowName(int row) const override; // "200 to 219 tokens"
    QString columnName(int column) const override;
    QString cellText(TablePlace cell) const override;
    QRect cellPlace(TablePlace cell) const override;
    QString tableSummary() const override;
    std::optional<MovedValue> movedValue() const override;
    void moveValue(double value) override;

Q_SIGNALS:
    void cutMoved(int length); // by a person

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    QRect plot() const;
    std::int64_t span() const; // tokens that the axis has
    double xOf(double tokens) const;
    std::int64_t most() const; // rows of the highest bar
    QRectF barOf(int bin) const;
    void drawBars(QPainter& painter) const;
    void drawAxes(QPainter& painter) const;
    void drawCut(QPainter& painter) const;
    void moveTo(std::int64_t length);

    core::LengthFigures m_figures;
    std::int64_t m_cut = 0;
};

} // namespace pissarro::ui
