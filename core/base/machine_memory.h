// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace pissarro::core::inline base {

std::int64_t machineMemoryBytes(); // total RAM

} // namespace pissarro::core::inline base
