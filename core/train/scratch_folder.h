// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

namespace pissarro::core::inline training {

// A folder below TMPDIR for a training that is only measured; it goes with this.
// Throws: Error{Io} where it cannot be made.
class ScratchFolder {
public:
    explicit ScratchFolder(const std::string& purpose); // "pace": a word of its name
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

} // namespace pissarro::core::inline training
