// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/value_p.h"

#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline prompt::jinja {

struct Token {
    enum class Type {
        Data, // text between the marks
        OpenOutput, // {{
        CloseOutput,
        OpenBlock, // {%
        CloseBlock,
        Name,
        Text, // a literal, escapes resolved
        Integer,
        Float,
        Operator,
        End,
    };
    Type type = Type::End;
    std::string text; // as written; of a literal its content
    int line = 1;
    Whole whole = 0;
    double real = 0;
};

// Cuts a template into tokens as Jinja does with trim_blocks and lstrip_blocks: comments gone, raw blocks as data,
// white space around the marks dealt with, line ends "\n", the last line feed dropped.
// Throws: Error{Format} with the line.
std::vector<Token> tokensOf(std::string_view source);

// What stands between the quotes of a text, its escapes resolved as Python does.
std::string unescapedLiteral(std::string_view text, int line);

std::string shownToken(const Token& token); // for messages: "'}}'", "a name"

[[noreturn]] void failAt(int line, const std::string& message);

} // namespace pissarro::core::inline prompt::jinja
