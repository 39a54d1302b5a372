// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/accessible.h"
#include "ui/widgets/accessible_table_p.h"

#include <algorithm>

namespace pissarro::ui {

namespace {

// A cell, or a header: of a column in row -1, of a row in column -1, the corner in both.
class AccessibleCell : public QAccessibleInterface,
                       public QAccessibleTableCellInterface,
                       public QAccessibleActionInterface {
public:
    AccessibleCell(const AccessibleTable* whole, TablePlace place)
        : m_whole(whole)
        , m_place(place)
    {
    }

    TablePlace place() const { return m_place; }

    bool isValid() const override
    {
        return m_whole->isValid() && m_place.row < m_whole->rowCount()
            && m_place.column < m_whole->columnCount();
    }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return m_whole->window(); }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    QAccessibleInterface* parent() const override
    {
        return QAccessible::queryAccessibleInterface(m_whole->object());
    }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }

    QString text(QAccessible::Text which) const override
    {
        const ReadableTable* table = m_whole->table();
        if (!isValid() || table == nullptr) {
            return {};
        }
        if (isHeader()) {
            return which != QAccessible::Name ? QString()
                : m_place.row >= 0            ? table->rowName(m_place.row)
                : m_place.column >= 0         ? table->columnName(m_place.column)
                                              : QString();
        }
        switch (which) {
        case QAccessible::Name:
            return table->cellName(m_place);
        case QAccessible::Value:
            return table->cellText(m_place);
        case QAccessible::Description:
            return table->cellDetails(m_place);
        default:
            return {};
        }
    }
    void setText(QAccessible::Text, const QString&) override { }
    QRect rect() const override
    {
        const ReadableTable* table = m_whole->table();
        return isHeader() || table == nullptr || !isValid()
            ? QRect()
            : m_whole->onScreen(table->cellPlace(m_place));
    }
    QAccessible::Role role() const override
    {
        return !isHeader()        ? QAccessible::Cell
            : m_place.row >= 0    ? QAccessible::RowHeader
            : m_place.column >= 0 ? QAccessible::ColumnHeader
                                  : QAccessible::Whitespace;
    }
    QAccessible::State state() const override
    {
        QAccessible::State state;
        const ReadableTable* table = m_whole->table();
        state.readOnly = true;
        state.invalid = !isValid();
        if (table != nullptr && !isHeader() && isValid()) {
            const bool current = table->currentCell() == m_place;
            state.focusable = true;
            state.focused = current && m_whole->hasFocus();
            state.selectable = true;
            state.selected = table->isCellSelected(m_place);
        }
        return state;
    }
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        if (isHeader()) {
            return nullptr;
        }
        return type == QAccessible::TableCellInterface
            ? static_cast<void*>(static_cast<QAccessibleTableCellInterface*>(this))
            : type == QAccessible::ActionInterface
            ? static_cast<void*>(static_cast<QAccessibleActionInterface*>(this))
            : nullptr;
    }

    bool isSelected() const override { return state().selected != 0; }
    QList<QAccessibleInterface*> columnHeaderCells() const override
    {
        return {m_whole->at({-1, m_place.column})};
    }
    QList<QAccessibleInterface*> rowHeaderCells() const override
    {
        return {m_whole->at({m_place.row, -1})};
    }
    int columnIndex() const override { return m_place.column; }
    int rowIndex() const override { return m_place.row; }
    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    QAccessibleInterface* table() const override { return parent(); }

    QStringList actionNames() const override { return {pressAction()}; }
    void doAction(const QString& name) override
    {
        ReadableTable* table = m_whole->table();
        if (name == pressAction() && table != nullptr && isValid()) {
            table->selectCell(m_place);
        }
    }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }

private:
    bool isHeader() const { return m_place.row < 0 || m_place.column < 0; }

    const AccessibleTable* m_whole;
    TablePlace m_place;
};

qint64 keyOf(TablePlace place)
{
    return (qint64 {place.row} + 1) << 32 | (qint64 {place.column} + 1);
}

} // namespace

ReadableTable::ReadableTable()
{
    installAccessible();
}

bool ReadableTable::hasCell(TablePlace cell) const
{
    return cell.row >= 0 && cell.column >= 0 && cell.row < tableRows()
        && cell.column < tableColumns();
}

QString ReadableTable::cellName(TablePlace cell) const
{
    return QStringLiteral("%1, %2: %3")
        .arg(rowName(cell.row), columnName(cell.column), cellText(cell));
}

AccessibleTable::AccessibleTable(QWidget* widget)
    : QAccessibleWidget(widget)
{
}

AccessibleTable::~AccessibleTable()
{
    forgetCells();
}

void AccessibleTable::forgetCells()
{
    for (const QAccessible::Id id : std::exchange(m_cells, {})) {
        QAccessible::deleteAccessibleInterface(id);
    }
}

// Asked anew each time: while the widget is taken down it is no table any more.
ReadableTable* AccessibleTable::table() const
{
    return dynamic_cast<ReadableTable*>(object());
}

QAccessibleInterface* AccessibleTable::at(TablePlace place) const
{
    if (place.row < -1 || place.column < -1 || place.row >= rowCount()
        || place.column >= columnCount()) {
        return nullptr;
    }
    QAccessible::Id& id = m_cells[keyOf(place)];
    if (id == 0) {
        id = QAccessible::registerAccessibleInterface(new AccessibleCell(this, place));
    }
    return QAccessible::accessibleInterface(id);
}

QRect AccessibleTable::onScreen(QRect inWidget) const
{
    return inWidget.isNull() ? QRect() : inWidget.translated(widget()->mapToGlobal(QPoint()));
}

bool AccessibleTable::hasFocus() const
{
    return widget()->hasFocus();
}

QAccessible::Role AccessibleTable::role() const
{
    const ReadableTable* shown = table();
    return shown != nullptr ? shown->tableRole() : QAccessible::Client;
}

QString AccessibleTable::text(QAccessible::Text which) const
{
    const QString own = QAccessibleWidget::text(which);
    const ReadableTable* shown = table();
    return which == QAccessible::Description && own.isEmpty() && shown != nullptr
        ? shown->tableSummary()
        : own;
}

int AccessibleTable::childCount() const
{
    return rowCount() == 0 || columnCount() == 0 ? 0 : (rowCount() + 1) * (columnCount() + 1);
}

QAccessibleInterface* AccessibleTable::child(int index) const
{
    const int across = columnCount() + 1;
    return index < 0 || index >= childCount() ? nullptr
                                              : at({index / across - 1, index % across - 1});
}

int AccessibleTable::indexOfChild(const QAccessibleInterface* child) const
{
    const auto* cell = dynamic_cast<const AccessibleCell*>(child);
    return cell == nullptr || !cell->isValid()
        ? -1
        : (cell->place().row + 1) * (columnCount() + 1) + cell->place().column + 1;
}

QAccessibleInterface* AccessibleTable::childAt(int x, int y) const
{
    const ReadableTable* shown = table();
    for (int row = 0; shown != nullptr && row < rowCount(); ++row) {
        for (int column = 0; column < columnCount(); ++column) {
            if (onScreen(shown->cellPlace({row, column})).contains(x, y)) {
                return at({row, column});
            }
        }
    }
    return nullptr;
}

QAccessibleInterface* AccessibleTable::focusChild() const
{
    const ReadableTable* shown = table();
    const auto current = shown != nullptr && hasFocus() ? shown->currentCell() : std::nullopt;
    return current ? at(*current) : nullptr;
}

void* AccessibleTable::interface_cast(QAccessible::InterfaceType type)
{
    const ReadableTable* shown = table();
    if (type == QAccessible::TableInterface) {
        return static_cast<QAccessibleTableInterface*>(this);
    }
    if (type == QAccessible::ValueInterface && shown != nullptr && shown->movedValue()) {
        return static_cast<QAccessibleValueInterface*>(this);
    }
    return QAccessibleWidget::interface_cast(type);
}

QAccessibleInterface* AccessibleTable::cellAt(int row, int column) const
{
    return row < 0 || column < 0 ? nullptr : at({row, column});
}

int AccessibleTable::selectedCellCount() const
{
    return static_cast<int>(selectedCells().size());
}

QList<QAccessibleInterface*> AccessibleTable::selectedCells() const
{
    QList<QAccessibleInterface*> cells;
    const ReadableTable* shown = table();
    for (int row = 0; shown != nullptr && row < rowCount(); ++row) {
        for (int column = 0; column < columnCount(); ++column) {
            if (shown->isCellSelected({row, column})) {
                cells.append(at({row, column}));
            }
        }
    }
    return cells;
}

QString AccessibleTable::columnDescription(int column) const
{
    const ReadableTable* shown = table();
    return shown != nullptr && column >= 0 && column < columnCount() ? shown->columnName(column)
                                                                     : QString();
}

QString AccessibleTable::rowDescription(int row) const
{
    const ReadableTable* shown = table();
    return shown != nullptr && row >= 0 && row < rowCount() ? shown->rowName(row) : QString();
}

int AccessibleTable::columnCount() const
{
    const ReadableTable* shown = table();
    return shown != nullptr ? shown->tableColumns() : 0;
}

int AccessibleTable::rowCount() const
{
    const ReadableTable* shown = table();
    return shown != nullptr ? shown->tableRows() : 0;
}

bool AccessibleTable::isColumnSelected(int column) const
{
    const ReadableTable* shown = table();
    bool all = shown != nullptr && column >= 0 && column < columnCount() && rowCount() > 0;
    for (int row = 0; all && row < rowCount(); ++row) {
        all = shown->isCellSelected({row, column});
    }
    return all;
}

bool AccessibleTable::isRowSelected(int row) const
{
    const ReadableTable* shown = table();
    bool all = shown != nullptr && row >= 0 && row < rowCount() && columnCount() > 0;
    for (int column = 0; all && column < columnCount(); ++column) {
        all = shown->isCellSelected({row, column});
    }
    return all;
}

QList<int> AccessibleTable::selectedColumns() const
{
    QList<int> selected;
    for (int column = 0; column < columnCount(); ++column) {
        if (isColumnSelected(column)) {
            selected.append(column);
        }
    }
    return selected;
}

QList<int> AccessibleTable::selectedRows() const
{
    QList<int> selected;
    for (int row = 0; row < rowCount(); ++row) {
        if (isRowSelected(row)) {
            selected.append(row);
        }
    }
    return selected;
}

int AccessibleTable::selectedColumnCount() const
{
    return static_cast<int>(selectedColumns().size());
}

int AccessibleTable::selectedRowCount() const
{
    return static_cast<int>(selectedRows().size());
}

void AccessibleTable::modelChange(QAccessibleTableModelChangeEvent* /*event*/)
{
    forgetCells();
}

QVariant AccessibleTable::currentValue() const
{
    const ReadableTable* shown = table();
    return shown != nullptr ? shown->movedValue().value_or(MovedValue {}).now : 0.0;
}

void AccessibleTable::setCurrentValue(const QVariant& value)
{
    if (ReadableTable* shown = table()) {
        shown->moveValue(value.toDouble());
    }
}

QVariant AccessibleTable::maximumValue() const
{
    const ReadableTable* shown = table();
    return shown != nullptr ? shown->movedValue().value_or(MovedValue {}).upper : 0.0;
}

QVariant AccessibleTable::minimumValue() const
{
    const ReadableTable* shown = table();
    return shown != nullptr ? shown->movedValue().value_or(MovedValue {}).lower : 0.0;
}

} // namespace pissarro::ui
