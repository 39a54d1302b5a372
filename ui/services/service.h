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

    // From now on the state goes with the jobs of `jobs`, a member: Running as they go on, Idle once the last one is
    // cancelled, what `failed` makes of why it failed. Ready is said by whoever takes the result.
    void goWith(JobBridge& jobs, std::function<Failed(const QString& why)> failed);

    // Idle, told by nobody yet: with the model that it belonged to.
    void forgetState() { m_state = Idle {}; }

private:
    State m_state;
};

} // namespace pissarro::ui
