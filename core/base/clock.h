// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace pissarro::core::inline base {

using Clock = std::chrono::steady_clock; // of what is measured: nobody sets it back

inline double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace pissarro::core::inline base
