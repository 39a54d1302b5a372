// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/intact.h"

#include "core/base/error.h"
#include "core/file/mapped_file.h"
#include "core/text/message_text.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>

namespace pissarro::core::inline file {

namespace {

// Mappings as a signal handler can look through them: nothing is locked or allocated.
struct Slot {
    std::atomic<const MappedFile*> file = nullptr;
    std::atomic<bool> broken = false;
};

constexpr std::size_t kMost = 4096; // what is mapped beyond keeps the system's SIGBUS
std::array<Slot, kMost> slots;
std::atomic<std::size_t> used = 0; // slots that were ever taken
std::size_t pageBytes = 4096;
struct sigaction before { };

bool holds(const MappedFile& file, const void* data)
{
    const std::span<const std::byte> bytes = file.bytes();
    const auto* address = static_cast<const std::byte*>(data);
    return address >= bytes.data() && address < bytes.data() + bytes.size();
}

// Calls visit(slot, file) for the mapping that holds the address. Returns whether there is one.
template <class Visit>
bool atMappingOf(const void* data, const Visit& visit)
{
    for (std::size_t i = 0; i < used; ++i) {
        const MappedFile* const file = slots[i].file;
        if (file != nullptr && holds(*file, data)) {
            return visit(slots[i], *file);
        }
    }
    return false;
}

// Zeros from the page that is not there to the end of its mapping. Jumping out of a handler would leave locks and teams of
// threads behind; so the work goes on with zeros, and is thrown away when requireIntact() is asked.
extern "C" void fillWithZeros(int signal, siginfo_t* info, void* context)
{
    const int error = errno;
    const bool filled = atMappingOf(info->si_addr, [&](Slot& slot, const MappedFile& file) {
        const std::span<const std::byte> bytes = file.bytes();
        const auto offset =
            static_cast<std::size_t>(static_cast<const std::byte*>(info->si_addr) - bytes.data());
        const std::size_t begin = offset / pageBytes * pageBytes;
        slot.broken = true;
        return ::mmap(const_cast<std::byte*>(bytes.data()) + begin, bytes.size() - begin, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)
            != MAP_FAILED;
    });
    if (!filled && (before.sa_flags & SA_SIGINFO) != 0 && before.sa_sigaction != nullptr) {
        before.sa_sigaction(signal, info, context);
    } else if (!filled) {
        ::sigaction(SIGBUS, &before, nullptr); // the access faults again and ends as it would have
    }
    errno = error;
}

void install()
{
    pageBytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    struct sigaction action { };
    action.sa_sigaction = fillWithZeros;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigaction(SIGBUS, &action, &before);
}

} // namespace

void requireIntact(const void* data)
{
    atMappingOf(data, [](const Slot& slot, const MappedFile& file) {
        if (slot.broken) {
            throw Error(ErrorKind::Io,
                        "became shorter than its " + bytesText(file.bytes().size())
                            + " while it was read, or its disk failed; what was being computed "
                              "from it is dropped: put the file back and start again")
                .within(shownPath(file.path()));
        }
        return true;
    });
}

void watchMapping(const MappedFile& file)
{
    static std::once_flag once;
    std::call_once(once, install);
    for (std::size_t i = 0; i < kMost; ++i) {
        const MappedFile* none = nullptr;
        if (slots[i].file.compare_exchange_strong(none, &file)) {
            slots[i].broken = false; // nobody reads the mapping yet
            for (std::size_t count = used;
                 count < i + 1 && !used.compare_exchange_weak(count, i + 1);) { }
            return;
        }
    }
}

void forgetMapping(const MappedFile& file)
{
    for (std::size_t i = 0; i < used; ++i) {
        const MappedFile* same = &file;
        if (slots[i].file.compare_exchange_strong(same, nullptr)) {
            return;
        }
    }
}

} // namespace pissarro::core::inline file
