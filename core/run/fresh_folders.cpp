// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/fresh_folders.h"

#include "core/run/run_directory.h"

namespace pissarro::core::inline run {

namespace fs = std::filesystem;

void FreshFolders::note(const fs::path& folder)
{
    std::error_code failed;
    const bool isThere = fs::exists(folder, failed);
    if (failed || (isThere && (!fs::is_empty(folder, failed) || failed))) {
        return;
    }
    m_folders.push_back({folder, isThere});
}

void FreshFolders::takeBack(bool runs) noexcept
{
    std::error_code ignored;
    for (auto folder = m_folders.rbegin(); folder != m_folders.rend(); ++folder) {
        if (!runs && fs::exists(folder->path / kRunFile, ignored)) {
            continue;
        }
        try {
            for (const auto& entry : fs::directory_iterator(folder->path)) {
                if (runs || !fs::exists(entry.path() / kRunFile, ignored)) {
                    fs::remove_all(entry.path(), ignored);
                }
            }
        } catch (const std::exception&) { // what cannot be listed stays
        }
        if (!folder->wasThere) {
            fs::remove(folder->path, ignored); // only where nothing is left in it
        }
    }
}

} // namespace pissarro::core::inline run
