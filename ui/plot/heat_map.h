// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/heat_scale.h"
#include "ui/widgets/readable_table.h"

#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include <functional>
#include <optional>
#include <utility>

namespace pissarro::ui {

// A cell of a HeatMap.
struct HeatCell {
    int row = 0;
    int column = 0;

    friend bool operator==(const HeatCell& a, const HeatCell& b) = default;
};

// A table of numbers as colours (cividis) with a colour bar, row and column labels.
//
// Cells without a value (NaN) are empty outlines: nothing moves when values arrive. A click selects
// a cell, Shift-click adds or removes one; with the keyboard, arrows move a frame and Space or
// Enter select (Shift: add). Hovering shows toolTipOf(cell). Screen readers walk its rows and cells.
class HeatMap : public QWidget, public ReadableTable {
    Q_OBJECT

public:
    // name becomes the objectName; accessible the accessible name.
    HeatMap(const QString& name, const QString& accessible, QWidget* parent = nullptr);

    void setGrid(const QStringList& rows,
                 const QStringList& columns); // forgets values and selection
    int rowCount() const { return static_cast<int>(m_rows.size()); }
    int columnCount() const { return static_cast<int>(m_columns.size()); }
    void setValues(const QVector<double>& values); // row by row; NaN: none yet
    double value(HeatCell cell) const;
    void setCorner(const QString& rowsAre); // what the rows are: "layer"
    void setScale(const HeatScale& scale);
    const HeatEnds& ends() const { return m_ends; } // in force
    void setBarInSight(bool on); // of maps with one scale one bar is enough
    void setRangeInSight(bool on); // marked beside the bar; not where the bar is of several maps
    void setNarrow(bool on); // columns may be as narrow as a letter: maps side by side
    // From the least value to the largest; none: no value yet.
    std::optional<std::pair<double, double>> dataRange() const;
    void setTexts(std::function<QString(double)> barLabel,
                  std::function<QString(HeatCell)> toolTip);

    void setRowTitle(const QString& title); // before a row's label, where it is read out: "Layer"

    void setSelection(const QVector<HeatCell>& cells); // emits nothing
    const QVector<HeatCell>& selection() const { return m_selection; }
    HeatCell current() const { return m_current; } // the frame of the keyboard
    QRectF cellRect(HeatCell cell) const; // px
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    int tableRows() const override { return rowCount(); }
    int tableColumns() const override { return columnCount(); }
    QString rowName(int row) const override;
    QString columnName(int column) const override;
    QString cellText(TablePlace cell) const override;
    QString cellDetails(TablePlace cell) const override;
    QRect cellPlace(TablePlace cell) const override;
    std::optional<TablePlace> currentCell() const override;
    bool isCellSelected(TablePlace cell) const override;
    void selectCell(TablePlace cell) override;
    QString tableSummary() const override;

Q_SIGNALS:
    void selectionChanged(); // by a person

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    void select(HeatCell cell, bool add);
    void selectAll(const QVector<HeatCell>& cells, bool add);
    QVector<HeatCell>
    cellsOfLabelAt(const QPointF& position) const; // of the row or column named there
    void moveCurrent(int rows, int columns);
    std::optional<HeatCell> cellAt(const QPointF& position) const;
    QRectF gridRect() const;
    int barRoom() const; // px, right of the grid
    int labelStride() const; // every n-th row is labelled
    double columnRoom(int column, const QFontMetrics& metrics) const; // px, of its name
    double share(double value) const; // of the scale, [0, 1]
    QColor colorAt(double share) const;
    void paintEnds(QPainter& painter, const QRectF& bar) const;
    void paintLabels(QPainter& painter) const;
    void paintCells(QPainter& painter) const;
    void paintFrames(QPainter& painter) const;
    void paintBar(QPainter& painter) const;
    void paintDataRange(QPainter& painter, const QRectF& bar) const;

    QStringList m_rows;
    QStringList m_columns;
    QString m_rowTitle;
    QString m_corner;
    QVector<double> m_values;
    QVector<HeatCell> m_selection;
    HeatCell m_current;
    std::optional<HeatCell> m_hovered;
    HeatScale m_scale;
    HeatEnds m_ends; // in force
    bool m_showCurrent = false; // focus came by the keyboard
    bool m_hasBar = true;
    bool m_marksRange = true;
    int m_leastColumn; // px, drawn
    std::function<QString(double)> m_barLabel;
    std::function<QString(HeatCell)> m_toolTip;
};

} // namespace pissarro::ui
