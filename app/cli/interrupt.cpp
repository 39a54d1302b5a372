// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include "app/cli/exit_code.h"

#include <csignal>
#include <cstdlib>
#include <pthread.h>
#include <utility>

namespace pissarro::cli {

namespace {

sigset_t watchedSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP); // the terminal went away
    return set;
}

} // namespace

Interrupt::Interrupt()
{
    const sigset_t set = watchedSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_watcher = std::thread([this] { watch(); });
}

Interrupt::~Interrupt()
{
    m_ending = true;
    pthread_kill(m_watcher.native_handle(), SIGINT); // wakes sigwait()
    m_watcher.join();
}

void Interrupt::softenFirst(std::function<void()> handler)
{
    const std::lock_guard lock(m_mutex);
    m_first = std::move(handler);
}

void Interrupt::watch()
{
    const sigset_t set = watchedSignals();
    for (;;) {
        int signal = 0;
        if (sigwait(&set, &signal) != 0) {
            continue;
        }
        if (m_ending) {
            return;
        }
        const int count = ++m_signals;
        if (count >= 3) {
            std::_Exit(static_cast<int>(ExitCode::Interrupted));
        }
        const std::lock_guard lock(m_mutex);
        if (count == 1 && m_first) {
            m_first();
        } else {
            m_stop.request_stop();
        }
    }
}

} // namespace pissarro::cli
