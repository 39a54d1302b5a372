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

// One run in parallel coordinates.
struct ParallelRun {
    QString name; // of the run
    QString label; // as people read it
    QColor color;
    QVector<int> values; // of each axis which of its values; -1: it has none
    double score =
        std::numeric_limits<double>::quiet_NaN(); // on the last axis; none: it ends before
};

struct ParallelAxis {
    QString title;
    QStringList values; // from the bottom up
};

// Runs as lines over axes of what is varied, the last axis their score: which settings lead to which scores. A click chooses the
// nearest line, a double click opens it; Up and Down walk the runs, Space chooses, Enter opens.
class ParallelPlot : public QWidget, public ReadableTable {
    Q_OBJECT

public:
    ParallelPlot(const QString& name, const QString& accessible, QWidget* parent = nullptr);

    void setRuns(const QVector<ParallelAxis>& axes, const QString& score,
                 const QVector<ParallelRun>& runs);
    const QVector<ParallelRun>& runs() const { return m_runs; }
    void setSelected(const QString& run); // emits nothing
    QPointF place(int run, int axis) const; // px; axis: the score behind the last one

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    int tableRows() const override { return static_cast<int>(m_runs.size()); }
    int tableColumns() const override { return static_cast<int>(m_axes.size()) + 1; }
    QString rowName(int row) const override { return m_runs[row].label; }
    QString columnName(int column) const override;
    QString cellText(TablePlace cell) const override;
    QRect cellPlace(TablePlace cell) const override;
    std::optional<TablePlace> currentCell() const override;
    bool isCellSelected(TablePlace cell) const override;
    void selectCell(TablePlace cell) override { choose(cell.row, false); }

Q_SIGNALS:
    void runChosen(const QString& run); // by a person
    void runOpened(const QString& run);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;

private:
    double xOf(int axis) const;
    bool has(int run, int axis) const;
    QPolygonF lineOf(int run) const;
    int nearest(const QPointF& position) const; // -1: none is near
    void choose(int run, bool opens);
    void walk(int runs);
    void paintAxes(QPainter& painter) const;
    void paintTicks(QPainter& painter) const;

    QVector<ParallelAxis> m_axes;
    QString m_score;
    QVector<ParallelRun> m_runs;
    double m_low = 0.0;
    double m_high = 1.0;
    QString m_selected;
    int m_current = -1; // of the keys
};

} // namespace pissarro::ui
