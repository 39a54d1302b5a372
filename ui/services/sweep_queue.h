// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/sweep_results.h"
#include "core/sweep/sweep_store.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <QString>
#include <QTimer>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace pissarro::ui {

// A sweep as its folder was a moment ago.
struct SweepLook {
    std::shared_ptr<const core::SweepStore> store; // its folder, what was asked for, its plan
    core::SweepState state; // the queue
    core::SweepResults results; // of what there is
    bool isWorkedAt = false; // a program is known to work at it, here or on another machine
    std::uint64_t version = 0; // of its file

    QString folder() const;
    QString runFolder(const std::string& run) const;
    std::size_t count(core::SweepRunState state) const;
    std::size_t ended() const; // runs that nobody works at any more
    double secondsLeft() const; // by the pace of what was trained; NaN: not known
};

// The open sweep: trained by programs of its own, started from here, by another window or on the command line, and followed by
// looking at its folder. Any number of them may work at it; each change goes through its file, under its lock. Running as long
// as somebody works at it; Ready else; Idle: none is open; Failed: it could not be opened, begun or changed, or the program that
// was started here ended with work left.
class SweepQueue : public Service {
    Q_OBJECT

public:
    explicit SweepQueue(QObject* parent = nullptr);
    ~SweepQueue() override;

    // Begins the sweep in `folder` by the rule for outputs, or goes on with it where the folder holds this very one.
    // runsCode: what models write may be run, in the sandbox.
    void start(const core::SweepSpec& sweep, const QString& folder, bool runsCode);
    void open(const QString& folder); // whoever works at it
    void close(); // its programs go on
    QString folder() const { return m_folder; } // that was asked for; empty: none
    const SweepLook* look() const { return m_look.get(); } // null: not read yet

    // Orders, in their order.
    void pause(); // all programs stop and keep
    void resume(bool runsCode); // also where a crash has ended the programs
    void retry(const QString& run);
    void retryFailed();
    void skip(const QString& run);
    void move(const QString& run, int place); // in the queue
    void setFollowing(bool on); // somebody looks: the folder is looked at often
    void refresh(); // looks now

Q_SIGNALS:
    void changed(); // look(), folder()

private:
    using Change = std::function<void(core::SweepState&)>;
    struct Found {
        std::shared_ptr<const SweepLook> look; // null: nothing is new
        qint64 process = 0; // that was started here and lives
        QString gone; // what it said last where it ended with work left
        qint64 tookMs = 0;
    };
    struct Errand { // what the next look does first
        std::shared_ptr<const core::SweepStore> store;
        std::uint64_t known = 0; // version that is shown
        qint64 process = 0;
        std::vector<Change> changes;
        std::optional<core::SweepSpec> begins;
        bool starts = false; // a program
        bool runsCode = false;
        std::string folder;
        bool wasWorkedAt = false;
    };
    static Found run(const Errand& errand, const core::JobContext& job);
    void order(Change change);
    void goOn(); // a look, with the orders that wait
    void goNow(); // also where another sweep's look is not over yet
    void take(Found found);
    void setPace();

    QString m_folder;
    std::shared_ptr<const SweepLook> m_look;
    std::vector<Change> m_changes; // that wait
    std::optional<core::SweepSpec> m_begins; // waits
    bool m_starts = false; // waits
    bool m_runsCode = false;
    bool m_onlyLooks = false; // the errand under way: no order is in it
    qint64 m_tookMs = 0; // a look
    bool m_again = false; // another look was asked for meanwhile
    bool m_following = false;
    qint64 m_process = 0; // that was started here; 0: none
    QTimer m_timer;
    JobBridge m_jobs {JobKind::Reading}; // last: destroyed first
};

} // namespace pissarro::ui
