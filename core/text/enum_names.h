// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/text/message_text.h"

#include <string>
#include <string_view>

namespace pissarro::core::inline text {

// A value of an enumeration with its name in files and on the command line; a table of them is an array.
template <class Enum>
struct Named {
    Enum value;
    std::string_view name;
};

// The table of an enumeration that is a setting, beside it: `static constexpr std::array all {Named<Enum> {…}, …}`.
template <class Enum>
struct EnumNames;

// Requires: the table names every value.
template <class Table, class Enum>
std::string_view nameIn(const Table& table, Enum value)
{
    for (const auto& entry : table) {
        if (entry.value == value) {
            return entry.name;
        }
    }
    throw Error(ErrorKind::Internal, "an enumeration value without a name");
}

// `what` begins the message: "method". Throws: Error{kind} with the names known.
template <class Table>
auto parseIn(const Table& table, std::string_view what, std::string_view text,
             ErrorKind kind = ErrorKind::InvalidArgument)
{
    std::string known;
    for (const auto& entry : table) {
        if (entry.name == text) {
            return entry.value;
        }
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw Error(kind,
                std::string(what) + " must be one of " + known + ", found " + shownText(text));
}

} // namespace pissarro::core::inline text
