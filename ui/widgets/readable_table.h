// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAccessible>
#include <QRect>
#include <QString>

#include <optional>

namespace pissarro::ui {

// A place among the cells of a ReadableTable.
struct TablePlace {
    int row = 0;
    int column = 0;

    friend bool operator==(const TablePlace& a, const TablePlace& b) = default;
};

// A number that a person moves, within its limits: the cursor of a plot.
struct MovedValue {
    double now = 0.0;
    double lower = 0.0;
    double upper = 0.0;
};

// What a painted widget shows, as rows and columns of texts: a widget that is one too is given to screen readers as a table
// whose cells are named by their headers and their value (accessible_table_p.h). Tables are small enough to be walked: what
// has more shows a bounded choice.
// Threads: the GUI thread.
class ReadableTable {
public:
    ReadableTable(); // from now on such widgets are read
    virtual ~ReadableTable() = default;
    ReadableTable(const ReadableTable&) = delete;
    ReadableTable& operator=(const ReadableTable&) = delete;

    virtual QAccessible::Role tableRole() const { return QAccessible::Table; }
    virtual int tableRows() const = 0;
    virtual int tableColumns() const = 0;
    virtual QString rowName(int row) const = 0; // "Layer 14"
    virtual QString columnName(int column) const = 0; // "q", "step = 20"
    virtual QString cellText(TablePlace cell) const = 0; // "87.5 %", as it is drawn
    virtual QString cellDetails(TablePlace) const { return {}; } // more, where a person asks
    virtual QRect cellPlace(TablePlace cell) const = 0; // px in the widget
    virtual std::optional<TablePlace> currentCell() const { return std::nullopt; } // of the keys
    virtual bool isCellSelected(TablePlace) const { return false; }
    virtual void selectCell(TablePlace) { } // it alone
    virtual QString tableSummary() const { return {}; } // of what is seen; one line
    virtual std::optional<MovedValue> movedValue() const { return std::nullopt; }
    virtual void moveValue(double) { }

    QString cellName(TablePlace cell) const; // "Layer 14, q: 87.5 %"
    bool hasCell(TablePlace cell) const;
};

} // namespace pissarro::ui
