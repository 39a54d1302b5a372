// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/report/document.h"
#include "core/report/pdf_file_p.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pissarro::core::inline report {

namespace {

constexpr double kPageWidth = 595.28; // A4
constexpr double kPageHeight = 841.89;
constexpr double kMargin = 44.0;
constexpr double kRoom = kPageWidth - 2.0 * kMargin;
constexpr double kTop = 64.0; // under the head
constexpr double kEnd = kPageHeight - 56.0; // above the foot
constexpr double kText = 9.5;
constexpr double kSmall = 8.0;
constexpr double kLeading = 1.4;
constexpr double kBetween = 16.0; // pictures beside one another
constexpr double kCellGap = 10.0;
constexpr double kPlotScale =
    0.78; // plots are laid out for a screen; on paper their words are as small as its notes

const Paint kInk {Ink::Text};
const Paint kGrey {Ink::Muted};

double widthOf(const std::string& text, double size, PdfFont font)
{
    return pdfTextWidth(pdfReadable(text), size, font);
}

// Lays blocks down the pages.
class PdfLayout {
public:
    explicit PdfLayout(const Document& document)
        : m_document(document)
    {
        begin();
    }

    void add(const Paragraph& paragraph);
    void add(const Table& table);
    void add(const Figures& figures);
    void add(const Code& code);
    void add(const Checks& checks);
    void add(const Pictures& pictures);
    void heading(const std::string& text, double size, double room);
    void text(const std::string& what, double size, PdfFont font, const Paint& paint,
              double indent = 0.0);
    void space(double height) { m_y += height; }
    void tellOfGlyphs();
    std::string finished();

private:
    PdfPage& page() { return m_pages.back(); }
    void begin()
    {
        m_pages.emplace_back(kPageWidth, kPageHeight);
        m_y = kTop;
    }
    // Where what is written went through pdfReadable() before.
    void countGlyphs(const std::string& what) { m_withoutGlyph += pdfWithoutGlyph(what); }
    bool fits(double height) const { return m_y + height <= kEnd; }
    void need(double height) // the page is turned where it has less, unless it is a fresh one
    {
        if (!fits(height) && m_y > kTop) {
            begin();
        }
    }
    void title(const std::string& what, const std::string& subtitle, double following);
    void row(const Table& table, const std::vector<Cell>& cells, const std::vector<double>& widths,
             bool isHead);
    double rowHeight(const std::vector<Cell>& cells, const std::vector<double>& widths) const;

    const Document& m_document;
    std::vector<PdfPage> m_pages;
    double m_y = 0.0;
    std::size_t m_withoutGlyph = 0;
};

void PdfLayout::text(const std::string& what, double size, PdfFont font, const Paint& paint,
                     double indent)
{
    countGlyphs(what);
    for (const std::string& line : pdfLines(what, kRoom - indent, size, font)) {
        need(size * kLeading);
        page().write(line, {kMargin + indent, m_y + size}, size, font, paint);
        m_y += size * kLeading;
    }
}

void PdfLayout::heading(const std::string& what, double size, double room)
{
    need(room);
    space(m_y > kTop ? size : 0.0);
    text(what, size, PdfFont::Bold, kInk);
    space(4.0);
}

void PdfLayout::title(const std::string& what, const std::string& subtitle, double following)
{
    if (what.empty()) {
        space(6.0);
        need(following);
        return;
    }
    need(following + 2.0 * kText * kLeading);
    space(m_y > kTop ? 8.0 : 0.0);
    text(what, kText, PdfFont::Bold, kInk);
    if (!subtitle.empty()) {
        text(subtitle, kSmall, PdfFont::Regular, kGrey);
    }
    space(3.0);
}

void PdfLayout::add(const Paragraph& paragraph)
{
    text(paragraph.text, kText, paragraph.isStrong ? PdfFont::Bold : PdfFont::Regular,
         paragraph.isMuted ? kGrey : kInk);
    space(4.0);
}

// What each column wants, and where that is more than there is, what it gets: narrow ones theirs, wide ones equal shares.
std::vector<double> columnWidths(const Table& table)
{
    std::vector<double> wanted;
    for (const Table::Column& column : table.columns) {
        wanted.push_back(widthOf(column.title, kSmall, PdfFont::Regular));
    }
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const PdfFont font = row[i].isStrong ? PdfFont::Bold : PdfFont::Regular;
            wanted[i] = std::max(wanted[i],
                                 widthOf(row[i].text, kSmall, font) + (row[i].mark ? 10.0 : 0.0));
        }
    }
    const auto count = static_cast<double>(wanted.size());
    const double room = kRoom - kCellGap * (count - 1.0);
    const double sum = std::accumulate(wanted.begin(), wanted.end(), 0.0);
    if (sum <= room) {
        wanted.front() += room - sum;
        return wanted;
    }
    double share = room; // the largest that no column exceeds
    double low = 0.0;
    for (int i = 0; i < 50; ++i) {
        const double middle = (low + share) / 2.0;
        const double used =
            std::accumulate(wanted.begin(), wanted.end(), 0.0,
                            [&](double all, double one) { return all + std::min(one, middle); });
        (used <= room ? low : share) = middle;
    }
    for (double& one : wanted) {
        one = std::max(4.0, std::min(one, low));
    }
    return wanted;
}

double PdfLayout::rowHeight(const std::vector<Cell>& cells, const std::vector<double>& widths) const
{
    std::size_t lines = 1;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const PdfFont font = cells[i].isStrong ? PdfFont::Bold : PdfFont::Regular;
        lines = std::max(
            lines,
            pdfLines(cells[i].text, widths[i] - (cells[i].mark ? 10.0 : 0.0) + 0.1, kSmall, font)
                .size());
    }
    return static_cast<double>(lines) * kSmall * 1.25 + 6.0;
}

void PdfLayout::row(const Table& table, const std::vector<Cell>& cells,
                    const std::vector<double>& widths, bool isHead)
{
    const double height = rowHeight(cells, widths);
    double x = kMargin;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const Cell& cell = cells[i];
        const PdfFont font = cell.isStrong ? PdfFont::Bold : PdfFont::Regular;
        const double indent = cell.mark ? 10.0 : 0.0;
        countGlyphs(cell.text);
        if (cell.mark) {
            Drawing mark;
            mark.shapes.emplace_back(Dot {{3.0, 0.0}, 3.0, *cell.mark});
            page().draw(mark, {x, m_y + 3.0 + 0.6 * kSmall});
        }
        double y = m_y + 3.0 + kSmall;
        for (const std::string& line :
             pdfLines(cell.text, widths[i] - indent + 0.1, kSmall, font)) {
            const bool isNumber = table.columns[i].isNumber;
            page().write(line, {isNumber ? x + widths[i] : x + indent, y}, kSmall, font,
                         isHead ? kGrey : kInk, isNumber ? Anchor::End : Anchor::Start);
            y += kSmall * 1.25;
        }
        x += widths[i] + kCellGap;
    }
    m_y += height;
    Drawing line;
    line.shapes.emplace_back(Line {{{0.0, 0.0}, {kRoom, 0.0}}, {Ink::Grid}, 0.6});
    page().draw(line, {kMargin, m_y});
}

void PdfLayout::add(const Table& table)
{
    if (table.columns.empty()) {
        return;
    }
    const std::vector<double> widths = columnWidths(table);
    std::vector<Cell> head;
    for (const Table::Column& column : table.columns) {
        head.push_back({column.title});
    }
    title(table.title, table.subtitle, 3.0 * rowHeight(head, widths));
    row(table, head, widths, /*isHead=*/true);
    for (const auto& cells : table.rows) {
        if (!fits(rowHeight(cells, widths))) {
            begin();
            row(table, head, widths, /*isHead=*/true);
        }
        row(table, cells, widths, /*isHead=*/false);
    }
    space(4.0);
    if (!table.note.empty()) {
        text(table.note, kSmall, PdfFont::Regular, kGrey);
    }
    space(4.0);
}

void PdfLayout::add(const Figures& figures)
{
    constexpr double kHeight = 46.0;
    constexpr std::size_t kMost = 5; // in a row
    for (std::size_t from = 0; from < figures.all.size(); from += kMost) {
        const std::size_t count = std::min(kMost, figures.all.size() - from);
        const double width = kRoom / static_cast<double>(count);
        space(8.0);
        need(kHeight);
        for (std::size_t i = 0; i < count; ++i) {
            const Figures::One& one = figures.all[from + i];
            const double x = kMargin + static_cast<double>(i) * width;
            const double room = width - 10.0;
            countGlyphs(one.label + one.value + one.detail);
            const auto fitting = [&](const std::string& what, double size, bool bold) {
                return fittingText(pdfReadable(what), room, size, bold);
            };
            page().write(fitting(one.label, kSmall, false), {x, m_y + 9.0}, kSmall,
                         PdfFont::Regular, kGrey);
            page().write(fitting(one.value, 15.0, true), {x, m_y + 26.0}, 15.0, PdfFont::Bold,
                         one.paint.value_or(kInk));
            page().write(fitting(one.detail, kSmall, false), {x, m_y + 38.0}, kSmall,
                         PdfFont::Regular, kGrey);
        }
        m_y += kHeight;
    }
    space(6.0);
}

void PdfLayout::add(const Code& code)
{
    title(code.title, {}, 4.0 * kSmall);
    for (const std::string& line : code.lines) {
        text(line, kSmall, PdfFont::Code, kInk, 6.0);
    }
    space(8.0);
}

void PdfLayout::add(const Checks& checks)
{
    title(checks.title, {}, 4.0 * kText);
    for (const Checks::One& one : checks.all) {
        need(kText * kLeading);
        const double y = m_y + kText; // the marks are drawn: no base font has them
        Drawing mark;
        if (one.isGood) {
            mark.shapes.emplace_back(
                Line {{{0.0, -3.5}, {2.5, -0.5}, {8.0, -7.0}}, {Ink::Good}, 1.3});
        } else {
            mark.shapes.emplace_back(
                Line {{{4.0, -7.5}, {8.2, 0.0}, {-0.2, 0.0}, {4.0, -7.5}}, {Ink::Warning}, 1.1});
            mark.shapes.emplace_back(Line {{{4.0, -5.0}, {4.0, -2.6}}, {Ink::Warning}, 1.1});
            mark.shapes.emplace_back(Dot {{4.0, -1.2}, 0.6, {Ink::Warning}});
        }
        page().draw(mark, {kMargin, y});
        text(one.text, kText, PdfFont::Regular, kInk, 14.0);
    }
    space(6.0);
}

void PdfLayout::add(const Pictures& pictures)
{
    const std::size_t beside = pictures.size() == 1 ? 1 : 2;
    const double width =
        (kRoom - kBetween * static_cast<double>(beside - 1)) / static_cast<double>(beside);
    for (std::size_t from = 0; from < pictures.size(); from += beside) {
        const std::size_t count = std::min(beside, pictures.size() - from);
        std::vector<Drawing> drawings;
        double highest = 0.0;
        for (std::size_t i = 0; i < count; ++i) {
            drawings.push_back(drawn(pictures[from + i].plot, width / kPlotScale));
            highest = std::max(highest, kPlotScale * drawings.back().height);
        }
        constexpr double kHead = 28.0;
        space(8.0);
        need(kHead + highest);
        for (std::size_t i = 0; i < count; ++i) {
            const Picture& picture = pictures[from + i];
            countGlyphs(picture.title + picture.subtitle);
            const double x = kMargin + static_cast<double>(i) * (width + kBetween);
            page().write(fittingText(pdfReadable(picture.title), width, kText, true),
                         {x, m_y + kText}, kText, PdfFont::Bold, kInk);
            page().write(fittingText(pdfReadable(picture.subtitle), width, kSmall), {x, m_y + 20.0},
                         kSmall, PdfFont::Regular, kGrey);
            page().draw(drawings[i], {x, m_y + kHead}, kPlotScale);
        }
        m_y += kHead + highest;
    }
    space(8.0);
}

void PdfLayout::tellOfGlyphs()
{
    const auto count = std::accumulate(
        m_pages.begin(), m_pages.end(), m_withoutGlyph,
        [](std::size_t sum, const PdfPage& one) { return sum + one.withoutGlyph(); });
    if (count > 0) {
        space(8.0);
        text(fmt::format("{} {} no glyph in the fonts of this file and stand as their Unicode "
                         "number, such as [U+4E2D]; the report as HTML or Markdown has them.",
                         count, count == 1 ? "character has" : "characters have"),
             kSmall, PdfFont::Regular, kGrey);
    }
}

std::string PdfLayout::finished()
{
    Drawing line;
    line.shapes.emplace_back(Line {{{0.0, 0.0}, {kRoom, 0.0}}, {Ink::Grid}, 0.6});
    for (std::size_t i = 0; i < m_pages.size(); ++i) {
        PdfPage& one = m_pages[i];
        const double right = kPageWidth - kMargin;
        one.write("Pissarro", {kMargin, 40.0}, kText, PdfFont::Bold, kInk);
        one.write(m_document.kind + " · " + m_document.date, {right, 40.0}, kSmall,
                  PdfFont::Regular, kGrey, Anchor::End);
        one.draw(line, {kMargin, 48.0});
        one.draw(line, {kMargin, kPageHeight - 44.0});
        const std::string number = fmt::format("{} of {}", i + 1, m_pages.size());
        one.write(fittingText(pdfReadable(m_document.footer), kRoom - 60.0, kSmall),
                  {kMargin, kPageHeight - 32.0}, kSmall, PdfFont::Regular, kGrey);
        one.write(number, {right, kPageHeight - 32.0}, kSmall, PdfFont::Regular, kGrey,
                  Anchor::End);
    }
    return pdfFileOf(m_pages, m_document.title);
}

} // namespace

std::string pdfOf(const Document& document)
{
    PdfLayout layout(document);
    layout.heading(document.title, 17.0, 0.0);
    layout.text(document.verdict, 10.5, PdfFont::Bold, kInk);
    if (!document.limits.empty()) {
        layout.space(2.0);
        layout.text(document.limits, kText, PdfFont::Regular, kGrey);
    }
    layout.space(6.0);
    for (const Section& section : document.sections) {
        if (!section.title.empty()) {
            layout.heading(section.title, 13.0, 80.0);
        }
        for (const Block& block : section.blocks) {
            std::visit([&](const auto& one) { layout.add(one); }, block);
        }
    }
    layout.tellOfGlyphs();
    return layout.finished();
}

} // namespace pissarro::core::inline report
