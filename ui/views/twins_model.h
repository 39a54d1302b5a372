// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/run_curves.h"

#include <QAbstractTableModel>

namespace pissarro::ui {

// The run and its twins, one a row, and under them the first run's loss minus the second's over the
// newest steps that both have made.
class TwinsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Loss, Step, ColumnCount };
    static constexpr int kMeanOver = 5; // steps

    using QAbstractTableModel::QAbstractTableModel;

    void setCurves(const QVector<RunCurve>& curves);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        QString name;
        QColor color; // invalid: the difference
        QString loss;
        QString step;
        QString hint; // tool tip
    };

    QVector<Row> m_rows;
};

} // namespace pissarro::ui
