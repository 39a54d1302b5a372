// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace pissarro::core {

// Whether what is written must outlive a power cut, which costs a flush to the disk, or only a crash of the program.
enum class Durability { PowerCut, Crash };

// Writes a file beside its final name and moves it there when whole: a reader sees the old content or the new one,
// never a torn one, also after a power cut (fsync of file and folder around the rename)
// unless it is committed with less.
//
// Destroyed without commit(): the temporary file is removed, the old file is untouched.
// Throws:  every member Error{Io} naming the path and the system's reason ("No space left on device").
class AtomicFile {
public:
    explicit AtomicFile(std::filesystem::path path);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(const void* data, std::size_t sizeBytes);
    void write(std::string_view text) { write(text.data(), text.size()); }
    void commit(Durability durability = Durability::PowerCut);

private:
    std::filesystem::path m_path;
    std::filesystem::path m_temporary;
    int m_descriptor = -1;
};

void writeFileAtomically(const std::filesystem::path& path, std::string_view text);
std::string readWholeFile(const std::filesystem::path& path,
                          std::uint64_t limitBytes); // Throws: Error{Io}
void syncDirectory(const std::filesystem::path& directory);

// Writes a folder beside `target` and renames it there: `fill` gets the temporary folder. An existing `target` is
// replaced only after the new one is whole. Throws what `fill` throws, with the temporary folder removed.
void writeDirectoryAtomically(const std::filesystem::path& target,
                              const std::function<void(const std::filesystem::path&)>& fill);

// Removes what a crash left of the two above in `directory`: entries named ".NAME.tmp-…". Only while nobody else writes
// there. What cannot be removed stays.
void removeLeftovers(const std::filesystem::path& directory);

} // namespace pissarro::core
