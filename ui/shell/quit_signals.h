// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSocketNotifier>

#include <functional>
#include <memory>

namespace pissarro::ui {

// Turns SIGTERM, SIGHUP and SIGINT into a call on the GUI thread: the session ends, the terminal goes away, or somebody
// asks politely. A second signal of the kind ends the program as it would without this.
// Threads: GUI thread; one at a time in a process.
class QuitSignals {
public:
    explicit QuitSignals(std::function<void()> quit);
    ~QuitSignals();
    QuitSignals(const QuitSignals&) = delete;
    QuitSignals& operator=(const QuitSignals&) = delete;

private:
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace pissarro::ui
