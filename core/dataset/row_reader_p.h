// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/row_source_p.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pissarro::core::inline dataset {

// Walks a file row by row without parsing: an object a line, the elements of one
// array, or those of the array that is the only member of an object, {"data": [rows]}; objects that go on over several
// lines, one behind the other (a single one is a row).
// Throws: Error{Format} naming the line.
class RowReader {
public:
    explicit RowReader(std::string_view text);

    std::optional<RawRow> next()
    {
        return m_isArray ? nextElement() : m_isStream ? nextObject() : nextLine();
    }
    std::size_t place() const { return m_at; } // in the text, what marks its order left out
    bool isArray() const { return m_isArray; }

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
    std::optional<RawRow> nextObject();
    bool beginsLongObject() const;
    bool skipObject();
    void skipValue();

    std::string_view m_text;
    std::size_t m_at = 0;
    std::int64_t m_line = 1;
    bool m_isArray = false;
    bool m_isWrapped = false; // the array is the member of an object, {"data": [rows]}
    bool m_isStream = false; // objects over several lines
    int m_torn = 0; // of them, those that were not closed
    bool m_isFirst = true;
};

} // namespace pissarro::core::inline dataset
