// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/run_steps.h"

#include <utility>

namespace pissarro::ui {

MarkStep::MarkStep(RunLibrary& library, const QString& title, const QVector<MarkChange>& changes)
    : QUndoCommand(title)
    , m_library(library)
    , m_changes(changes)
{
}

void MarkStep::redo()
{
    m_library.changeMarks(m_changes);
}

void MarkStep::undo()
{
    QVector<MarkChange> back = m_changes;
    for (MarkChange& change : back) {
        std::swap(change.before, change.after);
    }
    m_library.changeMarks(back);
}

TrashStep::TrashStep(RunLibrary& library, const QString& title, const QStringList& runs)
    : QUndoCommand(title)
    , m_library(library)
    , m_runs(runs)
{
}

void TrashStep::redo()
{
    m_library.moveToTrash(m_runs);
}

void TrashStep::undo()
{
    m_library.bringBack(m_runs);
}

} // namespace pissarro::ui
