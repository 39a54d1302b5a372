// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluation_set.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/evaluation_picture.h"
#include "ui/services/service.h"

#include <QElapsedTimer>
#include <QHash>
#include <QTimer>

#include <memory>
#include <utility>
#include <vector>

namespace pissarro::ui {

// A task's file, as somebody has looked at it.
struct TaskFile {
    QString path; // that was looked for
    std::int64_t questions = 0; // or texts
    QString problem; // why they cannot be asked; empty: they can
    bool isThere = false; // something lies at the path
};

// Models put to tasks: one evaluation at a time, begun here or opened from its folder, as core/evaluate writes it. Running while
// it is read or answered, with partial scores; Idle where a person paused it: what was answered is kept, and goOn() asks the
// rest, in another window or years later too. Failed where a task was kept from its end; the others are answered all the same.
class Evaluations : public Service {
    Q_OBJECT

public:
    explicit Evaluations(QObject* parent = nullptr);
    ~Evaluations() override;

    // The models to each task, written to `folder`, which is not there yet. Nothing while another one is answered.
    void start(const std::vector<core::EvaluationSpec>& tasks, const QString& folder,
               core::CodeConsent consent);
    void open(const QString& folder); // of an evaluation, of several, or of one by the command line
    void goOn(core::CodeConsent consent); // with what it lacks
    void pause(); // within a token
    void close(); // nothing is open; what was written stays. Nothing while one is answered

    const QString& folder() const { return m_folder; } // empty: none is open
    // In the order in which they are asked; null: nothing is known of it yet.
    const std::vector<TaskPicturePtr>& tasks() const { return m_tasks; }
    const std::vector<core::PlannedEvaluation>& plan() const { return m_plan; }
    bool isAnswering() const { return m_answers; } // not only read
    int current() const { return m_answers ? m_current : -1; } // task that is asked now; -1: none
    bool isWhole() const; // all is answered
    bool runsCode() const; // to go on, programs that a model wrote are run
    std::int64_t answers() const;
    double answersPerSecond() const; // of those since it began or went on; 0: not known yet

    // What a person said of two answers to MT-Bench, written beside them.
    void vote(int task, const core::Vote& vote);
    const std::vector<core::Vote>& votes(int task) const;

    // Whether a person agreed that programs which a model wrote are run, sandboxed, for this project: asked once for each.
    static bool hasConsent(const QString& project);
    static void giveConsent(const QString& project);

    // Looks at the files of tasks, by name; filesSeen() follows.
    void lookAt(const QHash<QString, QString>& files);
    TaskFile file(const QString& task) const { return m_files.value(task); }

Q_SIGNALS:
    void changed(); // tasks(), folder()
    void votesChanged();
    void filesSeen();

private:
    struct Told {
        std::size_t task = 0;
        TaskPicturePtr picture;
    };
    struct Written { // votes to be written, each with the folder of its task
        std::string folder;
        core::Vote vote;
    };
    using Queue = GuardedQueue<Told>;
    using VoteQueue = GuardedQueue<Written>;
    static void writeVotes(VoteQueue& queue);
    void run(bool isNew, core::CodeConsent consent);
    void begin(const QString& folder, bool answers);
    void drain();
    void end(State how);

    QString m_folder;
    std::vector<core::PlannedEvaluation> m_plan;
    std::vector<TaskPicturePtr> m_tasks;
    std::vector<std::vector<core::Vote>> m_votes; // of each task
    std::vector<bool> m_votesKnown;
    QHash<QString, TaskFile> m_files;
    bool m_answers = false;
    int m_current = -1;
    std::int64_t m_before = 0; // answers when it began or went on
    QElapsedTimer m_since;
    std::shared_ptr<Queue> m_queue;
    std::shared_ptr<VoteQueue> m_voteQueue;
    QTimer m_timer;
    quint64 m_job = 0; // id of the one whose end is waited for; 0: none
    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge m_jobs;
    JobBridge m_voteJobs;
    JobBridge m_fileJobs;
};

} // namespace pissarro::ui
