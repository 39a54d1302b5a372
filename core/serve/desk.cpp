// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/serve/desk.h"

#include "core/base/job_context.h"
#include "core/file/log.h"
#include "core/tensor/guarded.h"
#include "core/tensor/threads.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <thread>
#include <utility>

namespace pissarro::core::inline serve {

namespace {

const char* const kClosing = "the server is ending";

struct Order {
    Request request;
    std::shared_ptr<Draft> draft;
};

} // namespace

Draft::State Draft::look(std::size_t known, std::chrono::milliseconds patience) const
{
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, patience,
                       [&] { return m_state.ids.size() > known || m_state.isOver(); });
    State found {{}, {}, m_state.ending, m_state.text, m_state.failure};
    const auto behind = static_cast<std::ptrdiff_t>(std::min(known, m_state.ids.size()));
    found.ids.assign(m_state.ids.begin() + behind, m_state.ids.end());
    if (!m_state.readings.empty()) {
        found.readings.assign(m_state.readings.begin() + behind, m_state.readings.end());
    }
    return found;
}

void Draft::cancel()
{
    const std::lock_guard lock(m_mutex);
    m_isCancelled = true;
}

bool Draft::isCancelled() const
{
    const std::lock_guard lock(m_mutex);
    return m_isCancelled;
}

void Draft::add(const Answer& soFar)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto behind = static_cast<std::ptrdiff_t>(m_state.ids.size());
        m_state.ids.insert(m_state.ids.end(), soFar.newIds.begin() + behind, soFar.newIds.end());
        if (!soFar.readings.empty()) {
            m_state.readings.insert(m_state.readings.end(), soFar.readings.begin() + behind,
                                    soFar.readings.end());
        }
        m_state.ending = soFar.ending;
        m_state.text = soFar.text;
    }
    m_changed.notify_all();
}

void Draft::fail(const Error& why)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_state.isOver()) {
            m_state.failure = why;
        }
    }
    m_changed.notify_all();
}

struct Desk::Private {
    Private(session::Choir given, const DeskOptions& how)
        : choir(std::move(given))
        , options(how)
        , kept(choir, how.keep)
        , job(stop.get_token())
        , thread([this] { work(); })
    {
    }

    // Whether there is something to do; false: the end.
    bool waitForWork()
    {
        std::unique_lock lock(mutex);
        if (written.empty()) {
            changed.wait(lock, [this] { return !waiting.empty() || stop.stop_requested(); });
        }
        return !stop.stop_requested();
    }

    void work()
    {
        const ThreadBudget threads(choir.threads); // of one team from token to token
        while (waitForWork()) {
            try {
                guarded([this] { goOn(); });
            } catch (const Cancelled&) {
                break;
            } catch (const Error& e) {
                writeLog(LogLevel::Error, e.what());
                failAll(e);
            }
        }
        failAll(Error(ErrorKind::Io, kClosing));
        refuseWaiting();
    }

    // A token of each, and those let in that have come.
    void goOn()
    {
        if (!engine) {
            engine.emplace(choir, EngineOptions {.rows = options.rows, .kept = &kept}, job);
        }
        dropCancelled();
        letIn();
        if (engine->isIdle()) {
            return;
        }
        const std::vector<std::size_t> ended = engine->step();
        for (const auto& [ticket, draft] : written) {
            draft->add(engine->answer(ticket));
        }
        for (const std::size_t ticket : ended) {
            keptTokens += static_cast<std::int64_t>(engine->take(ticket).keptTokens);
            forget(ticket);
        }
    }

    void dropCancelled()
    {
        std::vector<std::size_t> gone;
        for (const auto& [ticket, draft] : written) {
            if (draft->isCancelled()) {
                gone.push_back(ticket);
            }
        }
        for (const std::size_t ticket : gone) {
            engine->drop(ticket);
            forget(ticket);
        }
    }

    // Under one lock: take() counts those that wait and those that are written.
    void letIn()
    {
        const std::lock_guard lock(mutex);
        while (!waiting.empty() && static_cast<std::int64_t>(written.size()) < options.rows) {
            Order order = std::move(waiting.front());
            waiting.pop_front();
            if (order.draft->isCancelled()) {
                continue;
            }
            try {
                written.emplace(engine->add(std::move(order.request)), order.draft);
            } catch (const Error& e) { // of this one alone
                order.draft->fail(e);
            }
        }
    }

    void forget(std::size_t ticket)
    {
        const std::lock_guard lock(mutex);
        written.erase(ticket);
    }

    // An engine that has thrown is of no more use.
    void failAll(const Error& why)
    {
        std::map<std::size_t, std::shared_ptr<Draft>> lost;
        {
            const std::lock_guard lock(mutex);
            lost.swap(written);
        }
        for (const auto& [ticket, draft] : lost) {
            draft->fail(why);
        }
        engine.reset();
    }

    void refuseWaiting()
    {
        std::deque<Order> lost;
        {
            const std::lock_guard lock(mutex);
            lost.swap(waiting);
        }
        for (const Order& order : lost) {
            order.draft->fail(Error(ErrorKind::Io, kClosing));
        }
    }

    const session::Choir choir;
    const DeskOptions options;
    KeptKeys kept; // the thread's, as the engine below
    std::atomic<std::int64_t> keptTokens = 0;
    std::stop_source stop;
    const JobContext job; // of `stop`
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::deque<Order> waiting; // guarded by mutex
    // By ticket; changed by the thread below alone, and then under mutex.
    std::map<std::size_t, std::shared_ptr<Draft>> written;
    std::optional<Engine> engine; // the thread's
    std::thread thread; // last: it works on the members above
};

Desk::Desk(session::Choir choir, const DeskOptions& options)
    : d(std::make_unique<Private>(std::move(choir), options))
{
}

Desk::~Desk()
{
    close();
    d->thread.join();
}

std::vector<std::shared_ptr<Draft>> Desk::take(std::vector<Request> requests)
{
    std::vector<std::shared_ptr<Draft>> drafts;
    {
        const std::lock_guard lock(d->mutex);
        std::erase_if(d->waiting, [](const Order& order) { return order.draft->isCancelled(); });
        const std::size_t places = static_cast<std::size_t>(d->options.rows) + d->options.waiting;
        const std::size_t taken = d->waiting.size() + d->written.size();
        if (taken > places || requests.size() > places - taken) {
            return drafts;
        }
        for (Request& request : requests) {
            drafts.push_back(std::make_shared<Draft>());
            if (d->stop.stop_requested()) {
                drafts.back()->fail(Error(ErrorKind::Io, kClosing));
            } else {
                d->waiting.push_back({std::move(request), drafts.back()});
            }
        }
    }
    d->changed.notify_all();
    return drafts;
}

void Desk::close()
{
    {
        const std::lock_guard lock(d->mutex); // between a look and a wait of the thread
        d->stop.request_stop();
    }
    d->changed.notify_all();
}

std::int64_t Desk::keptTokens() const
{
    return d->keptTokens;
}

std::size_t Desk::answersInWork() const
{
    const std::lock_guard lock(d->mutex);
    return d->waiting.size() + d->written.size();
}

} // namespace pissarro::core::inline serve
