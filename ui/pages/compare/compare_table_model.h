// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/compare/compare_runs_model.h"

#include <QAbstractTableModel>
#include <QSet>
#include <QVector>

#include <vector>

namespace pissarro::ui {

// The runs that are drawn, one a row: what was found of the metric, and of their settings and figures what differs. Columns
// are made from core::runColumns(), which is made from the table of settings.
class CompareTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    static constexpr int kSortRole =
        Qt::UserRole; // numbers as numbers; what is not told, behind them

    using QAbstractTableModel::QAbstractTableModel;

    // all: also the columns in which they are alike. unit: what one is that is shown of the metric.
    void setRuns(const QVector<ComparedRun>& runs, const QHash<QString, OverlayFacts>& facts,
                 const QString& metric, bool all);
    int differing() const { return m_differing; } // columns of settings and figures that differ
    bool isFigure(int column) const; // right-aligned
    QString csv() const; // as it is shown, the numbers whole

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Cell {
        QString text; // as it is shown
        QString whole; // as CSV has it
        QVariant order; // to sort by
        bool isBest = false;
    };
    struct Column {
        QString title;
        QString tip;
        bool isFigure = false;
        QVector<Cell> cells; // a row each
    };
    static Cell textCell(const QString& text);
    static Cell numberCell(double value);
    static Column columnOf(const core::RunColumn& from, const QVector<ComparedRun>& runs);
    static QVector<Column> inputColumns(const QVector<ComparedRun>& runs);
    static bool differs(const Column& column);
    static void alignDecimals(Column& column);
    static void markBest(Column& column);
    static QVector<Column> metricColumns(const QVector<ComparedRun>& runs,
                                         const QHash<QString, OverlayFacts>& facts,
                                         const QString& metric);

    QVector<ComparedRun> m_runs;
    QVector<Column> m_columns;
    int m_differing = 0;
};

} // namespace pissarro::ui
