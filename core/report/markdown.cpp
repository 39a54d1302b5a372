// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/output_marker.h"
#include "core/report/document.h"
#include "core/text/escaped_text.h"

#include <algorithm>

namespace pissarro::core::inline report {

namespace {

std::string heading(const std::string& title, const std::string& subtitle)
{
    if (title.empty()) {
        return {};
    }
    return "### " + markdownText(title) + "\n\n"
        + (subtitle.empty() ? "" : markdownText(subtitle) + "\n\n");
}

std::string blockText(const Table& table)
{
    std::string text = heading(table.title, table.subtitle) + "|";
    std::string line = "|";
    for (const Table::Column& column : table.columns) {
        text += " " + markdownText(column.title) + " |";
        line += column.isNumber ? " ---: |" : " --- |";
    }
    text += "\n" + line + "\n";
    for (const auto& row : table.rows) {
        text += "|";
        for (const Cell& cell : row) {
            const std::string shown = markdownText(cell.text);
            text += " " + (cell.isStrong && !shown.empty() ? "**" + shown + "**" : shown) + " |";
        }
        text += "\n";
    }
    return text + "\n" + (table.note.empty() ? "" : markdownText(table.note) + "\n\n");
}

std::string blockText(const Paragraph& paragraph)
{
    const std::string text = markdownText(paragraph.text);
    return (paragraph.isStrong ? "**" + text + "**" : text) + "\n\n";
}

std::string blockText(const Figures& figures)
{
    Table table;
    table.columns = {{"", false}, {"", true}, {"", false}};
    for (const Figures::One& one : figures.all) {
        table.rows.push_back({{one.label}, {one.value, true}, {one.detail}});
    }
    return blockText(table);
}

std::string blockText(const Code& code)
{
    std::size_t longest = 2; // a fence is longer than any run of backticks in it
    for (const std::string& line : code.lines) {
        std::size_t run = 0;
        for (const char c : line) {
            run = c == '`' ? run + 1 : 0;
            longest = std::max(longest, run);
        }
    }
    const std::string fence(longest + 1, '`');
    std::string text = heading(code.title, {}) + fence + "\n";
    for (const std::string& line : code.lines) {
        text += terminalLine(line) + "\n";
    }
    return text + fence + "\n\n";
}

std::string blockText(const Checks& checks)
{
    std::string text = heading(checks.title, {});
    for (const Checks::One& one : checks.all) {
        text += std::string(one.isGood ? "* ✓ " : "* ⚠ ") + markdownText(one.text) + "\n";
    }
    return text + "\n";
}

std::string blockText(const Pictures& pictures)
{
    std::string text;
    for (const Picture& picture : pictures) {
        Table numbers = numbersOf(picture.plot);
        numbers.title = picture.title;
        numbers.subtitle = picture.subtitle;
        text += blockText(numbers);
    }
    return text;
}

} // namespace

std::string markdownOf(const Document& document)
{
    std::string text = "# " + markdownText(document.title) + "\n\n" + markdownText(document.kind)
        + " · " + markdownText(document.date) + "\n\n**" + markdownText(document.verdict) + "** "
        + markdownText(document.limits) + "\n\n";
    for (const Section& section : document.sections) {
        text += section.title.empty() ? "" : "## " + markdownText(section.title) + "\n\n";
        for (const Block& block : section.blocks) {
            text += std::visit([](const auto& one) { return blockText(one); }, block);
        }
    }
    return markedMarkdown(text + "---\n\n" + markdownText(document.footer) + "\n");
}

} // namespace pissarro::core::inline report
