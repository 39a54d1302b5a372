// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/confined_start_p.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <type_traits>
#include <unistd.h>

namespace pissarro::core::inline sandbox {

namespace {

// Of <sys/mount.h>, which does not go with <linux/mount.h> in every glibc.
constexpr unsigned long kReadOnly = 1, kNoSuid = 2, kNoDev = 4, kNoExec = 8, kRemount = 32,
                        kBind = 4096, kRecursive = 16384, kPrivate = 1UL << 18U;
constexpr int kDetach = 2;

// The system itself: the library's functions may wait for locks of threads that this process does not have.
// Whole words: what is narrower would leave the rest of one to chance.
template <class T>
auto word(T value)
{
    if constexpr (std::is_integral_v<T>) {
        return static_cast<long>(value);
    } else {
        return value;
    }
}
template <class... Arguments>
long call(long number, Arguments... arguments)
{
    return syscall(number, word(arguments)...);
}

[[noreturn]] void leave(int status)
{
    while (true) {
        call(SYS_exit_group, status);
    }
}

int openFile(const char* path, int how)
{
    return static_cast<int>(call(SYS_openat, AT_FDCWD, path, how, 0444));
}

class Start {
public:
    explicit Start(const StartPlan& plan)
        : m_plan(plan)
    {
    }

    [[noreturn]] void go()
    {
        char go = 0;
        call(SYS_close,
             m_plan.goes); // or its own end would keep it waiting for a parent that is no more
        if (call(SYS_read, m_plan.waits, &go, 1) != 1) {
            leave(1);
        }
        if (m_plan.landlock) {
            leaveKeeper();
        }
        must("a session of its own", call(SYS_setsid));
        if (!m_plan.landlock) {
            buildRoot();
            enterRoot();
        }
        becomePlain();
        if (m_plan.landlock) {
            enterRules(*m_plan.landlock);
        }
        arrangeDescriptors();
        setLimits();
        giveUpRights();
        call(SYS_execveat, kInterpreterDescriptor, "", m_plan.argv.data(), m_plan.envp.data(),
             AT_EMPTY_PATH);
        fail("the interpreter");
    }

private:
    [[noreturn]] void fail(const char* step) const
    {
        StartFault fault;
        fault.error = errno;
        for (std::size_t at = 0; at + 1 < sizeof fault.step && step[at] != 0; ++at) {
            fault.step[at] = step[at];
        }
        call(SYS_write, m_tells, &fault, sizeof fault);
        leave(1);
    }
    void must(const char* step, long result) const
    {
        if (result < 0) {
            fail(step);
        }
    }

    static long mountAt(const char* what, const char* place, const char* kind, unsigned long flags,
                        const char* options)
    {
        return call(SYS_mount, what, place, kind, flags, options);
    }

    void makeFolder(const char* place) const
    {
        if (call(SYS_mkdirat, AT_FDCWD, place, 0755) < 0 && errno != EEXIST) {
            fail("a folder in its root");
        }
    }

    void bind(const BindMount& one) const
    {
        if (one.isFile) {
            const int file = openFile(one.to.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC);
            must("a place for a file", file);
            call(SYS_close, file);
        } else {
            makeFolder(one.to.c_str());
        }
        must("files shown to it",
             mountAt(one.from.c_str(), one.to.c_str(), nullptr, kBind | kRecursive, nullptr));
        mount_attr rights {};
        rights.attr_set = MOUNT_ATTR_NOSUID
            | (one.isDevice ? MOUNT_ATTR_NOEXEC : MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV);
        must("files that cannot be changed (Linux 5.12)",
             call(SYS_mount_setattr, AT_FDCWD, one.to.c_str(), AT_RECURSIVE, &rights,
                  sizeof rights));
    }

    // Two from here on: the first becomes the keeper, the second goes on. All that the second starts is below the first for
    // good, and in one group, which it cannot leave. No signal ends the keeper by chance; it asks for the two that it knows.
    void leaveKeeper() const
    {
        constexpr std::uint64_t kAll = ~0ULL;
        call(SYS_rt_sigprocmask, SIG_SETMASK, &kAll, nullptr, sizeof kAll);
        must("a session of its own", call(SYS_setsid));
        must("to keep what it starts", call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
        must("to end with its caller", call(SYS_prctl, PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0));
        if (call(SYS_getppid) != m_plan.landlock->caller) {
            leave(1);
        }
        const long kept = call(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
        must("a process", kept);
        if (kept != 0) {
            becomeKeeper(kept);
        }
    }

    [[noreturn]] void becomeKeeper(long kept) const
    {
        std::array<char, 24> number {};
        char* digits = number.end() - 1;
        for (long rest = kept; rest > 0; rest /= 10) {
            *--digits = static_cast<char>('0' + rest % 10);
        }
        std::array<char*, 16> argv {};
        std::size_t count = 0;
        for (char* const word : m_plan.landlock->keeperArgv) {
            argv.at(count++) = word != nullptr ? word : digits;
        }
        constexpr unsigned kCloseOnExec = 4; // CLOSE_RANGE_CLOEXEC, Linux 5.11
        const int nothing = openFile("/dev/null", O_RDWR | O_CLOEXEC);
        for (int place = 0; place <= 2; ++place) {
            call(SYS_dup3, nothing, place, 0);
        }
        call(SYS_close_range, 3, ~0U, kCloseOnExec);
        call(SYS_execve, m_plan.program.c_str(), argv.data(), m_plan.envp.data());
        call(SYS_kill, kept, SIGKILL);
        fail("the interpreter that keeps it");
    }

    void enterRules(const LandlockStart& landlock) const
    {
        constexpr long kRestrictSelf = 446;
        must("its folder", call(SYS_chdir, landlock.folder.c_str()));
        __user_cap_header_struct header {_LINUX_CAPABILITY_VERSION_3, 0};
        const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none {};
        must("no privilege", call(SYS_capset, &header, none.data()));
        must("no new rights", call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        must("Landlock", call(kRestrictSelf, landlock.rules, landlock.flags));
    }

    void buildRoot() const
    {
        must("mounts of its own", mountAt(nullptr, "/", nullptr, kRecursive | kPrivate, nullptr));
        must("a root of its own",
             mountAt("tmpfs", kNewRoot, "tmpfs", kNoSuid | kNoDev | kNoExec,
                     "mode=755,size=1m,nr_inodes=1024"));
        for (const std::string& folder : m_plan.folders) {
            makeFolder(folder.c_str());
        }
        for (const BindMount& one : m_plan.binds) {
            bind(one);
        }
        for (const Link& link : m_plan.links) {
            must("a link in its root",
                 call(SYS_symlinkat, link.target.c_str(), AT_FDCWD, link.place.c_str()));
        }
    }

    void enterRoot() const
    {
        must("its root", call(SYS_chdir, kNewRoot));
        must("a scratch folder",
             mountAt("tmpfs", kScratch + 1, "tmpfs", kNoSuid | kNoDev | kNoExec,
                     m_plan.scratchOptions.c_str()));
        must("a root that cannot be changed",
             mountAt(nullptr, ".", nullptr,
                     kRemount | kBind | kReadOnly | kNoSuid | kNoDev | kNoExec, nullptr));
        must("its root in the place of the other", call(SYS_pivot_root, ".", "."));
        must("the other root to be left", call(SYS_umount2, ".", kDetach));
        must("its folder", call(SYS_chdir, kScratch));
    }

    void becomePlain() const
    {
        if (m_plan.becomesOther) {
            const unsigned id = m_plan.landlock ? kNobody : kInnerId;
            must("no group", call(SYS_setgroups, 0, nullptr));
            must("a plain group", call(SYS_setresgid, id, id, id));
            must("a plain user", call(SYS_setresuid, id, id, id));
        }
        // The caller gone, the program goes too. After the user: a change of it forgets this.
        must("to end with its caller", call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
    }

    void arrangeDescriptors()
    {
        constexpr int kAbove = 20; // where nothing is in the way
        const int nothing = openFile("/dev/null", O_RDONLY | O_CLOEXEC);
        must("an empty input", nothing);
        const int program = openFile(m_plan.program.c_str(), O_PATH | O_CLOEXEC);
        must("the interpreter in its root", program);
        const ConfinedInput& in = m_plan.input;
        std::array<int, 8> wanted {nothing,    in.output, in.output, in.program,
                                   in.verdict, in.waits,  program,   m_tells};
        for (int& one : wanted) {
            one = static_cast<int>(call(SYS_fcntl, one, F_DUPFD_CLOEXEC, kAbove));
            must("descriptors", one);
        }
        m_tells = wanted.back();
        for (int place = 0; place < kInterpreterDescriptor; ++place) {
            must("descriptors", call(SYS_dup3, wanted[static_cast<std::size_t>(place)], place, 0));
        }
        must("descriptors",
             call(SYS_dup3, wanted[kInterpreterDescriptor], kInterpreterDescriptor, O_CLOEXEC));
        constexpr int kTells = kInterpreterDescriptor + 1;
        must("descriptors", call(SYS_dup3, m_tells, kTells, O_CLOEXEC));
        m_tells = kTells;
        must("no other descriptor", call(SYS_close_range, kTells + 1, ~0U, 0));
    }

    void limit(int which, std::uint64_t value) const
    {
        const rlimit both {value, value};
        must("limits", call(SYS_prlimit64, 0, which, &both, nullptr));
    }

    void setLimits() const
    {
        const SandboxLimits& limits = m_plan.limits;
        const auto seconds = static_cast<std::uint64_t>(limits.time.count() / 1000);
        limit(RLIMIT_AS, limits.memoryBytes);
        limit(RLIMIT_CPU, seconds + 2); // the limit of the wall comes first
        limit(RLIMIT_FSIZE, limits.fileBytes);
        if (!m_plan.landlock) { // there it would count all that its user runs; the warden counts
            limit(RLIMIT_NPROC, static_cast<std::uint64_t>(limits.processes));
        }
        limit(RLIMIT_NOFILE, 256);
        limit(RLIMIT_CORE, 1); // no file; and unlike 0, nothing for a reporter of crashes
        limit(RLIMIT_MEMLOCK, 0);
        limit(RLIMIT_MSGQUEUE, 0);
        limit(RLIMIT_STACK, 8ULL << 20U);
    }

    void giveUpRights() const
    {
        // What the caller ignores or blocks is not so here. As the kernel has it, all zero is the default.
        constexpr std::size_t kSetBytes = 8;
        const std::array<std::uint64_t, 4> none {};
        for (int number = 1; number < NSIG; ++number) {
            call(SYS_rt_sigaction, number, none.data(), nullptr, kSetBytes);
        }
        call(SYS_rt_sigprocmask, SIG_SETMASK, none.data(), nullptr, kSetBytes);
        for (int right = 0; right < 64; ++right) { // those that the kernel does not know fail
            call(SYS_prctl, PR_CAPBSET_DROP, right, 0, 0, 0);
        }
        must("no new rights", call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        sock_fprog filter {};
        filter.len = static_cast<unsigned short>(m_plan.filter.size());
        filter.filter = const_cast<sock_filter*>(m_plan.filter.data()); // the kernel reads it
        const long listener = call(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                   m_plan.landlock ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0, &filter);
        must("a filter of system calls (seccomp)", listener);
        if (m_plan.landlock) {
            handOver(static_cast<int>(listener));
        }
    }

    // With its number. The descriptor itself is closed by exec().
    void handOver(int listener) const
    {
        auto number = static_cast<pid_t>(call(SYS_getpid));
        iovec part {&number, sizeof number};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof listener)> room {};
        msghdr message {};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = room.data();
        message.msg_controllen = room.size();
        cmsghdr* const head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof listener);
        __builtin_memcpy(CMSG_DATA(head), &listener, sizeof listener);
        must("who answers its filter", call(SYS_sendmsg, m_tells, &message, MSG_NOSIGNAL));
    }

    const StartPlan& m_plan;
    int m_tells = m_plan.tells;
};

} // namespace

void StartPlan::prepare()
{
    const auto pointers = [](std::vector<std::string>& words) {
        std::vector<char*> list;
        for (std::string& word : words) {
            list.push_back(word.data());
        }
        list.push_back(nullptr);
        return list;
    };
    argv = pointers(arguments);
    envp = pointers(variables);
    if (landlock) {
        landlock->keeperArgv = pointers(landlock->keeper);
        landlock->keeperArgv.push_back(nullptr); // the first nothing is the number's place
    }
}

void startAsPlanned(const StartPlan& plan)
{
    Start(plan).go();
}

} // namespace pissarro::core::inline sandbox
