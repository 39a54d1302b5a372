// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pissarro::core::inline sweep {

// Programs that work at a sweep beside this one: training is one run at a time in a process.
//
// Each is in a group of its own, so that Ctrl-C reaches them through askToLeave() alone and only once; they are told to leave too
// when the thread that started them ends. What they say is in FOLDER/worker-<n>.log.
// Threads: askToLeave() any; the rest one.
class WorkerProcesses {
public:
    // `command`: the program's path and its arguments. Throws: Error{Io} where one cannot be started; those that were are told
    // to leave.
    WorkerProcesses(const std::vector<std::string>& command, int count,
                    const std::filesystem::path& folder);
    ~WorkerProcesses(); // asks them to leave and waits
    WorkerProcesses(const WorkerProcesses&) = delete;
    WorkerProcesses& operator=(const WorkerProcesses&) = delete;

    void askToLeave(); // SIGTERM, once
    void wait(); // until all have ended

private:
    void start(const std::vector<std::string>& command, const std::filesystem::path& log);

    std::mutex m_mutex;
    std::vector<pid_t>
        m_processes; // guarded by m_mutex, as the next: those that are not waited for
    bool m_asked = false;
};

// The path of the program that runs. Throws: Error{Io}.
std::string thisProgram();

} // namespace pissarro::core::inline sweep
