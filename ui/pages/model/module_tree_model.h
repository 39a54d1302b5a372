// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/spectrum_sweep.h"
#include "core/model/model_files.h"

#include <QAbstractItemModel>
#include <QHash>
#include <QVector>

#include <memory>

namespace pissarro::ui {

// The open model as a tree: embedding, layers with their weights, final norm, head.
// Threads: the GUI thread. It holds headers only; no weight is read.
class ModuleTreeModel : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Column { Name, Shape, DType, Parameters, Sigma, ColumnCount };
    // Of the Sigma column: a QVector<double> with the singular values, empty while they are not
    // known.
    static constexpr int kValuesRole = Qt::UserRole + 1;
    static constexpr int kModuleRole =
        Qt::UserRole + 2; // "model.layers.14.self_attn.q_proj"; empty for groups

    explicit ModuleTreeModel(QObject* parent = nullptr);

    void setModel(std::shared_ptr<const core::ModelFiles> files); // null empties the tree
    void setSpectra(const QHash<QString, std::shared_ptr<const core::ModuleSpectrum>>& all,
                    const QStringList& arrived);

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Leaf {
        QString label; // "q_proj"
        QString module; // whole path, without ".weight"
        QString shape; // "576 × 1,536"
        QString dtype;
        qint64 parameters = 0;
        QVector<double> values; // singular values
        QString problem; // why there are none
        int order = 0; // place within its layer
    };
    struct Group {
        Leaf self; // what the row of the group itself shows
        QVector<Leaf> leaves; // empty: the group is itself one weight
    };

    // What the row of a layer shows of its weights, and their order.
    static void finishLayer(int number, Group& layer);
    const Leaf* leafOf(const QModelIndex& index) const;
    QVariant textOf(const Leaf& leaf, int column) const;

    QVector<Group> m_groups;
    QHash<QString, QPair<int, int>> m_places; // module path to group and leaf
};

} // namespace pissarro::ui
