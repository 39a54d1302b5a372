// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/exports.h"

#include <QDir>

namespace pissarro::ui {

Exports::Exports(QObject* parent)
    : Service(parent)
{
    connect(&m_looking, &JobBridge::failed, this, [this](quint64, const QString& text) {
        setState(Failed {tr("Could not find what can be exported"), m_run, text});
    });
    connect(&m_exporting, &JobBridge::progressed, this,
            [this](quint64, double fraction, const QString& stage) {
                setState(Running {fraction, stage});
            });
    connect(&m_exporting, &JobBridge::failed, this, [this](quint64, const QString& text) {
        setState(Failed {tr("Could not export the run"), m_run, text});
    });
    connect(&m_exporting, &JobBridge::cancelled, this, [this](quint64 id) {
        if (id == m_job) { // not one that another took the place of
            setState(Idle {});
        }
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

void Exports::start(const QString& runDirectory, const core::ExportOptions& options,
                    const QString& directory)
{
    m_run = runDirectory;
    m_exporting.setTitle(tr("Export of %1").arg(QDir(runDirectory).dirName()));
    m_job = m_exporting.start<core::ExportReport>(
        [run = runDirectory.toStdString(), options, target = directory.toStdString()](
            const core::JobContext& job) { return core::exportRun(run, options, target, job); },
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
