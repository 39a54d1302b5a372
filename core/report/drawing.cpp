// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/drawing.h"

#include "core/base/fmt.h"
#include "core/report/font_metrics_p.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pissarro::core::inline report {

namespace {

constexpr Rgb rgb(std::uint32_t code)
{
    return {static_cast<std::uint8_t>(code >> 16U), static_cast<std::uint8_t>(code >> 8U & 0xFFU),
            static_cast<std::uint8_t>(code & 0xFFU)};
}

// Okabe and Ito's, told apart by colour-blind readers: light, dark. In the order of allMethods(), as the window has them.
constexpr std::array<std::array<Rgb, 2>, kSeries> kSeriesColors {{{rgb(0x0072B2), rgb(0x56B4E9)},
                                                                  {rgb(0xD55E00), rgb(0xE69F00)},
                                                                  {rgb(0x56B4E9), rgb(0x8FD0F5)},
                                                                  {rgb(0x009E73), rgb(0x2BC99A)},
                                                                  {rgb(0xA84F80), rgb(0xCC79A7)},
                                                                  {rgb(0x9A6A00), rgb(0xF0E442)},
                                                                  {rgb(0x6A6F76), rgb(0x9AA0A6)}}};

// Nuñez, Anderton & Renslow 2018, at ninths.
constexpr std::array kCividis {rgb(0x00224E), rgb(0x1A386F), rgb(0x434E6C),
                               rgb(0x61656F), rgb(0x7D7C78), rgb(0x9B9476),
                               rgb(0xBCAF6F), rgb(0xDFCB5D), rgb(0xFEE838)};

Rgb heatColor(double value)
{
    const double place = std::clamp(std::isfinite(value) ? value : 0.0, 0.0, 1.0)
        * static_cast<double>(kCividis.size() - 1);
    const auto low = std::min(static_cast<std::size_t>(place), kCividis.size() - 2);
    const double share = place - static_cast<double>(low);
    const auto mix = [share](std::uint8_t a, std::uint8_t b) {
        return static_cast<std::uint8_t>(std::lround(a + (b - a) * share));
    };
    const Rgb& a = kCividis[low];
    const Rgb& b = kCividis[low + 1];
    return {mix(a.red, b.red), mix(a.green, b.green), mix(a.blue, b.blue)};
}

} // namespace

Paint seriesPaint(int place, double opacity)
{
    return {Ink::Series, place, 0.0, opacity};
}

Paint heatPaint(double value)
{
    return {Ink::Heat, 0, value, 1.0};
}

Rgb colorOf(const Paint& paint, bool dark)
{
    switch (paint.ink) {
    case Ink::Text:
        return dark ? rgb(0xE6E6E3) : rgb(0x1F2328);
    case Ink::Muted:
        return dark ? rgb(0x9AA0A6) : rgb(0x6A6F76);
    case Ink::Grid:
        return dark ? rgb(0x34383D) : rgb(0xE3E3DF);
    case Ink::Paper:
        return dark ? rgb(0x24272B) : rgb(0xFFFFFF);
    case Ink::Good:
        return dark ? rgb(0x4BBF73) : rgb(0x1A7F37);
    case Ink::Warning:
        return dark ? rgb(0xF0B849) : rgb(0x8A5A00);
    case Ink::Series:
        return kSeriesColors[static_cast<std::size_t>(std::max(0, paint.series)) % kSeries]
                            [dark ? 1 : 0];
    case Ink::Heat:
        return heatColor(paint.heat);
    }
    return {};
}

std::string hexOf(Rgb color)
{
    return fmt::format("#{:02x}{:02x}{:02x}", color.red, color.green, color.blue);
}

double textWidth(std::string_view text, double size, bool isBold)
{
    double units = 0.0;
    while (!text.empty()) {
        const Utf8Character one = characterAt(text);
        units += glyphWidth(one.width == 0 ? U'n' : one.code, isBold);
        text.remove_prefix(std::max<std::size_t>(1, one.width));
    }
    return units * size / 1000.0;
}

std::string fittingText(const std::string& text, double width, double size, bool isBold)
{
    constexpr double kRounding = 1e-6; // a room that was made for this very text is enough
    if (textWidth(text, size, isBold) <= width + kRounding) {
        return text;
    }
    std::vector<std::string_view> characters;
    for (std::string_view rest = text; !rest.empty();) {
        const auto bytes = std::max<std::size_t>(1, characterAt(rest).width);
        characters.push_back(rest.substr(0, bytes));
        rest.remove_prefix(bytes);
    }
    std::string cut = "…";
    for (std::size_t kept = characters.size() - 1; kept > 0; --kept) {
        const std::size_t head = kept / 2;
        cut.clear();
        for (std::size_t i = 0; i < characters.size(); ++i) {
            if (i == head) {
                cut += "…";
            }
            if (i < head || i >= characters.size() - (kept - head)) {
                cut += characters[i];
            }
        }
        if (textWidth(cut, size, isBold) <= width) {
            break;
        }
    }
    return cut;
}

} // namespace pissarro::core::inline report
