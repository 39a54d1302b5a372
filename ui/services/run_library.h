// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/run_series.h"
#include "ui/services/service.h"

#include <QHash>
#include <QStringList>
#include <QTimer>
#include <QVector>

#include <functional>
#include <memory>
#include <vector>

namespace pissarro::ui {

// Runs on disk, this program's and others', below the run root and the folders added by hand, with their steps as they
// grow. Running while it looks; it looks by itself as long as one of them is in progress.
class RunLibrary : public Service {
    Q_OBJECT

public:
    explicit RunLibrary(QObject* parent = nullptr);
    ~RunLibrary() override;

    const QVector<core::RunSummary>& runs() const { return m_runs; } // the newest first
    // What a run has left to compare with, by its directory; those that have left nothing are not in it.
    struct Outcome {
        QString path; // of its adapter, or of its model
        QString model; // that it was trained on, with no link in its path
    };
    const QHash<QString, Outcome>& outcomes() const { return m_outcomes; }
    RunSeries seriesOf(const QString& runDirectory) const; // empty: not known
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
    struct Found;
    void look();
    void take(Found found);

    std::shared_ptr<Reader> m_reader; // the worker's alone
    QVector<core::RunSummary> m_runs;
    QHash<QString, Outcome> m_outcomes;
    QHash<QString, RunSeries> m_series;
    QStringList m_folders; // added by hand
    QString m_added; // just now
    QStringList m_trained;
    QTimer m_timer; // while a run is in progress
    bool m_again = false; // asked for while a look was under way
    QString m_alsoIn; // of the next look
    std::vector<std::function<void()>> m_then; // of the next look
    JobBridge m_jobs; // last: destroyed first
};

} // namespace pissarro::ui
