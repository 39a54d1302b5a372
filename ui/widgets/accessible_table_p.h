// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/readable_table.h"

#include <QAccessibleWidget>
#include <QHash>

namespace pissarro::ui {

// A widget that is a ReadableTable, as screen readers walk it. Its children are the corner, the headers of the columns, then
// row by row the row's header and its cells: child (row + 1) · (columns + 1) + column + 1.
class AccessibleTable : public QAccessibleWidget,
                        public QAccessibleTableInterface,
                        public QAccessibleValueInterface {
public:
    explicit AccessibleTable(QWidget* widget);
    ~AccessibleTable() override;

    ReadableTable* table() const; // null: the widget is about to go
    QAccessibleInterface* at(TablePlace place) const; // row or column -1: its header
    QRect onScreen(QRect inWidget) const;
    bool hasFocus() const;

    QAccessible::Role role() const override;
    QString text(QAccessible::Text which) const override;
    int childCount() const override;
    QAccessibleInterface* child(int index) const override;
    int indexOfChild(const QAccessibleInterface* child) const override;
    QAccessibleInterface* childAt(int x, int y) const override;
    QAccessibleInterface* focusChild() const override;
    void* interface_cast(QAccessible::InterfaceType type) override;

    QAccessibleInterface* caption() const override { return nullptr; } // its name
    QAccessibleInterface* summary() const override { return nullptr; } // its description
    QAccessibleInterface* cellAt(int row, int column) const override;
    int selectedCellCount() const override;
    QList<QAccessibleInterface*> selectedCells() const override;
    QString columnDescription(int column) const override;
    QString rowDescription(int row) const override;
    int selectedColumnCount() const override;
    int selectedRowCount() const override;
    int columnCount() const override;
    int rowCount() const override;
    QList<int> selectedColumns() const override;
    QList<int> selectedRows() const override;
    bool isColumnSelected(int column) const override;
    bool isRowSelected(int row) const override;
    bool selectRow(int) override { return false; } // cells are selected, one by one
    bool selectColumn(int) override { return false; }
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int) override { return false; }
    void modelChange(QAccessibleTableModelChangeEvent* event) override;

    QVariant currentValue() const override;
    void setCurrentValue(const QVariant& value) override;
    QVariant maximumValue() const override;
    QVariant minimumValue() const override;
    QVariant minimumStepSize() const override { return 1; }

private:
    void forgetCells();

    mutable QHash<qint64, QAccessible::Id> m_cells; // those that were asked for
};

} // namespace pissarro::ui
