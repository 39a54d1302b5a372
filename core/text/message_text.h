// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline text {

// Text that comes from a file, made fit for a one-line message: in single quotes, control
// characters and bytes that are not UTF-8 escaped as \xNN, cut to about `limit` bytes with "…". A
// hostile name never floods a terminal.
std::string shownText(std::string_view text, std::size_t limit = 72);

// A path for a message: escaped alike but unquoted; a long one keeps its end
// ("…/models/x/model.safetensors").
std::string shownPath(const std::filesystem::path& path);

// Throws: Error{InvalidArgument} for a path that is not UTF-8: JSON files, which name it, hold nothing else.
void requireUtf8(const std::filesystem::path& path);

// `text`, which a file gives for `key` and which may name a path: what opens one reads it up to a NUL, another than what
// every list shows. Throws: Error{Format} that names the key where there is one.
std::string textWithoutNul(std::string_view key, std::string text);

// "[576, 1536]"; a scalar is "[]"; more than eight axes are cut.
std::string shownShape(const std::vector<std::int64_t>& shape);

// "F32, F16 or BF16"; `last` empty: commas alone.
std::string listText(const std::vector<std::string_view>& names, std::string_view last = "or");

std::string bytesText(std::uint64_t bytes); // "94.1 MB", decimal units

} // namespace pissarro::core::inline text
