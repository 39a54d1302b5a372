// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/exports.h"

#include "ui/services/folder_look.h"

#include <QDir>
#include <QFileInfo>

namespace pissarro::ui {

Exports::Exports(QObject* parent)
    : Service(parent)
{
    failWith(m_looking, [this](const QString& why) {
        return Failed {tr("Could not find what can be exported"), m_run, why};
    });
    goWith(m_exporting, [this](const QString& why) {
        return Failed {tr("Could not export the run"), m_run, why};
    });
}

void Exports::lookForStates(const QString& runDirectory)
{
    m_run = runDirectory;
    m_looking.start<std::vector<core::StoredState>>(
        [run = runDirectory.toStdString()](const core::JobContext&) {
            return core::exportableStates(run);
        },
        [this, runDirectory](const std::vector<core::StoredState>& states) {
            announce(this, &Exports::statesFound, runDirectory, states);
        });
}

void Exports::lookForFolder(const QString& wanted)
{
    m_naming.start<QString>(
        [wanted](const core::JobContext&) { return lookAtFolder(wanted).fresh; },
        [this, wanted](const QString& fresh) {
            announce(this, &Exports::folderFound, wanted, fresh);
        });
}

void Exports::start(const QString& runDirectory, const core::ExportOptions& options,
                    const QString& directory)
{
    m_run = runDirectory;
    m_exporting.setTitle(tr("Export of %1").arg(QDir(runDirectory).dirName()));
    m_exporting.start<core::ExportReport>(
        [run = runDirectory.toStdString(), options, directory,
         taken = tr("%1 exists already; choose another folder.").arg(directory)](
            const core::JobContext& job) {
            if (QFileInfo::exists(directory)) {
                throw core::Error(core::ErrorKind::InvalidArgument, taken.toStdString());
            }
            return core::exportRun(run, options, directory.toStdString(), job);
        },
        [this](core::ExportReport report) {
            m_report = std::move(report);
            setState(Ready {});
        });
    setState(Running {});
}

void Exports::cancel()
{
    m_exporting.cancel();
}

} // namespace pissarro::ui
