// SPDX-License-Identifier: GPL-3.0-or-later
// A mapped file ends in the middle of a page, and what is read behind its end is zero, unseen by any sanitizer. Fuzz
// targets are linked with --wrap=mmap: a file that is mapped for reading becomes a heap block of exactly its size.
#include <cstdlib>
#include <mutex>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

extern "C" {
void* __real_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset);
int __real_munmap(void* address, size_t size);
int __real_madvise(void* address, size_t size, int advice);
void* __wrap_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset);
int __wrap_munmap(void* address, size_t size);
int __wrap_madvise(void* address, size_t size, int advice);
}

namespace {

std::mutex mutex;
std::set<void*> blocks; // guarded by mutex

} // namespace

void* __wrap_mmap(void* address, size_t size, int protection, int flags, int file, off_t offset)
{
    if (file < 0 || protection != PROT_READ) {
        return __real_mmap(address, size, protection, flags, file, offset);
    }
    void* const block = std::malloc(size);
    if (block == nullptr || ::pread(file, block, size, offset) != static_cast<ssize_t>(size)) {
        std::free(block);
        return MAP_FAILED;
    }
    const std::lock_guard lock(mutex);
    blocks.insert(block);
    return block;
}

int __wrap_munmap(void* address, size_t size)
{
    const std::lock_guard lock(mutex);
    if (blocks.erase(address) == 0) {
        return __real_munmap(address, size);
    }
    std::free(address);
    return 0;
}

// Pages of the heap must not be given back.
int __wrap_madvise(void*, size_t, int)
{
    return 0;
}
