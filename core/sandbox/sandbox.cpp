// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/sandbox.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/sandbox/confinement_p.h"
#include "core/sandbox/landlock_p.h"
#include "core/sandbox/process_tree_p.h"
#include "core/sandbox/seccomp_filter_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace pissarro::core::inline sandbox {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLookMs = 10; // how often memory and the stop are looked at
constexpr std::size_t kLongestVerdict = 512;

// The first process of the namespace does nothing but wait and end all; the second runs the program in judge().
//
// What judge() has come to is not told but seen (seenEnd()): it waits for a byte of descriptor 5, and how many bytes it asks
// for says where it is. The program can do the same, but only from below exec(), hundreds of bytes further down the stack of
// its thread. Whatever judge() uses afterwards is a constant of its code, put in for the names: locals can be changed from a
// frame below (Python 3.13), and names of builtins be given to something else. Nothing of the exception is asked but its
// type's own name, and nothing may trace, which can move a frame above to another line.
constexpr const char* kRunner = R"(
import os, signal, sys, types
def judge(text):
    ("read" or 0)(5, 1)
    try:
        ("exec" or 0)(("decode" or 0)(text, "utf-8"), {})
    except ("every" or 0) as error:
        if ("pid" or 0)() == ("me" or 0):
            ("write" or 0)(4, b"failed " + ("encode" or 0)(("name" or 0)(("type" or 0)(error)), "utf-8", "replace")[:200])
            ("read" or 0)(5, 3)
        ("leave" or 0)(0)
    if ("pid" or 0)() == ("me" or 0):
        ("write" or 0)(4, b"passed")
        ("read" or 0)(5, 2)
    ("leave" or 0)(0)
def refuse(event, arguments):
    if event in ("sys.settrace", "sys.setprofile") or (event == "object.__setattr__" and arguments[1] == "__code__"):
        raise RuntimeError(event + " is not to be had here")
def run():
    for fd in (3, 4, 5):
        os.set_inheritable(fd, False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    child = os.fork()
    if child:
        os.closerange(0, 6)
        while True:
            done, status = os.wait()
            if done == child:
                code = os.waitstatus_to_exitcode(status) if hasattr(os, "waitstatus_to_exitcode") else status
                os._exit(128 - code if code < 0 else code & 127)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with open(3, "rb") as file:
        text = file.read()
    held = {"read": os.read, "write": os.write, "leave": os._exit, "pid": os.getpid, "me": os.getpid(), "exec": exec,
            "decode": bytes.decode, "encode": str.encode, "type": type, "name": type.__dict__["__name__"].__get__, "every": BaseException}
    code = judge.__code__
    assert held.keys() <= set(code.co_consts)
    code = code.replace(co_consts=tuple(held.get(one, one) if type(one) is str else one for one in code.co_consts))
    sys.addaudithook(refuse)
    types.FunctionType(code, {})(text)
run()
)";

// For the three below, which follow it.
constexpr const char* kRefused = R"(
def refused(what, *arguments):
    try:
        what(*arguments)
    except OSError:
        return
    print("not refused:", what.__name__)
    raise SystemError
)";

// Tried in the sandbox before anything else is: each line would work outside.
constexpr const char* kProbe = R"(
import ctypes, os, socket, sys, threading
refused(os.listdir, "/proc/self")
refused(os.listdir, "/etc")
refused(os.listdir, "/tmp")
refused(open, "/outside", "w")
refused(open, os.__file__, "a")
refused(socket.socket)
refused(os.execv, sys.executable, [sys.executable, "-V"])
refused(os.kill, 3, 0)
assert os.getcwd() == os.environ["HOME"]
assert sorted(os.environ) == ["HOME", "LANG", "TMPDIR"]
open("scratch", "w").write("x")
libc = ctypes.CDLL(None, use_errno=True)
assert libc.ptrace(0, 0, 0, 0) == -1 and libc.unshare(0x10000000) == -1
threading.stack_size(1 << 16)
ends = threading.Event()
try:
    for _ in range(100):
        threading.Thread(target=ends.wait, daemon=True).start()
    print("no limit of threads holds")
    raise SystemError
except RuntimeError:
    ends.set()
)";

constexpr const char* kNamespacesProbe = R"(
import os
assert os.getppid() == 1 and os.getuid() != 0
)";

// The keeper's child is its parent; neither session nor group nor mode is to be had.
constexpr const char* kLandlockProbe = R"(
import os, signal
refused(os.listdir, "/")
refused(open, "/proc/self/status")
refused(os.setsid)
refused(os.setpgid, 0, 0)
refused(os.chmod, os.environ["HOME"], 0o755)
refused(os.kill, 1, 0)
refused(os.kill, os.getpgid(os.getppid()) - 1, 0)
refused(os.kill, -1, 0)
os.kill(os.getppid(), 0)
os.kill(os.getpid(), 0)
)";

// A file in memory that holds the text, at its beginning.
Descriptor fileOf(std::string_view text)
{
    Descriptor file(memfd_create("program", MFD_CLOEXEC));
    for (std::size_t at = 0; file.get() >= 0 && at < text.size();) {
        const ssize_t count =
            pwrite(file.get(), text.data() + at, text.size() - at, static_cast<off_t>(at));
        if (count < 0 && errno != EINTR) {
            file.close();
        }
        at += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    }
    if (file.get() < 0) {
        throwSystemError("no memory for the program");
    }
    return file;
}

// Reads what is there without waiting; more than `limit` bytes are not kept. Returns false at the end of the file.
bool readWhatIsThere(int from, std::string& text, std::uint64_t limit)
{
    std::array<char, 16384> bytes {};
    while (text.size() <= limit) {
        const ssize_t count = read(from, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return count < 0 && errno == EAGAIN;
        }
        text.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return true;
}

// One run: the process tree and what comes out of it.
class Run {
public:
    Run(const SandboxLimits& limits, const JobContext& job)
        : m_limits(limits)
        , m_job(job)
    {
    }
    ~Run() { endConfined(m_confined); }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    SandboxRun of(const Interpreter& interpreter, std::string_view program)
    {
        start(interpreter, program);
        if (!m_confined.fault.empty()) {
            return {Refused {m_confined.fault}, {}};
        }
        const std::optional<SandboxVerdict> stopped = follow();
        const int status = endConfined(m_confined);
        readWhatIsThere(m_output.get(), m_text, m_limits.outputBytes);
        readWhatIsThere(m_verdict.get(), m_told, kLongestVerdict);
        const bool isOver = m_text.size() > m_limits.outputBytes;
        m_text.resize(std::min<std::size_t>(m_text.size(), m_limits.outputBytes));
        if (isOver) {
            return {KilledFor {SandboxLimit::Output}, m_text};
        }
        return {stopped ? *stopped : verdict(status), m_text};
    }

private:
    void start(const Interpreter& interpreter, std::string_view program)
    {
        auto [output, writesOutput] = makePipe();
        auto [verdictOut, writesVerdict] = makePipe();
        auto [waits, goes] = makePipe();
        const Descriptor file = fileOf(program);
        m_confined =
            startConfined(interpreter, kRunner, m_limits,
                          {writesOutput.get(), file.get(), writesVerdict.get(), waits.get()});
        m_end = Clock::now() + m_limits.time; // setting it up is not the program's time
        for (const int one : {output.get(), verdictOut.get()}) {
            fcntl(one, F_SETFL, O_NONBLOCK);
        }
        m_output = std::move(output);
        m_verdict = std::move(verdictOut);
        m_goes = std::move(goes);
        m_waits = std::move(waits); // or a write to one that has just gone would end this program
    }

    // Until the first process is gone; or why it has to go.
    std::optional<SandboxVerdict> follow()
    {
        std::array<pollfd, 3> waits {pollfd {m_confined.process.get(), POLLIN, 0},
                                     pollfd {m_output.get(), POLLIN, 0},
                                     pollfd {m_verdict.get(), POLLIN, 0}};
        auto look = Clock::now();
        while (true) {
            poll(waits.data(), waits.size(), isNear() ? 1 : kLookMs);
            m_job.throwIfCancelled();
            if (waits[0].revents != 0) {
                return std::nullopt;
            }
            if (!readWhatIsThere(m_output.get(), m_text, m_limits.outputBytes)) {
                waits[1].fd = -1;
            }
            if (!readWhatIsThere(m_verdict.get(), m_told, kLongestVerdict)) {
                waits[2].fd = -1;
            }
            if (auto end = seenEnd()) {
                return end;
            }
            if (m_text.size() > m_limits.outputBytes) {
                return KilledFor {SandboxLimit::Output};
            }
            if (m_told.size() > kLongestVerdict) {
                return wroteItself();
            }
            const auto now = Clock::now();
            if (now >= m_end) {
                return TimedOut {};
            }
            if (now >= look) {
                look = now + std::chrono::milliseconds(kLookMs);
                if (const auto over = overLimit()) {
                    return KilledFor {*over};
                }
            }
        }
    }

    std::optional<SandboxLimit> overLimit() const
    {
        TreeUse use = treeUse(m_confined.pid, false);
        if (use.bytes > m_limits.memoryBytes) { // perhaps what they share was counted often
            use = treeUse(m_confined.pid, true);
        }
        if (use.bytes > m_limits.memoryBytes) {
            return SandboxLimit::Memory;
        }
        return use.processes > m_limits.processes ? std::optional(SandboxLimit::Processes)
                                                  : std::nullopt;
    }

    // Whether something is to be seen soon: the program begins, or what judge() writes at its end is there.
    bool isNear() const { return m_stack == 0 || !m_told.empty(); }

    // How the program ended; nothing: it has not come to its end.
    std::optional<SandboxVerdict> seenEnd()
    {
        // As judge() has them. A thread that was started moves it by some 40 bytes, exec() by more than 800.
        constexpr std::uint64_t kBegins = 1, kPassed = 2, kFailed = 3, kSameFrame = 128;
        constexpr int kWaits = 5;
        if (m_program < 0) { // init's one child, until the program runs
            m_program = firstChildOf(m_confined.first);
        }
        const auto call = m_program < 0 ? std::nullopt : waitingCall(m_program);
        if (!call || call->number != SYS_read || call->arguments[0] != kWaits) {
            return std::nullopt;
        }
        const std::uint64_t asked = call->arguments[2];
        if (m_stack == 0) {
            if (asked == kBegins && write(m_goes.get(), "x", 1) == 1) {
                m_stack = call->stack;
            }
            return std::nullopt;
        }
        if (std::max(m_stack, call->stack) - std::min(m_stack, call->stack) > kSameFrame
            || (asked != kPassed && asked != kFailed)) {
            return std::nullopt;
        }
        readWhatIsThere(m_verdict.get(), m_told, kLongestVerdict);
        if (asked == kPassed && m_told == "passed") {
            return Passed {};
        }
        constexpr std::string_view kName = "failed ";
        if (asked == kFailed && m_told.starts_with(kName)) {
            return Failed {shownName(std::string_view(m_told).substr(kName.size()))};
        }
        return wroteItself();
    }

    static Failed wroteItself() { return {"it wrote where the verdict is told"}; }

    // Of a program that was gone before its end; `status`: of the first process, which repeats how it ended.
    SandboxVerdict verdict(int status) const
    {
        if (!m_told.empty()) {
            return wroteItself();
        }
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + SIGKILL;
        if (code == 128 + SIGXCPU) {
            return TimedOut {};
        }
        return Failed {
            code > 128 ? fmt::format("it was ended by signal {}", code - 128)
                       : fmt::format("it ended before its end was reached (exit status {})", code)};
    }

    // A name as a class has it; what is none is shown as a stranger's text.
    static std::string shownName(std::string_view name)
    {
        const bool isPlain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
                || c == '_';
        });
        return isPlain ? std::string(name) : shownText(name);
    }

    const SandboxLimits& m_limits;
    const JobContext& m_job;
    Confined m_confined;
    Descriptor m_output, m_verdict, m_goes, m_waits;
    pid_t m_program = -1; // the process that runs the program
    std::uint64_t m_stack =
        0; // its stack pointer in judge(), before the program began; 0: it has not
    std::string m_text, m_told;
    Clock::time_point m_end;
};

} // namespace

std::string verdictText(const SandboxVerdict& verdict)
{
    if (const auto* const failed = std::get_if<Failed>(&verdict)) {
        return "failed: " + failed->what;
    }
    if (const auto* const killed = std::get_if<KilledFor>(&verdict)) {
        constexpr std::array<const char*, 3> kNames {"memory limit", "output limit",
                                                     "process limit"};
        return kNames.at(static_cast<std::size_t>(killed->limit));
    }
    if (const auto* const refused = std::get_if<Refused>(&verdict)) {
        return "refused: " + refused->why;
    }
    return std::holds_alternative<Passed>(verdict) ? "passed" : "timeout";
}

Sandbox::Sandbox(const std::string& interpreter, const SandboxWays& ways)
{
    const std::string refusal = "programs cannot be run safely here, so none is run: ";
    if (!hasSandboxFilter()) {
        m_missing = refusal
            + "no filter of system calls is written for this processor (expected x86-64 or ARM64)";
        return;
    }
    if (!canSeeChildren()) {
        m_missing = refusal
            + "the kernel does not list a process's children (/proc/PID/task/PID/children: "
              "CONFIG_PROC_CHILDREN); mount /proc, or take another kernel";
        return;
    }
    if (!canSeeCalls()) {
        m_missing = refusal
            + "the kernel does not tell in which system call a process waits (/proc/PID/syscall: "
              "CONFIG_HAVE_ARCH_TRACEHOOK); mount /proc, or take another kernel";
        return;
    }
    try {
        const Interpreter found = findInterpreter(interpreter);
        m_interpreter = found.program;
        m_readable = found.readable;
    } catch (const Error& e) {
        m_missing = refusal + e.what();
        return;
    }
    choose(ways, refusal);
}

void Sandbox::choose(const SandboxWays& ways, const std::string& refusal)
{
    std::string without = "they are not wanted";
    if (ways.namespaces) {
        without = faultOf();
        if (without.empty()) {
            m_way = "namespaces";
            return;
        }
    }
    errno = 0;
    m_landlock = std::min(ways.landlockAbi, landlockAbi());
    std::string fault = "it is not wanted";
    if (m_landlock > 0) {
        fault = faultOf();
        if (fault.empty()) {
            m_way = fmt::format("Landlock, ABI {}", m_landlock);
            return;
        }
    } else if (ways.landlockAbi > 0) {
        fault = systemErrorText(errno);
    }
    m_missing = fmt::format(
        "{}the system gives neither namespaces ({}) nor Landlock ({}); allow user namespaces "
        "(sysctl kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces), or "
        "Landlock (Linux 5.13, CONFIG_SECURITY_LANDLOCK, \"landlock\" in lsm=), or run Pissarro "
        "outside of a container",
        refusal, without, fault);
}

std::string Sandbox::faultOf() const
{
    const std::string probe =
        std::string(kRefused) + (m_landlock > 0 ? kLandlockProbe : kNamespacesProbe) + kProbe;
    SandboxLimits limits;
    limits.time = std::chrono::seconds(20); // a slow disk, a first start
    try {
        const SandboxRun found = confined(probe, limits, {});
        if (const auto* const refused = std::get_if<Refused>(&found.verdict)) {
            return refused->why;
        }
        return std::holds_alternative<Passed>(found.verdict)
            ? std::string()
            : fmt::format("it does not hold, or Python does not start in it: {}, {}",
                          verdictText(found.verdict), shownText(found.output));
    } catch (const Error& e) {
        return e.what();
    }
}

SandboxRun Sandbox::run(std::string_view program, CodeConsent consent, const SandboxLimits& limits,
                        const JobContext& job) const
{
    if (consent != CodeConsent::Given) {
        return {Refused {"nobody agreed that programs which a model wrote may run; allow it for "
                         "this project"},
                {}};
    }
    if (!m_missing.empty()) {
        return {Refused {m_missing}, {}};
    }
    job.throwIfCancelled();
    return confined(program, limits, job);
}

SandboxRun Sandbox::confined(std::string_view program, const SandboxLimits& limits,
                             const JobContext& job) const
{
    return Run(limits, job).of({m_interpreter, m_readable, m_landlock}, program);
}

} // namespace pissarro::core::inline sandbox
