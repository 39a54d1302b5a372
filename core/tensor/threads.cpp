// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tensor/threads.h"

#include "core/base/allowed_cores.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <mutex>
#include <omp.h>

#if !defined(_OPENMP) && !defined(__SANITIZE_THREAD__)
#error "compile with -fopenmp: LibTorch's at::parallel_for would run on one thread"
#endif

// In libtorch_cpu where that is built with MKL, which declares it in no header of the wheel.
extern "C" int MKL_Set_Num_Threads_Local(int threads) __attribute__((weak));

namespace pissarro::core::inline tensor {

namespace {

thread_local int budgetHere = 0; // of this thread; 0: none

int setMklHere(int threads)
{
    return MKL_Set_Num_Threads_Local != nullptr ? MKL_Set_Num_Threads_Local(threads) : 0;
}

// What threads without a budget begin with, and that MKL takes the count it is told: left to itself it may choose another
// one from call to call, and sums have other bits then.
void setProcessDefault()
{
    static std::once_flag once;
    std::call_once(once, [] {
        const int ompBefore = omp_get_max_threads();
        const int mklBefore = setMklHere(0);
        at::set_num_threads(allowedCores()); // of this thread too
        omp_set_num_threads(ompBefore);
        setMklHere(mklBefore);
    });
}

int countFor(int threads)
{
    if (threads <= 0) {
        return budgetHere > 0 ? budgetHere : allowedCores();
    }
    return std::min(threads, omp_get_thread_limit());
}

} // namespace

ThreadBudget::ThreadBudget(int threads)
    : m_count(countFor(threads))
    , m_outer(budgetHere)
    , m_ompBefore(0)
{
    // At the first question on a thread LibTorch sets its counts, MKL's too: before ours, not over them. Its library and our
    // program each have a first question of their own, the inline function in ATen/Parallel.h: without the second, the
    // first at::parallel_for of a worker would let MKL start a team below our team, where it waits for ever.
    at::get_num_threads();
    at::internal::lazy_init_num_threads();
    setProcessDefault();
    m_ompBefore = omp_get_max_threads();
    budgetHere = m_count;
    omp_set_num_threads(m_count);
    m_mklBefore = setMklHere(m_count);
}

ThreadBudget::~ThreadBudget()
{
    setMklHere(m_mklBefore);
    omp_set_num_threads(m_ompBefore);
    budgetHere = m_outer;
}

} // namespace pissarro::core::inline tensor
