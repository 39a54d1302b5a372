// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/reports.h"

#include "ui/widgets/widget_export.h"
#include "ui/words/format.h"

#include <QFileInfo>

namespace pissarro::ui {

Reports::Reports(QObject* parent)
    : Service(parent)
{
    goWith(m_jobs, [this](const QString& why) {
        return Failed {tr("The report was not written"), m_asked, why};
    });
}

void Reports::write(const core::ReportRequest& request, core::Overwrite overwrite)
{
    m_asked = textOf(request.output);
    m_jobs.setTitle(tr("Report %1").arg(QFileInfo(m_asked).fileName()));
    m_jobs.start<std::vector<std::string>>(
        [request, rule = inputsInUse(overwrite)](const core::JobContext& job) {
            return core::writeReport(request, withAllRead(rule), job).notes;
        },
        [this](const std::vector<std::string>& notes) {
            m_written = m_asked;
            m_notes.clear();
            for (const std::string& note : notes) {
                m_notes.append(QString::fromStdString(note));
            }
            setState(Ready {});
        });
    setState(Running {});
}

void Reports::cancel()
{
    m_jobs.cancel();
}

} // namespace pissarro::ui
