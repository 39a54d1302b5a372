// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/readable_table.h"

#include <QColor>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include <limits>
#include <optional>

namespace pissarro::ui {

// A run, or the seeds of one, in a RunGrid.
struct GridCell {
    double value = std::numeric_limits<double>::quiet_NaN(); // none: its frame alone
    double choosing = std::numeric_limits<
        double>::quiet_NaN(); // what best rates are chosen by; none: a run has no score
    bool best = false; // of its column: ringed
    QString tip;
    QStringList runs; // that it stands for
};

// A method's columns.
struct GridBlock {
    QString title;
    QColor color;
    QStringList columns;
    QVector<GridCell> cells; // row by row
};

// Every run by rate and rank, a block for each method, in colours of one scale (cividis; the best is the brightest). A click or
// Space chooses a run, a double click or Enter opens it, arrows walk the cells.
class RunGrid : public QWidget, public ReadableTable {
    Q_OBJECT

public:
    RunGrid(const QString& name, const QString& accessible, QWidget* parent = nullptr);

    void setTitles(const QString& rows, const QString& columns);
    void setBlocks(const QStringList& rows, const QVector<GridBlock>& blocks, bool lowerIsBetter);
    const QVector<GridBlock>& blocks() const { return m_blocks; }
    void setSelected(const QString& run); // emits nothing
    QRectF cellRect(TablePlace cell) const; // px

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    int tableRows() const override { return static_cast<int>(m_rows.size()); }
    int tableColumns() const override;
    QString rowName(int row) const override;
    QString columnName(int column) const override;
    QString cellText(TablePlace cell) const override;
    QString cellDetails(TablePlace cell) const override;
    QRect cellPlace(TablePlace cell) const override { return cellRect(cell).toRect(); }
    std::optional<TablePlace> currentCell() const override { return m_current; }
    bool isCellSelected(TablePlace cell) const override;
    void selectCell(TablePlace cell) override { choose(cell, false); }

Q_SIGNALS:
    void runChosen(const QString& run); // by a person
    void runOpened(const QString& run);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Place {
        int block = 0;
        int column = 0;
    };
    Place placeOf(int column) const; // of the table's
    const GridCell& cellAt(TablePlace cell) const;
    std::optional<TablePlace> cellUnder(const QPointF& position) const;
    void choose(TablePlace cell, bool opens);
    void walk(int rows, int columns);
    double share(double value) const; // of the scale, [0, 1]
    void paintHeads(QPainter& painter) const;
    void paintCell(QPainter& painter, TablePlace at) const;
    void paintBar(QPainter& painter) const;

    QString m_rowsAre;
    QString m_columnsAre;
    QStringList m_rows;
    QVector<GridBlock> m_blocks;
    bool m_lowerIsBetter = true;
    double m_low = 0.0;
    double m_high = 0.0;
    bool m_any = false; // a cell has a value
    QString m_selected;
    std::optional<TablePlace> m_current;
};

} // namespace pissarro::ui
