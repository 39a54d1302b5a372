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
#include <utility>

namespace pissarro::ui {

// A score under one value of a setting.
struct ScorePoint {
    int column = 0; // of the plot's
    double value = std::numeric_limits<double>::quiet_NaN();
    double error = 0.0; // standard error over seeds, a whisker up and down; 0: none
    bool open = false; // runs of it are still to come: hollow
    QString note; // beside the point: "2e-4"
    QString tip; // all there is to tell
    QStringList runs; // that it stands for; a click chooses the first
};

// A method's line, or that of one setting beside it.
struct ScoreLine {
    QString label;
    QColor color;
    int place =
        0; // among the lines of its colour: those behind the first are dashed, each otherwise
    QVector<ScorePoint> points; // by column, ascending
};

// Scores against the values of a setting, each value as far from the next: 8, 16, 32. A point is a run or its seeds: a click
// or Space chooses it, a double click or Enter opens it; arrows walk the points. Screen readers have a row for each line.
class ScorePlot : public QWidget, public ReadableTable {
    Q_OBJECT

public:
    ScorePlot(const QString& name, const QString& accessible, QWidget* parent = nullptr);

    void setTitles(const QString& x, const QString& y);
    void setLines(const QStringList& columns, const QVector<ScoreLine>& lines);
    const QVector<ScoreLine>& lines() const { return m_lines; }
    void setDifferences(bool on); // of the first two lines, written between them
    // Of plots that share y; none: by the points.
    void setRange(const std::optional<std::pair<double, double>>& range);
    std::optional<std::pair<double, double>> dataRange() const; // none: there is no point
    void setEmptyText(const QString& text);
    void setSelected(const QString& run); // emits nothing
    QPointF pointPlace(int line, int point) const; // px

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    QAccessible::Role tableRole() const override { return QAccessible::Chart; }
    int tableRows() const override { return static_cast<int>(m_lines.size()); }
    int tableColumns() const override { return static_cast<int>(m_columns.size()); }
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
    void runChosen(const QString& run); // by a person
    void runOpened(const QString& run);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF area() const;
    double xOf(int column) const;
    double yOf(double value) const;
    std::pair<double, double> range() const;
    const ScorePoint* pointAt(TablePlace cell) const; // null: none is there
    std::optional<TablePlace> nearest(const QPointF& position) const;
    void choose(TablePlace cell, bool opens);
    void walk(int lines, int columns);
    void paintGrid(QPainter& painter) const;
    void paintLine(QPainter& painter, const ScoreLine& line) const;
    QVector<QRectF> paintEnds(QPainter& painter) const;
    void paintNotes(QPainter& painter) const;
    bool isHighest(int line, const ScorePoint& point) const;
    void paintDifferences(QPainter& painter) const;

    QString m_xTitle;
    QString m_yTitle;
    QString m_emptyText;
    QStringList m_columns;
    QVector<ScoreLine> m_lines;
    std::optional<std::pair<double, double>> m_range;
    QString m_selected;
    std::optional<TablePlace> m_current; // of the keys
    bool m_differences = false;
    int m_labelRoom = 0; // px, that the longest name at an end takes with its note
};

} // namespace pissarro::ui
