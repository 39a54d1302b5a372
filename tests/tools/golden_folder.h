// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>

namespace pissarro::tests {

// The golden values of the peers: $PISSARRO_GOLDEN, else shared/golden, else the smaller ones of the tree
// (tests/tools/make_fixtures.py), which have the essential part of it: the tests of a plain checkout.
inline std::filesystem::path golden()
{
    if (const char* const chosen = std::getenv("PISSARRO_GOLDEN")) {
        return chosen;
    }
    const auto shared = std::filesystem::path(PISSARRO_SHARED) / "golden";
    return std::filesystem::exists(shared)
        ? shared
        : std::filesystem::path(PISSARRO_SOURCE) / "tests" / "fixtures" / "golden";
}

} // namespace pissarro::tests
