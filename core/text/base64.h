// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pissarro::core::inline text {

// The bytes that base64 (RFC 4648, with '+' and '/', padded or not) stands for; nullopt: it is none. White space is none.
std::optional<std::string> base64Bytes(std::string_view text);

} // namespace pissarro::core::inline text
