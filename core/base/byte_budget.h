// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace pissarro::core::inline base {

// How many bytes the threads of a process may hold at once of what is large and short-lived. Whoever would go beyond it
// waits for a share to be given back; alone, one may take any number.
// Threads: any.
class ByteBudget {
public:
    explicit ByteBudget(std::uint64_t limitBytes)
        : m_limit(limitBytes)
    {
    }

    // Bytes that are held until this ends.
    class Share {
    public:
        Share(ByteBudget& budget, std::uint64_t sizeBytes)
            : m_budget(budget)
            , m_size(sizeBytes)
        {
        }
        ~Share() { m_budget.giveBack(m_size); }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;

    private:
        ByteBudget& m_budget;
        std::uint64_t m_size;
    };

    // Throws: Cancelled, also while it waits.
    Share take(std::uint64_t sizeBytes, const JobContext& job)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, job.stopToken(),
                       [&] { return m_held == 0 || m_held + sizeBytes <= m_limit; });
        job.throwIfCancelled();
        m_held += sizeBytes;
        return {*this, sizeBytes};
    }

private:
    void giveBack(std::uint64_t sizeBytes)
    {
        const std::lock_guard lock(m_mutex);
        m_held -= sizeBytes;
        m_changed.notify_all();
    }

    const std::uint64_t m_limit;
    std::mutex m_mutex; // guards m_held
    std::condition_variable_any m_changed;
    std::uint64_t m_held = 0;
};

} // namespace pissarro::core::inline base
