// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>

namespace pissarro::core::inline file {

// $VARIABLE where it is absolute, else $HOME/below, as the XDG Base Directory Specification has it; nullopt: no $HOME.
std::optional<std::filesystem::path> userFolder(const char* variable, const char* below);

} // namespace pissarro::core::inline file
