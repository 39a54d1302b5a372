// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/run_library.h"

#include <QStringList>
#include <QUndoCommand>
#include <QVector>

namespace pissarro::ui {

// What a person said of runs, as a step that can be taken back. What somebody else says of them meanwhile stays.
class MarkStep : public QUndoCommand {
public:
    MarkStep(RunLibrary& library, const QString& title, const QVector<MarkChange>& changes);
    void redo() override;
    void undo() override;

private:
    RunLibrary& m_library;
    QVector<MarkChange> m_changes;
};

// Run folders moved into the trash, and brought back from there.
class TrashStep : public QUndoCommand {
public:
    TrashStep(RunLibrary& library, const QString& title, const QStringList& runs);
    void redo() override;
    void undo() override;

private:
    RunLibrary& m_library;
    QStringList m_runs;
};

} // namespace pissarro::ui
