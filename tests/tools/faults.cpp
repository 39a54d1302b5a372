// SPDX-License-Identifier: GPL-3.0-or-later
// Loaded before the C library (LD_PRELOAD) into a program under test: lets the N-th call on a file below a folder fail as
// a full disk does, or ends the process there as SIGKILL does.
//
//   PISSARRO_FAULT="kill write 3"      also: nospace; fsync, rename (renameat2 counts too)
//   PISSARRO_FAULT_BELOW=/the/folder   calls on other files do not count
//   PISSARRO_FAULT=peak                no fault: the end says how much address space was taken, "VmPeak: N kB" on stderr
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <string>
#include <sys/types.h>
#include <unistd.h>

namespace {

bool isBelow(const char* path)
{
    const char* folder = std::getenv("PISSARRO_FAULT_BELOW");
    return folder != nullptr && path != nullptr
        && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool isBelow(int descriptor)
{
    char path[4096];
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t length = ::readlink(link.c_str(), path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return isBelow(path);
}

// Whether this call, one more of its kind, is the one that fails.
bool isTheOne(const char* call)
{
    static int calls = 0; // the kind is fixed for the process
    char what[16] = "";
    char kind[16] = "";
    int number = 0;
    const char* order = std::getenv("PISSARRO_FAULT");
    if (order == nullptr || std::sscanf(order, "%15s %15s %d", what, kind, &number) != 3
        || std::strcmp(kind, call) != 0
        || __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) < number) {
        return false;
    }
    if (std::strcmp(what, "kill") == 0) {
        ::kill(::getpid(), SIGKILL);
    }
    errno = ENOSPC;
    return true; // and every later one too: a full disk stays full
}

[[gnu::destructor]] void tellPeak()
{
    const char* order = std::getenv("PISSARRO_FAULT");
    std::FILE* const status = order != nullptr && std::strcmp(order, "peak") == 0
        ? std::fopen("/proc/self/status", "r")
        : nullptr;
    char line[256];
    while (status != nullptr && std::fgets(line, sizeof line, status) != nullptr) {
        if (std::strncmp(line, "VmPeak:", 7) == 0) {
            std::fputs(line, stderr);
        }
    }
    if (status != nullptr) {
        std::fclose(status);
    }
}

template <class Function>
Function next(const char* name)
{
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {

ssize_t write(int descriptor, const void* data, size_t size)
{
    static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
    return isBelow(descriptor) && isTheOne("write") ? -1 : real(descriptor, data, size);
}

int fsync(int descriptor)
{
    static const auto real = next<int (*)(int)>("fsync");
    return isBelow(descriptor) && isTheOne("fsync") ? -1 : real(descriptor);
}

int rename(const char* from, const char* to) noexcept
{
    static const auto real = next<int (*)(const char*, const char*)>("rename");
    return isBelow(from) && isTheOne("rename") ? -1 : real(from, to);
}

int renameat2(int fromFolder, const char* from, int toFolder, const char* to,
              unsigned flags) noexcept
{
    static const auto real =
        next<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
    return isBelow(from) && isTheOne("rename") ? -1 : real(fromFolder, from, toFolder, to, flags);
}
}
