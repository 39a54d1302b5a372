// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_filter.h"
#include "ui/services/overlay.h"
#include "ui/views/compared_run.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QStringList>
#include <QVector>

namespace pissarro::ui {

// Every run that there is, with a check for those that are drawn, which new values keep.
class CompareRunsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Last, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void setRuns(const QVector<ComparedRun>& runs);
    void setFacts(const QHash<QString, OverlayFacts>& facts, double unit); // of what is drawn
    void setChosen(const QStringList& paths); // in that order
    const QStringList& chosen() const { return m_chosen; } // in the order in which they were
    QVector<ComparedRun> chosenRuns() const; // those that are there
    const ComparedRun& runAt(int row) const { return m_runs[row]; }
    const OverlayFacts* factsOf(const QString& path) const; // null: it was not read
    void showTheme(); // another one is in force

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void chosenChanged();

private:
    void dress(); // labels and strokes of those that are chosen
    QString lastOf(const ComparedRun& run) const;
    QString tipOf(const ComparedRun& run) const;
    void tellAll();

    QVector<ComparedRun> m_runs;
    QStringList m_chosen;
    QHash<QString, OverlayFacts> m_facts;
    double m_unit = 1.0;
};

// Those of them that a person looks for.
class CompareRunsFilter : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit CompareRunsFilter(CompareRunsModel* runs, QObject* parent = nullptr);

    // In the words of core::RunFilter; runs of others by their name. Returns what is wrong with them, empty: nothing; then
    // the ones before stay.
    QString setWords(const QString& words);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    CompareRunsModel* m_runs;
    QString m_words;
    core::RunFilter m_filter;
};

} // namespace pissarro::ui
