// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/sweep_results.h"

#include <QAbstractTableModel>
#include <QStringList>
#include <QVector>

namespace pissarro::ui {

// A recipe a row: mean ± standard error of its score over seeds, and what it cost.
class SeedsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Recipe, Score, Seeds, TrainLoss, Parameters, Time, State, ColumnCount };
    static constexpr int kSortRole = Qt::UserRole; // numbers as numbers; none behind them

    using QAbstractTableModel::QAbstractTableModel;

    void setResults(const core::SweepResults& results);
    void showTheme(); // another one is in force
    QStringList runsAt(int row) const; // its seeds
    int rowOf(const QString& run) const; // -1: it is not there
    QString csv() const; // as it is shown, the numbers whole

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        QString label;
        core::Method method;
        QStringList runs;
        core::SampleSummary score; // of the seeds that have one
        core::SampleSummary trainLoss;
        std::int64_t parameters = 0;
        double seconds = 0.0; // of a run, the mean
        QString state; // of its runs: "2 done, 1 waiting"
        bool best = false;
    };
    QVariant shown(const Row& row, int column) const;
    double number(const Row& row, int column) const;

    QVector<Row> m_rows;
    QString m_measure;
};

} // namespace pissarro::ui
