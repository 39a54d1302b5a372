// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/stats/proportion.h"
#include "core/text/enum_names.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline evaluate {

// Which of two answers a person found better, shown side by side without names.
enum class VoteWinner { A, B, Tie };

} // namespace pissarro::core::inline evaluate

namespace pissarro::core {

template <>
struct EnumNames<VoteWinner> { // as FastChat's
    static constexpr std::array all {Named<VoteWinner> {VoteWinner::A, "model_a"},
                                     Named<VoteWinner> {VoteWinner::B, "model_b"},
                                     Named<VoteWinner> {VoteWinner::Tie, "tie"}};
};

} // namespace pissarro::core

namespace pissarro::core::inline evaluate {

// Votes on MT-Bench's answers lie beside the transcripts, a line each as they come, with the keys of FastChat's human
// judgments (lmsys/mt_bench_human_judgments):
//   {"question_id": 81, "model_a": "base", "model_b": "pissa", "winner": "model_b", "judge": "human", "turn": 2, "tstamp": 1.7e9}
constexpr const char* kVotesFile = "votes.jsonl";

struct Vote {
    std::int64_t questionId = 0;
    std::string modelA; // that stood on the left
    std::string modelB;
    VoteWinner winner = VoteWinner::Tie;
    std::string judge = "human";
    int turn = 2; // up to which the conversations were read
    double time = 0.0; // seconds since the epoch
};

std::string voteLine(const Vote& vote); // with its line feed

// Those of an evaluation's folder in the order in which they came; no file: none. A last line that a crash has torn does not
// count. Throws: Error{Io}; Error{Format} naming file and line; Cancelled, also within the file.
std::vector<Vote> readVotes(const std::filesystem::path& folder, const JobContext& job = {});
// Behind those that are there; what is torn is cut off before. Throws: Error{Io}; Error{InvalidArgument}: no evaluation is there.
void appendVotes(const std::filesystem::path& folder, std::span<const Vote> votes);

// The vote that counts on a question and two models, whichever stood left: the last one. Null: there is none.
const Vote* voteOn(const std::vector<Vote>& votes, std::int64_t questionId, const std::string& a,
                   const std::string& b);

// Whether `b` stands on the left: as good as a coin, the same each time, so that nobody sees the two anew by looking away.
bool isSwapped(std::int64_t questionId, std::string_view a, std::string_view b);

// What the votes on two models come to.
struct VoteTally {
    std::int64_t winsOfA = 0;
    std::int64_t winsOfB = 0;
    std::int64_t ties = 0;
    double winRate = 0.5; // of A, a tie counting half, as FastChat's show_result has it
    Interval interval; // of the share of A among those that are no ties, Wilson's at 95 %
    double p = 1.0; // the sign test, two-sided: McNemar's exact test of the same numbers

    std::int64_t decided() const { return winsOfA + winsOfB; }
    std::int64_t voted() const { return decided() + ties; }
    bool tooFewToTell() const;
};
VoteTally tallyOf(const std::vector<Vote>& votes, const std::string& a, const std::string& b);

} // namespace pissarro::core::inline evaluate
