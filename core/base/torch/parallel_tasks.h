// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace pissarro::core {

// Calls work(first, last) over [0, tasks) on LibTorch's threads, a task at a time for whichever thread is free: equal
// shares would wait for the slowest core. For tasks of some 100 µs; what a task computes must not depend on the order.
template <class Work>
void eachTask(std::int64_t tasks, const Work& work)
{
    std::atomic<std::int64_t> next = 0;
    const std::int64_t workers = std::min<std::int64_t>(tasks, at::get_num_threads());
    at::parallel_for(0, workers, 1, [&](std::int64_t, std::int64_t) {
        for (std::int64_t i = next++; i < tasks; i = next++) {
            work(i, i + 1);
        }
    });
}

} // namespace pissarro::core
