// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/votes.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/evaluate/evaluate.h"
#include "core/evaluate/evaluation_summary.h"
#include "core/file/atomic_file.h"
#include "core/run/run_log.h"
#include "core/stats/significance.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <nlohmann/json.hpp>
#include <set>

namespace pissarro::core::inline evaluate {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::uint64_t kLargestFile = 1ULL << 30U;

template <class T>
T fieldOf(const json& line, const char* key)
{
    auto value = line.is_object() ? jsonFieldAs<T>(line, key) : std::nullopt;
    if (!value) {
        throw Error(ErrorKind::Format, fmt::format("has no \"{}\" of a vote", key));
    }
    return *std::move(value);
}

Vote voteFrom(const json& line)
{
    Vote vote;
    vote.questionId = fieldOf<std::int64_t>(line, "question_id");
    vote.modelA = fieldOf<std::string>(line, "model_a");
    vote.modelB = fieldOf<std::string>(line, "model_b");
    vote.winner = parseIn(EnumNames<VoteWinner>::all, "its winner",
                          fieldOf<std::string>(line, "winner"), ErrorKind::Format);
    vote.judge = jsonFieldAs<std::string>(line, "judge").value_or(std::string());
    vote.turn = jsonFieldAs<int>(line, "turn").value_or(2);
    vote.time = jsonFieldAs<double>(line, "tstamp").value_or(0.0);
    return vote;
}

// Nothing where there is no file.
std::string textOf(const fs::path& file, const JobContext& job = {})
{
    std::error_code ignored;
    return fs::exists(file, ignored) ? readWholeFile(file, kLargestFile, job) : std::string();
}

bool isOn(const Vote& vote, const std::string& a, const std::string& b)
{
    return (vote.modelA == a && vote.modelB == b) || (vote.modelA == b && vote.modelB == a);
}

} // namespace

std::string voteLine(const Vote& vote)
{
    const ordered_json line {{"question_id", vote.questionId},
                             {"model_a", vote.modelA},
                             {"model_b", vote.modelB},
                             {"winner", nameIn(EnumNames<VoteWinner>::all, vote.winner)},
                             {"judge", vote.judge},
                             {"turn", vote.turn},
                             {"tstamp", vote.time}};
    return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::vector<Vote> readVotes(const fs::path& folder, const JobContext& job)
{
    const fs::path file = folder / kVotesFile;
    const std::string text = textOf(file, job);
    std::vector<Vote> votes;
    std::size_t begin = 0;
    std::int64_t number = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', begin)) {
        ++number;
        job.throwIfCancelled();
        try {
            votes.push_back(
                voteFrom(parseOwnPlain(std::string_view(text).substr(begin, end - begin))));
        } catch (const Error& e) {
            throw Error(e.kind(),
                        fmt::format("{}: line {}: {}; take that line out, and its question can be "
                                    "judged again",
                                    shownPath(file), number, e.what()));
        }
        begin = end + 1;
    }
    return votes;
}

void appendVotes(const fs::path& folder, std::span<const Vote> votes)
{
    std::error_code ignored;
    if (!fs::exists(folder / kEvaluationFile, ignored)) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: holds no evaluation (expected {}), so that its answers cannot "
                                "be judged; open its folder again",
                                shownPath(folder), kEvaluationFile));
    }
    const fs::path file = folder / kVotesFile;
    const std::string text = textOf(file);
    const std::size_t whole = text.rfind('\n') + 1; // npos + 1 is 0: nothing is
    if (whole < text.size()) {
        writeFileAtomically(file, std::string_view(text).substr(0, whole));
    }
    AppendFile lines(file);
    for (const Vote& vote : votes) {
        lines.append(voteLine(vote));
    }
}

const Vote* voteOn(const std::vector<Vote>& votes, std::int64_t questionId, const std::string& a,
                   const std::string& b)
{
    for (auto vote = votes.rbegin(); vote != votes.rend(); ++vote) {
        if (vote->questionId == questionId && isOn(*vote, a, b)) {
            return &*vote;
        }
    }
    return nullptr;
}

// FNV-1a, finished as murmur3 does since its lowest bit alone is a parity. Over the names in an order of their own: the coin
// falls alike when the two are named the other way round.
bool isSwapped(std::int64_t questionId, std::string_view a, std::string_view b)
{
    const bool ordered = a < b;
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    const auto add = [&hash](std::string_view text) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        }
        hash = (hash ^ 0xffU) * 0x100000001b3ULL;
    };
    add(ordered ? a : b);
    add(ordered ? b : a);
    add(fmt::format("{}", questionId));
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdULL;
    const bool secondFirst = ((hash ^ (hash >> 33U)) & 1U) != 0;
    return secondFirst == ordered;
}

bool VoteTally::tooFewToTell() const
{
    return decided() < kFewestDiffering;
}

VoteTally tallyOf(const std::vector<Vote>& votes, const std::string& a, const std::string& b)
{
    VoteTally tally;
    std::set<std::int64_t> counted;
    for (auto vote = votes.rbegin(); vote != votes.rend(); ++vote) {
        if (!isOn(*vote, a, b) || !counted.insert(vote->questionId).second) {
            continue; // of others, or one that was taken back later
        }
        const bool isLeft = vote->modelA == a;
        switch (vote->winner) {
        case VoteWinner::A:
            ++(isLeft ? tally.winsOfA : tally.winsOfB);
            break;
        case VoteWinner::B:
            ++(isLeft ? tally.winsOfB : tally.winsOfA);
            break;
        case VoteWinner::Tie:
            ++tally.ties;
            break;
        }
    }
    tally.interval = wilsonInterval(tally.winsOfA, tally.decided());
    tally.p = mcnemarP(tally.winsOfA, tally.winsOfB);
    if (tally.voted() > 0) {
        tally.winRate = (static_cast<double>(tally.winsOfA) + 0.5 * static_cast<double>(tally.ties))
            / static_cast<double>(tally.voted());
    }
    return tally;
}

} // namespace pissarro::core::inline evaluate
