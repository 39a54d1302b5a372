// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/plot.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pissarro::core::inline report {

// A report as what it says, without what it looks like. Every text is plain: what comes from a file may stand in it as it is, the
// writers escape it.

struct Paragraph {
    std::string text;
    bool isStrong = false;
    bool isMuted = false;
};

struct Cell {
    std::string text;
    bool isStrong = false;
    std::optional<Paint> mark = {}; // a dot before it
};
struct Table {
    struct Column {
        std::string title = {};
        bool isNumber = false; // right-aligned
    };
    std::string title = {};
    std::string subtitle = {};
    std::vector<Column> columns = {};
    std::vector<std::vector<Cell>> rows = {}; // each as long as the columns
    std::string note = {}; // under it
};

// Few figures in large letters.
struct Figures {
    struct One {
        std::string label;
        std::string value;
        std::string detail = {};
        std::optional<Paint> paint = {};
    };
    std::vector<One> all = {};
};

struct Code {
    std::string title = {};
    std::vector<std::string> lines = {};
};

struct Checks {
    struct One {
        bool isGood = false;
        std::string text;
    };
    std::string title = {};
    std::vector<One> all = {};
};

struct Picture {
    std::string title = {};
    std::string subtitle = {};
    Plotted plot;
};
using Pictures = std::vector<Picture>; // beside one another where there is room

using Block = std::variant<Paragraph, Table, Figures, Code, Checks, Pictures>;

struct Section {
    std::string title = {}; // empty: what the report begins with
    std::vector<Block> blocks = {};
};

struct Document {
    std::string title = {};
    std::string kind; // "Run report"
    std::string date;
    std::string verdict; // what was found: first, in bold
    std::string limits; // what limits it, after it
    std::vector<Section> sections;
    std::string footer;
};

// A page of one file that opens without a network: no script, no font and no picture from elsewhere, and it may load none. Light
// and dark as the system has it, light on paper, plots drawn anew for a phone. Every plot has its numbers folded behind it.
std::string htmlOf(const Document& document);

// The same content; plots are their numbers.
std::string markdownOf(const Document& document);

// The same content on A4, text as text and plots as vectors, in the fonts that every reader has. A character that they do not
// have is written as its code, "[U+4E2D]", and the last page says how many were.
std::string pdfOf(const Document& document);

// What a plot shows as a table: of curves at most `most` points, the first and the last among them.
Table numbersOf(const Plotted& plot, std::size_t most = 12);

} // namespace pissarro::core::inline report
