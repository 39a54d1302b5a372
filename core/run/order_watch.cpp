// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/order_watch.h"

#include "core/base/error.h"
#include "core/run/run_lock.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace pissarro::core::inline run {

namespace {

constexpr auto kLook = std::chrono::milliseconds(100);

bool isToStop(const std::filesystem::path& request)
{
    try {
        return readOrder(request, thisProcess()) == RunOrder::Stop;
    } catch (const Error&) {
        return false;
    }
}

} // namespace

OrderWatch::OrderWatch(std::filesystem::path request, std::function<void()> stop)
    : m_thread([request = std::move(request), stop = std::move(stop)](const std::stop_token& over) {
        std::mutex mutex;
        std::condition_variable_any ends;
        std::unique_lock lock(mutex);
        while (!over.stop_requested()) {
            if (isToStop(request)) {
                stop();
                return;
            }
            ends.wait_for(lock, over, kLook, [] { return false; });
        }
    })
{
}

RunEnds::RunEnds(const JobContext& job, const std::shared_ptr<TrainControl>& control,
                 std::filesystem::path request)
    : m_onCancel(job.stopToken(), Stop {m_source})
    , m_onStop(control ? control->stopToken() : std::stop_token(), Stop {m_source})
    , m_onOrder(std::move(request), Stop {m_source})
{
}

} // namespace pissarro::core::inline run
