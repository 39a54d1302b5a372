// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/file/in_flight.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace pissarro::core::inline file {

// Whether what is written must outlive a power cut, which costs a flush to the disk, or only a crash of the program.
enum class Durability { PowerCut, Crash };

// What happens to a file that is there when a new one is moved into its place.
enum class ExistingFile {
    Replace,
    Refuse, // also one that appears while the new one is written
};

// What happens to a link that stands at the name of a file.
enum class Links {
    Follow, // what it leads to is written: for a place that a person named
    Replace, // the file takes the link's place: for names that this program keeps in a folder, where a link leads anywhere
};

// What happens to a folder that is there. An empty one is always filled.
enum class ExistingFolder {
    Refuse,
    Replace, // deleted when all of it is this program's (output_marker.h), else refused
    SetAside, // deleted when all of it is this program's, else it becomes NAME.old-1, -2, …: for places inside a run
};

// Writes a file beside its final name and moves it there when whole: a reader sees the old content or the new one,
// never a torn one, also after a power cut (fsync of file and folder around the rename)
// unless it is committed with less.
//
// Destroyed without commit(): the temporary file is removed, the old file is untouched.
// What an earlier program that was killed left of the same file is removed; one that a second signal ends takes it away itself.
// Throws:  every member Error{Io} naming the path and the system's reason ("No space left on device").
class AtomicFile {
public:
    explicit AtomicFile(std::filesystem::path path, ExistingFile existing = ExistingFile::Replace,
                        Links links = Links::Follow);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(const void* data, std::size_t sizeBytes);
    void write(std::string_view text) { write(text.data(), text.size()); }
    void commit(Durability durability = Durability::PowerCut);

private:
    std::filesystem::path m_path;
    std::filesystem::path m_temporary;
    InFlight m_inFlight;
    ExistingFile m_existing;
    int m_descriptor = -1;
};

// A file of this program's own: a link at its name is replaced and not followed.
void writeFileAtomically(const std::filesystem::path& path, std::string_view text);
// Throws: Error{Io}; Cancelled within a few megabytes of the stop.
std::string readWholeFile(const std::filesystem::path& path, std::uint64_t limitBytes,
                          const JobContext& job = {});
void syncDirectory(const std::filesystem::path& directory);

// Writes a folder beside `target`, marks it as this program's and renames it there: `fill` gets the temporary folder.
// An existing `target` is replaced, as far as `existing` allows, only after the new one is whole; an empty one keeps its
// rights. Throws what `fill` throws, with the temporary folder removed; Error{Io}, Error{InvalidArgument}: something
// is there.
void writeDirectoryAtomically(const std::filesystem::path& target,
                              const std::function<void(const std::filesystem::path&)>& fill,
                              ExistingFolder existing = ExistingFolder::Refuse);

// Removes what a crash left of the two above in `directory`: entries named ".NAME.tmp-PID-N" whose process is no more.
// With a `name` only what was to become that. What cannot be removed stays.
void removeLeftovers(const std::filesystem::path& directory, const std::string& name = {});
bool isLeftover(std::string_view name); // ".NAME.tmp-PID-N" of a process that is no more

} // namespace pissarro::core::inline file
