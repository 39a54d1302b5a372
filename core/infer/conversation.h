// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/infer/talk.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline infer {

// What one model said in a turn.
struct ConversationReply {
    std::string text;
    std::vector<TalkToken> tokens = {}; // may be empty of what another program wrote
    bool stopped = false; // by a person
};

// One of the models that answer side by side.
struct ConversationSide {
    std::string path; // of its adapter, run or model; empty: the model itself
    std::string title; // "PiSSA r16"
    std::vector<std::optional<ConversationReply>> replies = {}; // one a turn; nullopt: not asked
};

struct Conversation {
    std::string title;
    std::string model; // that they all stand on
    std::string system = {}; // what stands before it all; empty: nothing
    std::vector<std::string> prompts = {}; // of the turns
    std::vector<ConversationSide> sides = {};

    // What a side is told when a turn's prompt is put to it: the turns before it with its own answers. A turn that it was
    // not asked has the answer of the first side that was; one without any is left out. Requires: turn < prompts.size().
    std::vector<ChatMessage> messagesFor(std::size_t side, std::size_t turn) const;
};

// A conversation as a file: {"title", "model", "messages": [{"role", "content"}, …], "sides": [{"path", "title", "messages"}]}.
// The messages on top are the first side's, for other programs; an answer's tokens are its "logprobs", as OpenAI's API has
// them. A reader takes a file with "messages" alone, too.
//
// Throws: Error{Io}; Error{Format} naming the file; Cancelled within a file that is read.
std::string conversationText(const Conversation& conversation);
Conversation readConversation(const std::filesystem::path& file, const JobContext& job = {});

// Where a conversation lies, and when it was written there.
struct SavedConversation {
    std::filesystem::path file; // empty: nowhere yet
    std::int64_t modifiedNs = 0;
};
// Writes it where it lies, or, where it lies nowhere or another program has written there since, into a new file of `folder`,
// which is made. Written beside, fsynced, renamed. Throws: Error{Io}.
SavedConversation saveConversation(const std::filesystem::path& folder,
                                   const SavedConversation& saved,
                                   const Conversation& conversation);
SavedConversation stampOf(const std::filesystem::path& file); // of one that was read

// Gives one another title; all else in the file stays. Throws: as readConversation().
void renameConversation(const std::filesystem::path& file, const std::string& title);

struct ConversationEntry {
    std::filesystem::path file;
    std::string title;
    std::string model;
    std::size_t turns = 0;
    std::int64_t modifiedNs = 0;
    std::string problem = {}; // why it cannot be read; empty: it can
};
// Those of a folder, the one written last first; none where there is no folder. Throws: Error{Io}.
std::vector<ConversationEntry> listConversations(const std::filesystem::path& folder,
                                                 const JobContext& job = {});

std::filesystem::path
defaultConversationFolder(); // $XDG_DATA_HOME/pissarro/conversations, beside the runs

} // namespace pissarro::core::inline infer
