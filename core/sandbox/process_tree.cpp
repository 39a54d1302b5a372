// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/sandbox/process_tree_p.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pissarro::core::inline sandbox {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostProcesses = 4096; // nobody walks further

fs::path folderOf(pid_t pid)
{
    return fmt::format("/proc/{}", pid);
}

std::uint64_t residentBytes(pid_t pid)
{
    std::ifstream file(folderOf(pid) / "statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    file >> size >> resident;
    return file ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

// Its share of what it holds with others; all that it holds where the system does not tell.
std::uint64_t shareBytes(pid_t pid)
{
    std::ifstream file(folderOf(pid) / "smaps_rollup");
    for (std::string word; file >> word;) {
        std::uint64_t kilobytes = 0;
        if (word == "Pss:" && file >> kilobytes) {
            return kilobytes * 1024;
        }
    }
    return residentBytes(pid);
}

} // namespace

std::vector<TreeTask> treeTasks(pid_t root)
{
    std::vector<TreeTask> tasks;
    std::vector<std::pair<pid_t, pid_t>> all {{root, 0}};
    for (std::size_t at = 0; at < all.size() && all.size() < kMostProcesses; ++at) {
        const auto [process, parent] = all[at];
        std::error_code gone;
        for (fs::directory_iterator folder(folderOf(process) / "task", gone), end;
             !gone && folder != end; folder.increment(gone)) {
            pid_t task = 0;
            const std::string name = folder->path().filename().string();
            std::from_chars(name.data(), name.data() + name.size(), task);
            tasks.push_back({task, process, parent});
            std::ifstream file(folder->path() / "children");
            for (pid_t child = 0; file >> child;) {
                all.emplace_back(child, process);
            }
        }
    }
    return tasks;
}

TreeUse treeUse(pid_t root, bool exact)
{
    TreeUse use;
    use.isExact = exact;
    std::set<pid_t> seen;
    for (const TreeTask& one : treeTasks(root)) {
        if (seen.insert(one.process).second) {
            ++use.processes;
            use.bytes += exact ? shareBytes(one.process) : residentBytes(one.process);
        }
    }
    return use;
}

bool canSeeChildren()
{
    return std::ifstream(fmt::format("/proc/self/task/{}/children", getpid())).is_open();
}

pid_t firstChildOf(pid_t process)
{
    std::ifstream file(fmt::format("/proc/{}/task/{}/children", process, process));
    pid_t child = -1;
    return file >> child ? child : -1;
}

std::optional<WaitingCall> waitingCall(pid_t process)
{
    std::ifstream file(folderOf(process) / "syscall");
    WaitingCall call;
    if (!(file >> call.number) || call.number < 0) { // "running", or "-1 …"
        return std::nullopt;
    }
    file >> std::hex;
    for (std::uint64_t& argument : call.arguments) {
        file >> argument;
    }
    file >> call.stack;
    return file ? std::optional(call) : std::nullopt;
}

bool canSeeCalls()
{
    return std::ifstream("/proc/self/syscall").is_open();
}

} // namespace pissarro::core::inline sandbox
