// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/conversation.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/output_marker.h"
#include "core/run/run_directory.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

namespace pissarro::core::inline infer {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::uint64_t kLimitBytes = 256U << 20U;
constexpr std::size_t kMostReplies =
    1'000'000; // sides times turns: a small file may have many of both

ordered_json choiceJson(const TalkToken::Choice& choice)
{
    ordered_json object {{"token", replaceInvalidUtf8(choice.text)},
                         {"id", choice.id},
                         {"logprob", choice.logProbability}};
    if (choice.special) {
        object["special"] = true;
    }
    return object;
}

ordered_json tokenJson(const TalkToken& token)
{
    ordered_json object = choiceJson(token.choice);
    object["rank"] = token.rank;
    ordered_json likeliest = ordered_json::array();
    for (const TalkToken::Choice& one : token.likeliest) {
        likeliest.push_back(choiceJson(one));
    }
    object["top_logprobs"] = std::move(likeliest);
    return object;
}

ordered_json replyJson(const ConversationReply& reply)
{
    ordered_json message {{"role", "assistant"}, {"content", replaceInvalidUtf8(reply.text)}};
    if (reply.stopped) {
        message["stopped"] = true;
    }
    ordered_json tokens = ordered_json::array();
    for (const TalkToken& token : reply.tokens) {
        tokens.push_back(tokenJson(token));
    }
    if (!tokens.empty()) {
        message["logprobs"] = {{"content", std::move(tokens)}};
    }
    return message;
}

// `tokens`: whether its tokens are told.
ordered_json messagesJson(const Conversation& conversation, const ConversationSide& side,
                          bool tokens)
{
    ordered_json messages = ordered_json::array();
    if (!conversation.system.empty()) {
        messages.push_back(
            {{"role", "system"}, {"content", replaceInvalidUtf8(conversation.system)}});
    }
    for (std::size_t turn = 0; turn < conversation.prompts.size(); ++turn) {
        messages.push_back(
            {{"role", "user"}, {"content", replaceInvalidUtf8(conversation.prompts[turn])}});
        if (turn < side.replies.size() && side.replies[turn]) {
            ordered_json message = replyJson(*side.replies[turn]);
            if (!tokens) {
                message.erase("logprobs");
            }
            messages.push_back(std::move(message));
        }
    }
    return messages;
}

ordered_json conversationJson(const Conversation& conversation)
{
    ordered_json object {{"version", 1},
                         {"title", replaceInvalidUtf8(conversation.title)},
                         {"model", replaceInvalidUtf8(conversation.model)}};
    object["messages"] = conversation.sides.empty()
        ? ordered_json::array()
        : messagesJson(conversation, conversation.sides.front(), false);
    ordered_json sides = ordered_json::array();
    for (const ConversationSide& side : conversation.sides) {
        sides.push_back({{"title", replaceInvalidUtf8(side.title)},
                         {"path", replaceInvalidUtf8(side.path)},
                         {"messages", messagesJson(conversation, side, true)}});
    }
    object["sides"] = std::move(sides);
    return object;
}

[[noreturn]] void refuse(const char* what)
{
    throw Error(ErrorKind::Format, Clause {what});
}

TalkToken::Choice choiceFrom(const json& object)
{
    const auto id = jsonFieldAs<std::int32_t>(object, "id");
    const auto chance = jsonFieldAs<double>(object, "logprob");
    if (!id || !chance) {
        refuse("has a token without id and logprob (expected them in logprobs)");
    }
    return {*id, jsonFieldAs<std::string>(object, "token").value_or(std::string()), *chance,
            jsonFieldAs<bool>(object, "special").value_or(false)};
}

TalkToken tokenFrom(const json& object)
{
    TalkToken token;
    token.choice = choiceFrom(object);
    token.rank = jsonFieldAs<std::int64_t>(object, "rank").value_or(1);
    if (const json* const likeliest = jsonField(object, "top_logprobs");
        likeliest != nullptr && likeliest->is_array()) {
        for (const json& one : *likeliest) {
            token.likeliest.push_back(choiceFrom(one));
        }
    }
    return token;
}

ConversationReply replyFrom(const json& message, std::string content)
{
    ConversationReply reply {std::move(content)};
    reply.stopped = jsonFieldAs<bool>(message, "stopped").value_or(false);
    const json* const told = jsonField(message, "logprobs");
    const json* const tokens = told == nullptr ? nullptr : jsonField(*told, "content");
    // Those of another program have no ids: the text alone is taken.
    if (tokens != nullptr && tokens->is_array()
        && std::all_of(tokens->begin(), tokens->end(),
                       [](const json& one) { return jsonField(one, "id") != nullptr; })) {
        for (const json& one : *tokens) {
            reply.tokens.push_back(tokenFrom(one));
        }
    }
    return reply;
}

// The turns of a side; `conversation` gets system and prompts, those of the first side.
ConversationSide sideFrom(const json& messages, Conversation& conversation)
{
    if (!messages.is_array()) {
        refuse("has no list messages (expected a conversation: role and content of each)");
    }
    ConversationSide side;
    for (const json& message : messages) {
        const auto role = jsonFieldAs<std::string>(message, "role");
        auto content = jsonFieldAs<std::string>(message, "content");
        if (!role || !content) {
            refuse("has a message without role or content (expected texts)");
        }
        if (*role == "system") {
            conversation.system = *std::move(content);
        } else if (*role == "user") {
            side.replies.emplace_back();
            if (conversation.prompts.size() < side.replies.size()) {
                conversation.prompts.push_back(*std::move(content));
            }
        } else if (*role == "assistant" && !side.replies.empty()) {
            side.replies.back() = replyFrom(message, *std::move(content));
        } else {
            refuse("has a message that is in no turn (expected system, user, assistant in turn)");
        }
    }
    return side;
}

Conversation conversationFrom(const json& object)
{
    const json* const messages = object.is_object() ? jsonField(object, "messages") : nullptr;
    if (messages == nullptr) {
        refuse("has no list messages (expected a conversation: role and content of each)");
    }
    Conversation conversation;
    conversation.title = jsonFieldAs<std::string>(object, "title").value_or(std::string());
    conversation.model =
        textWithoutNul("model", jsonFieldAs<std::string>(object, "model").value_or(std::string()));
    const json* const sides = jsonField(object, "sides");
    if (sides == nullptr || !sides->is_array() || sides->empty()) {
        conversation.sides.push_back(sideFrom(*messages, conversation));
    } else {
        for (const json& one : *sides) {
            const json* const own = jsonField(one, "messages");
            ConversationSide side = sideFrom(own == nullptr ? json() : *own, conversation);
            side.title = jsonFieldAs<std::string>(one, "title").value_or(std::string());
            side.path = textWithoutNul(
                "path", jsonFieldAs<std::string>(one, "path").value_or(std::string()));
            conversation.sides.push_back(std::move(side));
        }
    }
    if (conversation.sides.size() * conversation.prompts.size() > kMostReplies) {
        refuse("has more than a million turns of all its sides (expected fewer)");
    }
    for (ConversationSide& side : conversation.sides) {
        side.replies.resize(conversation.prompts.size());
    }
    return conversation;
}

std::int64_t modifiedOf(const fs::path& file) // since 1970; 0: it is not there
{
    std::error_code failed;
    const auto time = fs::last_write_time(file, failed);
    if (failed) {
        return 0;
    }
    const auto since = std::chrono::file_clock::to_sys(time).time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

// "2026-11-29-210501.json", "-2" and so on behind it where that is taken.
fs::path freshFile(const fs::path& folder)
{
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm local {};
    localtime_r(&now, &local);
    char stamp[32] = {};
    std::strftime(stamp, sizeof stamp, "%Y-%m-%d-%H%M%S", &local);
    fs::path file = folder / fmt::format("{}.json", stamp);
    std::error_code ignored;
    for (int number = 2; fs::exists(file, ignored); ++number) {
        file = folder / fmt::format("{}-{}.json", stamp, number);
    }
    return file;
}

// What `body` throws is said of the file.
template <class Body>
auto of(const fs::path& file, const Body& body)
{
    try {
        return body();
    } catch (const Error& error) {
        throw error.withinOnce(shownPath(file));
    }
}

} // namespace

std::vector<ChatMessage> Conversation::messagesFor(std::size_t side, std::size_t turn) const
{
    std::vector<ChatMessage> messages;
    if (!system.empty()) {
        messages.push_back({"system", system});
    }
    for (std::size_t i = 0; i < turn; ++i) {
        const auto answered = [i](const ConversationSide& one) {
            return i < one.replies.size() && one.replies[i] && !one.replies[i]->text.empty();
        };
        auto who = sides.begin() + static_cast<std::ptrdiff_t>(side);
        if (!answered(*who)) {
            who = std::find_if(sides.begin(), sides.end(), answered);
        }
        if (who != sides.end()) {
            messages.push_back({"user", prompts[i]});
            messages.push_back({"assistant", who->replies[i]->text});
        }
    }
    messages.push_back({"user", prompts[turn]});
    return messages;
}

std::string conversationText(const Conversation& conversation)
{
    return conversationJson(conversation).dump(1) + "\n";
}

Conversation readConversation(const fs::path& file, const JobContext& job)
{
    return of(file, [&] {
        return conversationFrom(parseOwnPlain(readWholeFile(file, kLimitBytes, job), job));
    });
}

SavedConversation stampOf(const fs::path& file)
{
    return {file, modifiedOf(file)};
}

SavedConversation saveConversation(const fs::path& folder, const SavedConversation& saved,
                                   const Conversation& conversation)
{
    const bool isOurs = !saved.file.empty() && modifiedOf(saved.file) == saved.modifiedNs;
    if (!isOurs) {
        std::error_code failed;
        fs::create_directories(folder, failed);
        if (failed) {
            throw Error(ErrorKind::Io,
                        fmt::format("{}: cannot be made: {}", shownPath(folder), failed.message()));
        }
    }
    const fs::path file = isOurs ? saved.file : freshFile(folder);
    const std::string text = markedJson(conversationJson(conversation)).dump(1) + "\n";
    AtomicFile out(file, isOurs ? ExistingFile::Replace : ExistingFile::Refuse);
    out.write(text);
    out.commit();
    return stampOf(file);
}

void renameConversation(const fs::path& file, const std::string& title)
{
    of(file, [&] {
        ordered_json object = parseOwnJson(readWholeFile(file, kLimitBytes));
        if (!object.is_object()) {
            refuse("is no JSON object (expected a conversation)");
        }
        object["title"] = replaceInvalidUtf8(title);
        writeFileAtomically(file, object.dump(1) + "\n");
    });
}

std::vector<ConversationEntry> listConversations(const fs::path& folder, const JobContext& job)
{
    std::vector<ConversationEntry> entries;
    std::error_code failed;
    if (!fs::exists(folder, failed)) {
        return entries;
    }
    for (const auto& found : fs::directory_iterator(folder, failed)) {
        const fs::path& file = found.path();
        if (file.extension() != ".json" || file.filename().string().starts_with('.')) {
            continue;
        }
        ConversationEntry entry;
        entry.file = file;
        entry.modifiedNs = modifiedOf(file);
        try {
            Conversation conversation = readConversation(file, job);
            entry.title = std::move(conversation.title);
            entry.model = std::move(conversation.model);
            entry.turns = conversation.prompts.size();
        } catch (const Error& error) {
            entry.problem = error.what();
        }
        entries.push_back(std::move(entry));
    }
    if (failed) {
        throw Error(ErrorKind::Io,
                    fmt::format("{}: cannot be read: {}", shownPath(folder), failed.message()));
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
        return std::pair(b.modifiedNs, b.file) < std::pair(a.modifiedNs, a.file);
    });
    return entries;
}

fs::path defaultConversationFolder()
{
    return defaultRunRoot().parent_path() / "conversations";
}

} // namespace pissarro::core::inline infer
