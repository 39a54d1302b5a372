// SPDX-License-Identifier: GPL-3.0-or-later
// What the Runs page does with the runs that are selected, and what a person says of them.
#include "core/run/run_follower.h"
#include "ui/look/metrics.h"
#include "ui/pages/runs/export_dialog.h"
#include "ui/pages/runs/run_steps.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/pages/runs/runs_tree.h"
#include "ui/services/services.h"
#include "ui/views/report_dialog.h"
#include "ui/views/run_commands.h"
#include "ui/views/run_curves.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/words/form_words.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/run_words.h"

#include <QAction>
#include <QClipboard>
#include <QColorDialog>
#include <QFileDialog>
#include <QGuiApplication>
#include <QInputDialog>
#include <QPushButton>

#include <algorithm>

namespace pissarro::ui {

namespace {
constexpr int kAskedWidth = 380; // px: room for a few tags
} // namespace

// Two runs have a page of their own: those that are selected, else those that are drawn.
void RunsPage::compare()
{
    const QStringList selected = m_tree->selectedPaths();
    const QStringList& drawn = m_model->drawn();
    Q_EMIT go(QStringLiteral("compare"),
              selected.size() == 1 && drawn.size() == 2 && drawn.contains(selected.first())
                  ? drawn
                  : selected);
}

void RunsPage::goToTrain(const QVariant& with)
{
    Q_EMIT go(QStringLiteral("train"), with);
}

void RunsPage::chooseFolder()
{
    auto* dialog = new QFileDialog(this, tr("Add a folder with runs"));
    dialog->setObjectName(QStringLiteral("dialog.runs"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, &m_services.library, &RunLibrary::addFolder);
    dialog->open();
}

void RunsPage::openFolders()
{
    for (const QString& path : m_tree->selectedPaths()) {
        const QString problem = openFolder(path);
        if (!problem.isEmpty()) {
            Q_EMIT failed({tr("The folder was not opened"), path, problem});
        }
    }
}

// The last words of its trainer, or all that the run tells of itself.
void RunsPage::showLog()
{
    const QVector<core::RunSummary> selected = selectedRuns();
    if (selected.isEmpty()) {
        return;
    }
    const auto& folder = selected.first().directory;
    const QString log =
        textOf(selectedStart() == nullptr ? folder / "log.txt" : core::logOfStart(folder));
    const QString problem = openFolder(log);
    if (!problem.isEmpty()) {
        Q_EMIT failed({tr("The log was not opened"), log, problem});
    }
}

void RunsPage::copyPaths()
{
    QGuiApplication::clipboard()->setText(m_tree->selectedPaths().join(QLatin1Char('\n')));
}

QVector<core::RunSummary> RunsPage::twinsOf(const core::RunSummary& run) const
{
    const bool isTwin = run.directory.filename() == core::methodName(run.spec.method);
    QVector<core::RunSummary> twins;
    for (const core::RunSummary& other : m_services.library.runs()) {
        if (isTwin && other.directory != run.directory
            && other.directory.parent_path() == run.directory.parent_path()) {
            twins.append(other);
        }
    }
    return twins;
}

std::int64_t RunsPage::checkpointOf(const core::RunSummary& run) const
{
    std::int64_t step = run.checkpointStep;
    for (const core::RunSummary& twin : twinsOf(run)) { // they go on from the earlier one
        step = std::min(step, twin.checkpointStep);
    }
    return step;
}

// A run with the twins that lie beside it goes on from its newest checkpoint; without one it begins anew in another
// folder, so that what there is of it stays.
void RunsPage::resume()
{
    const QVector<core::RunSummary> selected = selectedRuns();
    if (selected.isEmpty()) {
        return;
    }
    const core::RunSummary& run = selected.first();
    QVector<core::Method> twins;
    if (const core::OrderedTwins* const ordered = selectedStart()) {
        TwinRates rates;
        for (const auto& [twin, rate] : *ordered) {
            twins.append(twin);
            if (rate) {
                rates.own[twin] = *rate;
            } else {
                rates.found.append(twin);
            }
        }
        beginAnew(run, twins, rates);
        return;
    }
    for (const core::RunSummary& twin : twinsOf(run)) {
        twins.append(twin.spec.method);
    }
    const auto directory = twins.isEmpty() ? run.directory : run.directory.parent_path();
    if (checkpointOf(run) > 0) {
        m_services.training.start(run.spec, twins, QString::fromStdString(directory.string()),
                                  true);
        goToTrain();
        return;
    }
    core::RunSummary ofAll = run;
    ofAll.directory = directory;
    beginAnew(ofAll, twins, twinRatesOf(QVector<core::RunSummary> {run} + twinsOf(run)));
}

// In another folder beside that of `run`.
void RunsPage::beginAnew(const core::RunSummary& run, const QVector<core::Method>& twins,
                         const TwinRates& rates)
{
    const QString root = textOf(run.directory.parent_path());
    m_services.machine.look(
        {runDirectoryFor(root, run.spec)}, this,
        [this, spec = run.spec, twins, rates](const QVector<FolderLook>& looks) {
            m_services.training.start(spec, twins, looks.first().fresh, false, rates);
            goToTrain();
        });
}

const core::OrderedTwins* RunsPage::selectedStart() const
{
    const auto rows = m_tree->selectedRows();
    const core::ListedRun* const listed = rows.isEmpty() ? nullptr : rows.first()->listed.get();
    return listed != nullptr && listed->start ? &*listed->start : nullptr;
}

void RunsPage::copyCommands()
{
    copyCommandsOf(selectedRuns(), m_services.machine, this);
}

// One that another program trains, on the Train page.
void RunsPage::watch()
{
    const QVector<core::RunSummary> selected = selectedRuns();
    if (!selected.isEmpty()) {
        m_services.training.watch(directoryOf(selected.first()));
        goToTrain();
    }
}

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

void RunsPage::openExport()
{
    const QVector<core::RunSummary> selected = selectedRuns();
    if (selected.size() == 1) {
        auto* dialog = new ExportDialog(m_services.exports, selected.first(), this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->open();
    }
}

// --- What a person says

// As one step, which is part of what can be taken back; runs that it changes nothing of are not in it.
void RunsPage::mark(const QString& title, const std::function<void(core::RunMark&)>& change,
                    bool isTold)
{
    QVector<MarkChange> changes;
    for (const QString& path : m_tree->selectedPaths()) {
        MarkChange one {path, m_services.library.markOf(path), {}};
        one.after = one.before;
        change(one.after);
        if (!(one.after == one.before)) {
            changes.append(one);
        }
    }
    if (changes.isEmpty()) {
        return;
    }
    auto* step = new MarkStep(m_services.library, title, changes);
    ChangeStack& stack = m_services.undoStack;
    isTold ? stack.pushTold(step) : stack.push(step);
}

void RunsPage::pin()
{
    const auto rows = m_tree->selectedRows();
    const bool isPinned = std::all_of(rows.begin(), rows.end(),
                                      [](const RunsModel::Row* row) { return row->mark.pinned; });
    mark(isPinned ? tr("Unpin runs") : tr("Pin runs"),
         [isPinned](core::RunMark& mark) { mark.pinned = !isPinned; });
}

void RunsPage::archive()
{
    const auto rows = m_tree->selectedRows();
    if (rows.isEmpty()) {
        return;
    }
    const bool isArchived = std::all_of(
        rows.begin(), rows.end(), [](const RunsModel::Row* row) { return row->mark.archived; });
    const QString name = rows.first()->name;
    const int count = static_cast<int>(rows.size());
    const QString title = count == 1
        ? (isArchived ? tr("Listed %1 again").arg(name) : tr("Archived %1").arg(name))
        : (isArchived ? tr("Listed %n runs again", nullptr, count)
                      : tr("Archived %n runs", nullptr, count));
    mark(
        title, [isArchived](core::RunMark& mark) { mark.archived = !isArchived; },
        /*isTold=*/true);
}

void RunsPage::ask(const QString& title, const QString& label, const QString& text,
                   const std::function<void(const QString&)>& take)
{
    if (m_tree->selectedPaths().isEmpty()) {
        return;
    }
    auto* dialog = new QInputDialog(this);
    dialog->setObjectName(QStringLiteral("dialog.say"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    dialog->setLabelText(label);
    dialog->setTextValue(text);
    connect(dialog, &QInputDialog::textValueSelected, this, take);
    dialog->resize(scaled(kAskedWidth), dialog->sizeHint().height());
    dialog->open();
}

void RunsPage::askForTags()
{
    const auto rows = m_tree->selectedRows();
    if (rows.isEmpty()) {
        return;
    }
    QStringList before;
    for (const std::string& tag : rows.first()->mark.tags) {
        before.append(QString::fromStdString(tag));
    }
    ask(tr("Tags"), tr("Tags, with commas between them"), before.join(QStringLiteral(", ")),
        [this, before](const QString& text) {
            QStringList after;
            for (const QString& tag : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
                after.append(tag.trimmed());
            }
            // Of several runs each keeps what the first has not.
            mark(tr("Tag runs"), [before, after](core::RunMark& mark) {
                for (const QString& tag : before) {
                    if (!after.contains(tag)) {
                        core::removeTag(mark, tag.toStdString());
                    }
                }
                for (const QString& tag : after) {
                    core::addTag(mark, tag.toStdString());
                }
            });
        });
}

void RunsPage::askForName()
{
    const auto rows = m_tree->selectedRows();
    if (rows.size() != 1) {
        return;
    }
    ask(tr("Rename run"), tr("Name in lists; empty: as its folder. The folder stays as it is."),
        rows.first()->name, [this](const QString& text) {
            mark(tr("Rename run"),
                 [name = text.trimmed().toStdString()](core::RunMark& mark) { mark.name = name; });
        });
}

void RunsPage::askForNotes()
{
    const auto rows = m_tree->selectedRows();
    if (rows.isEmpty()) {
        return;
    }
    ask(tr("Notes"), tr("What is to be known of it"),
        QString::fromStdString(rows.first()->mark.notes), [this](const QString& text) {
            mark(tr("Note on runs"), [notes = text.trimmed().toStdString()](core::RunMark& mark) {
                mark.notes = notes;
            });
        });
    if (auto* dialog = findChild<QInputDialog*>(QStringLiteral("dialog.say"))) {
        dialog->setOption(QInputDialog::UsePlainTextEditForTextInput);
    }
}

void RunsPage::askForColour()
{
    const auto rows = m_tree->selectedRows();
    if (rows.isEmpty()) {
        return;
    }
    auto* dialog = new QColorDialog(rows.first()->compared.stroke.color, this);
    dialog->setObjectName(QStringLiteral("dialog.colour"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setOption(QColorDialog::DontUseNativeDialog);
    connect(dialog, &QColorDialog::colorSelected, this, [this](const QColor& color) {
        mark(tr("Colour runs"),
             [name = color.name().toStdString()](core::RunMark& mark) { mark.colour = name; });
    });
    dialog->open();
}

void RunsPage::trash()
{
    QStringList runs;
    for (const core::RunSummary& run : selectedRuns()) {
        if (!core::isLive(run.state)) { // its trainer still writes there
            runs.append(directoryOf(run));
        }
    }
    if (!runs.isEmpty()) {
        m_services.undoStack.pushTold(new TrashStep(
            m_services.library,
            tr("Moved %n runs to the trash", nullptr, static_cast<int>(runs.size())), runs));
    }
}

} // namespace pissarro::ui
