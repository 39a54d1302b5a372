// SPDX-License-Identifier: GPL-3.0-or-later
// What the Runs page does with a run that has just ended.
#include "ui/pages/runs/runs_page.h"
#include "ui/services/services.h"
#include "ui/views/run_curves.h"
#include "ui/words/run_words.h"

namespace pissarro::ui {

void RunsPage::take(const QVariant& with)
{
    const QStringList directories = with.toStringList();
    m_services.library.refresh([this, directories] { // the run may have ended just now
        m_selectedOnce = true;
        showRuns();
        select(directories);
        if (directories.size() == 1) {
            openExport();
        }
    });
}

QVector<NextStep> RunsPage::nextSteps() const
{
    QStringList all;
    for (const core::RunSummary& run : m_services.training.runs()) {
        all.append(directoryOf(run));
    }
    if (all.isEmpty()) {
        return {};
    }
    QVector<NextStep> steps {
        {tr("Export…"), tr("Take the adapter, or the model with it, away"), all.mid(0, 1)}};
    if (all.size() > 1) {
        steps.append({tr("Compare"), tr("The run and its twins side by side"), all});
    }
    return steps;
}

} // namespace pissarro::ui
