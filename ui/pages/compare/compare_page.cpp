// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/compare_page.h"

#include "ui/pages/compare/compare_runs_model.h"
#include "ui/pages/compare/compare_table_model.h"
#include "ui/pages/compare/pair_view.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/views/overlay_card.h"
#include "ui/views/run_commands.h"
#include "ui/views/run_curves.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/metric_words.h"

#include <QAction>
#include <QClipboard>
#include <QDir>
#include <QGuiApplication>
#include <QLabel>
#include <QProgressBar>
#include <QRegularExpression>
#include <QSettings>
#include <QStackedLayout>
#include <QTableView>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {
const QString kChosen = QStringLiteral("compare/chosen");
const QString kPair =
    QStringLiteral("compare/pair"); // A and B while they are shown closely; else empty
const QString kEvaluations = QStringLiteral("compare/evaluations");
} // namespace

void ComparePage::take(const QVariant& with)
{
    const bool isAdded = with.typeId() == QMetaType::QString;
    m_pending = isAdded ? m_pending + QStringList {with.toString()} : with.toStringList();
    static const QRegularExpression kRunFile(QStringLiteral("/(run|sweep)\\.json$"));
    for (QString& path : m_pending) {
        path = QDir::cleanPath(path.remove(kRunFile)); // as the library has it
    }
    m_chosenOnce = true;
    m_asked = true;
    m_pairToShow.clear();
    showPair(false);
    listRuns(); // also while the page is hidden: what is known needs no look at a disk
    m_runs->setChosen(isAdded ? m_runs->chosen() : QStringList());
    choosePending();
    for (const QString& path : std::as_const(m_pending)) { // those that nobody has shown yet
        whenSeen(path, this, [this](const SeenPath& seen) { adopt(seen); });
    }
}

void ComparePage::saveState(QSettings& session) const
{
    session.setValue(kChosen, m_runs->chosen());
    session.setValue(kPair, m_showsPair ? m_pair->pair() : QStringList());
    session.setValue(kEvaluations, m_services.pair.evaluations());
}

void ComparePage::offerState(QSettings& session)
{
    const QStringList chosen = session.value(kChosen).toStringList();
    if (!m_asked && !chosen.isEmpty()) {
        m_chosenOnce = true;
        m_pending = chosen;
        m_runs->setChosen({});
        choosePending();
    }
    m_pair->setEvaluations(session.value(kEvaluations).toStringList());
    if (!m_asked) {
        m_pairToShow = session.value(kPair).toStringList();
        showKeptPair();
    }
}

void ComparePage::adopt(const SeenPath& seen)
{
    switch (seen.kind) {
    case PathKind::Run:
    case PathKind::Sweep: // all its runs
        m_services.library.addFolder(seen.path);
        return;
    case PathKind::OthersRun:
        m_services.overlay.addOthers({seen.path});
        return;
    case PathKind::Model:
    case PathKind::Data:
    case PathKind::Unknown:
        break;
    }
    m_pending.removeAll(seen.path);
    Q_EMIT failed(
        {tr("No run to compare"), seen.path,
         tr("%1: this is no run (expected a folder with run.json, a trainer_state.json, a "
            "trainer_log.jsonl or TensorBoard's event files, or a folder of runs); choose another "
            "one")
             .arg(seen.path)});
}

// A folder of several runs brings all of them.
void ComparePage::choosePending()
{
    QStringList chosen = m_runs->chosen();
    QStringList left;
    for (const QString& path : std::as_const(m_pending)) {
        bool isThere = false;
        for (int row = 0; row < m_runs->rowCount(); ++row) {
            const QString& run = m_runs->runAt(row).run.path;
            if (run == path || run.startsWith(path + QLatin1Char('/'))) {
                chosen.append(run);
                isThere = true;
            }
        }
        if (!isThere) {
            left.append(path);
        }
    }
    m_pending = left;
    m_runs->setChosen(chosen);
}

void ComparePage::chooseNewest()
{
    const auto& all = m_services.library.runs();
    if (all.isEmpty()) {
        return;
    }
    const auto isTwin = [](const core::RunSummary& run) {
        return run.directory.filename() == core::methodName(run.spec.method);
    };
    const core::RunSummary& newest = all.first();
    QStringList paths;
    for (const core::RunSummary& run : all) {
        const bool beside = isTwin(newest) && isTwin(run)
            && run.directory.parent_path() == newest.directory.parent_path();
        if (beside || run.directory == newest.directory) {
            paths.append(directoryOf(run));
        }
    }
    m_runs->setChosen(paths);
}

void ComparePage::listRuns()
{
    QVector<ComparedRun> runs;
    for (const core::RunSummary& run : m_services.library.runs()) {
        runs.append(comparedRun(run));
    }
    for (const QString& path : m_services.overlay.others()) {
        runs.append(comparedRun(path));
    }
    m_runs->setRuns(runs);
}

void ComparePage::showRuns()
{
    listRuns();
    choosePending();
    if (!m_chosenOnce && !m_services.library.runs().isEmpty()) {
        m_chosenOnce = true;
        chooseNewest();
    }
    readChosen();
    if (m_showsPair) {
        showPair(true); // runs may have come or gone
    }
    showKeptPair();
    showPages();
}

void ComparePage::readChosen()
{
    const QVector<ComparedRun> chosen = m_runs->chosenRuns();
    QVector<OverlayCard::Baseline> baselines;
    QVector<OverlayRun> runs;
    for (const ComparedRun& one : chosen) {
        baselines.append({one.run.path, one.label});
        runs.append(one.run);
    }
    m_overlay->setBaselines(baselines);
    m_runsCard->setSubtitle(tr("%1 of %2 drawn", nullptr, pluralOf(m_runs->rowCount()))
                                .arg(formatCount(chosen.size()), formatCount(m_runs->rowCount())));
    m_services.overlay.setRuns(runs);
    m_services.overlay.setWish(m_overlay->wish());
    showPicture();
}

void ComparePage::showPicture()
{
    const OverlayPicture& picture = m_services.overlay.picture();
    m_runs->setFacts(picture.facts, metricUnit(picture.wish.metric));
    const QVector<ComparedRun> chosen = m_runs->chosenRuns();
    QStringList metrics;
    for (const ComparedRun& one : chosen) {
        metrics += picture.facts.value(one.run.path).metrics;
    }
    metrics.removeDuplicates();
    metrics.sort();
    m_overlay->setMetrics(metrics);
    m_overlay->showPicture(picture, overlayLooksOf(chosen));
    m_overlay->plot()->setEmptyText(
        chosen.isEmpty() ? tr("Check runs at the left: their curves draw here, over one another.")
            : !m_services.overlay.isRead()
            ? tr("Reading the runs…")
            : tr("None of these runs tells of it; choose something else to draw."));
    showTable();
}

void ComparePage::showTable()
{
    const OverlayPicture& picture = m_services.overlay.picture();
    const QVector<ComparedRun> chosen = m_runs->chosenRuns();
    m_table->setRuns(chosen, picture.facts, picture.wish.metric, m_which->current() == 1);
    m_tableCard->setSubtitle(
        chosen.size() < 2 ? tr("check two runs or more")
            : m_table->differing() == 0
            ? tr("no setting that is known")
            : tr("%1 settings and figures", nullptr, pluralOf(m_table->differing()))
                  .arg(formatCount(m_table->differing())));
    const bool own = std::any_of(chosen.begin(), chosen.end(),
                                 [](const ComparedRun& one) { return one.own.has_value(); });
    m_copyTable->setEnabled(!chosen.isEmpty());
    m_copyCommands->setEnabled(own);
    m_none->setEnabled(!chosen.isEmpty());
    m_report->setEnabled(!chosen.isEmpty() || m_showsPair);
}

void ComparePage::showState()
{
    const auto* running = std::get_if<Running>(&m_services.overlay.state());
    m_progress->setVisible(running != nullptr);
    m_cancel->setVisible(running != nullptr);
    if (running != nullptr) {
        m_progress->setRange(0, running->fraction < 0.0 ? 0 : 100);
        m_progress->setValue(static_cast<int>(100.0 * std::max(0.0, running->fraction)));
    }
}

void ComparePage::search(const QString& words)
{
    const QString problem = m_found->setWords(words);
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
}

void ComparePage::addOthers()
{
    askToOpen(this, tr("Open the run of another program"),
              tr("Runs (trainer_state.json trainer_log.jsonl *tfevents*)"),
              [this](const QString& path) {
                  m_pending.append(path);
                  whenSeen(path, this, [this](const SeenPath& seen) { adopt(seen); });
              });
}

void ComparePage::removeSelected()
{
    for (const QModelIndex& index : m_list->selectionModel()->selectedRows()) {
        const ComparedRun run = m_runs->runAt(m_found->mapToSource(index).row());
        if (!run.own) {
            m_services.overlay.removeOther(run.run.path);
            return; // the rows are others now
        }
    }
}

void ComparePage::copyTable()
{
    QGuiApplication::clipboard()->setText(m_table->csv());
}

void ComparePage::copyCommands()
{
    QVector<core::RunSummary> own;
    for (const ComparedRun& one : m_runs->chosenRuns()) {
        if (one.own) {
            own.append(*one.own);
        }
    }
    copyCommandsOf(own, m_services.machine, this);
}

void ComparePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_services.library.refresh();
    m_services.overlay.setFollowing(true);
}

void ComparePage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_services.overlay.setFollowing(false);
}

} // namespace pissarro::ui
