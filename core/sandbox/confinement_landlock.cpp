// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/sandbox/confined_start_p.h"
#include "core/sandbox/confinement_p.h"
#include "core/sandbox/landlock_p.h"
#include "core/sandbox/seccomp_filter_p.h"
#include "core/sandbox/warden_p.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <linux/capability.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace pissarro::core::inline sandbox {

namespace {

namespace fs = std::filesystem;

// It is not confined, and runs nothing of the program: all that the first process starts becomes its child when its parent
// ends (PR_SET_CHILD_SUBREAPER). That process is not waited for before all are killed, by its group, which none can leave:
// so the number is theirs, and the kernel kills a group and what forks in it at once. No child left: nothing is.
constexpr const char* kKeeper = R"(
import os, signal, sys
first = int(sys.argv[1])
def ended():
    while True:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None:
            return None
        if found.si_pid == first:
            return found.si_status if found.si_code == os.CLD_EXITED else 128 + found.si_status
        os.waitpid(found.si_pid, 0)
code = ended()
while code is None:
    asked = signal.sigwait({signal.SIGCHLD, signal.SIGTERM})
    code = 137 if asked == signal.SIGTERM else ended()
for kill, target in ((os.kill, first), (os.killpg, first)):
    try:
        kill(target, signal.SIGKILL)
    except ProcessLookupError:
        pass
while True:
    try:
        os.waitpid(-1, 0)
    except ChildProcessError:
        os._exit(code)
)";

// Whether everybody reads it: the rights of all the folders above it, too.
bool isOpenToAll(const fs::path& path)
{
    std::error_code failed;
    const auto has = [&](const fs::path& one, fs::perms wanted) {
        return (fs::status(one, failed).permissions() & wanted) == wanted && !failed;
    };
    bool isOpen = has(path, fs::perms::others_read);
    for (fs::path folder = path.parent_path(); isOpen; folder = folder.parent_path()) {
        isOpen = has(folder, fs::perms::others_exec);
        if (folder == folder.root_path()) {
            break;
        }
    }
    return isOpen;
}

// Root becomes nobody, unless nobody cannot read the interpreter (as one in /root), or root could not look at what nobody
// does, as in a container that has not CAP_SYS_PTRACE. There it stays what it is, without any privilege.
bool becomesNobody(const Interpreter& interpreter)
{
    __user_cap_header_struct header {_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> held {};
    constexpr std::uint32_t kNeeded = 1U << unsigned {CAP_CHOWN} | 1U << unsigned {CAP_SETGID}
        | 1U << unsigned {CAP_SETUID} | 1U << unsigned {CAP_SYS_PTRACE};
    return geteuid() == 0 && hasNobody() && syscall(SYS_capget, &header, held.data()) == 0
        && (held[0].effective & kNeeded) == kNeeded
        && std::all_of(interpreter.readable.begin(), interpreter.readable.end(), isOpenToAll);
}

LandlockAccess accessOf(const Interpreter& interpreter, const std::string& scratch)
{
    LandlockAccess access {
        interpreter.readable, {"/dev/null", "/dev/zero", "/dev/urandom"}, scratch};
    constexpr const char* kWhereLibrariesAre = "/etc/ld.so.cache"; // those of /usr/local: a list
    if (::access(kWhereLibrariesAre, R_OK) == 0) {
        access.readable.emplace_back(kWhereLibrariesAre);
    }
    return access;
}

StartPlan planOf(const Interpreter& interpreter, const std::string& runner,
                 const SandboxLimits& limits, const LandlockScratch& scratch,
                 const LandlockRules& rules)
{
    StartPlan plan;
    plan.program = interpreter.program;
    plan.arguments = {interpreter.program, "-I", "-B", "-u", "-c", runner};
    plan.variables = {"HOME=" + scratch.path(), "TMPDIR=" + scratch.path(), "LANG=C.UTF-8"};
    plan.filter = landlockFilter(kInterpreterDescriptor, rules.abi);
    plan.limits = limits;
    plan.becomesOther = becomesNobody(interpreter);
    plan.landlock = LandlockStart {rules.set.get(),
                                   rules.flags,
                                   scratch.path(),
                                   getpid(),
                                   {interpreter.program, "-I", "-S", "-B", "-c", kKeeper},
                                   {}};
    return plan;
}

// What the first process tells before it is the interpreter: its number, with what listens to its filter; or what failed.
struct Told {
    Descriptor listener;
    pid_t first = -1;
    std::string fault;
};

// One message; returns whether another may come.
bool receive(int reports, Told& told)
{
    const bool ready = isReadableInTime(reports);
    StartFault text;
    iovec part {&text, sizeof text};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room {};
    msghdr message {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    const ssize_t count = ready ? recvmsg(reports, &message, MSG_CMSG_CLOEXEC) : -1;
    const cmsghdr* const head = count > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (head != nullptr && head->cmsg_type == SCM_RIGHTS && count == sizeof told.first) {
        int listener = -1;
        std::memcpy(&listener, CMSG_DATA(head), sizeof listener);
        std::memcpy(&told.first, &text, sizeof told.first);
        told.listener = Descriptor(listener);
        return true;
    }
    if (count == sizeof text) {
        told.fault = std::string(text.step) + ": " + systemErrorText(text.error);
    } else if (count != 0) {
        told.fault = "it does not start within 10 s";
    } else if (told.listener.get() < 0) {
        told.fault = "it ended before it began";
    }
    return false;
}

// After what failed: the keeper ends what is there; if it hangs itself, both are ended.
void endStart(const Confined& confined, pid_t first)
{
    syscall(SYS_pidfd_send_signal, confined.process.get(), SIGTERM, nullptr, 0);
    if (!isReadableInTime(confined.process.get())) {
        if (first > 0) { // the keeper has not waited for it
            kill(first, SIGKILL);
        }
        syscall(SYS_pidfd_send_signal, confined.process.get(), SIGKILL, nullptr, 0);
    }
    while (waitpid(confined.pid, nullptr, __WALL) < 0 && errno == EINTR) { }
}

} // namespace

Confined startByLandlock(const Interpreter& interpreter, const std::string& runner,
                         const SandboxLimits& limits, const ConfinedInput& input)
{
    Confined confined;
    auto scratch = std::make_unique<LandlockScratch>(
        becomesNobody(interpreter) ? kNobody : geteuid(), limits.fileBytes);
    const LandlockRules rules =
        landlockRules(accessOf(interpreter, scratch->path()), interpreter.landlock);
    if (!rules.fault.empty()) {
        confined.fault = rules.fault;
        return confined;
    }
    StartPlan plan = planOf(interpreter, runner, limits, *scratch, rules);
    auto [waits, goes] = makePipe();
    int ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        throwSystemError("no pair of sockets");
    }
    const Descriptor reports(ends[0]);
    Descriptor tells(ends[1]);
    plan.input = input;
    plan.waits = waits.get();
    plan.goes = goes.get();
    plan.tells = tells.get();
    plan.prepare();
    int process = -1;
    const long pid = syscall(SYS_clone, CLONE_PIDFD, nullptr, &process, nullptr, nullptr);
    if (pid == 0) {
        startAsPlanned(plan);
    }
    if (pid < 0) {
        throwSystemError("no process");
    }
    confined.pid = static_cast<pid_t>(pid);
    confined.process = Descriptor(process);
    tells.close(); // its own end of `waits` stays open: as in startConfined()
    std::ofstream(fmt::format("/proc/{}/oom_score_adj", pid)) << 1000; // before all others; a wish
    Told told;
    if (write(goes.get(), "g", 1) == 1) {
        while (receive(reports.get(), told)) { }
    } else {
        told.fault = "it ended before it began";
    }
    confined.fault = told.fault;
    confined.first = told.first;
    if (!confined.fault.empty()) {
        endStart(confined, told.first);
        confined.pid = -1;
        return confined;
    }
    try {
        confined.warden =
            std::make_shared<Warden>(std::move(told.listener), confined.pid, confined.process.get(),
                                     std::move(scratch), limits);
    } catch (...) {
        endStart(confined, told.first);
        throw;
    }
    return confined;
}

int endByLandlock(Confined& confined, int status)
{
    const bool wasOverfull = confined.warden->wasOverfull();
    confined.warden.reset();
    constexpr int kStatusShift = 8; // of an exit status, as waitpid() has it
    return wasOverfull ? (128 + SIGXFSZ) << kStatusShift : status;
}

} // namespace pissarro::core::inline sandbox
