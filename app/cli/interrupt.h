// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace pissarro::cli {

// Turns SIGINT and SIGTERM into a stop request that jobs of core/ answer at their next checkpoint.
//
// The first signal requests a stop, or calls the handler of softenFirst() instead; the second
// requests the stop in any case; the third ends the process at once. Requires: made in main()
// before any other thread starts: both signals are blocked from then on and taken by one thread.
// Threads: any.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return m_stop.get_token(); }
    bool arrived() const { return m_signals.load() > 0; }
    void softenFirst(std::function<void()> handler); // called on the watching thread

private:
    void watch();

    std::stop_source m_stop;
    std::atomic<int> m_signals = 0;
    std::atomic<bool> m_ending = false;
    std::mutex m_mutex;
    std::function<void()> m_first; // guarded by m_mutex
    std::thread m_watcher;
};

} // namespace pissarro::cli
