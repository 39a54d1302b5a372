// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAccessible>

class QString;
class QWidget;

namespace pissarro::ui {

// What screen readers are told beyond what Qt tells them. Qt 6.4 has no event for announcements (QAccessible::Announcement
// comes with 6.8) and its bridge on Linux drops alerts: what changes by itself is told as a change of a name or a value,
// which readers say.
// Threads: the GUI thread.

// From now on: a label that has an accessible name is read with what it shows ("Energy kept, 19.2 %"), a combo box by its
// accessible name, a widget by its role (setSpokenRole), a ReadableTable by rows and cells. Any number of calls.
void installAccessible();

// What kind of part it is, where its class does not say: a group, a message. Before it is shown.
void setSpokenRole(QWidget* widget, QAccessible::Role role);

// Hears what is told by the functions below, as a screen reader does; null: none. Tests do: the offscreen platform has no
// bridge that Qt would pass it to. Returns the one before.
using Hearer = void (*)(QAccessibleEvent* event);
Hearer setHearer(Hearer hearer);

// Whether anybody hears: else what costs something to be told need not be looked up.
bool isHeard();

// Sets the accessible name and has it said, whoever has the focus. Nothing where it is the same.
void announceAs(QWidget* widget, const QString& name);

// Whether the focus came by a key: then what is current is seen.
constexpr bool isByKeyboard(Qt::FocusReason reason)
{
    return reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason
        || reason == Qt::ShortcutFocusReason;
}

// Of a widget that is a ReadableTable: another cell is current, or rows and columns are others.
void tellCurrentCell(QWidget* table);
void tellOtherTable(QWidget* table);
// A number that a person moves is another.
void tellValue(QWidget* widget, double value);

} // namespace pissarro::ui
