// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/drawing.h"

#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline report {

enum class PdfFont { Regular, Bold, Code };

// What is painted on one page, as PDF has it; lengths as in Drawing, y down from the top of the page.
class PdfPage {
public:
    PdfPage(double width, double height)
        : m_width(width)
        , m_height(height)
    {
    }

    double width() const { return m_width; }
    double height() const { return m_height; }
    const std::string& content() const { return m_content; }
    // Of what was written and drawn.
    std::size_t withoutGlyph() const { return m_withoutGlyph; }

    // The text begins at x, or ends there; on one line.
    void write(std::string_view text, Point at, double size, PdfFont font, const Paint& paint,
               Anchor anchor = Anchor::Start);
    // A drawing whose upper left corner is `at`, made smaller by `scale`.
    void draw(const Drawing& drawing, Point at, double scale = 1.0);

private:
    void add(const Line& line);
    void add(const Area& area);
    void add(const Box& box);
    void add(const Dot& dot);
    void add(const Words& words);
    std::string point(Point at) const;

    double m_width;
    double m_height;
    std::string m_content;
    std::size_t m_withoutGlyph = 0;
};

// As the page writes it: "[U+4E2D]" for what has no glyph, two bars for a double one.
std::string pdfReadable(std::string_view text);
std::size_t pdfWithoutGlyph(std::string_view text); // characters that are written as their code
double pdfTextWidth(std::string_view text, double size, PdfFont font);
// The lines of a text that are no wider, broken at spaces, a word that is wider within. At least one line.
std::vector<std::string> pdfLines(std::string_view text, double width, double size, PdfFont font);

// The whole file: PDF 1.7, the four base fonts that it uses, a document property by which it is known as ours.
std::string pdfFileOf(const std::vector<PdfPage>& pages, const std::string& title);

} // namespace pissarro::core::inline report
