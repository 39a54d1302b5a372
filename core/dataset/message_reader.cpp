// SPDX-License-Identifier: GPL-3.0-or-later
// Messages as OpenAI, ShareGPT, LLaMA-Factory and others write them, in the one form that chat templates read.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/data_columns_p.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>

namespace pissarro::core::inline dataset {

namespace {

using Json = nlohmann::ordered_json;

// The role that a name stands for; null: none.
const char* knownRole(const std::string& name)
{
    struct Names {
        const char* role;
        std::vector<std::string_view> names;
    };
    static const std::array<Names, 4> kRoles {{
        {"user", {"user", "human", "prompter"}},
        {"assistant", {"assistant", "gpt", "model", "bot", "chatgpt", "function_call"}},
        {"system", {"system", "developer"}}, // OpenAI's newer name for it
        {"tool", {"tool", "observation", "function", "tool_response"}},
    }};
    for (const Names& one : kRoles) {
        if (std::find(one.names.begin(), one.names.end(), name) != one.names.end()) {
            return one.role;
        }
    }
    return nullptr;
}

std::string roleOf(const std::string& name)
{
    if (const char* const role = knownRole(name)) {
        return role;
    }
    throw Error(ErrorKind::Format,
                fmt::format("a message is by {} (expected system, developer, user, assistant or "
                            "tool; in ShareGPT system, human, gpt, function_call or observation)",
                            shownText(name, 24)));
}

// What a message holds, its parts taken apart.
struct Contents {
    std::optional<std::string> text;
    std::string reasoning;
    Json calls = Json::array(); // as chat templates read them
};

// {"name", "arguments"}, be it one, a list of them, or their JSON as text.
void addCalls(Contents& contents, const Json& value)
{
    Json calls = value;
    if (const std::string* const text = jsonText(value)) {
        try {
            calls = parseOrderedJson(*text);
        } catch (const Error&) {
            throw Error(ErrorKind::Format,
                        "a message calls a function by a text that is not JSON (expected name and "
                        "arguments)");
        }
    }
    if (!calls.is_array()) {
        calls = Json::array({calls});
    }
    for (const Json& call : calls) {
        if (!call.is_object() || jsonField(call, "name") == nullptr) {
            throw Error(ErrorKind::Format,
                        "a message calls a function without a name (expected name and arguments)");
        }
        Json one = Json::object();
        one["type"] = "function";
        one["function"] = call;
        contents.calls.push_back(std::move(one));
    }
}

[[noreturn]] void refusePart(const std::string& type)
{
    throw Error(ErrorKind::Format,
                fmt::format("a message has a part of the type {} (expected text: images and the "
                            "like are not read)",
                            shownText(type, 24)));
}

// A content is a text, or a list of parts.
Contents contentsOf(const Json& value, const char* name, UnusedFields& unused)
{
    Contents contents;
    if (!value.is_array()) {
        contents.text = textIn(value, name);
        return contents;
    }
    std::string text;
    for (const Json& part : value) {
        if (const std::string* const plain = jsonText(part)) {
            text += *plain;
            continue;
        }
        const bool isObject = part.is_object();
        const std::string type =
            (isObject ? jsonFieldAs<std::string>(part, "type") : std::nullopt).value_or("text");
        const Json* words = nullptr;
        for (const char* key : {"text", "value", "content", "thinking"}) {
            words = isObject && words == nullptr ? jsonField(part, key) : words;
        }
        if (words == nullptr && !(isObject && part.contains("type"))) {
            refusePart("unknown");
        }
        const bool isThought = type == "reasoning" || type == "thinking";
        if (words == nullptr || (type != "text" && type != "tool_call" && !isThought)) {
            refusePart(type);
        }
        for (const auto& [key, more] : part.items()) {
            if (key != "type" && &more != words) {
                unused.add(key, more, "messages: content");
            }
        }
        if (type == "tool_call") {
            addCalls(contents, *words);
        } else {
            (isThought ? contents.reasoning : text) += textIn(*words, type);
        }
    }
    if (!text.empty() || contents.calls.empty()) {
        contents.text = std::move(text);
    }
    return contents;
}

bool isReadKey(const std::string& name, const Json& value)
{
    constexpr std::array<std::string_view, 5> kRead {"role", "from", "content", "value",
                                                     "function_call"};
    return std::find(kRead.begin(), kRead.end(), name) != kRead.end()
        || std::find(kLearnedMarks.begin(), kLearnedMarks.end(), name) != kLearnedMarks.end()
        || (name == "loss" && jsonAs<bool>(value));
}

// Keys of which a message has two for one thing: the first is read.
void noteTwins(Dialogue& dialogue, const Json& entry, const Contents& contents)
{
    const auto twin = [&](const char* read, const char* other) {
        const Json* first = jsonField(entry, read);
        const Json* second = jsonField(entry, other);
        return first != nullptr && second != nullptr && *first != *second ? second : nullptr;
    };
    if (const Json* value = twin("content", "value")) {
        dialogue.unused.add("value", *value, "messages");
    }
    if (const Json* from = twin("role", "from")) {
        const auto roleIn = [](const Json& value) {
            const char* const role = knownRole(jsonAs<std::string>(value).value_or(std::string()));
            return std::string_view(role != nullptr ? role : "");
        };
        if (roleIn(*from).empty() || roleIn(*from) != roleIn(entry.at("role"))) {
            dialogue.unused.add("from", *from, "messages");
        }
    }
    const Json* calls = jsonField(entry, "tool_calls");
    if (calls != nullptr && !contents.calls.empty() && *calls != contents.calls) {
        dialogue.unused.add("tool_calls", *calls, "messages");
    }
    const Json* thought = jsonField(entry, "reasoning_content");
    if (thought != nullptr && !contents.reasoning.empty() && *thought != Json(contents.reasoning)) {
        dialogue.unused.add("reasoning_content", *thought, "messages");
    }
}

bool isBlank(const Json& value)
{
    const std::string* const text = jsonText(value);
    return text != nullptr && text->empty(); // a table's cell
}

// The mark of that name; null: there is none.
const Json* markOf(const Json& message, const char* name)
{
    const Json* const value = jsonField(message, name);
    return value == nullptr || isBlank(*value) ? nullptr : value;
}

std::optional<double> weightIn(const Json& value)
{
    const std::string* const text = jsonText(value);
    if (text == nullptr) {
        return jsonAs<double>(value);
    }
    return *text == "0" || *text == "0.0" ? std::optional(0.0)
        : *text == "1" || *text == "1.0"  ? std::optional(1.0)
                                          : std::nullopt;
}

std::optional<bool> flagIn(const Json& value)
{
    const std::string* const text = jsonText(value);
    if (text == nullptr) {
        return jsonAs<bool>(value);
    }
    return *text == "true" || *text == "True" || *text == "TRUE"   ? std::optional(true)
        : *text == "false" || *text == "False" || *text == "FALSE" ? std::optional(false)
                                                                   : std::nullopt;
}

// Whether a message is learned by what it says of itself; nullopt: it says nothing.
std::optional<bool> ownWish(const Json& entry)
{
    const std::optional<bool> loss = jsonFieldAs<bool>(entry, "loss");
    const bool isMarked =
        std::any_of(kLearnedMarks.begin(), kLearnedMarks.end(),
                    [&](const char* name) { return markOf(entry, name) != nullptr; });
    return isMarked || loss ? std::optional(isToBeLearned(entry) && loss.value_or(true))
                            : std::nullopt;
}

void push(Dialogue& dialogue, Json message, bool learned)
{
    dialogue.learned.push_back(learned && message.at("role") == "assistant");
    dialogue.messages.push_back(std::move(message));
}

// An answer is learned where it may be, unless it says otherwise.
void pushWished(Dialogue& dialogue, Json message, std::optional<bool> wish, bool mayLearn)
{
    const bool isAnswer = message.at("role") == "assistant";
    dialogue.saysWhich = dialogue.saysWhich || (isAnswer && wish.has_value());
    if (wish == true && !(isAnswer && mayLearn)) {
        dialogue.remarks.insert(RowRemark::MarkedQuestion);
    }
    push(dialogue, std::move(message), mayLearn && wish.value_or(true));
}

} // namespace

std::string textIn(const Json& value, const std::string& name)
{
    if (jsonAs<double>(value)) {
        return value.dump();
    }
    auto text = jsonAs<std::string>(value);
    if (!text) {
        throw Error(ErrorKind::Format,
                    fmt::format("the field \"{}\" is {} (expected text)", name, jsonKind(value)));
    }
    return std::move(*text);
}

std::optional<Json> listIn(const Json& value)
{
    if (value.is_array()) {
        return value;
    }
    const std::string* const text = jsonText(value);
    if (text == nullptr || text->find('[') == std::string::npos) {
        return std::nullopt;
    }
    try {
        Json parsed = parseOrderedJson(*text); // within limits of depth and size
        return parsed.is_array() ? std::optional(std::move(parsed)) : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool isToBeLearned(const Json& message)
{
    bool learned = true;
    for (const char* name : {"weight", "loss_weight"}) {
        const Json* weight = markOf(message, name);
        if (weight == nullptr) {
            continue;
        }
        const auto number = weightIn(*weight);
        if (number != 0.0 && number != 1.0) {
            throw Error(ErrorKind::Format,
                        fmt::format("a message or row has the {} {} (expected 0, not learned, or "
                                    "1)",
                                    name, shownText(weight->dump(), 24)));
        }
        learned = learned && number == 1.0;
    }
    for (const char* name : {"train", "training"}) {
        if (const Json* train = markOf(message, name)) {
            const auto flag = flagIn(*train);
            if (!flag) {
                throw Error(ErrorKind::Format,
                            fmt::format("the field \"{}\" of a message or row is {} (expected "
                                        "true or false)",
                                        name, jsonKind(*train)));
            }
            learned = learned && *flag;
        }
    }
    return learned;
}

void addText(Dialogue& dialogue, const char* role, const std::string& text)
{
    push(dialogue, {{"role", role}, {"content", text}}, true);
}

void addMessage(Dialogue& dialogue, const Json& entry, const char* column, bool mayLearn)
{
    const auto either = [&](const char* one, const char* other) {
        const Json* value = entry.is_object() ? jsonField(entry, one) : nullptr;
        return value != nullptr || !entry.is_object() ? value : jsonField(entry, other);
    };
    const Json* role = either("role", "from");
    const Json* content = either("content", "value");
    const Json* calls = either("tool_calls", "function_call");
    if (role == nullptr || (content == nullptr && calls == nullptr)) {
        const bool isNull =
            entry.is_object() && (entry.contains("content") || entry.contains("value"));
        throw Error(ErrorKind::Format,
                    fmt::format("a message in \"{}\" {} (expected both)", column,
                                role != nullptr && isNull
                                    ? "has the content null and calls no tool"
                                    : "lacks role or content (in ShareGPT from and value)"));
    }
    const std::string by = textIn(*role, "role");
    Json message = {{"role", roleOf(by)}};
    Contents contents;
    if (by == "function_call" && content != nullptr) {
        addCalls(contents, *content);
    } else if (content != nullptr) {
        contents = contentsOf(*content, "content", dialogue.unused);
    }
    if (const Json* one = jsonField(entry, "function_call")) {
        addCalls(contents, *one);
    }
    noteTwins(dialogue, entry, contents);
    if (contents.text) {
        message["content"] = std::move(*contents.text);
    }
    for (const auto& [name, value] : entry.items()) {
        if (!isReadKey(name, value) && !value.is_null()) {
            message[name] = value; // a chat template may speak of it
        }
    }
    if (!contents.reasoning.empty()) {
        message["reasoning_content"] = std::move(contents.reasoning);
    }
    if (!contents.calls.empty()) {
        message["tool_calls"] = std::move(contents.calls);
    }
    dialogue.callsTools =
        dialogue.callsTools || message.contains("tool_calls") || message["role"] == "tool";
    pushWished(dialogue, std::move(message), ownWish(entry), mayLearn);
}

void addMessages(Dialogue& dialogue, const Json& list, const char* column, bool mayLearn)
{
    const std::optional<Json> parsed = list.is_array() ? std::nullopt : listIn(list);
    if (!list.is_array() && !parsed) {
        throw Error(ErrorKind::Format,
                    fmt::format("the field \"{}\" is {} (expected a list of messages)", column,
                                jsonKind(list)));
    }
    for (const Json& entry : parsed ? *parsed : list) {
        addMessage(dialogue, entry, column, mayLearn);
    }
}

bool addTranscript(Dialogue& dialogue, const std::string& text)
{
    constexpr std::string_view kHuman = "\n\nHuman:";
    constexpr std::string_view kAssistant = "\n\nAssistant:";
    if (!text.starts_with(kHuman)) {
        return false;
    }
    std::size_t at = 0;
    while (at < text.size()) {
        const std::string_view rest = std::string_view(text).substr(at);
        const bool isHuman = rest.starts_with(kHuman);
        const std::size_t head = isHuman ? kHuman.size() : kAssistant.size();
        const std::size_t end =
            std::min({rest.find(kHuman, head), rest.find(kAssistant, head), rest.size()});
        std::string_view said = rest.substr(head, end - head);
        if (said.starts_with(' ')) {
            said.remove_prefix(1);
        }
        addText(dialogue, isHuman ? "user" : "assistant", std::string(said));
        at += end;
    }
    return true;
}

void dropOpenQuestion(Dialogue& dialogue, const std::string& column)
{
    Json& messages = dialogue.messages;
    while (!messages.empty() && messages.back().at("role") != "assistant") {
        messages.erase(messages.size() - 1);
        dialogue.learned.pop_back();
        dialogue.remarks.insert(RowRemark::OpenEnd);
    }
    if (messages.size() < 2) {
        throw Error(
            ErrorKind::Format,
            fmt::format("the field \"{}\" has no answer to learn (expected a user's message "
                        "and an assistant's after it)",
                        column));
    }
}

} // namespace pissarro::core::inline dataset
