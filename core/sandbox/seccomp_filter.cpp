// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/seccomp_filter_p.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <initializer_list>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

namespace pissarro::core::inline sandbox {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

constexpr std::uint32_t kForeignNumbers = 0x40000000; // and above: x86's 32-bit pointers
constexpr std::uint32_t kNotThere = SECCOMP_RET_ERRNO | ENOSYS;
// CLONE_NEWTIME is 0x80, part of the signal's byte for clone(), where it means nothing.
constexpr std::uint32_t kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC
    | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

// clang-format off
constexpr int kAllowed[] = {
    // files and pipes
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_lseek, SYS_close,
    SYS_close_range, SYS_dup, SYS_dup3, SYS_fcntl, SYS_flock, SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_truncate,
    SYS_fallocate, SYS_openat, SYS_newfstatat, SYS_fstat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_getdents64, SYS_getcwd,
    SYS_chdir, SYS_fchdir, SYS_mkdirat, SYS_unlinkat, SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat,
    SYS_readlinkat, SYS_faccessat, SYS_faccessat2, SYS_fchmod, SYS_fchmodat, SYS_utimensat, SYS_umask, SYS_pipe2,
    SYS_sendfile, SYS_copy_file_range, SYS_eventfd2, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_ppoll,
    SYS_pselect6,
    // what goes through a pair of sockets
    SYS_recvfrom, SYS_sendto, SYS_recvmsg, SYS_sendmsg, SYS_shutdown, SYS_getsockopt, SYS_getsockname, SYS_getpeername,
    // memory
    SYS_mmap, SYS_mprotect, SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_mincore, SYS_membarrier,
    // sending a signal: nobody but itself is in its namespace of processes
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_rt_sigtimedwait, SYS_rt_sigpending,
    SYS_sigaltstack, SYS_kill, SYS_tkill, SYS_tgkill,
    // itself
    SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getgroups, SYS_getpgid,
    SYS_getsid, SYS_setsid, SYS_setpgid, SYS_getresuid, SYS_getresgid, SYS_uname, SYS_sysinfo, SYS_times, SYS_getrusage,
    SYS_getrlimit, SYS_setrlimit, SYS_getcpu, SYS_getrandom, SYS_sched_yield, SYS_sched_getaffinity,
    SYS_sched_setaffinity, SYS_sched_getparam, SYS_sched_getscheduler, SYS_sched_get_priority_max,
    SYS_sched_get_priority_min, SYS_getpriority, SYS_setpriority,
    // threads, children, time
    SYS_futex, SYS_set_robust_list, SYS_get_robust_list, SYS_set_tid_address, SYS_rseq, SYS_exit, SYS_exit_group,
    SYS_wait4, SYS_waitid, SYS_nanosleep, SYS_clock_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday,
    SYS_getitimer, SYS_setitimer, SYS_timer_create, SYS_timer_settime, SYS_timer_gettime, SYS_timer_getoverrun,
    SYS_timer_delete, SYS_restart_syscall,
#if defined(__x86_64__) // the same under older names
    SYS_open, SYS_creat, SYS_stat, SYS_lstat, SYS_access, SYS_poll, SYS_select, SYS_pipe, SYS_dup2, SYS_fork, SYS_vfork,
    SYS_rename, SYS_mkdir, SYS_rmdir, SYS_unlink, SYS_link, SYS_symlink, SYS_readlink, SYS_chmod, SYS_getdents, SYS_utime,
    SYS_utimes, SYS_getpgrp, SYS_arch_prctl, SYS_epoll_create, SYS_epoll_wait, SYS_eventfd, SYS_pause, SYS_alarm, SYS_time,
#endif
};
// clang-format on

// clang-format off
// Without namespaces: what reaches other processes and files that Landlock does not guard.
constexpr int kReachesFurther[] = {
    SYS_setsid, SYS_setpgid, SYS_setpriority, SYS_fchmod, SYS_fchmodat, SYS_utimensat,
#if defined(__x86_64__)
    SYS_chmod, SYS_utime, SYS_utimes,
#endif
};
// What is asked of who listens.
constexpr int kAsked[] = {
    SYS_kill, SYS_tkill, SYS_tgkill,
#if defined(__x86_64__)
    SYS_fork, SYS_vfork,
#endif
};
// clang-format on

constexpr std::uint32_t argument(unsigned index) // its lower half: what the kernel reads of an int
{
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}

class Filter {
public:
    void load(std::uint32_t offset) { statement(BPF_LD | BPF_W | BPF_ABS, offset); }
    void give(std::uint32_t verdict) { statement(BPF_RET | BPF_K, verdict); }
    // The next `length` instructions only where what is loaded is `value`, or has one of these bits, or is as large.
    void ifEqual(std::uint32_t value, std::uint8_t length = 1) { jump(BPF_JEQ, value, 0, length); }
    void ifAny(std::uint32_t bits) { jump(BPF_JSET, bits, 0, 1); }
    void ifAtLeast(std::uint32_t value) { jump(BPF_JGE, value, 0, 1); }
    void unlessEqual(std::uint32_t value) { jump(BPF_JEQ, value, 1, 0); }
    void keepBits(std::uint32_t bits) { statement(BPF_ALU | BPF_AND | BPF_K, bits); }

    // A call that gives this whatever its arguments are.
    void answer(int call, std::uint32_t verdict)
    {
        ifEqual(static_cast<std::uint32_t>(call));
        give(verdict);
    }

    // A call that is there only with one of these values of an argument.
    void allowWhere(int call, unsigned index, std::initializer_list<std::uint32_t> values)
    {
        ifEqual(static_cast<std::uint32_t>(call), static_cast<std::uint8_t>(2 + 2 * values.size()));
        load(argument(index));
        for (const std::uint32_t value : values) {
            ifEqual(value);
            give(SECCOMP_RET_ALLOW);
        }
        give(kNotThere);
    }

    std::vector<sock_filter> code;

private:
    void statement(int what, std::uint32_t value)
    {
        code.push_back({static_cast<std::uint16_t>(what), 0, 0, value});
    }
    void jump(int how, std::uint32_t value, std::uint8_t then, std::uint8_t otherwise)
    {
        code.push_back({static_cast<std::uint16_t>(BPF_JMP | how | BPF_K), then, otherwise, value});
    }
};

void begin(Filter& filter)
{
    filter.load(offsetof(seccomp_data, arch));
    filter.unlessEqual(kArchitecture);
    filter.give(SECCOMP_RET_KILL_PROCESS);
    filter.load(offsetof(seccomp_data, nr));
    filter.ifAtLeast(kForeignNumbers);
    filter.give(kNotThere);
}

// A new process or thread, but with none of these flags. clone3 takes its flags by a pointer, which no filter follows: it is
// not there.
void addClone(Filter& filter, std::uint32_t never, std::uint32_t verdict)
{
    filter.ifEqual(SYS_clone, 4);
    filter.load(argument(0));
    filter.ifAny(never);
    filter.give(kNotThere);
    filter.give(verdict);
}

void finish(Filter& filter, int interpreter)
{
    for (const int call : kAllowed) {
        filter.answer(call, SECCOMP_RET_ALLOW);
    }
    filter.allowWhere(SYS_socketpair, 0, {AF_UNIX});
    filter.allowWhere(SYS_prctl, 0, {PR_SET_NAME, PR_GET_NAME});
    filter.allowWhere(SYS_ioctl, 1, {TCGETS, FIONREAD, FIOCLEX, FIONCLEX, FIONBIO});
    filter.allowWhere(SYS_prlimit64, 0, {0}); // its own
    filter.allowWhere(SYS_execveat, 0, {static_cast<std::uint32_t>(interpreter)});
    filter.give(kNotThere);
}

// An open that does not say that it writes, but truncates or asks for a device's commands: Landlock sees neither before 3.
void refuseHiddenWrites(Filter& filter, int call, unsigned flags)
{
    constexpr std::uint32_t kNeither = O_ACCMODE;
    filter.ifEqual(static_cast<std::uint32_t>(call), 9);
    filter.load(argument(flags));
    filter.keepBits(O_ACCMODE | O_TRUNC);
    for (const std::uint32_t hidden : {std::uint32_t {O_TRUNC}, kNeither, kNeither | O_TRUNC}) {
        filter.ifEqual(hidden);
        filter.give(kNotThere);
    }
    filter.give(SECCOMP_RET_ALLOW);
}

// A pair of sockets of the one kind that sends to nobody but its other end, whatever name is given.
void allowPairs(Filter& filter)
{
    filter.ifEqual(SYS_socketpair, 8);
    filter.load(argument(1));
    filter.keepBits(~static_cast<std::uint32_t>(SOCK_CLOEXEC | SOCK_NONBLOCK));
    filter.unlessEqual(SOCK_STREAM);
    filter.give(kNotThere);
    filter.load(argument(0));
    filter.ifEqual(AF_UNIX);
    filter.give(SECCOMP_RET_ALLOW);
    filter.give(kNotThere);
}

} // namespace

bool hasSandboxFilter()
{
    return kArchitecture != 0;
}

std::vector<sock_filter> sandboxFilter(int interpreter)
{
    Filter filter;
    begin(filter);
    addClone(filter, kNewNamespaces, SECCOMP_RET_ALLOW);
    finish(filter, interpreter);
    return filter.code;
}

std::vector<sock_filter> landlockFilter(int interpreter, int abi)
{
    constexpr int kTruncationIsGuarded = 3;
    Filter filter;
    begin(filter);
    for (const int call : kReachesFurther) {
        filter.answer(call, kNotThere);
    }
    if (abi < kTruncationIsGuarded) {
        filter.answer(SYS_truncate, kNotThere);
    }
    for (const int call : kAsked) {
        filter.answer(call, SECCOMP_RET_USER_NOTIF);
    }
    addClone(filter, kNewNamespaces | CLONE_PARENT, SECCOMP_RET_USER_NOTIF);
    refuseHiddenWrites(filter, SYS_openat, 2);
#if defined(__x86_64__)
    refuseHiddenWrites(filter, SYS_open, 1);
#endif
    allowPairs(filter);
    filter.allowWhere(SYS_sched_setaffinity, 0, {0}); // its own
    filter.allowWhere(SYS_fcntl, 1,
                      {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK,
                       F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW, F_GETPIPE_SZ});
    finish(filter, interpreter);
    return filter.code;
}

} // namespace pissarro::core::inline sandbox
