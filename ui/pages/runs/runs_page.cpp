// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/runs_page.h"

#include "core/run/spec_fields.h"
#include "ui/pages/runs/differences_model.h"
#include "ui/pages/runs/run_cells.h"
#include "ui/pages/runs/runs_tree.h"
#include "ui/plot/line_plot.h"
#include "ui/services/services.h"
#include "ui/views/overlay_card.h"
#include "ui/views/run_curves.h"
#include "ui/widgets/card.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QStackedLayout>
#include <QTableView>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

const QString kDrawn = QStringLiteral("runs/drawn");
const QString kGroups = QStringLiteral("runs/groups");
const QString kColumns = QStringLiteral("runs/shownColumns");

// In place of the settings of the run that is selected: why there are none.
QString whyNothing(const RunsTree& tree)
{
    const auto rows = tree.selectedRows();
    if (rows.isEmpty()) {
        return RunsPage::tr("Select a run: how it stands, and its settings stand here.");
    }
    const QString why = whyOf(*rows.first());
    return why.isEmpty() ? RunsPage::tr("Another program trained it: nothing is known of its "
                                        "settings.")
                         : why;
}

} // namespace

QVector<core::RunSummary> RunsPage::selectedRuns() const
{
    return m_tree->selectedRuns();
}

// --- The list

void RunsPage::showRuns()
{
    const RunLibrary& library = m_services.library;
    const QStringList others = m_services.overlay.others() + library.gone();
    if (std::exchange(m_isShown, true) && m_shownRuns == library.listed()
        && m_shownMarks == library.marks() && m_shownOthers == others) {
        showSelection(); // what may be done with it goes with the training
        return;
    }
    m_shownRuns = library.listed();
    m_shownMarks = library.marks();
    m_shownOthers = others;
    QVector<RunsModel::Row> rows;
    QSet<QString> known;
    for (const auto& listed : library.listed()) {
        const QString path = textOf(listed->run.directory);
        known.insert(path);
        rows.append(RunsModel::rowOf(listed, library.markOf(path)));
    }
    for (const QString& path : m_services.overlay.others()) {
        if (!known.contains(path)) {
            rows.append(RunsModel::rowOf(path, library.markOf(path)));
        }
    }
    const bool isEmpty = rows.isEmpty() && library.gone().isEmpty();
    m_model->setGone(library.gone());
    m_model->setRows(std::move(rows));
    m_pages->setCurrentIndex(isEmpty ? 0 : 1);
    if (!m_chosenOnce && !library.runs().isEmpty()) {
        m_chosenOnce = true;
        chooseNewest();
    }
    readDrawn();
    showSelection();
}

void RunsPage::chooseNewest()
{
    const auto newest = m_services.library.runs().first().directory;
    QStringList directories;
    for (const RunsModel::Row* row : m_model->shownRows()) {
        if (!row->compared.own) {
            continue;
        }
        const core::RunSummary& run = *row->compared.own;
        const bool isTwin = run.directory.filename() == core::methodName(run.spec.method)
            && run.directory.parent_path() == newest.parent_path();
        if (run.directory == newest || isTwin) {
            directories.append(directoryOf(run));
        }
    }
    m_model->setDrawn(directories);
    m_tree->selectRuns(directories);
}

void RunsPage::search(const QString& words)
{
    const QString problem = m_model->setFilter(words);
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
}

// --- The plot

void RunsPage::readDrawn()
{
    const QVector<ComparedRun> drawn = m_model->drawnRuns();
    QVector<OverlayCard::Baseline> baselines;
    QVector<OverlayRun> runs;
    for (const ComparedRun& one : drawn) {
        baselines.append({one.run.path, one.label});
        runs.append(one.run);
    }
    m_overlay->setBaselines(baselines);
    const auto all = static_cast<std::int64_t>(m_model->allRows());
    m_list->setSubtitle(
        tr("%1 runs · %2 drawn", nullptr, pluralOf(all))
            .arg(formatCount(all), formatCount(static_cast<std::int64_t>(drawn.size()))));
    m_services.drawn.setRuns(runs);
    m_services.drawn.setWish(m_overlay->wish());
    showPicture();
}

void RunsPage::showPicture()
{
    const OverlayPicture& picture = m_services.drawn.picture();
    m_model->setFacts(picture.facts);
    const QVector<ComparedRun> drawn = m_model->drawnRuns();
    QStringList metrics;
    for (const ComparedRun& one : drawn) {
        metrics += picture.facts.value(one.run.path).metrics;
    }
    metrics.removeDuplicates();
    metrics.sort();
    m_overlay->setMetrics(metrics);
    m_overlay->showPicture(picture, overlayLooksOf(drawn));
    m_overlay->plot()->setEmptyText(
        drawn.isEmpty()                  ? tr("Check runs at the left: their curves draw here.")
            : !m_services.drawn.isRead() ? tr("Reading the runs…")
                                         : tr("None of these runs tells of it; choose something "
                                              "else to draw."));
    showBelow();
}

// --- Below it

void RunsPage::showBelow()
{
    QVector<core::RunSummary> runs;
    QStringList labels;
    QVector<QColor> colors;
    const bool isOne = m_which->current() == OfOne;
    const QVector<core::RunSummary> selected = selectedRuns();
    if (isOne && !selected.isEmpty()) {
        const core::RunSummary& run = selected.first();
        const auto curves = curvesOf({run}, {});
        m_differences->setRun(run, run.step, curves.first().label, curves.first().color);
        m_below->setTitle(tr("Settings of %1").arg(runName(run)));
    } else {
        for (const ComparedRun& one : isOne ? QVector<ComparedRun>() : m_model->drawnRuns()) {
            if (one.own) { // of others nothing is known of their settings
                runs.append(*one.own);
                labels.append(one.label);
                colors.append(one.stroke.color);
            }
        }
        m_differences->setRuns(runs, labels, colors, m_which->current() == All);
        m_below->setTitle(tr("What differs"));
    }
    const bool any = m_differences->rowCount() > 0 && (isOne || runs.size() > 1);
    const auto all = static_cast<std::int64_t>(core::specFields().size());
    m_below->setSubtitle(!isOne && any
                             ? tr("%1 of %2 settings", nullptr, pluralOf(all))
                                   .arg(formatCount(m_differences->differing()), formatCount(all))
                             : QString());
    m_differencesTable->setVisible(any);
    m_differencesHint->setVisible(!any);
    m_differencesHint->setText(
        isOne ? whyNothing(*m_tree)
            : runs.size() < 2
            ? tr("Check two runs or more: the settings and results in which they differ stand "
                 "here. Enter shows those of the selected run.")
            : tr("These runs have the same configuration and the same results."));
}

// At the selected run: how it stands, what it says, all its settings.
void RunsPage::look()
{
    if (m_tree->selectedRows().isEmpty()) {
        return;
    }
    m_which->setCurrent(OfOne);
    showBelow();
    if (!selectedRuns().isEmpty()) {
        m_differencesTable->setFocus();
    }
}

// --- Actions

void RunsPage::showSelection()
{
    QStringList followed; // a run that is resumed goes on with its curve so far
    for (const core::RunSummary& run : selectedRuns()) {
        followed.append(directoryOf(run));
        for (const core::RunSummary& twin : twinsOf(run)) {
            followed.append(directoryOf(twin));
        }
    }
    constexpr qsizetype kMostFollowed = 8;
    m_services.library.follow(followed.size() > kMostFollowed ? QStringList() : followed);
    const auto rows = m_tree->selectedRows();
    m_chosen->setText(tr("%1 selected").arg(formatCount(static_cast<std::int64_t>(rows.size()))));
    if (m_which->current() == OfOne) {
        showBelow();
    }
    showActions();
    showOffer();
}

void RunsPage::showActions()
{
    const QVector<core::RunSummary> runs = selectedRuns();
    const auto rows = m_tree->selectedRows();
    for (QAction* action : {m_open, m_copyPath, m_look}) {
        action->setEnabled(!rows.isEmpty());
    }
    const bool isStart = selectedStart() != nullptr; // nothing of it was trained
    m_compare->setEnabled(!rows.isEmpty() && !isStart);
    for (QAction* action : std::as_const(m_markActions)) {
        action->setEnabled(!rows.isEmpty());
    }
    m_copyCommand->setEnabled(!runs.isEmpty());
    m_report->setEnabled(!runs.isEmpty() && !isStart);
    m_log->setEnabled(runs.size() == 1);
    m_template->setEnabled(runs.size() == 1);
    m_export->setEnabled(
        runs.size() == 1
        && (core::isComplete(runs.first().state) || runs.first().state == core::RunState::Stopped));
    m_exportButton->setEnabled(m_export->isEnabled());
    m_exportButton->setToolTip(
        m_export->isEnabled()
            ? tr("Take the run away: LoRA adapter, residual model and adapter, or merged model "
                 "(Ctrl+E)")
            : tr("Select one run that has ended to export it"));
    m_watch->setEnabled(runs.size() == 1 && core::isLive(runs.first().state)
                        && !(m_services.training.isRunning()
                             && m_services.training.inSight().isAt(directoryOf(runs.first()))));
    m_resume->setText(runs.size() == 1 && checkpointOf(runs.first()) == 0
                          ? tr("Begin anew in another folder")
                          : tr("Resume training"));
    m_resume->setEnabled(runs.size() == 1 && !m_services.training.isRunning()
                         && (runs.first().state == core::RunState::Stopped
                             || runs.first().state == core::RunState::Failed
                             || runs.first().state == core::RunState::Interrupted));
}

void RunsPage::showMenu(const QPoint& at)
{
    QMenu menu;
    menu.setObjectName(QStringLiteral("runs.menu"));
    menu.addActions({m_look, m_draw, m_compare});
    menu.addSeparator();
    menu.addActions(m_markActions);
    menu.addSeparator();
    menu.addActions({m_open, m_log, m_copyPath, m_copyCommand, m_template, m_watch, m_resume,
                     m_export, m_report});
    menu.exec(m_tree->viewport()->mapToGlobal(at));
}

// Whatever is told of runs, in one list of checks that stays open for several.
void RunsPage::chooseColumns(QWidget* at)
{
    auto* menu = new QMenu(at);
    menu->setObjectName(QStringLiteral("runs.columns.menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QStringList shown = m_tree->shownColumns();
    for (int column = RunsModel::Method; column < m_model->columnCount(); ++column) {
        const QString key = RunsTree::columnKey(column);
        QAction* action = menu->addAction(RunsModel::titleOfColumn(column));
        action->setToolTip(key);
        action->setCheckable(true);
        action->setChecked(shown.contains(key));
        connect(action, &QAction::toggled, this, [this, key](bool on) {
            QStringList keys = m_tree->shownColumns();
            keys.removeAll(key);
            if (on) {
                keys.append(key);
            }
            m_tree->showColumns(keys);
            Q_EMIT stateToKeep();
        });
    }
    menu->popup(at->mapToGlobal(QPoint(0, at->height())));
}

// Runs that other windows and programs train are offered, never taken over.
void RunsPage::showOffer()
{
    const auto& runs = m_services.library.runs();
    const auto running = std::find_if(runs.cbegin(), runs.cend(),
                                      [](const auto& run) { return core::isLive(run.state); });
    const bool offers = running != runs.cend() && !m_services.training.isRunning();
    m_offer->setVisible(offers);
    if (offers) {
        m_offer->setText((running->state == core::RunState::Paused ? tr("%1 is paused: watch it")
                                                                   : tr("%1 is training: watch it"))
                             .arg(runName(*running)));
        m_offer->setToolTip(directoryOf(*running));
    }
}

// --- What comes from elsewhere, and what is kept

void RunsPage::take(const QVariant& with)
{
    const QStringList directories = with.toStringList();
    m_services.library.refresh([this, directories] { // the run may have ended just now
        m_chosenOnce = true;
        showRuns();
        m_model->setDrawn(directories);
        m_tree->selectRuns(directories);
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

void RunsPage::saveState(QSettings& session) const
{
    session.setValue(kDrawn, m_model->drawn());
    session.setValue(kGroups, m_group->current());
    session.setValue(kColumns, m_tree->shownColumns());
}

void RunsPage::offerState(QSettings& session)
{
    const QStringList drawn = session.value(kDrawn).toStringList();
    if (!m_chosenOnce && !drawn.isEmpty()) {
        m_chosenOnce = true;
        m_model->setDrawn(drawn);
    }
    m_group->setCurrent(session.value(kGroups, 0).toInt());
    m_tree->showColumns(session.value(kColumns).toStringList());
}

void RunsPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_services.library.refresh();
    m_services.drawn.setFollowing(true);
    m_timer.start();
}

void RunsPage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_services.drawn.setFollowing(false);
    m_timer.stop();
}

} // namespace pissarro::ui
