// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/serve/exchange_p.h"
#include "core/text/utf8.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

namespace pissarro::core::inline serve {

using nlohmann::ordered_json;

namespace {

constexpr std::chrono::milliseconds kLook {100}; // how long a hang-up stays unnoticed
constexpr std::chrono::milliseconds kNow {0};

std::int64_t charactersOf(const std::string& text)
{
    return std::count_if(text.begin(), text.end(), [](char byte) { return !isContinuation(byte); });
}

} // namespace

int statusOf(const Error& error)
{
    switch (error.kind()) {
    case ErrorKind::InvalidArgument:
    case ErrorKind::Format: // of a template that refuses the conversation
        return 400;
    case ErrorKind::Io: // it ends
        return 503;
    case ErrorKind::Numeric:
    case ErrorKind::OutOfMemory:
    case ErrorKind::Internal:
        break;
    }
    return 500;
}

Exchange::Exchange(ReplyHead head, const AnswerSettings& how, const Tokenizer& tokenizer,
                   std::vector<std::shared_ptr<Draft>> drafts, std::int64_t promptTokens)
    : m_head(std::move(head))
    , m_how(how)
    , m_tokenizer(tokenizer)
    , m_promptTokens(promptTokens)
{
    for (std::shared_ptr<Draft>& draft : drafts) {
        m_choices.emplace_back(std::move(draft), how.stops);
    }
}

void Exchange::look(Choice& choice, std::chrono::milliseconds patience)
{
    if (choice.state.isOver()) {
        return;
    }
    Draft::State more = choice.draft->look(choice.state.ids.size(), patience);
    Draft::State& all = choice.state;
    all.ids.insert(all.ids.end(), more.ids.begin(), more.ids.end());
    std::move(more.readings.begin(), more.readings.end(), std::back_inserter(all.readings));
    all.ending = more.ending;
    all.text = std::move(more.text);
    all.failure = std::move(more.failure);
}

const Exchange::Choice* Exchange::failed() const
{
    const auto found = std::find_if(m_choices.begin(), m_choices.end(), [](const Choice& one) {
        return one.state.failure.has_value();
    });
    return found == m_choices.end() ? nullptr : &*found;
}

void Exchange::waitForBegin()
{
    for (Choice& choice : m_choices) {
        while (choice.state.ids.empty() && !choice.state.isOver()) {
            look(choice, kLook);
        }
    }
    if (const Choice* const bad = failed()) {
        throw *bad->state.failure;
    }
}

bool Exchange::isOver() const
{
    return std::all_of(m_choices.begin(), m_choices.end(),
                       [](const Choice& one) { return one.state.isOver(); });
}

// The tokens that the text is made of: not the one that ended it, nor those behind a stop.
std::size_t Exchange::visibleTokens(const Choice& choice) const
{
    const Draft::State& state = choice.state;
    std::size_t count = state.ids.size();
    if (state.ending == Ending::EndToken) {
        return count - 1;
    }
    if (state.ending != Ending::StopText) {
        return count;
    }
    std::vector<std::int32_t> ids = state.ids;
    while (!ids.empty()) {
        ids.pop_back();
        if (m_tokenizer.decode(ids, /*skipSpecial=*/true).size() < state.text.size()) {
            break;
        }
        count = ids.size();
    }
    return count;
}

ordered_json Exchange::likelihoods(const Choice& choice, std::size_t from, std::size_t to) const
{
    if (m_how.alternatives < 0) {
        return nullptr;
    }
    const auto readings = std::span<const TokenReading>(choice.state.readings);
    return likelihoodsOf(m_tokenizer, readings.subspan(from, to - from), m_head.isChat,
                         m_how.alternatives, choice.toldCharacters);
}

TokenCounts Exchange::counts() const
{
    TokenCounts counts {m_promptTokens, 0};
    for (const Choice& choice : m_choices) {
        counts.answer += static_cast<std::int64_t>(choice.state.ids.size());
    }
    return counts;
}

std::string Exchange::whole() const
{
    std::vector<ReplyChoice> choices;
    for (const Choice& choice : m_choices) {
        choices.push_back({static_cast<std::int64_t>(choices.size()), choice.state.text,
                           choice.state.ending, likelihoods(choice, 0, visibleTokens(choice))});
    }
    return wholeReply(m_head, choices, counts());
}

http::HttpPiece Exchange::nextOfWhole()
{
    for (Choice& choice : m_choices) {
        if (!choice.state.isOver()) {
            look(choice, kLook);
            break; // one at a time: in between the client is looked at
        }
    }
    if (failed() != nullptr) {
        return {.isBroken = true};
    }
    return isOver() ? http::HttpPiece {.text = whole(), .isLast = true} : http::HttpPiece {};
}

// What is new of an answer, as events.
std::string Exchange::piecesOf(Choice& choice, std::int64_t index)
{
    const Draft::State& state = choice.state;
    const bool over = state.isOver();
    const std::string text =
        over ? state.text : m_tokenizer.decode(state.ids, /*skipSpecial=*/true);
    ReplyChoice piece {index, choice.finished.next(text, over), state.ending, nullptr,
                       !choice.hasBegun};
    if (piece.text.empty() && choice.hasBegun && !over) {
        return {};
    }
    const std::size_t known = over ? visibleTokens(choice) : state.ids.size();
    const std::size_t to = std::max(known, choice.toldTokens);
    piece.likelihoods = likelihoods(choice, choice.toldTokens, to);
    choice.hasBegun = true;
    choice.toldTokens = to;
    choice.toldCharacters += charactersOf(piece.text);
    if (!over) {
        return streamedPiece(m_head, piece, m_how.streamUsage);
    }
    // The end comes alone, as clients expect it.
    std::string pieces;
    if (!piece.text.empty() || piece.begins) {
        ReplyChoice before = piece;
        before.ending = Ending::None;
        pieces = streamedPiece(m_head, before, m_how.streamUsage);
    }
    return pieces
        + streamedPiece(m_head, {index, {}, state.ending, nullptr, false}, m_how.streamUsage);
}

http::HttpPiece Exchange::nextOfStream()
{
    std::chrono::milliseconds patience = kLook;
    http::HttpPiece piece;
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        Choice& choice = m_choices[i];
        const std::size_t before = choice.state.ids.size();
        if (choice.state.isOver()) {
            continue;
        }
        look(choice, patience);
        patience = kNow; // the others have moved with this one
        if (choice.state.failure) {
            const Error& why = *choice.state.failure;
            return {streamedError(errorReply(statusOf(why), why.what())), /*isLast=*/true};
        }
        if (choice.state.ids.size() > before || choice.state.isOver()) {
            piece.text += piecesOf(choice, static_cast<std::int64_t>(i));
        }
    }
    if (isOver()) {
        if (m_how.streamUsage) {
            piece.text += streamedUsage(m_head, counts());
        }
        piece.text += kStreamEnd;
        piece.isLast = true;
    }
    return piece;
}

void Exchange::giveUp()
{
    for (const Choice& choice : m_choices) {
        choice.draft->cancel();
    }
}

} // namespace pissarro::core::inline serve
