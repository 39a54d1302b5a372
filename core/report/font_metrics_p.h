// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace pissarro::core::inline report {

// Where a character stands in the fonts that every reader of PDF has: WinAnsiEncoding of Helvetica, or Symbol's own.
enum class GlyphFont { Helvetica, Symbol };
struct Glyph {
    GlyphFont font = GlyphFont::Helvetica;
    std::uint8_t byte = 0;
};
std::optional<Glyph> glyphOf(char32_t code); // nullopt: neither has it
// In thousandths of the size; of what has no glyph that of an n.
int glyphWidth(char32_t code, bool isBold);

} // namespace pissarro::core::inline report
