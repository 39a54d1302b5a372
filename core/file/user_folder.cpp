// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/user_folder_p.h"

#include <cstdlib>

namespace pissarro::core::inline file {

std::optional<std::filesystem::path> userFolder(const char* variable, const char* below)
{
    if (const char* const folder = std::getenv(variable); folder != nullptr && *folder == '/') {
        return folder;
    }
    const char* const home = std::getenv("HOME");
    return home == nullptr ? std::nullopt : std::optional(std::filesystem::path(home) / below);
}

} // namespace pissarro::core::inline file
