// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/tensor/threads.h"

#include <ATen/Parallel.h>
#include <c10/util/ParallelGuard.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

namespace pissarro::core::inline tensor {

// While it lives, LibTorch, MKL and OpenMP compute on this thread alone and start no team.
struct SingleThread {
    ThreadBudget budget {1};
    c10::ParallelGuard guard {true}; // for at::parallel_for
};

// Calls work(first, last) over [0, tasks) on the threads of the budget, a task at a time for whichever thread is free: equal
// shares would wait for the slowest core. Each thread computes alone, also where there is one task or one thread: a team
// of MKL's below ours would spin at its barriers for a core that another of ours has. For tasks of some 100 µs; what a
// task computes must not depend on the order.
template <class Work>
void eachTask(std::int64_t tasks, const Work& work)
{
    std::atomic<std::int64_t> next = 0;
    const std::int64_t workers = std::min<std::int64_t>(tasks, at::get_num_threads());
    at::parallel_for(0, workers, 1, [&](std::int64_t, std::int64_t) {
        const SingleThread single;
        for (std::int64_t i = next++; i < tasks; i = next++) {
            work(i, i + 1);
        }
    });
}

// Runs body() so that LibTorch computes on the calling thread alone, for timings and for what is small.
void onOneThread(const std::function<void()>& body);

// Runs body(i) for i in [0, count) on the threads of the budget, each i on one thread that computes alone: what many small
// matrices want, and the same bits for one of them as for many. Items are taken in order by whichever thread is free.
// Throws: what a body throws, the first one; the others end early.
void forEachInParallel(std::int64_t count, const std::function<void(std::int64_t)>& body);

// What a loop over pieces of work tells its job.
struct PieceReport {
    const JobContext& job;
    std::string_view stage; // "Decomposing"
    std::int64_t before = 0; // pieces done before this loop
    std::int64_t total = 0; // pieces in all; 0: those of this loop
};

// The same for the pieces of a job, each ready after take(i, compute(i)). Results are taken, and the job is told, by one
// thread at a time; the job is asked before each piece.
// Throws: Cancelled too.
template <class Compute, class Take>
void forEachInParallel(std::int64_t count, const PieceReport& report, const Compute& compute,
                       const Take& take)
{
    std::mutex mutex; // guards take(), `done` and the job's reports
    std::int64_t done = report.before;
    const auto total = static_cast<double>(report.total > 0 ? report.total : count);
    forEachInParallel(count, [&](std::int64_t i) {
        report.job.throwIfCancelled();
        auto result = compute(i);
        const std::lock_guard lock(mutex);
        take(i, std::move(result));
        report.job.checkpoint(static_cast<double>(++done) / total, report.stage);
    });
}

} // namespace pissarro::core::inline tensor
