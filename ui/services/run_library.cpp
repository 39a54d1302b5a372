// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/run_library.h"

#include "core/run/run_follower.h"
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

} // namespace

struct RunLibrary::Reader {
    std::map<std::string, core::MetricsTail> tails;

    Found look(const std::vector<std::filesystem::path>& roots, const core::JobContext& job);
};

struct RunLibrary::Found {
    QVector<core::RunSummary> runs;
    QHash<QString, Outcome> outcomes;
    QHash<QString, std::vector<core::StepRecord>> news; // steps that came since the last look
};

RunLibrary::Found RunLibrary::Reader::look(const std::vector<std::filesystem::path>& roots,
                                           const core::JobContext& job)
{
    Found found;
    std::set<std::string> seen;
    for (const std::filesystem::path& root : roots) {
        for (core::RunSummary& run : core::findRuns(root)) {
            job.throwIfCancelled();
            const std::string directory = run.directory.string();
            if (!seen.insert(directory).second) {
                continue; // below two of the roots
            }
            auto tail = tails.try_emplace(directory, run.directory).first;
            std::vector<core::StepRecord> news = tail->second.poll();
            if (!news.empty()) {
                found.news.insert(textOf(run.directory), std::move(news));
            }
            if (run.state == core::RunState::Interrupted && run.message.empty()) {
                run.message = core::lastError(core::workerLogOf(run));
            }
            std::error_code failed;
            const auto left =
                run.directory / (core::hasAdapter(run.spec.method) ? "adapter" : "model");
            if (std::filesystem::exists(left, failed)) {
                const auto model = std::filesystem::weakly_canonical(run.spec.model, failed);
                found.outcomes.insert(textOf(run.directory), {textOf(left), textOf(model)});
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

RunLibrary::RunLibrary(QObject* parent)
    : Service(parent)
    , m_reader(std::make_shared<Reader>())
    , m_folders(stored(setting::kRunFolders))
{
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, [this] { refresh(); });
    failWith(m_jobs, [this](const QString& why) { // how far it is, nobody waits for
        m_again = false;
        m_then.clear();
        return Failed {tr("Could not read the runs"), {}, why};
    });
    connect(&m_jobs, &JobBridge::finished, this, [this] {
        if (std::exchange(m_again, false)) {
            look();
        }
    });
}

RunLibrary::~RunLibrary() = default;

RunSeries RunLibrary::seriesOf(const QString& runDirectory) const
{
    return m_series.value(runDirectory);
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
    std::vector<std::filesystem::path> roots {core::defaultRunRoot()};
    for (const QString& folder :
         m_trained + QStringList {std::exchange(m_alsoIn, {})} + m_folders) {
        if (!folder.isEmpty()) {
            roots.emplace_back(folder.toStdString());
        }
    }
    m_jobs.start<Found>([roots, reader = m_reader](
                            const core::JobContext& job) { return reader->look(roots, job); },
                        [this, then = std::exchange(m_then, {})](Found found) {
                            take(std::move(found));
                            for (const std::function<void()>& act : then) {
                                act();
                            }
                        });
    setState(Running {});
}

void RunLibrary::take(Found found)
{
    m_runs = std::move(found.runs);
    m_outcomes = std::move(found.outcomes);
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
    const QString added = std::exchange(m_added, {});
    const bool empty = !added.isEmpty()
        && std::none_of(m_runs.cbegin(), m_runs.cend(), [&added](const core::RunSummary& run) {
               const QString directory = textOf(run.directory);
               return directory == added || directory.startsWith(added + QLatin1Char('/'));
           });
    if (empty) {
        setState(Failed {tr("No runs in that folder"), added,
                         tr("%1: there is no run.json in it or below it; choose the "
                            "folder that a training run was written to.")
                             .arg(added)});
    } else {
        setState(Ready {});
    }
    announce(this, &RunLibrary::changed);
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
