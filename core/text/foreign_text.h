// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace pissarro::core::inline text {

// What a file really is that came in place of another, by its first bytes, and what to do: "is a pointer of Git LFS, not the
// file itself; run git lfs pull, or download the file". Empty: nothing that is known. For readers that have found that it is
// not theirs.
std::string_view foreignKind(std::string_view firstBytes);
// Throws: Error{Format} that says so, where there is one.
void refuseForeign(std::string_view firstBytes);
void refuseForeign(std::span<const std::byte> firstBytes);

} // namespace pissarro::core::inline text
