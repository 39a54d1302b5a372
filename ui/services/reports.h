// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/report_file.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <QString>
#include <QStringList>

namespace pissarro::ui {

// Reports of runs side by side, written one at a time as `compare -o` writes them. Its failures are told where a person asks
// for one.
class Reports : public Service {
    Q_OBJECT

public:
    explicit Reports(QObject* parent = nullptr);

    // overwrite: what a person agreed to, of request.output.
    void write(const core::ReportRequest& request, core::Overwrite overwrite);
    void cancel();
    const QString& written() const { return m_written; } // the last file, while Ready
    const QStringList& notes() const { return m_notes; } // what it could not tell, and why

private:
    QString m_asked;
    QString m_written;
    QStringList m_notes;
    JobBridge m_jobs {JobKind::Sweep}; // last: destroyed first
};

} // namespace pissarro::ui
