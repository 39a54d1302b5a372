// SPDX-License-Identifier: GPL-3.0-or-later
// Loaded before the C library (LD_PRELOAD) into a test of the window: counts what the main thread asks of the file system
// and of the loader between pissarro_calls_begin() and pissarro_calls_end(). Other threads are not looked at, and what the C
// library does inside itself (time zones, its own plugins) is not seen.
#undef _FORTIFY_SOURCE // the checked forms of these functions would stand in the way of ours
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

// The main thread's alone.
bool isCounting = false;
int calls = 0;
char told[4096] = ""; // "open /a, stat /b": the first ones

void count(const char* call, const char* path)
{
    if (!isCounting || ::gettid() != ::getpid()) {
        return;
    }
    ++calls;
    const std::size_t used = std::strlen(told);
    std::snprintf(told + used, sizeof told - used, "%s%s %s", used == 0 ? "" : ", ", call,
                  path != nullptr ? path : "(none)");
}

template <class Function>
Function next(const char* name)
{
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

// The mode of a file that is made; nothing is read where none was given.
mode_t modeOf(int flags, va_list arguments)
{
    const bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return makes ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

} // namespace

extern "C" {

[[gnu::visibility("default")]] void pissarro_calls_begin()
{
    calls = 0;
    told[0] = '\0';
    isCounting = true;
}

// How many there were; `what` points to the first of them, until the next begin.
[[gnu::visibility("default")]] int pissarro_calls_end(const char** what)
{
    isCounting = false;
    *what = told;
    return calls;
}

#define PISSARRO_OPEN(name)                                                                        \
    int name(const char* path, int flags, ...)                                                     \
    {                                                                                              \
        static const auto real = next<int (*)(const char*, int, ...)>(#name);                      \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        const mode_t mode = modeOf(flags, arguments);                                              \
        va_end(arguments);                                                                         \
        count(#name, path);                                                                        \
        return real(path, flags, mode);                                                            \
    }
PISSARRO_OPEN(open)
PISSARRO_OPEN(open64)

#define PISSARRO_OPENAT(name)                                                                      \
    int name(int folder, const char* path, int flags, ...)                                         \
    {                                                                                              \
        static const auto real = next<int (*)(int, const char*, int, ...)>(#name);                 \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        const mode_t mode = modeOf(flags, arguments);                                              \
        va_end(arguments);                                                                         \
        count(#name, path);                                                                        \
        return real(folder, path, flags, mode);                                                    \
    }
PISSARRO_OPENAT(openat)
PISSARRO_OPENAT(openat64)

// One that takes `parameters`, hands on `arguments` and looks at `path`.
#define PISSARRO_COUNTED(result, name, parameters, arguments, path)                                \
    result name parameters                                                                         \
    {                                                                                              \
        static const auto real = next<result(*) parameters>(#name);                                \
        count(#name, path);                                                                        \
        return real arguments;                                                                     \
    }

PISSARRO_COUNTED(FILE*, fopen, (const char* path, const char* mode), (path, mode), path)
PISSARRO_COUNTED(FILE*, fopen64, (const char* path, const char* mode), (path, mode), path)
PISSARRO_COUNTED(DIR*, opendir, (const char* path), (path), path)
PISSARRO_COUNTED(int, stat, (const char* path, struct stat* to) noexcept, (path, to), path)
PISSARRO_COUNTED(int, lstat, (const char* path, struct stat* to) noexcept, (path, to), path)
PISSARRO_COUNTED(int, stat64, (const char* path, struct stat64* to) noexcept, (path, to), path)
PISSARRO_COUNTED(int, lstat64, (const char* path, struct stat64* to) noexcept, (path, to), path)
PISSARRO_COUNTED(int, fstatat, (int folder, const char* path, struct stat* to, int flags) noexcept,
                 (folder, path, to, flags), path)
PISSARRO_COUNTED(int, fstatat64,
                 (int folder, const char* path, struct stat64* to, int flags) noexcept,
                 (folder, path, to, flags), path)
PISSARRO_COUNTED(int, statx,
                 (int folder, const char* path, int flags, unsigned mask,
                  struct statx* to) noexcept,
                 (folder, path, flags, mask, to), path)
PISSARRO_COUNTED(int, statvfs, (const char* path, struct statvfs* to) noexcept, (path, to), path)
PISSARRO_COUNTED(int, statvfs64, (const char* path, struct statvfs64* to) noexcept, (path, to),
                 path)
PISSARRO_COUNTED(int, statfs, (const char* path, struct statfs* to) noexcept, (path, to), path)
PISSARRO_COUNTED(int, statfs64, (const char* path, struct statfs64* to) noexcept, (path, to), path)
PISSARRO_COUNTED(int, access, (const char* path, int mode) noexcept, (path, mode), path)
PISSARRO_COUNTED(int, faccessat, (int folder, const char* path, int mode, int flags) noexcept,
                 (folder, path, mode, flags), path)
PISSARRO_COUNTED(ssize_t, readlink, (const char* path, char* to, size_t size) noexcept,
                 (path, to, size), path)
PISSARRO_COUNTED(char*, realpath, (const char* path, char* to) noexcept, (path, to), path)
PISSARRO_COUNTED(int, mkdir, (const char* path, mode_t mode) noexcept, (path, mode), path)
PISSARRO_COUNTED(int, unlink, (const char* path) noexcept, (path), path)
PISSARRO_COUNTED(int, rename, (const char* from, const char* to) noexcept, (from, to), from)
PISSARRO_COUNTED(int, fsync, (int file), (file), "a file")
PISSARRO_COUNTED(void*, dlopen, (const char* path, int flags) noexcept, (path, flags), path)

// The checked forms that code compiled with _FORTIFY_SOURCE calls.
PISSARRO_COUNTED(int, __open_2, (const char* path, int flags), (path, flags), path)
PISSARRO_COUNTED(int, __open64_2, (const char* path, int flags), (path, flags), path)
PISSARRO_COUNTED(int, __openat_2, (int folder, const char* path, int flags), (folder, path, flags),
                 path)
PISSARRO_COUNTED(int, __openat64_2, (int folder, const char* path, int flags),
                 (folder, path, flags), path)
PISSARRO_COUNTED(ssize_t, __readlink_chk,
                 (const char* path, char* to, size_t size, size_t room) noexcept,
                 (path, to, size, room), path)
PISSARRO_COUNTED(char*, __realpath_chk, (const char* path, char* to, size_t room) noexcept,
                 (path, to, room), path)
}
