// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <QObject>

namespace pissarro::ui {

// `slot` is called where `edit` has been left or Enter was pressed. A widget that is destroyed takes the focus from its
// fields, which says that they have been left: by then it is no Owner any more, and nothing is called.
// Requires: Owner has Q_OBJECT. Threads: the GUI thread.
template <class Owner, class Slot>
void whenEdited(QLineEdit* edit, Owner* owner, Slot slot)
{
    QObject::connect(edit, &QLineEdit::editingFinished, owner, [owner, slot] {
        if (qobject_cast<Owner*>(static_cast<QObject*>(owner)) != nullptr) {
            slot();
        }
    });
}

} // namespace pissarro::ui
