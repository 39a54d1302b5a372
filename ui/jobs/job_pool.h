// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace pissarro::ui {

// What a job is for. It decides when the job may begin and how much of the processors it gets beside others.
enum class JobKind {
    Reading, // files, folders, what the machine has: computes next to nothing, so it never waits for what does
    Training, // one at a time; while there is one, or one that waits, no sweep begins
    OnScreen, // what a person looks at or waits for: two at a time, on threads that yield to a training and to the window
    Sweep, // works through a whole model: two at a time, below all others, after the training
};

// The threads that every JobBridge works on. Each kind has its own, made when they are needed and never more than the kind
// allows; those of a kind that yields are lowered for good (nice), and so are the teams that they start, since an
// unprivileged thread cannot be raised again.
//
// It lives as long as a bridge does. Threads: any.
class JobPool {
public:
    // Who works. Its turns come one after the other, whatever else runs.
    class Client {
    public:
        virtual ~Client() = default;
        virtual void turn() noexcept = 0; // on a thread of the pool
    };

    static std::shared_ptr<JobPool> shared();
    JobPool() = default;
    ~JobPool(); // Requires: every client has left
    JobPool(const JobPool&) = delete;
    JobPool& operator=(const JobPool&) = delete;

    enum class Wait { None, ForTraining, ForOthers };
    // Asks for a turn. One that waits already among those of the kind keeps its place and gets no second one: what it does
    // then is what it wants by then. Returns what it waits for as it looks now.
    Wait ask(Client& client, JobKind kind);
    // No turn of this client begins any more; returns once the one under way has ended.
    void leave(Client& client);

    std::uint64_t asked(JobKind kind) const; // turns of a kind asked for so far
    std::size_t working() const; // turns under way

private:
    struct Lane {
        std::size_t threads = 0;
        std::size_t idle = 0;
        std::size_t running = 0;
        std::deque<Client*> waiting; // the oldest first
        std::uint64_t asked = 0;
    };
    Lane& laneOf(JobKind kind) { return m_lanes[static_cast<std::size_t>(kind)]; }
    bool mustWait(JobKind kind); // whatever its threads do
    std::deque<Client*>::iterator next(JobKind kind); // end: none may begin now
    void work(JobKind kind);

    mutable std::mutex m_mutex; // guards all below
    std::condition_variable m_changed; // someone waits, a turn has ended, or the end has come
    std::array<Lane, 4> m_lanes;
    std::vector<const Client*> m_running;
    bool m_quit = false;
    std::vector<std::thread> m_threads;
};

} // namespace pissarro::ui
