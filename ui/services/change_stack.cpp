// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/change_stack.h"

#include <QScopedValueRollback>

namespace pissarro::ui {

ChangeStack::ChangeStack(QObject* parent)
    : QUndoStack(parent)
{
    connect(this, &QUndoStack::indexChanged, this, &ChangeStack::dropObsolete);
}

// QUndoStack's own destructor still emits, when there is no ChangeStack left to hear it.
ChangeStack::~ChangeStack()
{
    disconnect(this, nullptr, this, nullptr);
}

void ChangeStack::move(const std::function<void()>& act)
{
    const QScopedValueRollback moving(m_moving, true);
    act();
}

// QUndoStack deletes an obsolete step instead of doing it.
void ChangeStack::dropObsolete()
{
    while (index() > 0 && command(index() - 1)->isObsolete()) {
        undo();
    }
    while (index() < count() && command(index())->isObsolete()) {
        redo();
    }
}

void ChangeStack::pushTold(QUndoCommand* step)
{
    const QString text = step->text();
    push(step);
    Q_EMIT told(text);
}

} // namespace pissarro::ui
