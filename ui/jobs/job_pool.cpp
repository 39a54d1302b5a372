// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_pool.h"

#include <algorithm>
#include <limits>
#include <sys/resource.h>
#include <unistd.h>

namespace pissarro::ui {

namespace {

constexpr int kOwn = -20; // the program's own niceness: none is lower

struct Rule {
    std::size_t most; // threads
    int niceness;
};

// By JobKind. A bridge has one reading job at a time, and a disk that is away may hold it for minutes: no bound of ours.
constexpr std::array<Rule, 4> kRules {
    {{std::numeric_limits<std::size_t>::max(), kOwn}, {1, kOwn}, {2, 5}, {2, 19}}};

const Rule& ruleOf(JobKind kind)
{
    return kRules[static_cast<std::size_t>(kind)];
}

// On Linux the niceness is a thread's own and its children's. Never raised: root could.
void lowerThisThread(int niceness)
{
    const auto self = static_cast<id_t>(::gettid());
    if (::getpriority(PRIO_PROCESS, self) < niceness) {
        ::setpriority(PRIO_PROCESS, self, niceness); // where it fails, the job is only less polite
    }
}

} // namespace

std::shared_ptr<JobPool> JobPool::shared()
{
    static std::mutex mutex;
    static std::weak_ptr<JobPool> pool;
    const std::lock_guard lock(mutex);
    std::shared_ptr<JobPool> living = pool.lock();
    if (!living) {
        living = std::make_shared<JobPool>();
        pool = living;
    }
    return living;
}

JobPool::~JobPool()
{
    {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
    }
    m_changed.notify_all();
    for (std::thread& thread : m_threads) {
        thread.join();
    }
}

JobPool::Wait JobPool::ask(Client& client, JobKind kind)
{
    const std::lock_guard lock(m_mutex);
    Lane& lane = laneOf(kind);
    ++lane.asked;
    const std::size_t most = ruleOf(kind).most;
    const bool waits =
        std::find(lane.waiting.begin(), lane.waiting.end(), &client) != lane.waiting.end();
    const bool runs = std::find(m_running.begin(), m_running.end(), &client) != m_running.end();
    const std::size_t others =
        lane.running + lane.waiting.size() - (runs ? 1U : 0U) - (waits ? 1U : 0U);
    if (!waits) {
        if (lane.waiting.size() >= lane.idle && lane.threads < most) {
            m_threads.emplace_back([this, kind] { work(kind); });
            ++lane.threads;
        }
        lane.waiting.push_back(&client);
        m_changed.notify_all();
    }
    return mustWait(kind) ? Wait::ForTraining : others >= most ? Wait::ForOthers : Wait::None;
}

void JobPool::leave(Client& client)
{
    std::unique_lock lock(m_mutex);
    for (Lane& lane : m_lanes) {
        std::erase(lane.waiting, &client);
    }
    m_changed.notify_all(); // a training that waited holds nobody any more
    m_changed.wait(lock, [this, &client] {
        return std::find(m_running.begin(), m_running.end(), &client) == m_running.end();
    });
}

std::uint64_t JobPool::asked(JobKind kind) const
{
    const std::lock_guard lock(m_mutex);
    return m_lanes[static_cast<std::size_t>(kind)].asked;
}

std::size_t JobPool::working() const
{
    const std::lock_guard lock(m_mutex);
    return m_running.size();
}

bool JobPool::mustWait(JobKind kind)
{
    const Lane& training = laneOf(JobKind::Training);
    return kind == JobKind::Sweep && (training.running > 0 || !training.waiting.empty());
}

std::deque<JobPool::Client*>::iterator JobPool::next(JobKind kind)
{
    Lane& lane = laneOf(kind);
    if (mustWait(kind)) {
        return lane.waiting.end();
    }
    return std::find_if(lane.waiting.begin(), lane.waiting.end(), [this](const Client* client) {
        return std::find(m_running.begin(), m_running.end(), client) == m_running.end();
    });
}

void JobPool::work(JobKind kind)
{
    lowerThisThread(ruleOf(kind).niceness);
    std::unique_lock lock(m_mutex);
    Lane& lane = laneOf(kind);
    for (;;) {
        ++lane.idle;
        m_changed.wait(lock,
                       [this, kind, &lane] { return m_quit || next(kind) != lane.waiting.end(); });
        --lane.idle;
        if (m_quit) {
            return;
        }
        const auto first = next(kind);
        Client* const client = *first;
        lane.waiting.erase(first);
        m_running.push_back(client);
        ++lane.running;
        lock.unlock();
        client->turn();
        lock.lock();
        std::erase(m_running, client);
        --lane.running;
        m_changed.notify_all();
    }
}

} // namespace pissarro::ui
