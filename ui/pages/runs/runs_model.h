// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/services/run_series.h"

#include <QAbstractTableModel>
#include <QColor>
#include <QHash>
#include <QSet>
#include <QStringList>
#include <QVector>

namespace pissarro::ui {

// What the table says of a run beside its summary.
struct RunFigures {
    std::int64_t stepsDone = 0;
    double finalLoss = 0.0; // NaN: no step yet
    double meanLoss = 0.0; // of the last five steps
    double tokensPerS = 0.0; // mean over the run
};

RunFigures figuresOf(const RunSeries& series);

// Every run on disk, one a row. New values keep rows, and so the selection, where the run is still
// there.
class RunsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Name,
        Method,
        Model,
        Rank,
        Rate,
        Steps,
        FinalLoss,
        MeanLoss,
        Speed,
        State,
        Started,
        ColumnCount
    };
    static constexpr int kSortRole = Qt::UserRole; // numbers as numbers, times as text

    struct Row {
        core::RunSummary run;
        RunFigures figures;
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setRows(const QVector<Row>& rows);
    const core::RunSummary& runAt(int row) const { return m_rows[row].run; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    static QString text(const Row& row, int column);
    QVariant sortValue(const Row& row, int column) const;
    int indexOf(const core::RunSummary& run) const;

    QVector<Row> m_rows;
    QHash<QString, QString> m_groupStart; // of twins: when the first of them began, by folder
};

// Where the configurations of some runs differ: a key a row, a run a column. Of one run: how it stands, and all its settings.
class DifferencesModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setRuns(const QVector<core::RunSummary>& runs, const QStringList& labels,
                 const QVector<QColor>& colors);
    void setRun(const core::RunSummary& run, std::int64_t stepsDone, const QString& label,
                const QColor& color);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void take(std::vector<core::SpecDifference> rows, const QStringList& labels,
              const QVector<QColor>& colors);

    std::vector<core::SpecDifference> m_differences;
    QSet<QString> m_defaults; // keys of one run that have the value of a fresh spec
    QStringList m_labels;
    QVector<QColor> m_colors;
};

} // namespace pissarro::ui
