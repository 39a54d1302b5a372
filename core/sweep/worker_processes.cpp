// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/worker_processes.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/regular_file.h"
#include "core/text/message_text.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace pissarro::core::inline sweep {

namespace {

namespace fs = std::filesystem;

constexpr int kNotStarted = 127; // as a shell has it

// Nobody's signal reaches a child that still has the handlers of this program: they would run in it, or tell this program
// that it was asked to end.
class SignalsHeld {
public:
    SignalsHeld()
    {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &m_before);
    }
    ~SignalsHeld() { letGo(); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

    void letGo() const { ::pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }

private:
    sigset_t m_before {};
};

// What is not ignored is as a program finds it at its start.
void forgetHandlers()
{
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction now { };
        if (::sigaction(signal, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) {
            ::signal(signal, SIG_DFL);
        }
    }
}

// In the child of a program with threads: nothing but system calls.
[[noreturn]] void become(char* const* arguments, int log, pid_t parent, const SignalsHeld& held)
{
    forgetHandlers();
    held.letGo(); // whoever asked meanwhile is heard here
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) { // it ended before that
        ::_exit(kNotStarted);
    }
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execv(arguments[0], arguments);
    ::_exit(kNotStarted);
}

} // namespace

WorkerProcesses::WorkerProcesses(const std::vector<std::string>& command, int count,
                                 const fs::path& folder)
{
    try {
        for (int i = 0; i < count; ++i) {
            start(command, folder / fmt::format("worker-{}.log", i + 1));
        }
    } catch (...) {
        askToLeave();
        wait();
        throw;
    }
}

WorkerProcesses::~WorkerProcesses()
{
    askToLeave();
    wait();
}

void WorkerProcesses::start(const std::vector<std::string>& command, const fs::path& log)
{
    const int out = openRegular(log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW);
    if (out < 0) {
        throw Error(ErrorKind::Io,
                    shownPath(log) + ": cannot be written: " + systemErrorText(errno));
    }
    std::vector<std::string> texts = command;
    std::vector<char*> arguments;
    for (std::string& text : texts) {
        arguments.push_back(text.data());
    }
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    const SignalsHeld held;
    const pid_t child = ::fork();
    if (child == 0) {
        become(arguments.data(), out, parent, held);
    }
    const int fault = errno;
    ::close(out);
    if (child < 0) {
        throw Error(ErrorKind::Io,
                    shownPath(command.front()) + ": a second worker cannot be started: "
                        + systemErrorText(fault) + "; use --workers 1");
    }
    const std::lock_guard lock(m_mutex);
    m_processes.push_back(child);
}

void WorkerProcesses::askToLeave()
{
    const std::lock_guard lock(m_mutex);
    for (const pid_t process : m_asked ? std::vector<pid_t>() : m_processes) {
        ::kill(process, SIGTERM);
    }
    m_asked = true;
}

void WorkerProcesses::wait()
{
    while (true) {
        pid_t process = 0;
        {
            const std::lock_guard lock(m_mutex);
            if (m_processes.empty()) {
                return;
            }
            process = m_processes.back();
        }
        int status = 0;
        while (::waitpid(process, &status, 0) < 0 && errno == EINTR) { }
        const std::lock_guard lock(m_mutex); // its number may be another process's from here on
        m_processes.pop_back();
    }
}

std::string thisProgram()
{
    std::error_code failed;
    const fs::path program = fs::read_symlink("/proc/self/exe", failed);
    if (failed) {
        throw Error(ErrorKind::Io, "/proc/self/exe: cannot be read: " + failed.message());
    }
    return program.string();
}

} // namespace pissarro::core::inline sweep
