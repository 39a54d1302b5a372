// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"

#include <QAbstractTableModel>
#include <QColor>
#include <QSet>
#include <QStringList>
#include <QVector>

#include <utility>
#include <vector>

namespace pissarro::ui {

// Where some runs differ: a setting a row, then what came of them with the best in bold, a run a column. Of one run: how it
// stands, and all its settings.
class DifferencesModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    // all: also the settings and results in which they are alike.
    void setRuns(const QVector<core::RunSummary>& runs, const QStringList& labels,
                 const QVector<QColor>& colors, bool all = false);
    void setRun(const core::RunSummary& run, std::int64_t stepsDone, const QString& label,
                const QColor& color);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    int differing() const { return m_settings; } // settings that differ, of setRuns()

private:
    QVariant alignmentOf(int column) const;
    void take(std::vector<core::SpecDifference> rows, const QStringList& labels,
              const QVector<QColor>& colors);
    void addResults(std::vector<core::SpecDifference>& rows, const QVector<core::RunSummary>& runs,
                    bool all);

    std::vector<core::SpecDifference> m_differences;
    QSet<QString> m_defaults; // keys of one run that have the value of a fresh spec
    QSet<std::pair<QString, int>> m_best; // key and run whose result is the best
    int m_settings = 0;
    QStringList m_labels;
    QVector<QColor> m_colors;
};

} // namespace pissarro::ui
