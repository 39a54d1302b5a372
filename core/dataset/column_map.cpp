// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/column_map.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_columns_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pissarro::core::inline dataset {

namespace {

[[noreturn]] void refuse(const std::string& why)
{
    throw Error(ErrorKind::InvalidArgument,
                fmt::format("the columns {} (expected ROLE=COLUMN,…, as in "
                            "instruction=question,output=answer)",
                            why));
}

// A word of the map up to `end`, in quotes where it begins with one.
std::string takeWord(std::string_view& text, char end)
{
    std::string word;
    if (!text.starts_with('"')) {
        const std::size_t size = std::min(text.find(end), text.size());
        word = text.substr(0, size);
        text.remove_prefix(size);
        return word;
    }
    text.remove_prefix(1);
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '"' && !text.starts_with('"')) {
            return word;
        }
        if (c == '"') {
            text.remove_prefix(1);
        }
        word += c;
    }
    refuse("open a quote that is not closed");
}

bool isRole(std::string_view name)
{
    const auto& roles = columnRoles();
    return std::any_of(roles.begin(), roles.end(),
                       [&](const ColumnRole& role) { return role.name == name; });
}

} // namespace

const std::vector<ColumnRole>& columnRoles()
{
    static const std::vector<ColumnRole> roles {
        {"instruction", "what is asked"},
        {"input", "what the question is about, put behind it"},
        {"output", "the answer, which is learned"},
        {"system", "what the model is told before all"},
        {"history", "earlier turns, a list of pairs"},
        {"messages", "a whole conversation, a list of messages"},
        {"tools", "what the model may call, a list of JSON schemas"},
        {"text", "a text that is learned as it stands, without a question; or is given a label"},
        {"pair", "the second of two texts that have one label"},
        {"label", "the class or the number of a text"},
    };
    return roles;
}

ColumnMap guessedColumns(const std::vector<std::string>& columns)
{
    const auto has = [&](std::string_view name) {
        return std::find(columns.begin(), columns.end(), name) != columns.end();
    };
    ColumnMap map;
    const auto take = [&](const char* role, std::initializer_list<const char*> names) {
        for (const char* name : names) {
            if (!map.contains(role) && has(name)) {
                map[role] = name;
            }
        }
    };
    take("messages", {"messages", "conversations"});
    for (const auto& [question, answer] : kColumnPairs) {
        if (map.empty() && has(question) && has(answer)) {
            map["instruction"] = question;
            map["output"] = answer;
        }
    }
    if (map.contains("instruction") && map["instruction"] == "instruction") {
        take("input", {"input", "context"});
    }
    if (map.empty()) {
        take("text", {"text"});
    }
    if (!map.empty()) {
        take("system", {"system", "system_prompt"});
        take("history", {"history"});
        take("tools", {"tools"});
    }
    return map;
}

ColumnMap parseColumnMap(std::string_view text)
{
    ColumnMap map;
    while (!text.empty()) {
        const std::string role = takeWord(text, '=');
        if (!text.starts_with('=') || role.empty()) {
            refuse(fmt::format("hold {}, which names no column", shownText(role)));
        }
        text.remove_prefix(1);
        if (!isRole(role)) {
            std::vector<std::string_view> names;
            for (const ColumnRole& one : columnRoles()) {
                names.push_back(one.name);
            }
            refuse(fmt::format("have the role {} (there are {})", shownText(role),
                               listText(names, "and")));
        }
        std::string column = takeWord(text, ',');
        if (column.empty()) {
            refuse(fmt::format("name none for {}", role));
        }
        if (!map.emplace(role, std::move(column)).second) {
            refuse(fmt::format("name two for {}", role));
        }
        if (text.starts_with(',')) {
            text.remove_prefix(1);
        } else if (!text.empty()) {
            refuse("have text behind a quote");
        }
    }
    const auto has = [&](const char* role) { return map.contains(role); };
    if (!map.empty() && !has("output") && !has("messages") && !has("text")) {
        refuse("name none to learn from: output, messages or text");
    }
    if (has("output") && !has("instruction")) {
        refuse("name an output, but no instruction that it answers");
    }
    return map;
}

std::string columnMapText(const ColumnMap& map)
{
    std::string text;
    for (const ColumnRole& role : columnRoles()) {
        const auto found = map.find(std::string(role.name));
        if (found == map.end()) {
            continue;
        }
        std::string column = found->second;
        if (column.find_first_of(",=\"") != std::string::npos) {
            for (std::size_t at = column.find('"'); at != std::string::npos;
                 at = column.find('"', at + 2)) {
                column.insert(at, 1, '"');
            }
            column = fmt::format("\"{}\"", column);
        }
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", role.name, column);
    }
    return text;
}

} // namespace pissarro::core::inline dataset
