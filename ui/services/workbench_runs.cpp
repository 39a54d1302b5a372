// SPDX-License-Identifier: GPL-3.0-or-later
// Runs on disk, this program's and others', with their metrics as they grow.
#include "core/run/run_follower.h"
#include "ui/services/settings_list.h"
#include "ui/services/workbench_p.h"

#include <QDir>

#include <filesystem>
#include <set>

namespace pissarro::ui {

namespace {

FoundRuns look(RunReader& reader, const std::vector<std::filesystem::path>& roots,
               const core::JobContext& job)
{
    FoundRuns found;
    std::set<std::string> seen;
    for (const std::filesystem::path& root : roots) {
        for (core::RunSummary& run : core::findRuns(root)) {
            job.throwIfCancelled();
            const std::string directory = run.directory.string();
            if (!seen.insert(directory).second) {
                continue; // below two of the roots
            }
            auto tail = reader.tails.try_emplace(directory, run.directory).first;
            std::vector<core::StepRecord> news = tail->second.poll();
            if (!news.empty()) {
                found.news.insert(textOf(run.directory), std::move(news));
            }
            if (run.state == core::RunState::Interrupted && run.message.empty()) {
                run.message = core::lastError(core::workerLogOf(run));
            }
            found.runs.append(std::move(run));
        }
    }
    std::stable_sort(found.runs.begin(), found.runs.end(),
                     [](const core::RunSummary& a, const core::RunSummary& b) {
                         return a.startedAt > b.startedAt;
                     });
    return found;
}

} // namespace

void Workbench::refreshRuns()
{
    d->lookForRuns();
}

// Never takes the place of a look under way: its news would be lost.
void Workbench::Private::lookForRuns()
{
    if (runsJobs.isBusy()) {
        lookAgain = true;
        return;
    }
    std::vector<std::filesystem::path> roots {core::defaultRunRoot()};
    if (!trainDirectory.isEmpty()) {
        roots.emplace_back(trainDirectory.toStdString());
    }
    const bool attaching = std::exchange(attach, false);
    if (const QString last = attaching ? lastRun() : QString(); !last.isEmpty()) {
        roots.emplace_back(last.toStdString());
    }
    for (const QString& folder : runFolders) {
        roots.emplace_back(folder.toStdString());
    }
    runsJobs.start<FoundRuns>(
        [roots, known = reader](const core::JobContext& job) { return look(*known, roots, job); },
        [this, attaching](FoundRuns found) {
            takeRuns(std::move(found));
            if (attaching) {
                attachToFound();
            }
        });
}

// A run that ended in this window by an exception has told of no checkpoint: its folder does.
void Workbench::Private::takeCheckpoints()
{
    if (q->isTraining()) {
        return;
    }
    for (core::RunSummary& mine : trainRuns) {
        for (const core::RunSummary& run : std::as_const(runs)) {
            if (run.directory == mine.directory) {
                mine.checkpointStep = run.checkpointStep;
                checkpointsKnown = true;
            }
        }
    }
}

void Workbench::Private::takeRuns(FoundRuns found)
{
    runs = std::move(found.runs);
    takeCheckpoints();
    for (auto news = found.news.cbegin(); news != found.news.cend(); ++news) {
        QVector<core::StepRecord>& records = runRecords[news.key()];
        for (const core::StepRecord& record : news.value()) {
            appendRecord(records, record);
        }
    }
    const bool growing = std::any_of(runs.cbegin(), runs.cend(), [](const core::RunSummary& run) {
        return core::isLive(run.state);
    });
    growing ? runsTimer.start() : runsTimer.stop();
    announce(&Workbench::runsChanged);

    const QString added = std::exchange(folderJustAdded, {});
    const bool empty = !added.isEmpty()
        && std::none_of(runs.cbegin(), runs.cend(), [&added](const core::RunSummary& run) {
               const QString directory = textOf(run.directory);
               return directory == added || directory.startsWith(added + QLatin1Char('/'));
           });
    if (empty) {
        announce(&Workbench::failed, QStringLiteral("No runs in that folder"),
                 QStringLiteral("%1: there is no run.json in it or below it; choose the "
                                "folder that a training run was written to.")
                     .arg(added),
                 FailureSource::Other);
    }
}

const QVector<core::RunSummary>& Workbench::runs() const
{
    return d->runs;
}

QVector<core::StepRecord> Workbench::recordsOf(const QString& runDirectory) const
{
    return d->runRecords.value(runDirectory);
}

void Workbench::addRunFolder(const QString& directory)
{
    const QString folder = QDir::cleanPath(QDir(directory).absolutePath());
    if (!d->runFolders.contains(folder)) {
        d->runFolders =
            changeSettingsList(QStringLiteral("runs/folders"), [&folder](QStringList& folders) {
                folders.removeAll(folder);
                folders.append(folder);
            });
    }
    d->folderJustAdded = folder;
    d->lookForRuns();
}

} // namespace pissarro::ui
