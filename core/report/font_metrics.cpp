// SPDX-License-Identifier: GPL-3.0-or-later
// Widths of PDF's base fonts in thousandths of the size, from URW's metrics, which are those of Helvetica and Symbol.
#include "core/report/font_metrics_p.h"

#include <algorithm>
#include <array>

namespace pissarro::core::inline report {

namespace {

// By the code of WinAnsiEncoding from 32 on; 0: there is none.
constexpr std::array<std::uint16_t, 224> kRegular {
    278,  278, 355, 556, 556,  889, 667, 191, 333, 333, 389, 584,  278, 333,  278,  278,  556, 556,
    556,  556, 556, 556, 556,  556, 556, 556, 278, 278, 584, 584,  584, 556,  1015, 667,  667, 722,
    722,  667, 611, 778, 722,  278, 500, 667, 556, 833, 722, 778,  667, 778,  722,  667,  611, 722,
    667,  944, 667, 667, 611,  278, 278, 278, 469, 556, 333, 556,  556, 500,  556,  556,  278, 556,
    556,  222, 222, 500, 222,  833, 556, 556, 556, 556, 333, 500,  278, 556,  500,  722,  500, 500,
    500,  334, 260, 334, 584,  0,   556, 0,   222, 556, 333, 1000, 556, 556,  333,  1000, 667, 333,
    1000, 0,   611, 0,   0,    222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500,  333,  944, 0,
    500,  667, 278, 333, 556,  556, 556, 556, 260, 556, 333, 737,  370, 556,  584,  333,  737, 333,
    400,  584, 333, 333, 333,  556, 537, 278, 333, 333, 365, 556,  834, 834,  834,  611,  667, 667,
    667,  667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278,  278, 278,  722,  722,  778, 778,
    778,  778, 778, 584, 778,  722, 722, 722, 722, 667, 667, 611,  556, 556,  556,  556,  556, 556,
    889,  500, 556, 556, 556,  556, 278, 278, 278, 278, 556, 556,  556, 556,  556,  556,  556, 584,
    611,  556, 556, 556, 556,  500, 556, 500};
constexpr std::array<std::uint16_t, 224> kBold {
    278,  333, 474, 556, 556,  889, 722, 238, 333, 333, 389, 584,  278, 333,  278, 278,  556, 556,
    556,  556, 556, 556, 556,  556, 556, 556, 333, 333, 584, 584,  584, 611,  975, 722,  722, 722,
    722,  667, 611, 778, 722,  278, 556, 722, 611, 833, 722, 778,  667, 778,  722, 667,  611, 722,
    667,  944, 667, 667, 611,  333, 278, 333, 584, 556, 333, 556,  611, 556,  611, 556,  333, 611,
    611,  278, 278, 556, 278,  889, 611, 611, 611, 611, 389, 556,  333, 611,  556, 778,  556, 556,
    500,  389, 280, 389, 584,  0,   556, 0,   278, 556, 500, 1000, 556, 556,  333, 1000, 667, 333,
    1000, 0,   611, 0,   0,    278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333,  944, 0,
    500,  667, 278, 333, 556,  556, 556, 556, 280, 556, 333, 737,  370, 556,  584, 333,  737, 333,
    400,  584, 333, 333, 333,  611, 556, 278, 333, 333, 365, 556,  834, 834,  834, 611,  722, 722,
    722,  722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278,  278, 278,  722, 722,  778, 778,
    778,  778, 778, 584, 778,  722, 722, 722, 722, 667, 667, 611,  556, 556,  556, 556,  556, 556,
    889,  556, 556, 556, 556,  556, 278, 278, 278, 278, 611, 611,  611, 611,  611, 611,  611, 584,
    611,  611, 611, 611, 611,  556, 611, 556};

// What WinAnsi has between 0x80 and 0x9F.
struct Coded {
    char32_t code;
    std::uint8_t byte;
    std::uint16_t width; // of Symbol; else 0
};
constexpr std::array kWindows {
    Coded {0x0152, 0x8C, 0}, Coded {0x0153, 0x9C, 0}, Coded {0x0160, 0x8A, 0},
    Coded {0x0161, 0x9A, 0}, Coded {0x0178, 0x9F, 0}, Coded {0x017D, 0x8E, 0},
    Coded {0x017E, 0x9E, 0}, Coded {0x0192, 0x83, 0}, Coded {0x02C6, 0x88, 0},
    Coded {0x02DC, 0x98, 0}, Coded {0x2013, 0x96, 0}, Coded {0x2014, 0x97, 0},
    Coded {0x2018, 0x91, 0}, Coded {0x2019, 0x92, 0}, Coded {0x201A, 0x82, 0},
    Coded {0x201C, 0x93, 0}, Coded {0x201D, 0x94, 0}, Coded {0x201E, 0x84, 0},
    Coded {0x2020, 0x86, 0}, Coded {0x2021, 0x87, 0}, Coded {0x2022, 0x95, 0},
    Coded {0x2026, 0x85, 0}, Coded {0x2030, 0x89, 0}, Coded {0x2039, 0x8B, 0},
    Coded {0x203A, 0x9B, 0}, Coded {0x20AC, 0x80, 0}, Coded {0x2122, 0x99, 0}};
constexpr std::array kSymbol {
    Coded {0x0391, 0x41, 722}, Coded {0x0392, 0x42, 667}, Coded {0x0393, 0x47, 603},
    Coded {0x0394, 0x44, 612}, Coded {0x0395, 0x45, 611}, Coded {0x0398, 0x51, 741},
    Coded {0x039B, 0x4C, 686}, Coded {0x03A0, 0x50, 768}, Coded {0x03A3, 0x53, 592},
    Coded {0x03A6, 0x46, 763}, Coded {0x03A8, 0x59, 795}, Coded {0x03A9, 0x57, 768},
    Coded {0x03B1, 0x61, 631}, Coded {0x03B2, 0x62, 549}, Coded {0x03B3, 0x67, 411},
    Coded {0x03B4, 0x64, 494}, Coded {0x03B5, 0x65, 439}, Coded {0x03B6, 0x7A, 494},
    Coded {0x03B7, 0x68, 603}, Coded {0x03B8, 0x71, 521}, Coded {0x03B9, 0x69, 329},
    Coded {0x03BA, 0x6B, 549}, Coded {0x03BB, 0x6C, 549}, Coded {0x03BC, 0x6D, 576},
    Coded {0x03BD, 0x6E, 521}, Coded {0x03BE, 0x78, 493}, Coded {0x03BF, 0x6F, 549},
    Coded {0x03C0, 0x70, 549}, Coded {0x03C1, 0x72, 549}, Coded {0x03C3, 0x73, 603},
    Coded {0x03C4, 0x74, 439}, Coded {0x03C5, 0x75, 576}, Coded {0x03C6, 0x66, 521},
    Coded {0x03C7, 0x63, 549}, Coded {0x03C8, 0x79, 686}, Coded {0x03C9, 0x77, 686},
    Coded {0x2032, 0xA2, 247}, Coded {0x2190, 0xAC, 987}, Coded {0x2191, 0xAD, 603},
    Coded {0x2192, 0xAE, 987}, Coded {0x2193, 0xAF, 603}, Coded {0x2202, 0xB6, 494},
    Coded {0x2207, 0xD1, 713}, Coded {0x2208, 0xCE, 713}, Coded {0x2211, 0xE5, 713},
    Coded {0x2212, 0x2D, 549}, Coded {0x221A, 0xD6, 549}, Coded {0x221E, 0xA5, 713},
    Coded {0x2220, 0xD0, 768}, Coded {0x2248, 0xBB, 549}, Coded {0x2260, 0xB9, 549},
    Coded {0x2261, 0xBA, 549}, Coded {0x2264, 0xA3, 549}, Coded {0x2265, 0xB3, 549}};

template <class Table>
const Coded* findIn(const Table& table, char32_t code)
{
    const auto found =
        std::lower_bound(table.begin(), table.end(), code,
                         [](const Coded& one, char32_t wanted) { return one.code < wanted; });
    return found == table.end() || found->code != code ? nullptr : &*found;
}

} // namespace

std::optional<Glyph> glyphOf(char32_t code)
{
    if ((code >= 0x20 && code < 0x7F) || (code >= 0xA0 && code <= 0xFF)) {
        return Glyph {GlyphFont::Helvetica, static_cast<std::uint8_t>(code)};
    }
    if (const Coded* const windows = findIn(kWindows, code)) {
        return Glyph {GlyphFont::Helvetica, windows->byte};
    }
    if (const Coded* const symbol = findIn(kSymbol, code)) {
        return Glyph {GlyphFont::Symbol, symbol->byte};
    }
    return std::nullopt;
}

int glyphWidth(char32_t code, bool isBold)
{
    const auto glyph = glyphOf(code);
    if (glyph && glyph->font == GlyphFont::Symbol) {
        return findIn(kSymbol, code)->width;
    }
    const std::size_t place = (glyph ? glyph->byte : std::size_t {'n'}) - 32;
    return (isBold ? kBold : kRegular)[place];
}

} // namespace pissarro::core::inline report
