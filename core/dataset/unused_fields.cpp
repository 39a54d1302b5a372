// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/dataset/unused_fields_p.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace pissarro::core::inline dataset {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostHeld = 1'000; // fields that are counted: each row could name its own
constexpr std::size_t kMostTold = 32; // by their names

// What says where a row is from, and nothing of what it says. Names that end with _id are of them too.
constexpr std::array<std::string_view, 20> kBookkeeping {
    "id",         "_id",          "idx",        "index", "__index_level_0__", "uid",     "uuid",
    "guid",       "hash",         "source",     "url",   "dataset",           "split",   "license",
    "created_at", "created_date", "updated_at", "date",  "timestamp",         "version",
};

// Of a table every cell is a text.
bool isNumber(std::string_view text)
{
    return text.find_first_of("0123456789") != std::string_view::npos
        && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

bool isFigure(const Json& value)
{
    const std::string* const text = jsonText(value);
    return jsonAs<double>(value) || jsonAs<bool>(value) || (text != nullptr && isNumber(*text));
}

bool isEmpty(const Json& value)
{
    const std::string* const text = jsonText(value);
    return text != nullptr ? text->find_first_not_of(" \t\r\n") == std::string::npos
                           : value.empty(); // of null, lists and objects
}

// A word of ASCII: a sentence under such a name is a text, in whatever script.
bool isWord(const Json& value)
{
    const std::string* const text = jsonText(value);
    return text != nullptr
        && std::all_of(text->begin(), text->end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool isBookkeeping(const std::string& name, const Json& value)
{
    const bool isNamedSo = name.ends_with("_id")
        || std::find(kBookkeeping.begin(), kBookkeeping.end(), name) != kBookkeeping.end();
    return isNamedSo && (isFigure(value) || isWord(value));
}

// "'a', 'b', 'c'".
std::string namesText(const std::vector<std::string>& names)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kMostTold); ++i) {
        text += (i > 0 ? ", " : "") + shownText(names[i], 40);
    }
    return text + (names.size() > kMostTold ? ", …" : "");
}

} // namespace

void UnusedFields::add(const std::string& name, const Json& value, const std::string& within)
{
    if (isEmpty(value) || isBookkeeping(name, value)) {
        return;
    }
    const std::string full = within.empty() ? name : fmt::format("{}: {}", within, name);
    if (isFigure(value)) {
        figures.insert(full);
    } else {
        rows[full] = 1;
    }
}

void UnusedFields::add(const UnusedFields& later)
{
    for (const auto& [name, count] : later.rows) {
        if (rows.size() < kMostHeld || rows.contains(name)) {
            rows[name] += count;
        }
    }
    for (const std::string& name : later.figures) {
        if (figures.size() < kMostHeld) {
            figures.insert(name);
        }
    }
}

std::vector<Said> UnusedFields::notes() const
{
    std::vector<Said> out;
    for (const auto& [name, count] : rows) {
        if (out.size() == kMostTold) {
            const auto more = static_cast<std::int64_t>(rows.size() - kMostTold);
            out.push_back({PISSARRO_SAID_N("pissarro::core", "%1 more fields are not used"),
                           "%1 more field is not used",
                           more,
                           {fmt::format("{}", more)}});
            break;
        }
        out.push_back({PISSARRO_SAID_N("pissarro::core", "the field %1 of %2 rows is not used"),
                       "the field %1 of %2 row is not used",
                       count,
                       {shownText(name, 40), fmt::format("{}", count)}});
    }
    std::vector<std::string> named;
    std::copy_if(figures.begin(), figures.end(), std::back_inserter(named),
                 [this](const std::string& name) { return !rows.contains(name); });
    if (!named.empty()) {
        constexpr const char* kSaid =
            PISSARRO_SAID("pissarro::core", "numbers and flags that are not used: %1");
        out.push_back({kSaid, kSaid, 1, {namesText(named)}});
    }
    return out;
}

} // namespace pissarro::core::inline dataset
