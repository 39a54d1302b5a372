// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace pissarro::ui {

// The way of fast streams to the GUI: a worker pushes values, a timer of the GUI takes all that
// came since. One lock a push, one a tick; never one queued event a record. Threads: any.
template <class Value>
class GuardedQueue {
public:
    void push(Value value)
    {
        const std::lock_guard lock(m_mutex);
        m_values.push_back(std::move(value));
    }

    std::vector<Value> takeAll()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_values, {});
    }

private:
    std::mutex m_mutex;
    std::vector<Value> m_values; // guarded by m_mutex
};

} // namespace pissarro::ui
