// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sandbox/landlock_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace pissarro::core::inline sandbox {

namespace {

// As <linux/landlock.h> has them, which may be older than the kernel. The numbers are those of every processor.
constexpr long kCreateRuleset = 444, kAddRule = 445;
constexpr std::uint32_t kAskVersion = 1;
constexpr std::uint32_t kLogOff = 1; // what it is denied before it is the interpreter, since 7
constexpr int kPathBeneath = 1;

struct Handled {
    std::uint64_t files = 0, network = 0, scopes = 0;
};
struct __attribute__((packed)) Beneath {
    std::uint64_t allowed = 0;
    std::int32_t place = -1;
};

constexpr std::uint64_t bit(unsigned place)
{
    return 1ULL << place;
}
constexpr std::uint64_t kExecute = bit(0), kWriteFile = bit(1), kReadFile = bit(2),
                        kReadFolder = bit(3), kMakeCharacterDevice = bit(6), kMakeSocket = bit(9),
                        kMakeBlockDevice = bit(11), kMove = bit(13), kTruncate = bit(14),
                        kCommandDevice = bit(15);
constexpr std::uint64_t kOfFiles =
    kExecute | kWriteFile | kReadFile | kTruncate | kCommandDevice; // the others are of folders

std::uint64_t fileRights(int abi)
{
    constexpr std::uint64_t kFirst = bit(13) - 1;
    return kFirst | (abi >= 2 ? kMove : 0) | (abi >= 3 ? kTruncate : 0)
        | (abi >= 5 ? kCommandDevice : 0);
}

Handled handledBy(int abi)
{
    constexpr std::uint64_t kBindAndConnectTcp = 3, kAbstractSocketsAndSignals = 3;
    return {fileRights(abi), abi >= 4 ? kBindAndConnectTcp : 0,
            abi >= 6 ? kAbstractSocketsAndSignals : 0};
}

Descriptor newRules(int abi)
{
    const Handled handled = handledBy(abi);
    return Descriptor(static_cast<int>(syscall(kCreateRuleset, &handled, sizeof handled, 0L)));
}

void allow(LandlockRules& rules, const std::string& path, std::uint64_t rights)
{
    const Descriptor place(open(path.c_str(), O_PATH | O_CLOEXEC));
    struct stat about { };
    if (place.get() < 0 || fstat(place.get(), &about) != 0) {
        rules.fault = "a rule for " + shownPath(path) + ": " + systemErrorText(errno);
        return;
    }
    const bool isFolder = S_ISDIR(about.st_mode);
    const Beneath beneath {rights & fileRights(rules.abi) & (isFolder ? ~0ULL : kOfFiles),
                           place.get()};
    if (syscall(kAddRule, rules.set.get(), kPathBeneath, &beneath, 0L) != 0) {
        rules.fault = "a rule for " + shownPath(path) + ": " + systemErrorText(errno);
    }
}

} // namespace

int landlockAbi()
{
    const long version = syscall(kCreateRuleset, nullptr, 0L, static_cast<long>(kAskVersion));
    auto abi = static_cast<int>(std::clamp<long>(version, 0, kLandlockKnown));
    while (abi > 0 && newRules(abi).get() < 0 && errno == EINVAL) {
        --abi;
    }
    return abi;
}

LandlockRules landlockRules(const LandlockAccess& access, int abi)
{
    LandlockRules rules;
    rules.abi = abi;
    rules.set = newRules(abi);
    if (rules.set.get() < 0) {
        rules.fault = "Landlock: " + systemErrorText(errno);
        return rules;
    }
    rules.flags = rules.abi >= 7 ? kLogOff : 0;
    for (const std::string& path : access.readable) {
        allow(rules, path, kReadFile | kReadFolder | kExecute);
    }
    for (const std::string& path : access.devices) {
        allow(rules, path, kReadFile | kWriteFile);
    }
    allow(rules, access.scratch,
          ~(kExecute | kMakeCharacterDevice | kMakeBlockDevice | kMakeSocket | kCommandDevice));
    return rules;
}

} // namespace pissarro::core::inline sandbox
