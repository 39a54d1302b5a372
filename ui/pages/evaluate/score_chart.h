// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/readable_table.h"

#include <QColor>
#include <QVector>
#include <QWidget>

namespace pissarro::ui {

// A score with its interval.
struct ScoreMark {
    QString name; // of the model
    QColor color;
    double value = 0.0;
    double low = 0.0;
    double high = 0.0;
    QString text; // the value, as it is written beside the mark
    bool isWhole = true; // all is answered; else the mark is hollow and its line dashed
};

// The scores of one task.
struct ScoreGroup {
    int task = 0;
    QString title;
    QString subtitle; // a line or two
    bool isShare = true; // in percent, on the axis that all shares have; else on a scale of its own
    QVector<ScoreMark> marks;
};

// Scores of several tasks, a row a model: a point with its interval as a line. Click or arrow keys choose a task.
class ScoreChart : public QWidget, public ReadableTable {
    Q_OBJECT

public:
    explicit ScoreChart(QWidget* parent = nullptr);

    void setGroups(const QVector<ScoreGroup>& groups);
    const QVector<ScoreGroup>& groups() const { return m_groups; }
    void setChosen(int task); // emits nothing
    int chosen() const { return m_chosen; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    int tableRows() const override;
    int tableColumns() const override { return 1; }
    QString rowName(int row) const override; // "GSM8K, PiSSA"
    QString columnName(int column) const override;
    QString cellText(TablePlace cell) const override;
    QString cellDetails(TablePlace cell) const override;
    QRect cellPlace(TablePlace cell) const override;
    std::optional<TablePlace> currentCell() const override;
    bool isCellSelected(TablePlace cell) const override;
    void selectCell(TablePlace cell) override;

Q_SIGNALS:
    void taskChosen(int task); // by a person

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    struct Range {
        double from = 0.0;
        double to = 1.0;
    };
    struct Row { // of a mark
        int group = 0;
        int mark = 0;
    };
    Row rowAt(int row) const;
    QString tipAt(const QPoint& point) const;
    int lastShare() const; // group above the axis that shares have; -1: there is none
    double tick() const; // of that axis
    int labelRoom() const; // px, at the right of the intervals
    Range rangeOf(const ScoreGroup& group) const;
    Range shares() const;
    int topOf(int group) const; // px
    int heightOf(const ScoreGroup& group) const;
    QRect plotOf(int group) const;
    void drawGroup(QPainter& painter, int group) const;
    void drawName(QPainter& painter, int group) const;
    void drawMark(QPainter& painter, const QRect& row, const ScoreMark& mark, Range range) const;
    void drawAxis(QPainter& painter) const;
    void choose(int task);

    QVector<ScoreGroup> m_groups;
    int m_chosen = -1;
};

} // namespace pissarro::ui
