// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/export/export_run.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <vector>

namespace pissarro::ui {

// Runs that leave the program, one at a time. Its failures are told where a person exports.
class Exports : public Service {
    Q_OBJECT

public:
    explicit Exports(QObject* parent = nullptr);

    // Which states of a run can be exported: statesFound(), or Failed with why there is none.
    void lookForStates(const QString& runDirectory);
    // Which folder is free for what is to be written as `wanted`: folderFound().
    void lookForFolder(const QString& wanted);
    // Fails where `directory` is there already.
    void start(const QString& runDirectory, const core::ExportOptions& options,
               const QString& directory);
    void cancel();
    const core::ExportReport& report() const { return m_report; } // of the last, while Ready

Q_SIGNALS:
    void folderFound(const QString& wanted, const QString& fresh);
    void statesFound(const QString& runDirectory, const std::vector<core::StoredState>& states);

private:
    QString m_run; // of the last start() or lookForStates()
    core::ExportReport m_report;
    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge m_looking;
    JobBridge m_naming;
    JobBridge m_exporting {JobKind::OnScreen};
};

} // namespace pissarro::ui
