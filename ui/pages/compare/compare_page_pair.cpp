// SPDX-License-Identifier: GPL-3.0-or-later
// Two runs closely on the Compare page, and the report of those that are chosen.
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/compare/compare_runs_model.h"
#include "ui/pages/compare/pair_view.h"
#include "ui/services/services.h"
#include "ui/views/report_dialog.h"
#include "ui/views/run_curves.h"
#include "ui/widgets/file_dialogs.h"

#include <QAction>
#include <QStackedLayout>

#include <utility>

namespace pissarro::ui {

namespace {

enum PageOf { Empty, Curves, Pair };

// The map as a run of that scale has it: each matrix is scaled as before.
core::RankPatterns patternsOf(const core::RankMap& map, const core::RunSpec& spec)
{
    core::RankPatterns patterns;
    const double scale = spec.alpha / static_cast<double>(spec.rank);
    for (const auto& [module, rank] : map.ranks) {
        patterns.ranks[module] = rank;
        patterns.alphas[module] = scale * static_cast<double>(rank);
    }
    return patterns;
}

} // namespace

void ComparePage::showPages()
{
    const bool isEmpty = m_runs->rowCount() == 0;
    m_pages->setCurrentIndex(isEmpty ? Empty : m_showsPair ? Pair : Curves);
    for (QAction* action : std::as_const(m_ofPair)) {
        action->setEnabled(!isEmpty && m_showsPair);
    }
    m_report->setEnabled(!isEmpty);
}

void ComparePage::showPair(bool on, const QStringList& pair)
{
    const bool was = std::exchange(m_showsPair, on);
    if (on) {
        QVector<ComparedRun> all;
        for (int row = 0; row < m_runs->rowCount(); ++row) {
            all.append(m_runs->runAt(row));
        }
        m_pair->setRuns(all, m_runs->chosen());
        if (pair.size() == 2) {
            m_pair->setPair(pair[0], pair[1]);
        }
        choosePair(); // in place of one that is gone
        whenInSight("pair", [this] {
            if (m_showsPair) {
                m_pair->compare();
            }
        });
    } else if (was) {
        m_services.pair.cancel();
    }
    showPages();
    if (was != on) {
        Q_EMIT stateToKeep();
    }
}

void ComparePage::showKeptPair()
{
    if (m_pairToShow.size() == 2 && m_runs->rowCount() > 0) {
        showPair(true, std::exchange(m_pairToShow, {}));
    }
}

// Those that are drawn, the first two of other methods before others; else the newest.
void ComparePage::choosePair()
{
    const QStringList now = m_pair->pair();
    if (!now[0].isEmpty() && !now[1].isEmpty()) {
        return;
    }
    QVector<ComparedRun> candidates = m_runs->chosenRuns();
    for (int row = 0; row < m_runs->rowCount() && candidates.size() < 2; ++row) {
        const ComparedRun& one = m_runs->runAt(row);
        if (!m_runs->chosen().contains(one.run.path)) {
            candidates.append(one);
        }
    }
    if (candidates.size() < 2) {
        return; // the view says what to do
    }
    qsizetype second = 1;
    for (qsizetype i = 1; i < candidates.size(); ++i) {
        const bool other = candidates[0].own && candidates[i].own
            && candidates[0].own->spec.method != candidates[i].own->spec.method;
        if (other) {
            second = i;
            break;
        }
    }
    m_pair->setPair(candidates[0].run.path, candidates[second].run.path);
}

void ComparePage::openReport()
{
    QStringList paths;
    if (m_showsPair) {
        paths = m_pair->pair();
        paths.removeAll(QString());
    }
    paths += m_runs->chosen();
    paths.removeDuplicates();
    QVector<ReportDialog::Run> runs;
    for (const QString& path : std::as_const(paths)) {
        for (int row = 0; row < m_runs->rowCount(); ++row) {
            const ComparedRun& one = m_runs->runAt(row);
            if (one.run.path == path) {
                runs.append({path,
                             one.own ? tr("%1 · %2", "a run's recipe and its folder")
                                           .arg(runTitle(one.own->spec), one.name)
                                     : one.name});
            }
        }
    }
    if (!runs.isEmpty()) {
        auto* dialog = new ReportDialog(m_services.reports, runs, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        for (const QString& folder : m_services.pair.evaluations()) {
            dialog->addEvaluation(folder);
        }
        dialog->open();
    }
}

void ComparePage::addEvaluation()
{
    askForFolder(this, tr("Add the folder of an evaluation"), [this](const QString& folder) {
        QStringList folders = m_services.pair.evaluations();
        folders.removeAll(folder);
        setEvaluations(folders << folder);
    });
}

void ComparePage::setEvaluations(const QStringList& folders)
{
    m_pair->setEvaluations(folders);
    Q_EMIT stateToKeep();
}

// The form as it stands with these ranks, where it is of the run's model; else the run's own settings with them.
void ComparePage::useRanks(int side)
{
    const PairSide& of = m_services.pair.side(side);
    if (!of.proposal || !of.run.run) {
        return;
    }
    core::RunSpec spec = of.run.run->spec;
    const auto open = m_services.model.files();
    if (open && open->path() == spec.model) {
        m_services.ranks.setMap(*of.proposal);
        Q_EMIT go(QStringLiteral("train"), {});
        return;
    }
    spec.patterns = patternsOf(*of.proposal, spec);
    Q_EMIT go(QStringLiteral("train"), QVariant::fromValue(spec));
}

} // namespace pissarro::ui
