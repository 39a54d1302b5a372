// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/row_reader_p.h"

#include <algorithm>
#include <string>

namespace pissarro::core::inline dataset {
namespace {

bool isJsonSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view withoutSpace(std::string_view text)
{
    while (!text.empty() && isJsonSpace(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && isJsonSpace(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

} // namespace

RowReader::RowReader(std::string_view text)
    : m_text(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text)
{
    skipSpace();
    m_isWrapped = enterObject();
    m_isArray = m_isWrapped || (m_at < m_text.size() && m_text[m_at] == '[');
    if (m_isArray) {
        ++m_at;
    } else {
        m_at = 0;
        m_line = 1;
    }
}

void RowReader::skipSpace()
{
    while (m_at < m_text.size() && isJsonSpace(m_text[m_at])) {
        step();
    }
}

// To the bracket of {"data": [ at the file's head; anything else is left as it is.
bool RowReader::enterObject()
{
    const std::size_t begin = m_at;
    const std::int64_t line = m_line;
    const auto takes = [&](std::string_view what) {
        skipSpace();
        const bool is = m_text.substr(m_at).starts_with(what);
        m_at += is ? what.size() : 0;
        return is;
    };
    if (takes("{")) {
        for (const char* name : {"\"data\"", "\"rows\"", "\"train\"", "\"examples\""}) {
            if (takes(name) && takes(":")) {
                skipSpace();
                if (m_at < m_text.size() && m_text[m_at] == '[') {
                    return true;
                }
                break;
            }
        }
    }
    m_at = begin;
    m_line = line;
    return false;
}

// What follows the array of rows: the end of the file, behind the bracket of what holds it.
void RowReader::leaveArray()
{
    ++m_at;
    skipSpace();
    if (m_isWrapped && m_at < m_text.size() && m_text[m_at] == '}') {
        ++m_at;
        skipSpace();
    } else if (m_isWrapped) {
        throw Error(ErrorKind::Format,
                    fmt::format("line {} has more behind the rows of the object (expected the rows "
                                "as its only member, or in an array of their own)",
                                m_line));
    }
    if (m_at < m_text.size()) {
        throw Error(
            ErrorKind::Format,
            fmt::format(
                "line {} has text behind the array of rows (expected the file to end there)",
                m_line));
    }
}

std::optional<RawRow> RowReader::nextLine()
{
    while (m_at < m_text.size()) {
        const std::size_t end = std::min(m_text.find('\n', m_at), m_text.size());
        const RawRow row {withoutSpace(m_text.substr(m_at, end - m_at)), m_line,
                          end == m_text.size()};
        m_at = end + 1;
        ++m_line;
        if (!row.text.empty()) {
            return row;
        }
    }
    return std::nullopt;
}

// To the end of one element: the comma or bracket that closes it is left.
void RowReader::skipValue()
{
    int depth = 0;
    bool inString = false;
    for (; m_at < m_text.size(); step()) {
        const char c = m_text[m_at];
        if (inString) {
            if (c == '\\' && m_at + 1 < m_text.size()) {
                step();
            } else if (c == '"') {
                inString = false;
            }
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
            return;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
}

std::optional<RawRow> RowReader::nextElement()
{
    skipSpace();
    if (m_at < m_text.size() && m_text[m_at] == ']') {
        leaveArray();
        return std::nullopt;
    }
    if (!m_isFirst && m_at < m_text.size() && m_text[m_at] == ',') {
        ++m_at;
        skipSpace();
    }
    m_isFirst = false;
    if (m_at >= m_text.size()) {
        throw Error(ErrorKind::Format,
                    fmt::format("the array of rows is not closed on line {} (expected a ']'): the "
                                "file was cut; get it again",
                                m_line));
    }
    const std::size_t begin = m_at;
    const std::int64_t line = m_line;
    skipValue();
    return RawRow {withoutSpace(m_text.substr(begin, m_at - begin)), line, m_at >= m_text.size()};
}

} // namespace pissarro::core::inline dataset
