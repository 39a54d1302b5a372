// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/sandbox/confined_start_p.h"
#include "core/sandbox/confinement_p.h"
#include "core/sandbox/seccomp_filter_p.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace pissarro::core::inline sandbox {

namespace {

namespace fs = std::filesystem;

constexpr int kSetUpMs = 10000; // some 20 ms; more, and something hangs

// What the child does, worked out before it is there: it shares its memory with threads that are not, and may not ask for more.
StartPlan planOf(const Interpreter& interpreter, const std::string& runner,
                 const SandboxLimits& limits)
{
    StartPlan plan;
    const auto addParents = [&plan](const fs::path& path) {
        fs::path folder = "/";
        for (const fs::path& part : path.parent_path().relative_path()) {
            folder /= part;
            const std::string place = kNewRoot + folder.string();
            if (std::find(plan.folders.begin(), plan.folders.end(), place) == plan.folders.end()) {
                plan.folders.push_back(place);
            }
        }
    };
    for (const std::string& path : interpreter.readable) {
        addParents(path);
        plan.binds.push_back({path, kNewRoot + path, path == interpreter.program, false});
    }
    for (const char* const device : {"/dev/null", "/dev/zero", "/dev/urandom"}) {
        addParents(device);
        plan.binds.push_back({device, kNewRoot + std::string(device), true, true});
    }
    for (const char* const place : {"/lib", "/lib32", "/lib64"}) {
        std::error_code none;
        const fs::path target = fs::read_symlink(place, none);
        if (!target.empty()) {
            plan.links.push_back({target.string(), kNewRoot + std::string(place)});
        }
    }
    plan.folders.push_back(std::string(kNewRoot) + kScratch);
    plan.program = interpreter.program;
    plan.scratchOptions = fmt::format("mode=700,nr_inodes=8192,size={},uid={},gid={}",
                                      limits.fileBytes, kInnerId, kInnerId);
    plan.arguments = {interpreter.program, "-I", "-B", "-u", "-c", runner};
    plan.variables = {std::string("HOME=") + kScratch, std::string("TMPDIR=") + kScratch,
                      "LANG=C.UTF-8"};
    plan.filter = sandboxFilter(kInterpreterDescriptor);
    plan.limits = limits;
    plan.becomesOther = geteuid() == 0 && hasNobody();
    return plan;
}

bool writeProcFile(pid_t pid, const char* name, const std::string& text)
{
    const std::string path = fmt::format("/proc/{}/{}", pid, name);
    const Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return file.get() >= 0
        && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Who it is: itself outside, a plain user inside. Root becomes nobody too, whom alone the limit of processes binds.
bool mapIds(pid_t pid, bool becomesOther)
{
    const auto lineOf = [](unsigned inner, unsigned outer) {
        return fmt::format("{} {} 1\n", inner, outer);
    };
    if (becomesOther) {
        const std::string map = lineOf(0, 0) + lineOf(kInnerId, kNobody);
        return writeProcFile(pid, "gid_map", map) && writeProcFile(pid, "uid_map", map);
    }
    return writeProcFile(pid, "setgroups", "deny")
        && writeProcFile(pid, "gid_map", lineOf(kInnerId, getegid()))
        && writeProcFile(pid, "uid_map", lineOf(kInnerId, geteuid()));
}

// What the child tells of a step that failed; nothing: it has become the interpreter.
std::string faultOf(int reports)
{
    const bool ready = isReadableInTime(reports);
    StartFault fault;
    const ssize_t count = ready ? read(reports, &fault, sizeof fault) : -1;
    if (count == 0) {
        return {};
    }
    return count == sizeof fault ? std::string(fault.step) + ": " + systemErrorText(fault.error)
                                 : "it does not start within 10 s";
}

} // namespace

bool isReadableInTime(int descriptor)
{
    pollfd wait {descriptor, POLLIN, 0};
    int ready = 0;
    do {
        ready = poll(&wait, 1, kSetUpMs);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

bool hasNobody()
{
    std::ifstream map("/proc/self/uid_map");
    for (std::uint64_t first = 0, outer = 0, count = 0; map >> first >> outer >> count;) {
        if (kNobody >= first && kNobody - first < count) {
            return true;
        }
    }
    return false;
}

Confined startConfined(const Interpreter& interpreter, const std::string& runner,
                       const SandboxLimits& limits, const ConfinedInput& input)
{
    if (interpreter.landlock > 0) {
        return startByLandlock(interpreter, runner, limits, input);
    }
    StartPlan plan = planOf(interpreter, runner, limits);
    auto [waits, goes] = makePipe();
    auto [reports, tells] = makePipe();
    plan.input = input;
    plan.waits = waits.get();
    plan.tells = tells.get();
    plan.goes = goes.get();
    plan.prepare();
    constexpr unsigned long kFlags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET
        | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_PIDFD;
    int process = -1;
    // No signal at its end: whoever waits for any child of the program does not get this one.
    const long pid = syscall(SYS_clone, kFlags, nullptr, &process, nullptr, nullptr);
    if (pid == 0) {
        startAsPlanned(plan);
    }
    Confined confined;
    if (pid < 0) {
        if (errno == EAGAIN || errno == ENOMEM) {
            throwSystemError("no process");
        }
        confined.fault = "namespaces of its own: "
            + (errno == ENOSPC ? "no more are allowed" : systemErrorText(errno));
        return confined;
    }
    confined.pid = static_cast<pid_t>(pid);
    confined.first = confined.pid;
    confined.process = Descriptor(process);
    tells
        .close(); // its own end of `waits` stays open: a child that is dead by now must not end this program (SIGPIPE)
    writeProcFile(confined.pid, "oom_score_adj", "1000"); // before all others; a wish
    if (!mapIds(confined.pid, plan.becomesOther)) {
        confined.fault = "a user of its own: " + systemErrorText(errno);
    } else if (write(goes.get(), "g", 1) == 1) {
        confined.fault = faultOf(reports.get());
    } else {
        confined.fault = "it ended before it began";
    }
    if (!confined.fault.empty()) {
        endConfined(confined);
    }
    return confined;
}

int endConfined(Confined& confined)
{
    if (confined.pid < 0) {
        return 0;
    }
    const int signal =
        confined.warden ? SIGTERM : SIGKILL; // the keeper is asked: it ends all first
    syscall(SYS_pidfd_send_signal, confined.process.get(), signal, nullptr, 0);
    int status = 0;
    while (waitpid(confined.pid, &status, __WALL) < 0 && errno == EINTR) { }
    confined.pid = -1;
    return confined.warden ? endByLandlock(confined, status) : status;
}

} // namespace pissarro::core::inline sandbox
