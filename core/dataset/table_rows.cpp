// SPDX-License-Identifier: GPL-3.0-or-later
// CSV after RFC 4180 as Python's csv module reads it, and TSV, whose quotes mean nothing unless they hold a whole cell.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/row_source_p.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace pissarro::core::inline dataset {

namespace {

constexpr std::size_t kMostColumns = 1'000;
constexpr std::size_t kLongestName = 80; // characters of a column's name; a text is longer

bool endsLine(char c)
{
    return c == '\n' || c == '\r';
}

// A walk through the cells of one record.
struct Cells {
    std::string_view text; // from the record on
    char separator = ',';
    bool oneLine = false; // a quote holds a cell only if it is closed on its line, with the cell

    std::size_t at = 0; // behind the record once it was walked
    bool isClosed = true; // false: the text ended within a quote
    std::vector<std::string>* cells = nullptr; // null: only the end is looked for

    void walk();

private:
    char front(std::size_t place) const { return place < text.size() ? text[place] : '\n'; }
    bool endsCell(std::size_t place) const
    {
        return place >= text.size() || text[place] == separator || endsLine(text[place]);
    }
    bool holdsCell() const;
    void quoted(std::string& cell);
    void plain(std::string& cell);
};

// The quote here is closed before its line ends, and the cell ends with it. Between tabulators no quote holds one: there they
// are mostly the text's own.
bool Cells::holdsCell() const
{
    for (std::size_t place = at + 1; place < text.size() && !endsLine(text[place]); ++place) {
        if (separator == '\t' && text[place] == '\t') {
            return false;
        }
        if (text[place] != '"') {
            continue;
        }
        if (front(place + 1) != '"' || place + 1 >= text.size()) {
            return endsCell(place + 1);
        }
        ++place; // a doubled quote
    }
    return false;
}

void Cells::quoted(std::string& cell)
{
    ++at;
    for (;;) {
        const std::size_t quote = text.find('"', at);
        if (quote == std::string_view::npos || quote - at > kRowLimitBytes) {
            isClosed = false;
            at = text.size();
            return;
        }
        if (cells != nullptr) {
            cell.append(text.substr(at, quote - at));
        }
        at = quote + 1;
        if (at >= text.size() || text[at] != '"') {
            return;
        }
        if (cells != nullptr) {
            cell += '"';
        }
        ++at;
    }
}

void Cells::plain(std::string& cell)
{
    const std::size_t begin = at;
    while (!endsCell(at)) {
        ++at;
    }
    if (cells != nullptr) {
        cell.append(text.substr(begin, at - begin));
    }
}

void Cells::walk()
{
    at = 0;
    isClosed = true;
    for (;;) {
        std::string cell;
        if (front(at) == '"' && (!oneLine || holdsCell())) {
            quoted(cell);
        }
        plain(cell); // also what stands behind a closed quote, as Python's csv has it
        if (cells != nullptr && cells->size() <= kMostColumns) {
            cells->push_back(std::move(cell));
        }
        if (!isClosed || at >= text.size()) {
            return;
        }
        if (endsLine(text[at])) {
            at += text[at] == '\r' && front(at + 1) == '\n' && at + 1 < text.size() ? 2 : 1;
            return;
        }
        ++at;
    }
}

bool isNumber(std::string_view text)
{
    const bool only = std::all_of(text.begin(), text.end(), [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '+'
            || c == 'e' || c == 'E';
    });
    return only && std::any_of(text.begin(), text.end(), [](char c) {
               return std::isdigit(static_cast<unsigned char>(c)) != 0;
           });
}

// Names are short, none is a number, and none stands twice; the first may be empty: an index without one.
bool looksLikeNames(const std::vector<std::string>& cells)
{
    std::set<std::string> seen;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string& cell = cells[i];
        const bool isIndex = cell.empty() && i == 0 && cells.size() > 1;
        if ((cell.empty() && !isIndex) || cell.size() > kLongestName || isNumber(cell)
            || cell.find('\n') != std::string::npos || !seen.insert(cell).second) {
            return false;
        }
    }
    return true;
}

class TableRows final : public RowSource {
public:
    TableRows(std::string_view text, char separator);

    std::optional<RawRow> next() override;
    nlohmann::ordered_json parse(const RawRow& row) const override;
    double fraction() const override
    {
        return m_text.empty() ? 1.0
                              : static_cast<double>(m_at) / static_cast<double>(m_text.size());
    }
    std::string kind() const override { return m_separator == '\t' ? "TSV" : "CSV"; }
    std::vector<Said> notes() const override;

private:
    std::vector<std::string> cellsOf(std::string_view record) const;
    char likeliestSeparator() const;
    void readNames();

    std::string_view m_text;
    char m_separator;
    bool m_oneLine; // for good in TSV; in CSV once a quote was not closed: all behind it lay in it
    bool m_hasNames = false;
    std::vector<std::string> m_names;
    std::size_t m_at = 0;
    std::int64_t m_line = 1;
};

TableRows::TableRows(std::string_view text, char separator)
    : m_text(withoutByteOrderMark(text))
    , m_separator(separator)
    , m_oneLine(separator == '\t')
{
    if (m_separator == '\0') {
        m_separator = likeliestSeparator();
    }
    readNames();
}

// Of a comma and a semicolon, which spreadsheets write where the comma is for numbers.
char TableRows::likeliestSeparator() const
{
    const std::string_view line = m_text.substr(0, m_text.find('\n'));
    std::int64_t commas = 0;
    std::int64_t semicolons = 0;
    bool inQuotes = false;
    for (const char c : line) {
        inQuotes = c == '"' ? !inQuotes : inQuotes;
        commas += !inQuotes && c == ',' ? 1 : 0;
        semicolons += !inQuotes && c == ';' ? 1 : 0;
    }
    return semicolons > commas ? ';' : ',';
}

std::vector<std::string> TableRows::cellsOf(std::string_view record) const
{
    std::vector<std::string> cells;
    Cells walker {record, m_separator, m_oneLine};
    walker.cells = &cells;
    walker.walk();
    return cells;
}

void TableRows::readNames()
{
    const std::optional<RawRow> first = next();
    if (!first) {
        return;
    }
    m_names = cellsOf(first->text);
    if (m_names.size() > kMostColumns) {
        throw Error(ErrorKind::Format,
                    fmt::format("line {} has more than {} columns (expected a table of texts)",
                                first->line, kMostColumns));
    }
    m_hasNames = first->problem == nullptr && looksLikeNames(m_names)
        && std::all_of(m_names.begin(), m_names.end(), isValidUtf8);
    if (!m_hasNames) {
        m_at = 0; // it is a row
        m_line = 1;
    }
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        if (!m_hasNames || m_names[i].empty()) {
            m_names[i] = fmt::format("{}", i + 1);
        }
    }
}

std::vector<Said> TableRows::notes() const
{
    if (m_hasNames || m_names.empty()) {
        return {};
    }
    return {{PISSARRO_SAID("pissarro::core",
                           "the first line holds no names of columns: they are called 1, 2, 3 …"),
             "the first line holds no names of columns: they are called 1, 2, 3 …",
             1,
             {}}};
}

std::optional<RawRow> TableRows::next()
{
    while (m_at < m_text.size() && endsLine(m_text[m_at])) { // an empty line
        m_line += m_text[m_at] == '\n' ? 1 : 0;
        ++m_at;
    }
    if (m_at >= m_text.size()) {
        return std::nullopt;
    }
    Cells walker {m_text.substr(m_at), m_separator, m_oneLine};
    walker.walk();
    RawRow row {m_text.substr(m_at, walker.at), m_line};
    if (!walker.isClosed) { // its line is what is wrong; a quote costs no more than that
        m_oneLine = true;
        const std::size_t end = m_text.find('\n', m_at);
        row.text = m_text.substr(m_at, end == std::string_view::npos ? end : end + 1 - m_at);
        row.problem = "opens a quote that is not closed";
    }
    m_at += row.text.size();
    m_line += std::count(row.text.begin(), row.text.end(), '\n');
    row.atFileEnd = m_at >= m_text.size();
    while (!row.text.empty() && endsLine(row.text.back())) {
        row.text.remove_suffix(1);
    }
    return row;
}

nlohmann::ordered_json TableRows::parse(const RawRow& row) const
{
    if (row.problem != nullptr) {
        throw Error(ErrorKind::Format, Clause {row.problem});
    }
    std::vector<std::string> cells = cellsOf(row.text);
    while (cells.size() > m_names.size() && cells.back().empty()) {
        cells.pop_back(); // separators at the end of a line
    }
    if (cells.size() != m_names.size()) {
        throw Error(ErrorKind::Format,
                    Clause {fmt::format("has {} cells (expected {}, as the first line has)",
                                        cells.size(), m_names.size())});
    }
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!isValidUtf8(cells[i])) {
            throw Error(ErrorKind::Format, Clause {"is not valid UTF-8"});
        }
        object[m_names[i]] = std::move(cells[i]);
    }
    return object;
}

class TextRows final : public RowSource {
public:
    explicit TextRows(std::string_view text)
        : m_text(withoutByteOrderMark(text))
    {
    }

    std::optional<RawRow> next() override;
    nlohmann::ordered_json parse(const RawRow& row) const override
    {
        if (!isValidUtf8(row.text)) {
            throw Error(ErrorKind::Format, Clause {"is not valid UTF-8"});
        }
        nlohmann::ordered_json object = nlohmann::ordered_json::object();
        object["text"] = std::string(row.text);
        return object;
    }
    double fraction() const override
    {
        return m_text.empty() ? 1.0
                              : static_cast<double>(m_at) / static_cast<double>(m_text.size());
    }
    std::string kind() const override { return "text"; }

private:
    std::string_view m_text;
    std::size_t m_at = 0;
    std::int64_t m_line = 1;
};

std::optional<RawRow> TextRows::next()
{
    while (m_at < m_text.size()) {
        const std::size_t end = std::min(m_text.find('\n', m_at), m_text.size());
        RawRow row {m_text.substr(m_at, end - m_at), m_line++, end == m_text.size()};
        m_at = std::min(end + 1, m_text.size());
        if (row.text.ends_with('\r')) {
            row.text.remove_suffix(1);
        }
        if (row.text.find_first_not_of(" \t") != std::string_view::npos) {
            return row;
        }
    }
    return std::nullopt;
}

} // namespace

std::unique_ptr<RowSource> tableRows(std::string_view text, char separator)
{
    return std::make_unique<TableRows>(text, separator);
}

std::unique_ptr<RowSource> textRows(std::string_view text)
{
    return std::make_unique<TextRows>(text);
}

} // namespace pissarro::core::inline dataset
