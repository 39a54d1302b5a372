// SPDX-License-Identifier: GPL-3.0-or-later
// ISO 32000-1: objects, a table of where they begin, and pages whose streams paint. Nothing is compressed: a report has some
// hundred kilobytes, and any tool can read it.
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/report/font_metrics_p.h"
#include "core/report/pdf_file_p.h"
#include "core/text/escaped_text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace pissarro::core::inline report {

namespace {

constexpr std::array kFonts {"Helvetica", "Helvetica-Bold", "Courier", "Symbol"};
constexpr const char* kSymbolName = "F3"; // kFonts by place
constexpr int kCodeWidth = 600; // of every character of Courier
constexpr double kCircle = 0.5523; // of a quarter by a Bézier curve

const char* nameOf(PdfFont font)
{
    return font == PdfFont::Regular ? "F0" : font == PdfFont::Bold ? "F1" : "F2";
}

std::string hex(std::uint8_t byte)
{
    return fmt::format("{:02x}", byte);
}

template <class Take>
void eachCharacter(std::string_view text, const Take& take)
{
    while (!text.empty()) {
        const Utf8Character one = characterAt(text);
        take(one.width == 0 ? char32_t {0xFFFD} : one.code);
        text.remove_prefix(std::max<std::size_t>(1, one.width));
    }
}

std::string paintOf(const Paint& paint, const char* operation)
{
    const Rgb color = colorOf(paint);
    // On white paper opacity is a lighter colour, which every reader and printer shows alike.
    const auto part = [&](std::uint8_t value) {
        return 1.0 - (1.0 - value / 255.0) * std::clamp(paint.opacity, 0.0, 1.0);
    };
    return fmt::format("{:.3f} {:.3f} {:.3f} {}\n", part(color.red), part(color.green),
                       part(color.blue), operation);
}

// In UTF-16 with its mark, in hexadecimal digits: no character has a meaning there.
std::string hexText(std::string_view text)
{
    std::string digits = "feff";
    eachCharacter(text, [&](char32_t code) {
        const auto add = [&](std::uint32_t unit) { digits += fmt::format("{:04x}", unit); };
        if (code < 0x10000) {
            add(code);
        } else {
            add(0xD800U + ((code - 0x10000U) >> 10U));
            add(0xDC00U + ((code - 0x10000U) & 0x3FFU));
        }
    });
    return "<" + digits + ">";
}

// Numbers the objects as they come and writes where each begins.
class PdfObjects {
public:
    int add(const std::string& body)
    {
        m_begins.push_back(m_text.size());
        m_text += fmt::format("{} 0 obj\n{}\nendobj\n", m_begins.size(), body);
        return static_cast<int>(m_begins.size());
    }
    std::string finished(int catalog, int info) const
    {
        std::string text = m_text;
        const std::size_t table = text.size();
        text += fmt::format("xref\n0 {}\n0000000000 65535 f \n", m_begins.size() + 1);
        for (const std::size_t begin : m_begins) {
            text += fmt::format("{:010d} 00000 n \n", begin);
        }
        return text
            + fmt::format(
                   "trailer\n<< /Size {} /Root {} 0 R /Info {} 0 R >>\nstartxref\n{}\n%%EOF\n",
                   m_begins.size() + 1, catalog, info, table);
    }

private:
    std::string m_text = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
    std::vector<std::size_t> m_begins;
};

} // namespace

std::size_t pdfWithoutGlyph(std::string_view text)
{
    std::size_t count = 0;
    eachCharacter(text,
                  [&](char32_t code) { count += !glyphOf(code) && code != 0x2016 ? 1U : 0U; });
    return count;
}

std::string pdfReadable(std::string_view text)
{
    std::string shown;
    // Escapes too what would turn the direction of writing: a reader of PDF has no use for it.
    eachCharacter(terminalLine(text), [&](char32_t code) {
        if (glyphOf(code)) {
            appendUtf8(shown, code);
        } else {
            shown += code == 0x2016 ? std::string("||")
                                    : fmt::format("[U+{:04X}]", static_cast<std::uint32_t>(code));
        }
    });
    return shown;
}

double pdfTextWidth(std::string_view text, double size, PdfFont font)
{
    double units = 0.0;
    eachCharacter(text, [&](char32_t code) {
        const auto glyph = glyphOf(code);
        const bool isCode =
            font == PdfFont::Code && (!glyph || glyph->font == GlyphFont::Helvetica);
        units += isCode ? kCodeWidth : glyphWidth(code, font == PdfFont::Bold);
    });
    return units * size / 1000.0;
}

std::vector<std::string> pdfLines(std::string_view text, double width, double size, PdfFont font)
{
    std::vector<std::string> lines;
    std::string line;
    const auto fits = [&](const std::string& what) {
        return pdfTextWidth(what, size, font) <= width;
    };
    const auto addWord = [&](const std::string& word) {
        const std::string longer = line.empty() ? word : line + " " + word;
        if (fits(longer)) {
            line = longer;
            return;
        }
        if (!line.empty()) {
            lines.push_back(line);
            line.clear();
        }
        eachCharacter(word, [&](char32_t code) { // alone on its line, and broken where it is wider
            std::string more = line;
            appendUtf8(more, code);
            if (!line.empty() && !fits(more)) {
                lines.push_back(line);
                line.clear();
            }
            appendUtf8(line, code);
        });
    };
    const std::string readable = pdfReadable(text);
    for (std::size_t from = 0; from <= readable.size();) {
        const std::size_t space = std::min(readable.find(' ', from), readable.size());
        addWord(readable.substr(from, space - from));
        from = space + 1;
    }
    lines.push_back(line);
    return lines;
}

std::string PdfPage::point(Point at) const
{
    return fmt::format("{:.2f} {:.2f} ", at.x, m_height - at.y);
}

void PdfPage::write(std::string_view text, Point at, double size, PdfFont font, const Paint& paint,
                    Anchor anchor)
{
    m_withoutGlyph += pdfWithoutGlyph(text);
    const std::string shown = pdfReadable(text);
    const double width = pdfTextWidth(shown, size, font);
    at.x -= anchor == Anchor::End ? width : anchor == Anchor::Middle ? width / 2.0 : 0.0;
    m_content += paintOf(paint, "rg") + "BT " + point(at) + "Td ";
    const char* now = "";
    std::string digits;
    const auto flush = [&] {
        m_content += digits.empty() ? "" : "<" + digits + "> Tj ";
        digits.clear();
    };
    eachCharacter(shown, [&](char32_t code) {
        const Glyph glyph = *glyphOf(code); // all of them have one by now
        const char* const wanted = glyph.font == GlyphFont::Symbol ? kSymbolName : nameOf(font);
        if (std::string_view(wanted) != now) {
            flush();
            m_content += fmt::format("/{} {:.2f} Tf ", wanted, size);
            now = wanted;
        }
        digits += hex(glyph.byte);
    });
    flush();
    m_content += "ET\n";
}

void PdfPage::add(const Line& line)
{
    if (line.points.empty()) {
        return;
    }
    const char* const dash = line.dash == Dash::Dashed ? "[4 3] 0 d "
        : line.dash == Dash::Dotted                    ? "[1 2.5] 0 d "
                                                       : "[] 0 d ";
    m_content += paintOf(line.paint, "RG") + fmt::format("{:.2f} w 1 j 1 J ", line.width) + dash;
    const char* operation = "m ";
    for (const Point& one : line.points) {
        m_content += point(one) + operation;
        operation = "l ";
    }
    m_content += "S\n";
}

void PdfPage::add(const Area& area)
{
    if (area.points.empty()) {
        return;
    }
    m_content += paintOf(area.paint, "rg");
    const char* operation = "m ";
    for (const Point& one : area.points) {
        m_content += point(one) + operation;
        operation = "l ";
    }
    m_content += "f\n";
}

void PdfPage::add(const Box& box)
{
    m_content += paintOf(box.paint, "rg") + point({box.x, box.y + box.height})
        + fmt::format("{:.2f} {:.2f} re f\n", box.width, box.height);
}

void PdfPage::add(const Dot& dot)
{
    const double x = dot.at.x;
    const double y = dot.at.y;
    const double r = dot.radius;
    const double k = kCircle * r;
    m_content +=
        paintOf(dot.paint, dot.isHollow ? "RG" : "rg") + "[] 0 d 1.5 w " + point({x + r, y}) + "m ";
    for (const auto& [first, second, end] :
         {std::array {Point {x + r, y + k}, Point {x + k, y + r}, Point {x, y + r}},
          std::array {Point {x - k, y + r}, Point {x - r, y + k}, Point {x - r, y}},
          std::array {Point {x - r, y - k}, Point {x - k, y - r}, Point {x, y - r}},
          std::array {Point {x + k, y - r}, Point {x + r, y - k}, Point {x + r, y}}}) {
        m_content += point(first) + point(second) + point(end) + "c ";
    }
    m_content += dot.isHollow ? "s\n" : "f\n";
}

void PdfPage::add(const Words& words)
{
    write(words.text, words.at, words.size, words.isBold ? PdfFont::Bold : PdfFont::Regular,
          words.paint, words.anchor);
}

void PdfPage::draw(const Drawing& drawing, Point at, double scale)
{
    // The page's own height is where a drawing's y begins: what is added to it is scaled about that corner.
    m_content += fmt::format("q {:.4f} 0 0 {:.4f} {:.2f} {:.2f} cm\n", scale, scale, at.x,
                             m_height - at.y - scale * m_height);
    for (const Shape& shape : drawing.shapes) {
        std::visit([&](const auto& one) { add(one); }, shape);
    }
    m_content += "Q\n";
}

std::string pdfFileOf(const std::vector<PdfPage>& pages, const std::string& title)
{
    PdfObjects objects;
    std::string fonts;
    for (std::size_t i = 0; i < kFonts.size(); ++i) {
        const bool isSymbol = i + 1 == kFonts.size(); // which has an encoding of its own
        const int font =
            objects.add(fmt::format("<< /Type /Font /Subtype /Type1 /BaseFont /{}{} >>", kFonts[i],
                                    isSymbol ? "" : " /Encoding /WinAnsiEncoding"));
        fonts += fmt::format("/F{} {} 0 R ", i, font);
    }
    // The tree of pages is named by each of them before it is written: fonts, then two objects a page, then it.
    const auto tree = static_cast<int>(kFonts.size() + 2 * pages.size() + 1);
    std::string kids;
    for (const PdfPage& page : pages) {
        const int content =
            objects.add(fmt::format("<< /Length {} >>\nstream\n{}\nendstream",
                                    page.content().size() + 1, page.content() + "\n"));
        const int one = objects.add(fmt::format(
            "<< /Type /Page /Parent {} 0 R /MediaBox [0 0 {:.2f} {:.2f}] /Contents {} 0 R "
            "/Resources << /Font << {}>> >> >>",
            tree, page.width(), page.height(), content, fonts));
        kids += fmt::format("{} 0 R ", one);
    }
    objects.add(fmt::format("<< /Type /Pages /Kids [{}] /Count {} >>", kids, pages.size()));
    const int catalog = objects.add(fmt::format("<< /Type /Catalog /Pages {} 0 R /Lang (en) "
                                                "/ViewerPreferences << /DisplayDocTitle true >> >>",
                                                tree));
    const int info = objects.add(fmt::format("<< /Creator ({}) /Producer (Pissarro) /Title {} >>",
                                             kMarkValue, hexText(title)));
    return objects.finished(catalog, info);
}

} // namespace pissarro::core::inline report
