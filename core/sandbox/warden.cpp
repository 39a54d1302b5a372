// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/sandbox/warden_p.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <linux/seccomp.h>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/syscall.h>

namespace pissarro::core::inline sandbox {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kGoesOn = 1;
constexpr int kLookMs = 20;
constexpr std::chrono::milliseconds kForgotten {500}; // it ended before anybody saw it

// Whose thread it is; 0: it is gone.
pid_t processOf(pid_t task)
{
    std::ifstream file(fmt::format("/proc/{}/status", task));
    for (std::string word; file >> word;) {
        pid_t process = 0;
        if (word == "Tgid:" && file >> process) {
            return process;
        }
    }
    return 0;
}

// As large as this kernel has them.
template <class T>
struct Room {
    explicit Room(std::size_t size)
        : words(std::max(size, sizeof(T)) / sizeof(std::uint64_t) + 1)
    {
    }
    T* get() { return reinterpret_cast<T*>(words.data()); }
    std::vector<std::uint64_t> words; // each zero, as the kernel wants them
};

} // namespace

Warden::Warden(Descriptor listener, pid_t keeper, int keeperProcess,
               std::unique_ptr<LandlockScratch> scratch, const SandboxLimits& limits)
    : m_listener(std::move(listener))
    , m_keeperProcess(fcntl(keeperProcess, F_DUPFD_CLOEXEC, 0))
    , m_keeper(keeper)
    , m_scratch(std::move(scratch))
    , m_limits(limits)
{
    if (m_keeperProcess.get() < 0) {
        throwSystemError("no handle of a process");
    }
    auto [ends, stays] = makePipe();
    m_ends = std::move(ends);
    m_stays = std::move(stays);
    m_thread = std::thread([this] {
        try {
            watch();
        } catch (const std::exception&) { // no memory
            endTree();
        }
    });
}

Warden::~Warden()
{
    m_stays.close();
    m_thread.join();
}

void Warden::endTree() const
{
    syscall(SYS_pidfd_send_signal, m_keeperProcess.get(), SIGTERM, nullptr, 0);
}

void Warden::watch()
{
    std::array<pollfd, 2> waits {pollfd {m_listener.get(), POLLIN, 0},
                                 pollfd {m_ends.get(), POLLIN, 0}};
    auto look = Clock::now();
    while (true) {
        poll(waits.data(), waits.size(), kLookMs);
        if (waits[1].revents != 0) {
            return;
        }
        if ((waits[0].revents & POLLIN) != 0) {
            answer();
        } else if (waits[0].revents != 0) { // nobody has the filter any more
            waits[0].fd = -1;
        }
        if (Clock::now() >= look) {
            lookAtScratch();
            look = Clock::now() + std::chrono::milliseconds(kLookMs);
        }
    }
}

void Warden::answer()
{
    seccomp_notif_sizes sizes {};
    syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
    Room<seccomp_notif> asked(sizes.seccomp_notif);
    Room<seccomp_notif_resp> given(sizes.seccomp_notif_resp);
    if (ioctl(m_listener.get(), SECCOMP_IOCTL_NOTIF_RECV, asked.get()) != 0) {
        return; // it is gone
    }
    const int result = answerTo(*asked.get());
    given.get()->id = asked.get()->id;
    given.get()->flags = result == kGoesOn ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
    given.get()->error = result == kGoesOn ? 0 : result;
    ioctl(m_listener.get(), SECCOMP_IOCTL_NOTIF_SEND, given.get()); // fails where it is gone
}

// A call that goes on is made by the kernel with the arguments as they are here: they are in registers, not in memory. Its
// caller waits meanwhile, and so its own numbers, of thread, process and group, are nobody else's.
int Warden::answerTo(const seccomp_notif& asked)
{
    const auto caller = static_cast<pid_t>(asked.pid);
    const auto argument = [&](int at) { return static_cast<int>(asked.data.args[at]); };
    switch (asked.data.nr) {
    case SYS_kill:
        return maySignal(caller, argument(0), argument(1));
    case SYS_tkill: // its own thread: of another, the number might be used anew
        return argument(0) == caller ? kGoesOn : -EPERM;
    case SYS_tgkill:
        return argument(0) > 0 && argument(0) == processOf(caller) ? kGoesOn : -EPERM;
    default:
        return mayBegin(caller);
    }
}

int Warden::maySignal(pid_t caller, pid_t target, int signal) const
{
    if (target == 0 || (target < -1 && -target == getpgid(caller))
        || (target > 0 && target == processOf(caller))) {
        return kGoesOn;
    }
    if (target <= 0 || target == m_keeper) {
        return -EPERM;
    }
    const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, target, 0)));
    const std::vector<TreeTask> tasks = treeTasks(m_keeper);
    const bool isOfTree = std::any_of(tasks.begin(), tasks.end(),
                                      [&](const TreeTask& one) { return one.process == target; });
    if (process.get() < 0 || !isOfTree) {
        return -EPERM;
    }
    return syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0 ? 0 : -errno;
}

int Warden::mayBegin(pid_t caller)
{
    const std::vector<TreeTask> tasks = treeTasks(m_keeper);
    settle(tasks, caller);
    if (tasks.size() + m_begun.size() >= static_cast<std::size_t>(m_limits.processes)) {
        return -EAGAIN;
    }
    m_begun.push_back({caller, processOf(caller), Clock::now()});
    return kGoesOn;
}

// What was let begin, and is there now or never will be: the caller asks for the next, or is gone.
void Warden::settle(const std::vector<TreeTask>& tasks, pid_t caller)
{
    std::set<pid_t> all;
    for (const TreeTask& one : tasks) {
        all.insert(one.task);
        if (m_known.contains(one.task)) {
            continue;
        }
        const auto its = std::find_if(m_begun.begin(), m_begun.end(), [&](const Begun& begun) {
            return begun.process == (one.task == one.process ? one.parent : one.process);
        });
        if (its != m_begun.end()) {
            m_begun.erase(its);
        }
    }
    const auto now = Clock::now();
    std::erase_if(m_begun, [&](const Begun& begun) {
        return begun.caller == caller || !all.contains(begun.caller)
            || now - begun.since > kForgotten;
    });
    m_known = std::move(all);
}

void Warden::lookAtScratch()
{
    std::set<pid_t> processes;
    for (const TreeTask& one : treeTasks(m_keeper)) {
        if (one.process != m_keeper) {
            processes.insert(one.process);
        }
    }
    if (!m_isOverfull
        && !m_scratch->isWithin(m_limits.fileBytes, {processes.begin(), processes.end()})) {
        m_isOverfull = true;
        endTree();
    }
}

} // namespace pissarro::core::inline sandbox
