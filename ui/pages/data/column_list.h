// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/column_map.h"

#include <QVector>
#include <QWidget>

#include <string>
#include <vector>

class QComboBox;
class QGridLayout;
class QLabel;
class QPushButton;

namespace pissarro::ui {

// The columns of the open data, a line each with the role that it plays: those that its name says, until a person chooses.
// A role is one column's: whoever else had it has none then.
class ColumnList : public QWidget {
    Q_OBJECT

public:
    explicit ColumnList(QWidget* parent = nullptr);

    // What is learned from them: questions and their answers, or texts with labels.
    enum class Kind { Answers, Labels };
    // chosen: by a person; empty: by their names. Emits nothing.
    void setColumns(const std::vector<std::string>& columns, const core::ColumnMap& chosen,
                    Kind kind = Kind::Answers);

Q_SIGNALS:
    // By a person; empty: by names again. Only such a choice as something can be learned from.
    void chosen(const pissarro::core::ColumnMap& map);

private:
    static constexpr int kMostRows = 40; // columns that can be chosen of
    void rebuild();
    void take(int row);
    core::ColumnMap shown() const;
    QString problem() const;
    void showProblem();

    std::vector<std::string> m_columns;
    core::ColumnMap m_map;
    Kind m_kind = Kind::Answers;
    bool m_isChosen = false;
    QGridLayout* m_grid;
    QVector<QComboBox*> m_roles; // by column
    QLabel* m_note;
    QPushButton* m_byName;
};

} // namespace pissarro::ui
