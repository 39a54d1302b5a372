// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pissarro::core::inline report {

// A picture of lines and words, which a writer puts down as SVG or PDF. Lengths are points of 1/72 inch (CSS: pixels), y goes
// down from the top.

// A colour by what it is for, so that a screen in the dark has another than paper.
enum class Ink {
    Text,
    Muted, // words that explain
    Grid, // lines behind
    Paper,
    Good,
    Warning, // always with a mark, never by colour alone
    Series, // of a run: kSeries of them, a method keeps one
    Heat, // of a heat map: cividis
};
constexpr int kSeries = 7;

struct Paint {
    Ink ink = Ink::Text;
    int series = 0; // of Ink::Series, from 0; goes round
    double heat = 0.0; // of Ink::Heat, 0 to 1
    double opacity = 1.0;
};
Paint seriesPaint(int place, double opacity = 1.0);
Paint heatPaint(double value);

struct Rgb {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
};
Rgb colorOf(const Paint& paint, bool dark = false);
std::string hexOf(Rgb color); // "#0072b2"

struct Point {
    double x = 0.0;
    double y = 0.0;
};

enum class Dash { Solid, Dashed, Dotted };
enum class Anchor { Start, Middle, End };

struct Line {
    std::vector<Point> points;
    Paint paint;
    double width = 1.0;
    Dash dash = Dash::Solid;
};
struct Area { // closed and filled
    std::vector<Point> points;
    Paint paint;
};
struct Box {
    double x = 0.0;
    double y = 0.0;
    double width = 0.0;
    double height = 0.0;
    Paint paint;
};
struct Dot {
    Point at;
    double radius = 2.5;
    Paint paint;
    bool isHollow = false;
};
struct Words {
    Point at; // on the base line
    std::string text;
    Paint paint;
    double size = 11.0;
    Anchor anchor = Anchor::Start;
    bool isBold = false;
};
using Shape = std::variant<Line, Area, Box, Dot, Words>;

struct Drawing {
    double width = 0.0;
    double height = 0.0;
    std::vector<Shape> shapes; // later ones over earlier ones
    std::string description; // for who cannot see it: one sentence
};

// How wide a text is in Helvetica, which what is laid out here assumes: the metrics of PDF's base fonts; a character that they do
// not have counts as an n.
double textWidth(std::string_view text, double size, bool isBold = false);
// The text cut in its middle with "…" so that it is no wider. Runs and models are told apart by their ends.
std::string fittingText(const std::string& text, double width, double size, bool isBold = false);

} // namespace pissarro::core::inline report
