// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/sweep_results.h"

#include <QAbstractTableModel>
#include <QColor>
#include <QVector>

namespace pissarro::ui {

struct SweepLook;

// The runs of a sweep in the order of the queue. Rows that are dropped elsewhere ask for another order.
class QueueModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Progress, Loss, Note, ColumnCount };
    static constexpr int kShareRole = Qt::UserRole; // of Progress: done, from 0 to 1
    static constexpr int kRestsRole = Qt::UserRole + 1; // of Progress: whether nobody works at it

    using QAbstractTableModel::QAbstractTableModel;

    void setLook(const SweepLook* look); // null: empty
    void showTheme(); // another one is in force
    QString runAt(int row) const; // its name; empty: there is none
    core::SweepRunState stateAt(int row) const;
    int rowOf(const QString& run) const; // -1: it is not there
    QString labelAt(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    QStringList mimeTypes() const override;
    QMimeData* mimeData(const QModelIndexList& indexes) const override;
    bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column,
                      const QModelIndex& parent) override;

Q_SIGNALS:
    void moveWanted(const QString& run, int place);

private:
    struct Entry {
        core::SweepRun run;
        QString label;
        core::Method method;
        std::int64_t step = 0;
        std::int64_t steps = 0; // 0: not known
        double loss = 0.0; // NaN: none yet
        double seconds = 0.0; // that it trained

        double share() const;
        bool isAs(const Entry& other) const;
    };
    static QString noteOf(const Entry& entry);
    static QString wholeNoteOf(const Entry& entry);
    QVariant shown(const Entry& entry, int column) const;

    QVector<Entry> m_entries;
};

} // namespace pissarro::ui
