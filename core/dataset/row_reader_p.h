// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pissarro::core::inline dataset {

// The text of one row in the file, and where it stands.
struct RawRow {
    std::string_view text;
    std::int64_t line = 1;
    bool atFileEnd = false; // nothing, not even a line feed, comes after it
};

// Walks a file row by row without parsing: an object a line, the elements of one
// array, or those of the array that is the only member of an object, {"data": [rows]}.
// Throws: Error{Format} naming the line.
class RowReader {
public:
    explicit RowReader(std::string_view text);

    std::optional<RawRow> next() { return m_isArray ? nextElement() : nextLine(); }

private:
    void step()
    {
        m_line += m_text[m_at] == '\n' ? 1 : 0;
        ++m_at;
    }
    void skipSpace();
    bool enterObject();
    void leaveArray();
    std::optional<RawRow> nextLine();
    std::optional<RawRow> nextElement();
    void skipValue();

    std::string_view m_text;
    std::size_t m_at = 0;
    std::int64_t m_line = 1;
    bool m_isArray = false;
    bool m_isWrapped = false; // the array is the member of an object, {"data": [rows]}
    bool m_isFirst = true;
};

} // namespace pissarro::core::inline dataset
