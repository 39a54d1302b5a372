// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/session/open_model.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline evaluate {

struct JudgeQuestion {
    std::string system;
    std::string user;
};

// A model that judges what others answered. It is asked greedily, so that it says the same again.
class Judge {
public:
    virtual ~Judge() = default;
    virtual std::string name() const = 0; // in files and results
    // tell: what it said to one of them, each as it comes, one at a time. What it would not be asked (too long for it, for
    // one) is answered by kJudgeRefused.
    // Throws: Error{Io} where it cannot be reached; Error{Numeric}; Cancelled; what `tell` throws.
    virtual void ask(const std::vector<JudgeQuestion>& questions,
                     const std::function<void(std::size_t index, const std::string& said)>& tell,
                     const JobContext& job) = 0;
};
constexpr const char* kJudgeRefused =
    "$ERROR$"; // FastChat's word; no rating and no winner is read of it

struct JudgeOptions {
    std::int64_t maxNewTokens = 2048; // FastChat's
    std::int64_t together = 8; // questions at a time
};

// A model of this machine. A template that knows no system message gets it in front of the user's.
// Throws: as session::open().
std::unique_ptr<Judge> openJudge(const InferenceModel& model, const std::string& name,
                                 const JudgeOptions& options, const JobContext& job);

// A server that speaks OpenAI's API in the clear.
struct JudgeAddress {
    std::string url; // "http://127.0.0.1:8000/v1"
    std::string model; // its name there; empty: the first that the server lists
    std::string key; // API key; empty: none
    bool mayBeElsewhere = false; // answers may leave this machine
};
// Asks for the server's models. Throws: Error{InvalidArgument} for an address that is no such, or is not this machine's;
//   Error{Io} where nobody answers, or not as such a server does.
std::unique_ptr<Judge> callJudge(const JudgeAddress& address, const JudgeOptions& options,
                                 const JobContext& job);

} // namespace pissarro::core::inline evaluate
