// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/report/svg_p.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pissarro::core::inline report {

namespace {

struct InkName {
    Ink ink;
    const char* name;
};
constexpr std::array kInks {InkName {Ink::Text, "t"},  InkName {Ink::Muted, "m"},
                            InkName {Ink::Grid, "g"},  InkName {Ink::Paper, "p"},
                            InkName {Ink::Good, "ok"}, InkName {Ink::Warning, "w"}};

std::string nameOf(const Paint& paint)
{
    if (paint.ink == Ink::Series) {
        return fmt::format("s{}", std::max(0, paint.series) % kSeries);
    }
    const auto* const found = std::find_if(
        kInks.begin(), kInks.end(), [&](const InkName& one) { return one.ink == paint.ink; });
    return found == kInks.end() ? std::string() : found->name;
}

std::string number(double value)
{
    std::string shown = fixedText(value, 1);
    if (shown.ends_with(".0")) {
        shown.resize(shown.size() - 2);
    }
    return shown == "-0" ? "0" : shown;
}

std::string attribute(const char* name, double value)
{
    return std::string(" ") + name + "=\"" + number(value) + "\"";
}

std::string opacityOf(const Paint& paint)
{
    return paint.opacity < 1.0 ? fmt::format(R"( opacity="{}")", fixedText(paint.opacity, 2))
                               : std::string();
}

std::string filled(const Paint& paint)
{
    return (paint.ink == Ink::Heat ? " fill=\"" + hexOf(colorOf(paint)) + "\""
                                   : " class=\"" + fillClass(paint) + "\"")
        + opacityOf(paint);
}

std::string pathOf(const std::vector<Point>& points)
{
    std::string path;
    for (const Point& at : points) {
        path += (path.empty() ? "M" : "L") + number(at.x) + " " + number(at.y);
    }
    return path;
}

std::string shapeOf(const Line& line)
{
    const char* const dashes = line.dash == Dash::Dashed ? " stroke-dasharray=\"5 4\""
        : line.dash == Dash::Dotted                      ? " stroke-dasharray=\"1.5 3\""
                                                         : "";
    return "<path d=\"" + pathOf(line.points) + "\" class=\"l " + nameOf(line.paint) + "\""
        + attribute("stroke-width", line.width) + dashes + opacityOf(line.paint) + "/>";
}

std::string shapeOf(const Area& area)
{
    return "<path d=\"" + pathOf(area.points) + "Z\"" + filled(area.paint) + "/>";
}

std::string shapeOf(const Box& box)
{
    return "<rect" + attribute("x", box.x) + attribute("y", box.y)
        + attribute("width", std::max(0.0, box.width))
        + attribute("height", std::max(0.0, box.height)) + filled(box.paint) + "/>";
}

std::string shapeOf(const Dot& dot)
{
    return "<circle" + attribute("cx", dot.at.x) + attribute("cy", dot.at.y)
        + attribute("r", dot.radius)
        + (dot.isHollow ? " class=\"l " + nameOf(dot.paint) + "\" stroke-width=\"1.5\""
                        : filled(dot.paint))
        + "/>";
}

std::string shapeOf(const Words& words)
{
    const char* const anchor = words.anchor == Anchor::End ? " text-anchor=\"end\""
        : words.anchor == Anchor::Middle                   ? " text-anchor=\"middle\""
                                                           : "";
    return "<text" + attribute("x", words.at.x) + attribute("y", words.at.y)
        + attribute("font-size", words.size) + anchor + (words.isBold ? " font-weight=\"600\"" : "")
        + filled(words.paint) + ">" + markupText(words.text) + "</text>";
}

} // namespace

std::string fillClass(const Paint& paint)
{
    return "f " + nameOf(paint);
}

std::string svgOf(const Drawing& drawing)
{
    std::string text = "<svg viewBox=\"0 0 " + number(drawing.width) + " " + number(drawing.height)
        + "\" role=\"img\">\n<title>" + markupText(drawing.description) + "</title>\n";
    for (const Shape& shape : drawing.shapes) {
        text += std::visit([](const auto& one) { return shapeOf(one); }, shape) + "\n";
    }
    return text + "</svg>\n";
}

std::string colorVariables(bool dark)
{
    std::string text;
    for (const InkName& one : kInks) {
        text += std::string("--") + one.name + ":" + hexOf(colorOf({one.ink}, dark)) + ";";
    }
    for (int i = 0; i < kSeries; ++i) {
        text += fmt::format("--s{}:{};", i, hexOf(colorOf(seriesPaint(i), dark)));
    }
    return text;
}

std::string svgStyle()
{
    std::string text = ".l{fill:none;stroke-linejoin:round;stroke-linecap:round}\n";
    const auto rules = [&text](const std::string& name) {
        text += ".f." + name + "{fill:var(--" + name + ")}.l." + name + "{stroke:var(--" + name
            + ")}\n";
    };
    for (const InkName& one : kInks) {
        rules(one.name);
    }
    for (int i = 0; i < kSeries; ++i) {
        rules(fmt::format("s{}", i));
    }
    return text;
}

} // namespace pissarro::core::inline report
