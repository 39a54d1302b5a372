// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/announce.h"
#include "ui/services/state.h"

#include <QObject>

#include <functional>
#include <utility>
#include <variant>

namespace pissarro::ui {

class JobBridge;

// Work for a person that outlives the page it was asked on, one job at a time. What it found is asked of the service itself
// while it is Ready; cancelled it is Idle again.
// Threads: the GUI thread; the work runs behind a JobBridge.
class Service : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    const State& state() const { return m_state; }
    bool isRunning() const { return std::holds_alternative<Running>(m_state); }
    const Failed* failure() const { return std::get_if<Failed>(&m_state); } // null: it did not fail

Q_SIGNALS:
    void stateChanged(); // also that it went on

protected:
    void setState(State state)
    {
        m_state = std::move(state);
        announce(this, &Service::stateChanged);
    }

    using Failing = std::function<Failed(const QString& why)>; // what to say of a job that failed
    enum class Progress {
        Told,
        OnlyWaits
    }; // OnlyWaits: how far it is, the service tells otherwise

    // From now on the state goes with the jobs of `jobs`, a member: Running as they go on, Idle once the last one is
    // cancelled, what `failed` makes of why it failed. Ready is said by whoever takes the result.
    void goWith(JobBridge& jobs, Failing failed);

    // The same for a service that waits for the end of one job: `job`, a member too, is its id, 0 while none is waited
    // for. What is heard of others is passed over: they were forgotten, or this one took their place. At its end `job` is
    // 0, and `ended` is given Ready, Idle where it was cancelled, or what `failed` makes of it: it takes what the job
    // brought last and sets the state.
    void goWith(JobBridge& jobs, quint64& job, Failing failed, std::function<void(State how)> ended,
                Progress progress = Progress::Told);

    // For jobs beside those that the state is of: it hears of nothing but that one failed.
    void failWith(JobBridge& jobs, Failing failed);

    // Idle, told by nobody yet: with the model that it belonged to.
    void forgetState() { m_state = Idle {}; }

private:
    State m_state;
};

} // namespace pissarro::ui
