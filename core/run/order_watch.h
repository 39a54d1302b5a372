// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/run/run_observer.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

namespace pissarro::core::inline run {

// While it lives, calls `stop` once where somebody asks this process, which trains in `request`, to stop and keep
// (RUNDIR/.order), a tenth of a second after they did: in phases that ask for no orders themselves, such as a decomposition.
// An order that cannot be read is none.
// Threads: `stop` is called on a thread of its own; it must not throw, nor wait for whoever destroys the watch.
class OrderWatch {
public:
    OrderWatch(std::filesystem::path request, std::function<void()> stop);

private:
    std::jthread m_thread;
};

// The token of work for a run: it stops where the job is cancelled, `control`, which may be null, tells the run to stop, or
// another program does (OrderWatch). Each is heard in mid-step, and while the run is prepared.
class RunEnds {
public:
    RunEnds(const JobContext& job, const std::shared_ptr<TrainControl>& control,
            std::filesystem::path request);
    RunEnds(const RunEnds&) = delete;
    RunEnds& operator=(const RunEnds&) = delete;

    std::stop_token token() const { return m_source.get_token(); }

private:
    struct Stop {
        std::stop_source& source;
        void operator()() const { source.request_stop(); }
    };

    std::stop_source m_source;
    std::stop_callback<Stop> m_onCancel;
    std::stop_callback<Stop> m_onStop;
    OrderWatch m_onOrder;
};

} // namespace pissarro::core::inline run
