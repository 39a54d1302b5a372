// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::core::inline tensor {

// How many threads a job computes on: LibTorch, MKL and our own loops, as long as this lives. The one place that sets it.
//
// 0 takes the count of the budget around it on this thread, and without one allowedCores(). A count that is named is
// taken, up to OMP_THREAD_LIMIT, whatever else the environment says.
// Threads: counts for the thread that made it and for the teams that this thread starts; other jobs keep theirs.
class ThreadBudget {
public:
    explicit ThreadBudget(int threads = 0);
    ~ThreadBudget();
    ThreadBudget(const ThreadBudget&) = delete;
    ThreadBudget& operator=(const ThreadBudget&) = delete;

    int count() const { return m_count; } // in force

private:
    int m_count;
    int m_outer; // count of the budget around it; 0: none
    int m_ompBefore;
    int m_mklBefore = 0; // 0: as the process has it
};

} // namespace pissarro::core::inline tensor
