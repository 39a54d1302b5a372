// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace pissarro::core::inline file {

// A whole file mapped read-only: pages come in when touched. Cut short meanwhile it reads as zeros: requireIntact().
// Threads: immutable once open; share it freely.
class MappedFile {
public:
    // Throws: Error{Io} with the path when the file cannot be opened or mapped or is no regular file.
    static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }
    const std::filesystem::path& path() const { return m_path; }
    // Times since the epoch, parts of cache keys. The second one no program can put back: it changes with every write, and
    // with links, rights and names too.
    std::int64_t modifiedNs() const { return m_modifiedNs; }
    std::int64_t changedNs() const { return m_changedNs; }

    // Tells the system that these pages will be read soon, or are not needed again soon (peak memory of streaming jobs).
    void prefetch(const std::byte* data, std::size_t sizeBytes) const;
    void release(const std::byte* data, std::size_t sizeBytes) const;

private:
    MappedFile() = default;
    void advise(const std::byte* data, std::size_t sizeBytes, int advice) const;

    std::filesystem::path m_path;
    const std::byte* m_data = nullptr;
    std::size_t m_size = 0;
    std::int64_t m_modifiedNs = 0;
    std::int64_t m_changedNs = 0;
};

} // namespace pissarro::core::inline file
