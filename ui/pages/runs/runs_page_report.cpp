// SPDX-License-Identifier: GPL-3.0-or-later
// The report of the runs that are selected.
#include "ui/pages/runs/runs_page.h"
#include "ui/services/services.h"
#include "ui/views/report_dialog.h"
#include "ui/views/run_curves.h"

namespace pissarro::ui {

void RunsPage::openReport()
{
    QVector<ReportDialog::Run> runs;
    for (const core::RunSummary& run : selectedRuns()) {
        runs.append(
            {directoryOf(run),
             tr("%1 · %2", "a run's recipe and its folder").arg(runTitle(run.spec), runName(run))});
    }
    if (!runs.isEmpty()) {
        auto* dialog = new ReportDialog(m_services.reports, runs, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->open();
    }
}

} // namespace pissarro::ui
