// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/run_library.h"

#include "core/file/log.h"
#include "ui/services/settings.h"
#include "ui/words/format.h"

#include <QDir>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kTickMs = 2000;
constexpr int kDrainMs = 50;

bool isBelow(const std::string& directory, const std::string& root)
{
    return directory == root
        || (directory.starts_with(root) && directory.size() > root.size()
            && directory[root.size()] == '/');
}

} // namespace

struct RunLibrary::Wanted {
    std::vector<std::filesystem::path> roots;
    std::vector<std::string> followed; // runs, or folders that they lie in
};

struct RunLibrary::Reader {
    core::RunLister lister;
    std::map<std::string, core::MetricsTail> tails; // of those that are followed

    Found look(const Wanted& wanted, const core::JobContext& job, Queue& queue);
    void addSteps(const core::ListedRun& run, const Wanted& wanted, const core::JobContext& job,
                  Found& found);
    static void addOutcome(const core::ListedRun& run, std::map<std::string, QString>& models,
                           Found& found);
};

struct RunLibrary::Found {
    core::ListedRuns listed;
    QStringList gone;
    QHash<QString, core::RunMark> marks;
    QHash<QString, Outcome> outcomes;
    QHash<QString, std::vector<core::StepRecord>> news; // steps that came since the last look
    QSet<QString> followed; // runs of which steps are read
    QString problem; // of what is said of runs: a file that is none
    quint64 changes = 0; // of marks, when the look began
    QString added; // the folder that a person gave before the look began
};

void RunLibrary::Reader::addSteps(const core::ListedRun& run, const Wanted& wanted,
                                  const core::JobContext& job, Found& found)
{
    const std::string directory = run.run.directory.string();
    const bool isFollowed = core::isLive(run.run.state)
        || std::any_of(wanted.followed.begin(), wanted.followed.end(),
                       [&](const std::string& one) { return isBelow(directory, one); });
    if (!isFollowed) {
        tails.erase(directory);
        return;
    }
    found.followed.insert(textOf(run.run.directory));
    auto tail = tails.try_emplace(directory, run.run.directory).first;
    std::vector<core::StepRecord> news = tail->second.poll(job);
    if (!news.empty()) {
        found.news.insert(textOf(run.run.directory), std::move(news));
    }
}

void RunLibrary::Reader::addOutcome(const core::ListedRun& run,
                                    std::map<std::string, QString>& models, Found& found)
{
    const core::RunSummary& summary = run.run;
    std::error_code failed;
    const auto left =
        summary.directory / (core::hasAdapter(summary.spec.method) ? "adapter" : "model");
    if (!std::filesystem::exists(left, failed)) {
        return;
    }
    auto model = models.find(summary.spec.model); // many runs are of one
    if (model == models.end()) {
        const auto plain = std::filesystem::weakly_canonical(summary.spec.model, failed);
        model = models.emplace(summary.spec.model, textOf(plain)).first;
    }
    found.outcomes.insert(textOf(summary.directory), {textOf(left), model->second});
}

namespace {

// What is said of the runs by the projects that they belong to, each file read once.
QHash<QString, core::RunMark> marksOf(const core::ListedRuns& runs, QString& problem)
{
    std::map<std::filesystem::path, std::map<std::filesystem::path, core::RunMark>> projects;
    std::map<std::filesystem::path, std::filesystem::path> folders; // by where the run lies
    QHash<QString, core::RunMark> marks;
    for (const auto& run : runs) {
        const std::filesystem::path& directory = run->run.directory;
        auto folder = folders.find(directory.parent_path());
        if (folder == folders.end()) {
            folder =
                folders
                    .emplace(directory.parent_path(), core::projectFolderOf(directory, run->root))
                    .first;
        }
        auto project = projects.find(folder->second);
        if (project == projects.end()) {
            project = projects.emplace(folder->second, decltype(projects)::mapped_type()).first;
            try {
                project->second = core::Project(folder->second).marks();
            } catch (const core::Error& e) {
                problem = QString::fromStdString(e.what());
            }
        }
        if (project->second.empty()) {
            continue;
        }
        std::error_code failed;
        const auto mark =
            project->second.find(std::filesystem::weakly_canonical(directory, failed));
        if (mark != project->second.end()) {
            marks.insert(textOf(directory), mark->second);
        }
    }
    return marks;
}

} // namespace

RunLibrary::Found RunLibrary::Reader::look(const Wanted& wanted, const core::JobContext& job,
                                           Queue& queue)
{
    Found found;
    core::RunList list = lister.look(
        wanted.roots, job, [&queue](core::ListedRuns batch) { queue.push(std::move(batch)); });
    std::map<std::string, QString> models;
    for (const auto& run : list.runs) {
        job.throwIfCancelled();
        if (run->isOurs() && !run->isGone) {
            addSteps(*run, wanted, job, found);
            addOutcome(*run, models, found);
        }
    }
    found.marks = marksOf(list.runs, found.problem);
    found.listed = std::move(list.runs);
    for (const std::filesystem::path& root : list.gone) {
        found.gone.append(textOf(root));
    }
    return found;
}

RunLibrary::RunLibrary(QObject* parent)
    : Service(parent)
    , m_reader(std::make_shared<Reader>())
    , m_queue(std::make_shared<Queue>())
    , m_folders(stored(setting::kRunFolders))
{
    m_timer.setInterval(kTickMs);
    m_draining.setInterval(kDrainMs);
    connect(&m_timer, &QTimer::timeout, this, [this] { refresh(); });
    connect(&m_draining, &QTimer::timeout, this, &RunLibrary::drain);
    failWith(m_jobs, [this](const QString& why) { // how far it is, nobody waits for
        m_again = false;
        m_draining.stop();
        m_then.clear();
        return Failed {tr("Could not read the runs"), {}, why};
    });
    failWith(m_writer, [](const QString& why) {
        return Failed {tr("What was changed of a run was not kept"), {}, why};
    });
    connect(&m_jobs, &JobBridge::finished, this, [this] {
        if (std::exchange(m_again, false)) {
            look();
        }
    });
    const auto goOn = [this] {
        m_writes.pop_front();
        writeNext();
    };
    connect(&m_writer, &JobBridge::finished, this, goOn);
    connect(&m_writer, &JobBridge::failed, this, goOn);
}

// What a person said last is kept, also where the window closes at once: the one that is being written may never have begun,
// and does no harm twice. What fails then, nobody is left to hear.
RunLibrary::~RunLibrary()
{
    for (const std::function<void()>& work : m_writes) {
        try {
            work();
        } catch (const std::exception& e) {
            core::writeLog(core::LogLevel::Error,
                           std::string("a change of a run was not kept: ") + e.what());
        }
    }
}

RunSeries RunLibrary::seriesOf(const QString& runDirectory) const
{
    return m_series.value(runDirectory);
}

void RunLibrary::follow(const QStringList& runs)
{
    const QSet<QString> followed(runs.begin(), runs.end());
    if (std::exchange(m_followed, followed) != followed) {
        refresh();
    }
}

// Never takes the place of a look under way: its news would be lost.
void RunLibrary::refresh(std::function<void()> then, const QString& alsoIn)
{
    if (then) {
        m_then.push_back(std::move(then));
    }
    m_alsoIn = alsoIn.isEmpty() ? m_alsoIn : alsoIn;
    if (m_jobs.isBusy()) {
        m_again = true;
    } else {
        look();
    }
}

void RunLibrary::look()
{
    Wanted wanted;
    wanted.roots.push_back(core::defaultRunRoot());
    const QStringList own = m_trained + QStringList {std::exchange(m_alsoIn, {})};
    for (const QString& folder : own + m_folders) {
        if (!folder.isEmpty()) {
            wanted.roots.emplace_back(folder.toStdString());
        }
    }
    for (const QString& run : own + QStringList(m_followed.begin(), m_followed.end())) {
        if (!run.isEmpty()) {
            wanted.followed.push_back(run.toStdString());
        }
    }
    m_queue = std::make_shared<Queue>();
    if (m_listed.empty()) {
        m_draining.start();
    }
    m_jobs.start<Found>(
        [wanted, reader = m_reader, queue = m_queue, changes = m_changes,
         added = std::exchange(m_added, {})](const core::JobContext& job) {
            Found found = reader->look(wanted, job, *queue);
            found.changes = changes;
            found.added = added;
            return found;
        },
        [this, then = std::exchange(m_then, {})](Found found) {
            take(std::move(found));
            for (const std::function<void()>& act : then) {
                act();
            }
        });
    setState(Running {});
}

// Nothing is taken away by it: what is missing is still being read.
void RunLibrary::drain()
{
    core::ListedRuns more = m_listed;
    for (core::ListedRuns& batch : m_queue->takeAll()) {
        more.insert(more.end(), batch.begin(), batch.end());
    }
    if (more.size() > m_listed.size()) {
        std::stable_sort(more.begin(), more.end(), [](const auto& a, const auto& b) {
            return core::isListedBefore(a->run, b->run);
        });
        show(std::move(more));
        announce(this, &RunLibrary::changed);
    }
}

void RunLibrary::show(core::ListedRuns listed)
{
    if (listed == m_listed) {
        return; // the same objects
    }
    m_listed = std::move(listed);
    m_runs.clear();
    for (const auto& run : m_listed) {
        if (run->isOurs() && !run->isGone) {
            m_runs.append(run->run);
        }
    }
}

void RunLibrary::take(Found found)
{
    m_draining.stop();
    show(std::move(found.listed));
    m_outcomes = std::move(found.outcomes);
    m_gone.clear();
    for (const QString& folder : std::as_const(found.gone)) {
        if (m_folders.contains(folder)) {
            m_gone.append(folder);
        }
    }
    if (found.changes == m_changes && m_writes.empty()) {
        m_marks = std::move(found.marks);
    }
    erase_if(m_series, [&found](const auto& one) { return !found.followed.contains(one.key()); });
    for (auto news = found.news.cbegin(); news != found.news.cend(); ++news) {
        RunSeries& series = m_series[news.key()];
        for (const core::StepRecord& record : news.value()) {
            series.append(record);
        }
    }
    const bool growing =
        std::any_of(m_runs.cbegin(), m_runs.cend(),
                    [](const core::RunSummary& run) { return core::isLive(run.state); });
    growing ? m_timer.start() : m_timer.stop();
    const QString& added = found.added;
    const bool isKnown = added.isEmpty()
        || std::any_of(m_listed.cbegin(), m_listed.cend(), [&added](const auto& run) {
                             return isBelow(run->run.directory.string(), added.toStdString());
                         });
    if (!isKnown) {
        tellOfNone(added);
    } else if (!found.problem.isEmpty()
               && std::exchange(m_problem, found.problem) != found.problem) {
        setState(Failed {tr("What is said of the runs cannot be read"), {}, found.problem});
    } else {
        m_problem = found.problem;
        setState(Ready {});
    }
    announce(this, &RunLibrary::changed);
}

void RunLibrary::tellOfNone(const QString& folder)
{
    setState(Failed {tr("No runs in that folder"), folder,
                     tr("%1: there is no run.json in it or below it; choose the "
                        "folder that a training run was written to.")
                         .arg(folder)});
}

// --- What a person says

QString RunLibrary::rootOf(const QString& run) const
{
    const auto found = std::find_if(m_listed.begin(), m_listed.end(), [&run](const auto& one) {
        return textOf(one->run.directory) == run;
    });
    // What is not listed (a run in the trash, one of others that a person opened) is told of where runs go.
    return textOf(found == m_listed.end() ? core::defaultRunRoot() : (*found)->root);
}

void RunLibrary::changeMarks(const QVector<MarkChange>& changes)
{
    for (const MarkChange& change : changes) {
        core::RunMark mark = m_marks.value(change.run);
        core::applyChange(mark, change.before, change.after);
        if (mark == core::RunMark()) {
            m_marks.remove(change.run);
        } else {
            m_marks.insert(change.run, mark);
        }
        const std::filesystem::path run = change.run.toStdString();
        write([run, root = std::filesystem::path(rootOf(change.run).toStdString()),
               before = change.before, after = change.after] {
            core::Project(core::projectFolderOf(run, root)).change(run, [&](core::RunMark& there) {
                core::applyChange(there, before, after);
            });
        });
    }
    announce(this, &RunLibrary::changed);
}

void RunLibrary::moveToTrash(const QStringList& runs)
{
    for (const QString& run : runs) {
        write([run = std::filesystem::path(run.toStdString()),
               root = std::filesystem::path(rootOf(run).toStdString())] {
            core::trashRun(run, root);
        });
    }
}

void RunLibrary::bringBack(const QStringList& runs)
{
    for (const QString& run : runs) {
        const std::filesystem::path path = run.toStdString();
        write([path] { core::restoreRun(path, path.parent_path()); });
    }
}

void RunLibrary::write(std::function<void()> work)
{
    ++m_changes;
    m_writes.push_back(std::move(work));
    if (m_writes.size() == 1) {
        writeNext();
    }
}

// The first of those that wait; it stays among them until it is done.
void RunLibrary::writeNext()
{
    if (m_writes.empty()) {
        ++m_changes; // a look that began before this knows less
        refresh();
        return;
    }
    m_writer.start<bool>(
        [work = m_writes.front()](const core::JobContext& /*job*/) {
            work();
            return true;
        },
        [](bool) {});
}

void RunLibrary::addFolder(const QString& directory)
{
    const QString folder = QDir::cleanPath(QDir(directory).absolutePath());
    if (!m_folders.contains(folder)) {
        m_folders = storeChange(setting::kRunFolders, [&folder](QStringList& folders) {
            folders.removeAll(folder);
            folders.append(folder);
        });
    }
    m_added = folder;
    refresh();
}

void RunLibrary::removeFolder(const QString& folder)
{
    m_folders = storeChange(setting::kRunFolders,
                            [&folder](QStringList& folders) { folders.removeAll(folder); });
    refresh();
}

} // namespace pissarro::ui
