// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace pissarro::core {

// Step of the newest whole checkpoint of a run, from which it could be resumed; 0 when there is none.
std::int64_t newestCheckpointStep(const std::filesystem::path& runDirectory);

} // namespace pissarro::core
