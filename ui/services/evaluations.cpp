// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/evaluations.h"

#include "core/base/error.h"
#include "core/evaluate/shown_answers.h"
#include "ui/services/evaluation_work.h"
#include "ui/services/settings.h"
#include "ui/words/message.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <filesystem>

namespace pissarro::ui {

namespace {

constexpr int kDrainMs = 100;
constexpr double kLeastSeconds = 0.5; // a speed before is none

TaskFile lookedAt(const QString& task, const QString& path, const core::JobContext& job)
{
    TaskFile file;
    file.path = path;
    file.isThere = QFileInfo::exists(path);
    try {
        file.questions = static_cast<std::int64_t>(
            core::askedTexts(task.toStdString(), path.toStdString(), 0, job).size());
    } catch (const core::Error& error) {
        file.problem = withoutOptionDashes(QString::fromUtf8(error.what()));
    }
    return file;
}

} // namespace

Evaluations::Evaluations(QObject* parent)
    : Service(parent)
    , m_voteQueue(std::make_shared<VoteQueue>())
{
    m_timer.setInterval(kDrainMs);
    connect(&m_timer, &QTimer::timeout, this, &Evaluations::drain);
    goWith(
        m_jobs, m_job,
        [this](const QString& why) {
            return Failed {tr("Could not open the evaluation"), m_folder, why};
        },
        [this](State how) { end(std::move(how)); });
    failWith(m_voteJobs, [this](const QString& why) {
        return Failed {tr("Could not keep the vote"), m_folder, why};
    });
}

// A vote that no worker has taken up yet is a person's work all the same.
Evaluations::~Evaluations()
{
    try {
        writeVotes(*m_voteQueue);
    } catch (const std::exception&) { // there is nobody left to be told
    }
}

bool Evaluations::hasConsent(const QString& project)
{
    return stored(setting::kRunsCode).contains(project);
}

void Evaluations::giveConsent(const QString& project)
{
    storeChange(setting::kRunsCode, [&project](QStringList& projects) {
        projects.removeAll(project);
        projects.append(project);
    });
}

void Evaluations::begin(const QString& folder, bool answers)
{
    m_folder = QDir::cleanPath(folder);
    m_answers = answers;
    m_current = -1;
    m_queue = std::make_shared<Queue>();
    m_before = this->answers();
    m_since.start();
    m_timer.start();
    setState(Running {});
    announce(this, &Evaluations::changed);
}

void Evaluations::start(const std::vector<core::EvaluationSpec>& tasks, const QString& folder,
                        core::CodeConsent consent)
{
    if (m_answers) {
        return;
    }
    m_plan = core::plannedEvaluations(tasks);
    m_tasks.assign(m_plan.size(), nullptr);
    m_votes.assign(m_plan.size(), {});
    m_votesKnown.assign(m_plan.size(), false);
    begin(folder, true);
    run(/*isNew=*/true, consent);
}

void Evaluations::goOn(core::CodeConsent consent)
{
    if (m_answers || m_plan.empty() || isWhole()) {
        return;
    }
    begin(m_folder, true);
    run(/*isNew=*/false, consent);
}

void Evaluations::run(bool isNew, core::CodeConsent consent)
{
    m_jobs.setKind(JobKind::Sweep);
    m_jobs.setTitle(tr("Evaluation"));
    const AnswerOptions options {m_folder.toStdString(), consent};
    m_job = m_jobs.start<bool>(
        [plan = m_plan, options, isNew, queue = m_queue](const core::JobContext& job) {
            if (isNew) {
                core::takeEvaluationSet(options.folder, plan);
            }
            const TellPicture tell = [&queue](std::size_t task, TaskPicturePtr picture) {
                queue->push({task, std::move(picture)});
            };
            answerEvaluations(plan, options, tell, job);
            return true;
        },
        [](bool) {});
}

void Evaluations::open(const QString& folder)
{
    if (m_answers) {
        return;
    }
    m_plan.clear();
    m_tasks.clear();
    m_votes.clear();
    m_votesKnown.clear();
    begin(folder, false);
    m_jobs.setKind(JobKind::OnScreen);
    m_jobs.setTitle(tr("Reading of an evaluation"));
    m_job = m_jobs.start<std::vector<core::PlannedEvaluation>>(
        [path = m_folder.toStdString(), queue = m_queue](const core::JobContext& job) {
            const TellPicture tell = [&queue](std::size_t task, TaskPicturePtr picture) {
                queue->push({task, std::move(picture)});
            };
            return readEvaluations(path, tell, job);
        },
        [this](std::vector<core::PlannedEvaluation> plan) { m_plan = std::move(plan); });
}

void Evaluations::close()
{
    if (m_answers) {
        return;
    }
    m_jobs.cancel();
    m_job = 0;
    m_timer.stop();
    m_queue.reset();
    m_folder.clear();
    m_plan.clear();
    m_tasks.clear();
    m_votes.clear();
    m_votesKnown.clear();
    setState(Idle {});
    announce(this, &Evaluations::changed);
}

void Evaluations::pause()
{
    m_jobs.cancel();
}

void Evaluations::drain()
{
    if (!m_queue) {
        return;
    }
    std::vector<Told> arrived = m_queue->takeAll();
    for (Told& one : arrived) {
        if (one.task >= m_tasks.size()) { // it is read: how many there are is told with the last
            m_tasks.resize(one.task + 1);
            m_votes.resize(one.task + 1);
            m_votesKnown.resize(one.task + 1, false);
        }
        if (!m_votesKnown[one.task]) {
            m_votesKnown[one.task] = true;
            m_votes[one.task] = one.picture->votes;
        }
        m_current = static_cast<int>(one.task);
        m_tasks[one.task] = std::move(one.picture);
    }
    if (!arrived.empty()) {
        announce(this, &Evaluations::changed);
    }
}

void Evaluations::end(State how)
{
    m_timer.stop();
    drain();
    m_queue.reset();
    const bool answered = std::exchange(m_answers, false);
    m_current = -1;
    if (auto* failed = std::get_if<Failed>(&how); failed != nullptr && answered) {
        failed->what = tr("Could not evaluate");
        if (std::all_of(m_tasks.begin(), m_tasks.end(),
                        [](const auto& task) { return task == nullptr; })) {
            m_plan.clear(); // the folder was not taken: nothing of it can be gone on with
            m_tasks.clear();
            m_folder.clear();
        }
    }
    if (std::holds_alternative<Ready>(how)) {
        const auto kept = std::find_if(m_tasks.begin(), m_tasks.end(), [](const auto& task) {
            return task && !task->problem.isEmpty();
        });
        if (kept != m_tasks.end()) {
            how = Failed {tr("Could not evaluate %1").arg(titleOfTask((*kept)->evaluation.spec)),
                          (*kept)->folder, (*kept)->problem};
        }
    }
    setState(std::move(how));
    announce(this, &Evaluations::changed);
}

bool Evaluations::isWhole() const
{
    return !m_tasks.empty() && std::all_of(m_tasks.begin(), m_tasks.end(), [](const auto& task) {
        return task && task->isWhole();
    });
}

bool Evaluations::runsCode() const
{
    for (std::size_t i = 0; i < m_plan.size(); ++i) {
        const bool isLeft = i >= m_tasks.size() || !m_tasks[i] || !m_tasks[i]->isWhole();
        if (isLeft && ui::runsCode(m_plan[i].spec)) {
            return true;
        }
    }
    return false;
}

std::int64_t Evaluations::answers() const
{
    std::int64_t all = 0;
    for (const TaskPicturePtr& task : m_tasks) {
        all += task ? task->answers() : 0;
    }
    return all;
}

double Evaluations::answersPerSecond() const
{
    const double seconds = m_since.isValid() ? static_cast<double>(m_since.elapsed()) / 1000.0 : 0;
    return m_answers && seconds >= kLeastSeconds
        ? static_cast<double>(answers() - m_before) / seconds
        : 0.0;
}

const std::vector<core::Vote>& Evaluations::votes(int task) const
{
    static const std::vector<core::Vote> kNone;
    const auto at = static_cast<std::size_t>(task);
    return task >= 0 && at < m_votes.size() ? m_votes[at] : kNone;
}

void Evaluations::vote(int task, const core::Vote& vote)
{
    const auto at = static_cast<std::size_t>(task);
    if (task < 0 || at >= m_tasks.size() || !m_tasks[at]) {
        return;
    }
    m_votes[at].push_back(vote);
    m_voteQueue->push({m_tasks[at]->folder.toStdString(), vote});
    // One that takes the place of another writes what that one had left.
    m_voteJobs.start<bool>(
        [queue = m_voteQueue](const core::JobContext&) {
            writeVotes(*queue);
            return true;
        },
        [](bool) {});
    announce(this, &Evaluations::votesChanged);
}

void Evaluations::writeVotes(VoteQueue& queue)
{
    std::vector<Written> left = queue.takeAll();
    while (!left.empty()) {
        try {
            core::appendVotes(left.front().folder, std::span(&left.front().vote, 1));
        } catch (...) {
            for (Written& one : left) { // the next one tries again
                queue.push(std::move(one));
            }
            throw;
        }
        left.erase(left.begin());
    }
}

void Evaluations::lookAt(const QHash<QString, QString>& files)
{
    m_fileJobs.start<QHash<QString, TaskFile>>(
        [files](const core::JobContext& job) {
            QHash<QString, TaskFile> seen;
            for (auto one = files.cbegin(); one != files.cend(); ++one) {
                job.throwIfCancelled();
                seen.insert(one.key(), lookedAt(one.key(), one.value(), job));
            }
            return seen;
        },
        [this](const QHash<QString, TaskFile>& seen) {
            m_files = seen;
            announce(this, &Evaluations::filesSeen);
        });
}

} // namespace pissarro::ui
