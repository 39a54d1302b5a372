// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pissarro::core::inline text {

// Text that comes from a file (names of tensors, of models, of folders, a model's answer) on its way into another
// format: it stays text there and becomes neither markup, nor a formula, nor an order to a terminal.
// Bytes that are not UTF-8 become U+FFFD everywhere.

// Control characters of both sets, line and paragraph separators, and what turns or hides text (U+202E): nothing that a name
// may do to the line it is shown in.
bool isControlCharacter(std::uint32_t code);

// For a terminal or a log: every control character but line feed and tab, and every character that turns the direction
// of writing, becomes \u001b, \u202e, … (in a JSON text such an escape means the same character).
std::string terminalText(std::string_view text);
// The same on one line: line feeds and tabs are escaped too.
std::string terminalLine(std::string_view text);

// A cell of a CSV table: in quotes where it needs them. A text that a spreadsheet would take for a formula (it begins
// with = + - @ or a control character) gets an apostrophe before it, which spreadsheets take for "this is text".
std::string csvCell(std::string_view text);

// In a Markdown paragraph or a cell of a table: on one line, marks escaped with a backslash, < and & as entities.
std::string markdownText(std::string_view text);
// Between the tags of HTML, XML and SVG, and in an attribute in double quotes: on one line, & < > " ' as entities.
std::string markupText(std::string_view text);
// As code in a Markdown text: on one line, between as many backticks as it needs.
std::string markdownCode(std::string_view text);

// A text in double quotes that JSON, YAML and Python read alike.
std::string quotedText(std::string_view text);

} // namespace pissarro::core::inline text
