// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace pissarro::cli {

// Turns SIGINT, SIGTERM and SIGHUP into a stop request that jobs of core/ answer at their next checkpoint.
//
// The first signal requests a stop, or calls the handler of softenFirst() instead. The second ends the process at once,
// with exit code 130, whatever any thread is doing: it is counted in the signal handler itself, which takes away what was
// being written and is not in its place yet. Signals within 50 ms of
// the first are one with it: a hangup and `timeout` send two.
// Requires: made in main() before any other thread starts: the signals are blocked from then on in all threads but one,
//   so that no call of another is cut short by them. One at a time in a process.
// Threads: any.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return m_stop.get_token(); }
    bool arrived() const { return m_arrived.load(); }
    void softenFirst(std::function<void()> handler); // called on the watching thread

private:
    void watch();

    std::stop_source m_stop;
    std::atomic<bool> m_arrived = false;
    std::atomic<bool> m_ending = false;
    std::mutex m_mutex;
    std::function<void()> m_first; // guarded by m_mutex
    std::thread m_watcher;
};

} // namespace pissarro::cli
