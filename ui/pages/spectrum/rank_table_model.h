// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/rank_map.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QStringList>
#include <QStyledItemDelegate>

#include <string>
#include <vector>

namespace pissarro::ui {

// A rank map as a table: layers down, module types across. A cell that the model lacks is empty.
class RankTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    RankTableModel(std::vector<core::LinearModule> modules, QObject* parent = nullptr);

    void setMap(const core::RankMap& map); // emits dataChanged, not edited()
    const core::LinearModule* moduleAt(const QModelIndex& index) const; // nullptr: none there

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void edited(const QModelIndex& index, int rank); // by a person

private:
    std::vector<core::LinearModule> m_modules;
    std::vector<std::string> m_types;
    int m_layers = 0;
    QHash<int, int> m_at; // row * columns + column -> index into m_modules
    core::RankMap m_map;
};

// Paints a cell in the colour of its rank; a selected one has a frame.
class RankCellDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    // Any text: what is no rank, or what a matrix does not have, is said, not swallowed.
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& option,
                          const QModelIndex& index) const override;
    void setModelData(QWidget* editor, QAbstractItemModel* model,
                      const QModelIndex& index) const override;

Q_SIGNALS:
    void refused(const QString& problem) const; // "must be a whole number, found 2.5"
};

} // namespace pissarro::ui
