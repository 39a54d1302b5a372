// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/report/document.h"
#include "core/report/svg_p.h"
#include "core/text/escaped_text.h"

namespace pissarro::core::inline report {

namespace {

constexpr double kWide = 812.0; // what is left of the page for a picture
constexpr double kBeside = 396.0; // for one of two beside each other
constexpr double kNarrow = 350.0; // on a phone

constexpr const char* kStyle = R"(
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--t);font:15px/1.5 Inter,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:860px;margin:0 auto;padding:24px;background:var(--p)}
header,footer{display:flex;justify-content:space-between;gap:16px;flex-wrap:wrap;color:var(--m);font-size:13px;border-bottom:1px solid var(--g);padding-bottom:10px}
header b{color:var(--t)}
footer{border:0;border-top:1px solid var(--g);padding:10px 0 0;margin-top:32px;overflow-wrap:anywhere}
h1{font-size:24px;line-height:1.25;margin:24px 0 8px;overflow-wrap:anywhere}
h2{font-size:18px;margin:36px 0 8px}
h3{font-size:14px;margin:20px 0 6px;font-weight:600}
h3 span{color:var(--m);font-weight:400;margin-left:6px}
p{margin:6px 0;overflow-wrap:anywhere}
.muted{color:var(--m)}
.verdict b{font-weight:600}
.figures{display:flex;flex-wrap:wrap;border:1px solid var(--g);border-radius:8px;margin:16px 0}
.figures div{flex:1 1 130px;padding:10px 14px;border-right:1px solid var(--g);min-width:0}
.figures div:last-child{border-right:0}
.figures strong{display:block;font-size:20px;font-weight:600;line-height:1.3;font-variant-numeric:tabular-nums}
.figures span{display:block;color:var(--m);font-size:13px;overflow-wrap:anywhere}
.figures strong.f{color:var(--c)}
.pictures{display:flex;flex-wrap:wrap;gap:0 20px}
figure{margin:0;flex:1 1 100%;min-width:0}
.pictures.two figure,.pictures.many figure{flex:1 1 calc(50% - 10px)}
svg{display:block;width:100%;height:auto;font-family:inherit}
.narrow{display:none}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:6px 10px 6px 0;border-bottom:1px solid var(--g);vertical-align:top}
th{color:var(--m);font-weight:400}
.n{text-align:right;white-space:nowrap}
td:last-child,th:last-child{padding-right:0}
td b{font-weight:600}
.dot{display:inline-block;width:10px;height:10px;border-radius:5px;margin-right:7px;background:var(--c)}
pre{background:var(--page);border-radius:8px;padding:12px;overflow-x:auto;font:12.5px/1.5 "JetBrains Mono",ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
details{font-size:13px;color:var(--m);margin:2px 0 10px}
details table{color:var(--t)}
summary{cursor:pointer}
ul{list-style:none;padding:0;margin:6px 0}
li{padding:2px 0 2px 24px;position:relative;overflow-wrap:anywhere}
li::before{position:absolute;left:0;font-weight:600}
li.ok::before{content:"\2713";color:var(--ok)}
li.w::before{content:"\26A0\FE0E";color:var(--w)}
@media(max-width:640px){main{padding:16px}td:first-child{min-width:120px}.wide{display:none}.narrow{display:block}.pictures.two figure,.pictures.many figure{flex:1 1 100%}.figures div{flex:1 1 40%;border-bottom:1px solid var(--g)}}
@page{size:A4;margin:14mm}
@media print{body{font-size:10.5pt;background:none}main{max-width:none;padding:0}.wide{display:block}.narrow,details{display:none}h2,h3{break-after:avoid}figure,tr,.figures,pre,li{break-inside:avoid}.scroll{overflow:visible}.pictures.two figure,.pictures.many figure{flex:1 1 calc(50% - 10px)}table{font-size:8.5pt}th,td{padding-right:6px}pre{font-size:8.5pt;border:1px solid var(--g)}}
)";

std::string variables(bool dark)
{
    return colorVariables(dark) + (dark ? "--page:#1b1d20" : "--page:#f6f6f4");
}

std::string style()
{
    return ":root{color-scheme:light dark;" + variables(false) + "}\n"
        + "@media screen and (prefers-color-scheme:dark){:root{" + variables(true) + "}}\n"
        + svgStyle() + kStyle;
}

// The colour of a series as the variable that marks and large figures are drawn with.
std::string colored(const Paint& paint)
{
    return fmt::format(" style=\"--c:var(--s{})\"", paint.series % kSeries);
}

std::string heading(const std::string& title, const std::string& subtitle)
{
    if (title.empty() && subtitle.empty()) {
        return {};
    }
    return "<h3>" + markupText(title)
        + (subtitle.empty() ? "" : "<span>" + markupText(subtitle) + "</span>") + "</h3>\n";
}

std::string cellText(const Cell& cell)
{
    const std::string mark =
        cell.mark ? "<span class=\"dot\"" + colored(*cell.mark) + "></span>" : "";
    const std::string text = markupText(cell.text);
    return mark + (cell.isStrong ? "<b>" + text + "</b>" : text);
}

std::string tableText(const Table& table)
{
    std::string text =
        heading(table.title, table.subtitle) + "<div class=\"scroll\"><table><thead><tr>";
    for (const Table::Column& column : table.columns) {
        text += std::string(column.isNumber ? "<th class=\"n\">" : "<th>")
            + markupText(column.title) + "</th>";
    }
    text += "</tr></thead><tbody>\n";
    for (const auto& row : table.rows) {
        text += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += (table.columns[i].isNumber ? "<td class=\"n\">" : "<td>") + cellText(row[i])
                + "</td>";
        }
        text += "</tr>\n";
    }
    text += "</tbody></table></div>\n";
    return text
        + (table.note.empty() ? "" : "<p class=\"muted\">" + markupText(table.note) + "</p>\n");
}

std::string blockText(const Table& table)
{
    return tableText(table);
}

std::string blockText(const Paragraph& paragraph)
{
    const std::string text = markupText(paragraph.text);
    return std::string(paragraph.isMuted ? "<p class=\"muted\">" : "<p>")
        + (paragraph.isStrong ? "<b>" + text + "</b>" : text) + "</p>\n";
}

std::string blockText(const Figures& figures)
{
    std::string text = "<div class=\"figures\">\n";
    for (const Figures::One& one : figures.all) {
        text += "<div><span>" + markupText(one.label) + "</span><strong"
            + (one.paint ? " class=\"f\"" + colored(*one.paint) : "") + ">" + markupText(one.value)
            + "</strong><span>" + markupText(one.detail) + "</span></div>\n";
    }
    return text + "</div>\n";
}

std::string blockText(const Code& code)
{
    std::string text = heading(code.title, {}) + "<pre>";
    for (const std::string& line : code.lines) {
        text += markupText(line) + "\n";
    }
    return text + "</pre>\n";
}

std::string blockText(const Checks& checks)
{
    std::string text = heading(checks.title, {}) + "<ul>\n";
    for (const Checks::One& one : checks.all) {
        text += std::string("<li class=\"") + (one.isGood ? "ok" : "w") + "\">"
            + markupText(one.text) + "</li>\n";
    }
    return text + "</ul>\n";
}

std::string blockText(const Pictures& pictures)
{
    const bool alone = pictures.size() == 1;
    std::string text = std::string("<div class=\"pictures")
        + (alone                      ? ""
               : pictures.size() == 2 ? " two"
                                      : " many")
        + "\">\n";
    for (const Picture& picture : pictures) {
        const auto svg = [&](double width) {
            Drawing drawing = drawn(picture.plot, width);
            drawing.description = picture.title + ". " + picture.subtitle;
            return svgOf(drawing);
        };
        text += "<figure>" + heading(picture.title, picture.subtitle) + "<div class=\"wide\">"
            + svg(alone ? kWide : kBeside) + "</div><div class=\"narrow\">" + svg(kNarrow)
            + "</div><details><summary>Numbers</summary>" + tableText(numbersOf(picture.plot))
            + "</details></figure>\n";
    }
    return text + "</div>\n";
}

} // namespace

std::string htmlOf(const Document& document)
{
    std::string text = std::string("<!DOCTYPE html><!-- ") + kMarkKey + ": " + kMarkValue
        + " -->\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src 'unsafe-inline'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
        + markupText(document.title) + "</title>\n<style>" + style()
        + "</style></head>\n<body><main>\n<header><b>Pissarro</b><span>" + markupText(document.kind)
        + " · " + markupText(document.date) + "</span></header>\n<h1>" + markupText(document.title)
        + "</h1>\n<p class=\"verdict\"><b>" + markupText(document.verdict) + "</b> "
        + markupText(document.limits) + "</p>\n";
    for (const Section& section : document.sections) {
        text += "<section>";
        text += section.title.empty() ? "" : "<h2>" + markupText(section.title) + "</h2>\n";
        for (const Block& block : section.blocks) {
            text += std::visit([](const auto& one) { return blockText(one); }, block);
        }
        text += "</section>\n";
    }
    return text + "<footer><span>" + markupText(document.footer)
        + "</span></footer>\n</main></body></html>\n";
}

} // namespace pissarro::core::inline report
