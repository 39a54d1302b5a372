// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/in_flight.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace pissarro::core::inline file {

namespace {

constexpr std::size_t kMost = 64; // files and folders at once
constexpr int kDeepest = 8; // folders in one another

std::array<std::atomic<char*>, kMost> slots {}; // owned by whoever takes the path out
static_assert(std::atomic<char*>::is_always_lock_free);

// What is in an open folder; readdir() asks for memory.
void removeBelow(int folder, int depth) noexcept
{
    constexpr std::size_t kLengthAt = 16, kNameAt = 19; // of struct linux_dirent64
    std::array<char, 4096> entries {};
    for (bool removed = true; removed;) {
        removed = false;
        ::lseek(folder, 0, SEEK_SET);
        const long bytes = ::syscall(SYS_getdents64, folder, entries.data(), entries.size());
        for (long at = 0; at < bytes;) {
            const char* const entry = entries.data() + at;
            unsigned short length = 0;
            std::memcpy(&length, entry + kLengthAt, sizeof length);
            at += length;
            const char* const name = entry + kNameAt;
            if (std::string_view(name) == "." || std::string_view(name) == "..") {
                continue;
            }
            bool gone = ::unlinkat(folder, name, 0) == 0;
            if (!gone && depth < kDeepest) {
                const int below =
                    ::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (below >= 0) {
                    removeBelow(below, depth + 1);
                    ::close(below);
                    gone = ::unlinkat(folder, name, AT_REMOVEDIR) == 0;
                }
            }
            removed = removed || gone;
        }
    }
}

} // namespace

InFlight::InFlight(const std::filesystem::path& place)
    : m_path(::strdup(place.c_str()))
{
    for (std::atomic<char*>& slot : slots) {
        char* none = nullptr;
        if (m_path != nullptr && slot.compare_exchange_strong(none, m_path)) {
            m_slot = &slot;
            return;
        }
    }
    std::free(std::exchange(m_path, nullptr));
}

InFlight::~InFlight()
{
    letGo();
}

void InFlight::settle()
{
    while (!letGo()) {
        ::pause();
    }
}

bool InFlight::letGo()
{
    if (m_slot != nullptr) {
        char* own = m_path;
        if (!m_slot->compare_exchange_strong(own, nullptr)) {
            return false; // its memory is in use; the process ends
        }
        m_slot = nullptr;
        std::free(std::exchange(m_path, nullptr));
    }
    return true;
}

void removeInFlight() noexcept
{
    for (std::atomic<char*>& slot : slots) {
        const char* const path = slot.exchange(nullptr);
        if (path == nullptr || ::unlink(path) == 0) {
            continue;
        }
        const int folder = ::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (folder >= 0) {
            removeBelow(folder, 0);
            ::close(folder);
            ::rmdir(path);
        }
    }
}

} // namespace pissarro::core::inline file
