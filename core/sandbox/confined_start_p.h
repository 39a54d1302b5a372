// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sandbox/confinement_p.h"

#include <linux/filter.h>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pissarro::core::inline sandbox {

constexpr const char* kNewRoot =
    "/proc"; // where the new root is built: a folder that nothing readable lies in
constexpr const char* kScratch = "/scratch";
constexpr unsigned kInnerId = 1000;
constexpr unsigned kNobody = 65534;
constexpr int kInterpreterDescriptor = 6;

struct BindMount {
    std::string from, to;
    bool isFile = false;
    bool isDevice = false;
};
struct Link {
    std::string target, place;
};

// What is other where it has no namespaces: a keeper, which stays outside, starts it and ends it.
struct LandlockStart {
    int rules = -1;
    unsigned flags = 0; // of both landlock_restrict_self()
    std::string folder; // its scratch folder
    pid_t caller = -1;
    std::vector<std::string>
        keeper; // its arguments; the number of the process that it keeps is put behind them

    std::vector<char*> keeperArgv; // of that; made by prepare()
};

struct StartPlan {
    std::vector<std::string> folders; // to be made, parents first
    std::vector<BindMount> binds;
    std::vector<Link> links;
    std::string program, scratchOptions;
    std::vector<std::string> arguments, variables;
    std::vector<sock_filter> filter;
    SandboxLimits limits;
    ConfinedInput input;
    bool becomesOther = false; // it has two users, and becomes the second
    int waits = -1, goes = -1, tells = -1; // go-ahead (both ends), and what failed
    std::optional<LandlockStart>
        landlock; // `tells` is a socket then: who listens to the filter gets it there

    std::vector<char*> argv, envp; // of the two above; made by prepare()
    void prepare();
};

struct StartFault {
    char step[48] = {};
    int error = 0;
};

// The child's part, from clone() to the interpreter. Asks the system alone: no memory, no lock.
[[noreturn]] void startAsPlanned(const StartPlan& plan);

} // namespace pissarro::core::inline sandbox
