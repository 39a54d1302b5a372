// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/row_reader_p.h"
#include "core/text/json_text.h"

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

std::string_view withoutByteOrderMark(std::string_view text)
{
    return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

RowReader::RowReader(std::string_view text)
    : m_text(withoutByteOrderMark(text))
{
    skipSpace();
    m_isWrapped = enterObject();
    m_isArray = m_isWrapped || (m_at < m_text.size() && m_text[m_at] == '[');
    if (m_isArray) {
        ++m_at;
    } else {
        m_isStream = beginsLongObject();
        m_at = 0;
        m_line = 1;
    }
}

// An object stands here that is whole, and ends on another line than it begins on.
bool RowReader::beginsLongObject() const
{
    RowReader ahead = *this;
    return ahead.skipObject() && ahead.m_line > m_line;
}

// To behind the object that begins here. False: none does, or it is not closed, or a line ends within a text of it.
bool RowReader::skipObject()
{
    const std::size_t begin = m_at;
    int depth = 0;
    bool inString = false;
    for (; m_at < m_text.size() && m_at - begin <= kRowLimitBytes; step()) {
        const char c = m_text[m_at];
        if (inString && c == '\\' && m_at + 1 < m_text.size()) {
            step();
        } else if (inString && c == '\n') {
            return false;
        } else if (c == '"') {
            inString = !inString;
        } else if (!inString && (c == '{' || c == '[')) {
            ++depth;
        } else if (!inString && (c == '}' || c == ']') && --depth == 0) {
            step();
            return true;
        }
        if (depth == 0) {
            return false; // it begins with something else
        }
    }
    return false;
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

std::optional<RawRow> RowReader::nextObject()
{
    skipSpace();
    if (m_at < m_text.size() && m_text[m_at] == ',' && !m_isFirst) {
        ++m_at;
        skipSpace();
    }
    m_isFirst = false;
    if (m_at >= m_text.size()) {
        return std::nullopt;
    }
    const std::size_t begin = m_at;
    const std::int64_t line = m_line;
    if (skipObject()) {
        return RawRow {m_text.substr(begin, m_at - begin), line, m_at >= m_text.size()};
    }
    m_at = begin; // its first line is what is wrong; the next may begin an object
    m_line = line;
    constexpr int kMostTorn = 8; // each was looked for through all that follows
    m_isStream = ++m_torn < kMostTorn;
    return nextLine();
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

namespace {

class JsonRows final : public RowSource {
public:
    explicit JsonRows(std::string_view text)
        : m_size(text.size())
        , m_reader(text)
    {
    }

    std::optional<RawRow> next() override { return m_reader.next(); }
    nlohmann::ordered_json parse(const RawRow& row) const override;
    double fraction() const override
    {
        return m_size == 0 ? 1.0
                           : static_cast<double>(m_reader.place()) / static_cast<double>(m_size);
    }
    std::string kind() const override { return m_reader.isArray() ? "JSON" : "JSON lines"; }

private:
    std::size_t m_size;
    RowReader m_reader;
};

nlohmann::ordered_json JsonRows::parse(const RawRow& row) const
{
    try {
        return parseOrderedJson(row.text);
    } catch (const Error& e) {
        if (row.text == "{") {
            throw Error(
                ErrorKind::Format,
                Clause {"opens an object that goes on over several lines and is not closed "
                        "(expected an object on each line, or the rows in an array of their own)"});
        }
        throw row.atFileEnd
            ? Error(e.kind(), Clause {fmt::format("{} (the file ends within it)", e.what())})
            : e;
    }
}

} // namespace

std::unique_ptr<RowSource> jsonRows(std::string_view text)
{
    return std::make_unique<JsonRows>(text);
}

} // namespace pissarro::core::inline dataset
