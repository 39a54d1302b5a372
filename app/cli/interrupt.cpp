// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include "app/cli/exit_code.h"
#include "core/file/in_flight.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>
#include <utility>

namespace pissarro::cli {

namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP}; // the last: the terminal went away
constexpr std::int64_t kOneSignalNs = 50'000'000;

std::atomic<std::int64_t> firstNs = 0; // when the first signal came; 0: none
sem_t arrival; // what a handler may post to
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t nowNs()
{
    timespec now {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * std::int64_t {1'000'000'000} + now.tv_nsec;
}

extern "C" void countSignal(int)
{
    const int error = errno;
    const std::int64_t now = nowNs();
    std::int64_t first = 0;
    if (!firstNs.compare_exchange_strong(first, now)) {
        if (now - first >= kOneSignalNs) {
            core::removeInFlight();
            _exit(static_cast<int>(ExitCode::Interrupted));
        }
    } else {
        sem_post(&arrival);
    }
    errno = error;
}

sigset_t watchedSignals()
{
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : kSignals) {
        sigaddset(&set, signal);
    }
    return set;
}

} // namespace

Interrupt::Interrupt()
{
    firstNs = 0;
    sem_init(&arrival, 0, 0);
    struct sigaction action { };
    action.sa_handler = countSignal;
    action.sa_flags = SA_RESTART;
    for (const int signal : kSignals) {
        struct sigaction before { };
        sigaction(signal, nullptr, &before);
        if (signal != SIGHUP || before.sa_handler != SIG_IGN) { // nohup: the terminal may go
            sigaction(signal, &action, nullptr);
        }
    }
    const sigset_t set = watchedSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_watcher = std::thread([this] { watch(); });
}

Interrupt::~Interrupt()
{
    m_ending = true;
    sem_post(&arrival);
    m_watcher.join();
}

void Interrupt::softenFirst(std::function<void()> handler)
{
    const std::lock_guard lock(m_mutex);
    m_first = std::move(handler);
}

void Interrupt::watch()
{
    // Only this thread is interrupted. What it does for the first signal may take its time, a print to a pipe that nobody
    // reads for one: the handler counts the second all the same.
    const sigset_t set = watchedSignals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    while (sem_wait(&arrival) != 0) { }
    if (m_ending) {
        return;
    }
    m_arrived = true;
    std::function<void()> first;
    {
        const std::lock_guard lock(m_mutex);
        first = m_first;
    }
    if (first) {
        first();
    } else {
        m_stop.request_stop();
    }
    while (!m_ending) { // to be there for the second signal
        sem_wait(&arrival);
    }
}

} // namespace pissarro::cli
