// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/http_server.h"
#include "core/infer/finished_text.h"
#include "core/serve/desk.h"
#include "core/serve/openai_reply.h"

#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline serve {

// The answers to one request on their way to the client. Threads: one at a time.
class Exchange {
public:
    // Requires: the tokenizer outlives it.
    Exchange(ReplyHead head, const AnswerSettings& how, const Tokenizer& tokenizer,
             std::vector<std::shared_ptr<Draft>> drafts, std::int64_t promptTokens);

    // Waits until each has begun. Throws: Error, what made one of them fail.
    void waitForBegin();
    bool isOver() const; // of all that was looked at
    std::string whole() const; // Requires: isOver()
    http::HttpPiece nextOfWhole(); // nothing, until it is all of it
    http::HttpPiece nextOfStream();
    void giveUp(); // those that are still written are dropped

private:
    struct Choice {
        Choice(std::shared_ptr<Draft> from, const std::vector<std::string>& stops)
            : draft(std::move(from))
            , finished(stops)
        {
        }
        std::shared_ptr<Draft> draft;
        FinishedText finished;
        Draft::State state; // all of it, so far
        bool hasBegun = false; // its first piece was told
        std::size_t toldTokens = 0;
        std::int64_t toldCharacters = 0;
    };

    void look(Choice& choice, std::chrono::milliseconds patience);
    const Choice* failed() const; // the first; null: none has
    std::string piecesOf(Choice& choice, std::int64_t index);
    std::size_t visibleTokens(const Choice& choice) const;
    nlohmann::ordered_json likelihoods(const Choice& choice, std::size_t from,
                                       std::size_t to) const;
    TokenCounts counts() const;

    ReplyHead m_head;
    AnswerSettings m_how;
    const Tokenizer& m_tokenizer;
    std::vector<Choice> m_choices;
    std::int64_t m_promptTokens;
};

// The status that says of a failure whose fault it is.
int statusOf(const Error& error);

} // namespace pissarro::core::inline serve
