// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/card.h"

class QLabel;
class QPushButton;
class QScrollArea;

namespace pissarro::ui {

class ColumnList;
class Data;
class FormField;
class PathField;
class SegmentedControl;
class WholeEdit;

// «Data set»: the file, which column is what, the template, what is learned, the longest row, and what that comes to.
class SourceCard : public Card {
    Q_OBJECT

public:
    explicit SourceCard(Data& data, QWidget* parent = nullptr);

    void showData();
    QPushButton* trainButton() const { return m_train; }
    QPushButton* copyButton() const { return m_copy; }

Q_SIGNALS:
    void pathChosen(const QString& path); // by a person; empty: none

private:
    void buildForm();
    void connectWidgets();
    void showFacts();
    void showTotals();

    Data& m_data;
    bool m_filling = false;
    PathField* m_path;
    QWidget* m_form = nullptr;
    QScrollArea* m_area = nullptr;
    QLabel* m_kind;
    ColumnList* m_columns;
    SegmentedControl* m_template;
    FormField* m_templateRow;
    FormField* m_learnedRow;
    SegmentedControl* m_learned;
    FormField* m_lengthRow;
    WholeEdit* m_length;
    QLabel* m_totals;
    QPushButton* m_train;
    QPushButton* m_copy;
};

} // namespace pissarro::ui
