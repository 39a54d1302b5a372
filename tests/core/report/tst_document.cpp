// SPDX-License-Identifier: GPL-3.0-or-later
// Reports as HTML, Markdown and PDF: the same content, what comes from files stays text, nothing is loaded from elsewhere.
#include "core/file/output_marker.h"
#include "core/report/document.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

using namespace pissarro;
using namespace pissarro::core;

namespace {

const char* const kHostile = "</script><script>alert(1)</script> & \"x\" 'y' | `z` \x1b[2J \u202e";

// Every kind of block.
Document everyBlock(const std::string& text)
{
    LinePlot lines {{"step"}, {text}};
    lines.curves.push_back({text, seriesPaint(0), {{1, 2}, {2, 1.5}, {3, 1.25}}});
    BarPlot bars {{}, {text}};
    bars.bars.push_back({text, seriesPaint(1), 4.6, Interval {3.6, 5.9}, "4.6 %"});
    HeatMap map {{text, "k"}, {"0"}, {0.25, std::numeric_limits<double>::quiet_NaN()}};
    map.lowText = map.highText = text;
    Document document {text, text, "2026-11-29", text, text, {}, text};
    document.sections.push_back(
        {text,
         {Paragraph {text, true}, Figures {{{text, "0.612", text, seriesPaint(0)}}},
          Pictures {{text, text, lines}}, Pictures {{text, text, bars}, {text, text, map}},
          Table {text, text, {{text}, {"n", true}}, {{{text, true, seriesPaint(2)}, {"7"}}}, text},
          Code {text, {text}}, Checks {text, {{true, text}, {false, text}}}}});
    return document;
}

// The text of a PDF of ours, in the order of its pages: what stands in hexadecimal digits before Tj.
std::string textOf(const std::string& pdf)
{
    std::string text;
    for (std::size_t at = 0; (at = pdf.find("> Tj", at)) != std::string::npos; ++at) {
        const std::size_t begin = pdf.rfind('<', at) + 1;
        for (std::size_t i = begin; i + 1 < at; i += 2) {
            int byte = 0;
            std::from_chars(pdf.data() + i, pdf.data() + i + 2, byte, 16);
            text += static_cast<char>(byte);
        }
        text += pdf.compare(at + 5, 2, "ET") == 0 ? "\n" : "";
    }
    return text;
}

std::size_t countOf(const std::string& text, const std::string& what)
{
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) {
        ++count;
    }
    return count;
}

} // namespace

class DocumentTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void html_holdsTextAndNoMarkup()
    {
        const std::string html = htmlOf(everyBlock(kHostile));
        QVERIFY(html.find("<script") == std::string::npos);
        QVERIFY(html.find("&lt;script&gt;alert(1)") != std::string::npos);
        QVERIFY(html.find('\x1b') == std::string::npos);
        QVERIFY(html.find("\u202e") == std::string::npos);
        const std::set<std::string> known {
            "!DOCTYPE", "!--",    "html",   "head",    "meta",   "title",  "style", "body",
            "main",     "header", "footer", "section", "h1",     "h2",     "h3",    "p",
            "b",        "span",   "strong", "div",     "table",  "thead",  "tbody", "tr",
            "th",       "td",     "pre",    "ul",      "li",     "figure", "svg",   "path",
            "rect",     "circle", "text",   "details", "summary"};
        for (std::size_t at = 0; (at = html.find('<', at)) != std::string::npos; ++at) {
            const std::size_t begin = at + (html[at + 1] == '/' ? 2 : 1);
            const std::size_t end = html.find_first_of(" >", begin);
            QVERIFY2(known.contains(html.substr(begin, end - begin)), html.substr(at, 40).c_str());
        }
    }

    void html_loadsNothing()
    {
        const std::string html = htmlOf(everyBlock("words"));
        for (const char* word : {"http:", "https:", "//", "url(", "@import",
                                 "src=", "href=", "<script", "<link", "<iframe", "<object"}) {
            QVERIFY2(html.find(word) == std::string::npos, word);
        }
        QVERIFY(html.find("default-src 'none'") != std::string::npos);
        for (const char* word : {"prefers-color-scheme:dark", "@media print", "name=\"viewport\"",
                                 "role=\"img\"", "<title>words. words</title>"}) {
            QVERIFY2(html.find(word) != std::string::npos, word);
        }
    }

    void all_areKnownAsOurs()
    {
        const test::Scratch scratch;
        const Document document = everyBlock("words");
        test::writeBytes(scratch / "a.html", htmlOf(document));
        test::writeBytes(scratch / "a.md", markdownOf(document));
        test::writeBytes(scratch / "a.pdf", pdfOf(document));
        for (const char* name : {"a.html", "a.md", "a.pdf"}) {
            QVERIFY2(isOurFile(scratch / name), name);
        }
    }

    void markdown_isOneTableARow()
    {
        const std::string markdown = markdownOf(everyBlock(kHostile));
        QVERIFY(markdown.find('\x1b') == std::string::npos);
        std::size_t from = 0;
        bool isCode = false;
        std::size_t bars = 0; // of the table that the line is in, with those that are escaped
        while (from < markdown.size()) {
            const std::size_t end = std::min(markdown.find('\n', from), markdown.size());
            const std::string line = markdown.substr(from, end - from);
            isCode = line.starts_with("```") ? !isCode : isCode;
            QVERIFY2(isCode || line.find("<script") == std::string::npos, line.c_str());
            if (line.starts_with("|")) {
                const std::size_t found = countOf(line, "|") - countOf(line, "\\|");
                QVERIFY2(bars == 0 || found == bars, line.c_str());
                bars = found;
            } else {
                bars = 0;
            }
            from = end + 1;
        }
        QVERIFY(markdown.find("1.25") != std::string::npos); // the plot's numbers
    }

    // ISO 32000: each entry of the table of references is where its object begins.
    void pdf_isWhole()
    {
        const std::string pdf = pdfOf(everyBlock("words"));
        QVERIFY(pdf.starts_with("%PDF-1.7\n") && pdf.ends_with("%%EOF\n"));
        const std::size_t start = pdf.rfind("startxref\n") + 10;
        std::size_t table = 0;
        std::from_chars(pdf.data() + start, pdf.data() + pdf.size(), table);
        QCOMPARE(pdf.substr(table, 5), std::string("xref\n"));
        std::size_t objects = 0;
        std::from_chars(pdf.data() + table + 7, pdf.data() + pdf.size(), objects);
        std::size_t entry = pdf.find('\n', table + 5) + 1;
        for (std::size_t i = 0; i < objects; ++i, entry += 20) {
            QCOMPARE(pdf.substr(entry + 18, 2), std::string(" \n"));
            if (i > 0) {
                std::size_t at = 0;
                std::from_chars(pdf.data() + entry, pdf.data() + entry + 10, at);
                const std::string head = std::to_string(i) + " 0 obj\n";
                QCOMPARE(pdf.substr(at, head.size()), head);
            }
        }
        QCOMPARE(pdf.substr(entry, 8), std::string("trailer\n"));
        QVERIFY(pdf.find("/Size " + std::to_string(objects)) != std::string::npos);
        for (std::size_t at = 0; (at = pdf.find("/Length ", at)) != std::string::npos; ++at) {
            std::size_t length = 0;
            std::from_chars(pdf.data() + at + 8, pdf.data() + pdf.size(), length);
            const std::size_t begin = pdf.find("stream\n", at) + 7;
            QCOMPARE(pdf.substr(begin + length, 10), std::string("\nendstream"));
        }
    }

    void pdf_writesWhatHasNoGlyphAsItsNumber()
    {
        const std::string text = textOf(pdfOf(everyBlock("a中b ‖ΔW‖ ≤ σ é –")));
        QVERIFY(text.find("a[U+4E2D]b ||DW|| \xA3 s \xE9 \x96")
                != std::string::npos); // Symbol's D, s
        QVERIFY(text.find("characters have") != std::string::npos
                && text.find("no glyph in the fonts of this") != std::string::npos);
        QVERIFY(textOf(pdfOf(everyBlock("words"))).find("no glyph") == std::string::npos);
        QVERIFY(pdfOf(everyBlock("(\\)")).find("(\\)")
                == std::string::npos); // no text between brackets
    }

    // A table that is longer than a page has its head on each.
    void pdf_turnsThePage()
    {
        Table table {"Long", "", {{"first column"}, {"second", true}}};
        for (int i = 0; i < 200; ++i) {
            table.rows.push_back({{"row number " + std::to_string(i)}, {"1"}});
        }
        Document document {"title", "kind", "date", "verdict", "", {{"", {table}}}, "foot"};
        const std::string pdf = pdfOf(document);
        const std::size_t pages = countOf(pdf, "/Type /Page ");
        QVERIFY(pages > 3 && pages < 12);
        const std::string text = textOf(pdf);
        QCOMPARE(countOf(text, "first column"), pages);
        QVERIFY(text.find("1 of " + std::to_string(pages)) != std::string::npos);
        for (const int i : {0, 57, 199}) {
            QVERIFY(text.find("row number " + std::to_string(i) + "\n") != std::string::npos);
        }
    }

    // A cell is broken within its column, a word that is wider within itself: nothing is cut off.
    void pdf_wrapsCells()
    {
        std::string word(400, 'x');
        Document document {"t", "k", "d", "v", "", {}, "f"};
        document.sections.push_back(
            {"",
             {Table {"", "", {{"a"}, {"b"}}, {{{word}, {"short words that are many " + word}}}}}});
        QCOMPARE(countOf(textOf(pdfOf(document)), "x"), std::size_t {800});
    }

    void numbers_areThoseOfThePlot()
    {
        LinePlot plot {{"step"}, {"loss"}};
        PlottedCurve curve {"run", seriesPaint(0)};
        for (int i = 1; i <= 1000; ++i) {
            curve.points.push_back({static_cast<double>(i), 1.0 / i});
        }
        plot.curves.push_back(curve);
        plot.curves.push_back({"other", seriesPaint(1), {{1.0, 5.0}}});
        const Table table = numbersOf(plot, 5);
        QCOMPARE(table.columns.size(), std::size_t {3});
        QCOMPARE(table.rows.size(), std::size_t {5});
        QCOMPARE(table.rows.front()[0].text, std::string("1"));
        QCOMPARE(table.rows.front()[2].text, std::string("5"));
        QCOMPARE(table.rows.back()[0].text, std::string("1,000"));
        QCOMPARE(table.rows.back()[1].text, std::string("0.001"));
        QCOMPARE(table.rows.back()[2].text, std::string("–"));
    }
};

QTEST_GUILESS_MAIN(DocumentTest)
#include "tst_document.moc"
