// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/allowed_cores.h"

#include "core/base/fmt.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <sched.h>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// In programs with OpenMP. It knows the processors from before it bound the first thread to one (OMP_PROC_BIND).
extern "C" int omp_get_num_procs() __attribute__((weak));

namespace pissarro::core::inline base {

namespace {

namespace fs = std::filesystem;

int processors()
{
    if (omp_get_num_procs != nullptr) {
        return std::max(1, omp_get_num_procs());
    }
    for (int most = 1024; most <= 1 << 18;
         most *= 2) { // the kernel refuses a mask that is too short
        cpu_set_t* const set = CPU_ALLOC(static_cast<std::size_t>(most));
        if (set == nullptr) {
            break;
        }
        const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(most));
        const int count = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (count > 0) {
            return count;
        }
    }
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// A count as the OpenMP runtime reads it: "4", or the first of "4,2" for nested regions. Anything else is no wish.
std::optional<int> countIn(const char* variable)
{
    const char* text = std::getenv(variable);
    if (text == nullptr) {
        return std::nullopt;
    }
    std::string_view rest(text);
    while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest.front())) != 0) {
        rest.remove_prefix(1);
    }
    int count = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    const bool ends = read.ptr == rest.data() + rest.size() || *read.ptr == ','
        || std::isspace(static_cast<unsigned char>(*read.ptr)) != 0;
    return read.ec == std::errc() && ends && count > 0 ? std::optional(count) : std::nullopt;
}

std::vector<std::string> wordsOf(const std::string& line)
{
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) {
        words.push_back(word);
    }
    return words;
}

bool lists(std::string_view names, std::string_view wanted) // "cpu,cpuacct" and "cpu"
{
    for (std::size_t at = 0; at <= names.size();) {
        const std::size_t end = std::min(names.find(',', at), names.size());
        if (names.substr(at, end - at) == wanted) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

// Where a hierarchy of control groups is mounted, and which of its groups is seen there as the top.
struct Mount {
    fs::path at;
    std::string root;
};

std::optional<Mount> mountOf(const fs::path& proc, bool version2)
{
    std::ifstream in(proc / "mountinfo");
    for (std::string line; std::getline(in, line);) {
        const auto words =
            wordsOf(line); // id parent device root mountpoint options … - type source superoptions
        const auto dash = std::find(words.begin(), words.end(), "-");
        if (words.size() < 6 || words.end() - dash < 4) {
            continue;
        }
        if (version2 ? dash[1] == "cgroup2" : dash[1] == "cgroup" && lists(dash[3], "cpu")) {
            return Mount {words[4], words[3]};
        }
    }
    return std::nullopt;
}

// Cores that one group grants, with a fraction; none: it does not say.
std::optional<double> quotaOf(const fs::path& group, bool version2)
{
    double quota = -1.0;
    double period = 0.0;
    if (version2) {
        std::ifstream in(group / "cpu.max"); // "200000 100000", "max 100000"
        in >> quota >> period;
    } else {
        std::ifstream(group / "cpu.cfs_quota_us") >> quota; // -1: no limit
        std::ifstream(group / "cpu.cfs_period_us") >> period;
    }
    return quota > 0.0 && period > 0.0 ? std::optional(quota / period) : std::nullopt;
}

// The least that `group`, seen below `mount`, and the groups above it grant.
std::optional<double> leastQuota(const Mount& mount, const std::string& group, bool version2)
{
    fs::path inside = fs::path(group).relative_path();
    if (mount.root != "/") { // in a container: the path may be the host's
        const fs::path below = fs::path(group).lexically_relative(mount.root);
        inside = below.empty() || *below.begin() == ".." || below == "." ? fs::path() : below;
    }
    std::optional<double> least;
    for (;; inside = inside.parent_path()) {
        if (const auto quota = quotaOf(mount.at / inside, version2)) {
            least = std::min(least.value_or(*quota), *quota);
        }
        if (inside.empty()) {
            return least;
        }
    }
}

} // namespace

std::optional<int> coresOfGroups(const fs::path& proc)
{
    std::optional<double> least;
    std::ifstream in(proc / "cgroup");
    for (std::string line; std::getline(in, line);) { // "0::/user.slice", "4:cpu,cpuacct:/docker/…"
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) {
            continue;
        }
        const bool version2 = line.compare(0, first, "0") == 0 && second == first + 1;
        if (!version2 && !lists(line.substr(first + 1, second - first - 1), "cpu")) {
            continue;
        }
        const auto mount = mountOf(proc, version2);
        const auto quota =
            mount ? leastQuota(*mount, line.substr(second + 1), version2) : std::nullopt;
        if (quota) {
            least = std::min(least.value_or(*quota), *quota);
        }
    }
    // A part of a core is no thread: threads that wait for one another would be put to sleep in the middle.
    return least ? std::optional(std::max(1, static_cast<int>(*least + 1e-9))) : std::nullopt;
}

std::string threadsText(int threads)
{
    return fmt::format("{} {}", threads, threads == 1 ? "thread" : "threads");
}

int allowedCores()
{
    const auto wish = countIn("OMP_NUM_THREADS");
    int cores = processors();
    for (const auto& limit : {coresOfGroups("/proc/self"), wish ? wish : countIn("MKL_NUM_THREADS"),
                              countIn("OMP_THREAD_LIMIT")}) {
        cores = std::min(cores, limit.value_or(cores));
    }
    return cores;
}

} // namespace pissarro::core::inline base
