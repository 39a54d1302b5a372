// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/infer/engine.h"
#include "core/infer/kept_keys.h"
#include "core/session/session.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline serve {

// An answer while it is written: one thread writes, others read. Threads: any.
class Draft {
public:
    struct State {
        std::vector<std::int32_t> ids; // behind those that are known; with the token that ended it
        std::vector<TokenReading> readings; // one for each of them, where asked for
        Ending ending = Ending::None;
        std::string text; // once it has ended
        std::optional<Error> failure; // it will never end

        bool isOver() const { return ending != Ending::None || failure.has_value(); }
    };

    // What it has behind the first `known` ids, once that is something or it is over; at the latest after `patience`.
    State look(std::size_t known, std::chrono::milliseconds patience) const;
    void cancel(); // nobody waits for it any more; what was written stays

    // For who writes it.
    void add(const Answer& soFar);
    void fail(const Error& why);
    bool isCancelled() const;

private:
    mutable std::mutex m_mutex;
    mutable std::condition_variable m_changed;
    State m_state; // guarded by m_mutex, as all below
    bool m_isCancelled = false;
};

struct DeskOptions {
    std::int64_t rows = 16; // answers that are written together
    std::size_t waiting = 64; // answers that wait for their turn; more are refused
    // Conversations of clients that send all of it with each question: what they have in common with an earlier one is not
    // read again.
    KeepLimits keep = {kKeptBytes, 8};
};

// Where requests of many threads become answers of one engine: what comes while others are answered joins them at the next
// token. A failure of the engine ends the answers in work, and no others.
class Desk {
public:
    Desk(session::Choir choir, const DeskOptions& options);
    ~Desk(); // close()
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    // All of them, or none where there is no room: an empty list. Threads: any.
    std::vector<std::shared_ptr<Draft>> take(std::vector<Request> requests);
    // Gives up within a token; whoever waits is told. Threads: any.
    void close();
    std::size_t answersInWork() const; // those that wait included. Threads: any
    std::int64_t keptTokens() const; // of prompts so far, that were not read again. Threads: any

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace pissarro::core::inline serve
