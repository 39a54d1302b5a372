// SPDX-License-Identifier: GPL-3.0-or-later
// What stands beside the question and the answer of a row.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_columns_p.h"
#include "core/text/json_value.h"

namespace pissarro::core::inline dataset {

namespace {

using Json = nlohmann::ordered_json;

} // namespace

void refusePictures(const Json& row)
{
    for (const char* name : {"images", "image", "videos", "video", "audios", "audio"}) {
        const Json* value = jsonField(row, name);
        const std::string* const text = value != nullptr ? jsonText(*value) : nullptr;
        if (value != nullptr && !value->empty() && (text == nullptr || !text->empty())) {
            throw Error(
                ErrorKind::Format,
                Clause {fmt::format("has {}, which are not read (expected words alone)", name)});
        }
    }
}

void addSystem(Dialogue& dialogue, const Json& row)
{
    for (const char* name : {"system", "system_prompt"}) {
        const Json* value = jsonField(row, name);
        const std::string text = value != nullptr ? textIn(*value, name) : std::string();
        if (!text.empty()) {
            addText(dialogue, "system", text);
            dialogue.columns += fmt::format("{}, ", name);
            dialogue.used.emplace_back(name);
            return;
        }
    }
}

void addHistory(Dialogue& dialogue, const Json& row)
{
    const Json* history = jsonField(row, "history");
    if (history == nullptr || *history == "") {
        return;
    }
    const auto refuse = [] {
        throw Error(ErrorKind::Format,
                    "the field \"history\" is not a list of pairs (expected [[\"question\", "
                    "\"answer\"], …])");
    };
    const std::optional<Json> pairs = listIn(*history);
    if (!pairs) {
        refuse();
    }
    for (const Json& pair : *pairs) {
        if (!pair.is_array() || pair.size() != 2) {
            refuse();
        }
        addText(dialogue, "user", textIn(pair[0], "history"));
        addText(dialogue, "assistant", textIn(pair[1], "history"));
    }
    dialogue.columns += pairs->empty() ? "" : "history, ";
    dialogue.used.emplace_back("history");
}

void addTools(Dialogue& dialogue, const Json& row)
{
    const Json* tools = jsonField(row, "tools");
    if (tools == nullptr || *tools == "" || *tools == "[]"
        || (tools->is_array() && tools->empty())) {
        return;
    }
    std::optional<Json> list = listIn(*tools);
    if (!list) {
        throw Error(ErrorKind::Format,
                    "the field \"tools\" holds no schemas (expected a list of JSON schemas)");
    }
    dialogue.used.emplace_back("tools");
    if (!list->empty()) {
        dialogue.tools = std::move(*list);
    }
}

} // namespace pissarro::core::inline dataset
