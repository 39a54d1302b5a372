// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/library/project.h"
#include "core/run/run_list.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/run_series.h"
#include "ui/services/service.h"

#include <QHash>
#include <QSet>
#include <QStringList>
#include <QTimer>
#include <QVector>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace pissarro::ui {

// What is said of a run, before and after a change.
struct MarkChange {
    QString run; // its folder
    core::RunMark before;
    core::RunMark after;
};

// Runs on disk, this program's and others', below the run root and the folders added by hand, with what a person says of
// them. Running while it looks; it looks by itself as long as one of them is in progress. A first look at many tells of the
// newest ones while it still reads. Steps are kept of the runs that are followed alone.
class RunLibrary : public Service {
    Q_OBJECT

public:
    explicit RunLibrary(QObject* parent = nullptr);
    ~RunLibrary() override;

    const QVector<core::RunSummary>& runs() const { return m_runs; } // ours, the newest first
    // The same with those of others, those that cannot be read, and those whose folder is away.
    const core::ListedRuns& listed() const { return m_listed; }
    const QStringList& gone() const { return m_gone; } // folders added by hand that are not there
    core::RunMark markOf(const QString& run) const { return m_marks.value(run); }
    // By run folder; runs of which nothing is said are not in it.
    const QHash<QString, core::RunMark>& marks() const { return m_marks; }
    // Shown at once, and written in the order of the calls; a change that cannot be is told as a failure.
    void changeMarks(const QVector<MarkChange>& changes);
    void moveToTrash(const QStringList& runs); // of ours
    void bringBack(const QStringList& runs); // what was moved there last
    // What a run has left to compare with, by its directory; those that have left nothing are not in it.
    struct Outcome {
        QString path; // of its adapter, or of its model
        QString model; // that it was trained on, with no link in its path
    };
    const QHash<QString, Outcome>& outcomes() const { return m_outcomes; }
    // Of a run that is followed; else empty. Followed are this window's, those in progress, and follow()'s.
    RunSeries seriesOf(const QString& runDirectory) const;
    void
    follow(const QStringList& runs); // these, not those before; what was read of them is dropped
    // Looks again; also tails the metrics of running ones. `then` is called once a look that begins after this call is
    // done, after changed(); never where it fails. `alsoIn`: another folder, for that look.
    void refresh(std::function<void()> then = {}, const QString& alsoIn = {});
    void setTrained(const QStringList& folders)
    {
        m_trained = folders;
    } // of this window's runs: anywhere
    void addFolder(const QString& directory); // to those that are looked through from now on
    void removeFolder(const QString& folder); // from them: the runs in it stay where they are
    const QStringList& folders() const { return m_folders; } // added by hand

Q_SIGNALS:
    void changed(); // runs() or their steps

private:
    struct Reader; // run folders with their metrics as far as they were read
    struct Wanted; // of a look
    struct Found;
    using Queue = GuardedQueue<core::ListedRuns>;
    void look();
    void take(Found found);
    void show(core::ListedRuns listed);
    void drain(); // runs that were read so far, before the first list is whole
    void tellOfNone(const QString& folder);
    void write(std::function<void()> work); // on a worker, one after the other
    void writeNext();
    QString rootOf(const QString& run) const;

    std::shared_ptr<Reader> m_reader; // the worker's alone
    std::shared_ptr<Queue> m_queue; // of the look under way
    core::ListedRuns m_listed;
    QVector<core::RunSummary> m_runs; // those of ours in it
    QStringList m_gone;
    QHash<QString, core::RunMark> m_marks; // by run folder; those without are not in it
    std::deque<std::function<void()>> m_writes; // the first of them is being written
    quint64 m_changes = 0; // marks that are older than the newest are not taken from a look
    QHash<QString, Outcome> m_outcomes;
    QHash<QString, RunSeries> m_series;
    QStringList m_folders; // added by hand
    QString m_added; // just now
    QString m_problem; // of what is said of runs, as it was told
    QStringList m_trained;
    QSet<QString> m_followed;
    QTimer m_timer; // while a run is in progress
    QTimer m_draining; // while a first look is under way
    bool m_again = false; // asked for while a look was under way
    QString m_alsoIn; // of the next look
    std::vector<std::function<void()>> m_then; // of the next look
    JobBridge m_writer;
    JobBridge m_jobs; // last: destroyed first
};

} // namespace pissarro::ui
