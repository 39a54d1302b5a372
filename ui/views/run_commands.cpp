// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/run_commands.h"

#include "ui/services/machine.h"
#include "ui/views/run_curves.h"
#include "ui/words/form_words.h"

#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>

namespace pissarro::ui {

void copyCommandsOf(const QVector<core::RunSummary>& runs, Machine& machine, QObject* context)
{
    QVector<core::RunSpec> specs;
    QStringList folders;
    for (const core::RunSummary& run : runs) {
        specs.append(run.spec);
        folders.append(runDirectoryFor(QFileInfo(directoryOf(run)).absolutePath(), run.spec));
    }
    machine.look(folders, context, [specs](const QVector<FolderLook>& looks) {
        QStringList commands;
        for (qsizetype i = 0; i < specs.size(); ++i) {
            commands << commandFor(specs[i], {}, looks[i].fresh);
        }
        QGuiApplication::clipboard()->setText(commands.join(QLatin1Char('\n')));
    });
}

} // namespace pissarro::ui
