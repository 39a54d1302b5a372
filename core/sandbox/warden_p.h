// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sandbox/descriptor_p.h"
#include "core/sandbox/landlock_scratch_p.h"
#include "core/sandbox/process_tree_p.h"
#include "core/sandbox/sandbox.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <sys/types.h>
#include <thread>
#include <vector>

struct seccomp_notif;

namespace pissarro::core::inline sandbox {

// What namespaces would do, where there are none: a thread that is asked by the kernel (seccomp's notifications, Linux 5.5)
// * before each new thread or process, whether the tree has room for it: RLIMIT_NPROC counts all of a user's;
// * before each signal, whether it goes to the tree: one to another process of the tree is sent by the warden, by a handle that
//   was taken before the number was looked up, so a number that is used anew meanwhile is nobody's;
// and which looks at the size of the scratch folder, every 20 ms. What it cannot do ends the tree.
class Warden {
public:
    // `keeper`: the first process of the tree, by number and handle; `scratch`: removed with this.
    Warden(Descriptor listener, pid_t keeper, int keeperProcess,
           std::unique_ptr<LandlockScratch> scratch, const SandboxLimits& limits);
    ~Warden(); // the tree has to be gone
    Warden(const Warden&) = delete;
    Warden& operator=(const Warden&) = delete;

    bool wasOverfull() const
    {
        return m_isOverfull;
    } // the scratch folder was; so it ended the tree

private:
    struct Begun { // let begin, and not yet seen
        pid_t caller = 0, process = 0;
        std::chrono::steady_clock::time_point since;
    };

    void watch();
    void answer();
    int answerTo(const seccomp_notif& asked); // an error, 0: it is done, or kGoesOn
    int mayBegin(pid_t caller);
    int maySignal(pid_t caller, pid_t target, int signal) const;
    void settle(const std::vector<TreeTask>& tasks, pid_t caller);
    void lookAtScratch();
    void endTree() const;

    Descriptor m_listener, m_keeperProcess;
    Descriptor m_ends, m_stays; // a pipe: the thread ends when the second is closed
    pid_t m_keeper;
    std::unique_ptr<LandlockScratch> m_scratch;
    SandboxLimits m_limits;
    std::vector<Begun> m_begun;
    std::set<pid_t> m_known; // threads that were there at the last look
    std::atomic<bool> m_isOverfull = false;
    std::thread m_thread;
};

} // namespace pissarro::core::inline sandbox
