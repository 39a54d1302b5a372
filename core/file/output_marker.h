// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline file {

// How this program knows again what it wrote, so that it never replaces anything else (core/file/output.h):
// a folder by the file .pissarro in it, which lists what was written there; a file by "generator: pissarro" in the
// manner of its format. A mark that a person or another program lost or changed makes a thing foreign: the safe side.

constexpr const char* kFolderMarker = ".pissarro";

// -- folders

// Writes the marker of a folder that is whole: it lists every file below it with its size and a fingerprint of its content. Of
// one above 64 MiB that is both ends and a page of each 256 KiB: what is changed there in one piece of that size is seen.
// Cost: of a file just written, whose pages are in memory, some 20 ms, and 25 ms a GiB beyond these 64 MiB.
// Throws: Error{Io}
void markFolder(const std::filesystem::path& folder);

// Writes the marker of a folder that grows, such as a run: what may be in it by shell pattern, relative to it
// ("metrics.jsonl", "checkpoints/step-*/"). A pattern that ends with "/" is a folder with a marker of its own; a file that
// one with "*" allows has to be ours by what is in it (grown_file_p.h).
// Throws: Error{Io}
void markGrowingFolder(const std::filesystem::path& folder,
                       const std::vector<std::string>& patterns);

bool isGrowingFolder(const std::filesystem::path& folder); // whether it has such a marker

// The first thing in the folder that this program did not write there: a file or folder that no marker lists, one
// whose size or content has changed, or `folder` itself when it has no marker. Nothing: all of it is ours.
// Links are never followed: one is foreign unless it is listed.
std::optional<std::filesystem::path> foreignIn(const std::filesystem::path& folder);

// -- files

// Whether this program wrote the file: told by its first bytes, whatever its name.
// .json an object with "generator": "pissarro" · .jsonl that in the first line · .safetensors that in its metadata ·
// .csv, .md, .svg, .txt, .html "generator: pissarro" in the first line · .png a tEXt chunk · .pdf the property Creator
// Never throws: what cannot be read is not ours.
bool isOurFile(const std::filesystem::path& file);

// The object with "generator": "pissarro" as its first key.
nlohmann::ordered_json markedJson(const nlohmann::ordered_json& object);
// "<!-- generator: pissarro -->\n" before the text.
std::string markedMarkdown(std::string_view text);
// One more column at the end whose title is the mark and whose cells are empty: the table stays a table for every
// reader. Requires: lines end with "\n".
std::string markedCsv(std::string_view text);
// A comment behind the XML declaration, on the same line.
std::string markedSvg(std::string_view text);

// For formats that another library writes: the key and the value of PNG's tEXt chunk, the Creator of a PDF.
constexpr const char* kMarkKey = "generator";
constexpr const char* kMarkValue = "pissarro";

} // namespace pissarro::core::inline file
