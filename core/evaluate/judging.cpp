// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/judging.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/base/version.h"
#include "core/evaluate/judging_p.h"
#include "core/file/atomic_file.h"
#include "core/file/file_lock.h"
#include "core/file/json_file.h"
#include "core/file/output_marker.h"
#include "core/file/regular_file.h"
#include "core/run/run_log.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kJudgments = "model_judgment";

double now()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// A name that is fit for a file: "org/judge" is one of a server.
std::string fileName(const std::string& judge, JudgeMode mode)
{
    std::string name;
    for (const char sign : judge) {
        const bool fits = std::isalnum(static_cast<unsigned char>(sign)) != 0 || sign == '-'
            || sign == '_' || (sign == '.' && !name.empty());
        name += fits ? sign : '_';
    }
    return fmt::format("{}_{}.jsonl", name.empty() ? "judge" : name,
                       mode == JudgeMode::Pair ? "pair" : "single");
}

void cutTornLine(const fs::path& file, const JobContext& job)
{
    const auto there = RegularFile::open(file);
    const std::uint64_t end = there ? there->wholeLines(job) : 0;
    if (!there || end < there->size()) {
        cutFileTo(file, end); // what is no file is said
    }
}

std::string placeOf(std::int64_t question, int turn, const std::string& models)
{
    return fmt::format("question {}, turn {}, {}", question, turn, models);
}

// One that goes on.
class Work {
public:
    Work(const JudgingSpec& spec, Judge& judge, const JudgingOptions& options,
         const JobContext& job)
        : m_spec(spec)
        , m_judge(judge)
        , m_options(options)
        , m_job(job)
        , m_input(readJudgingInput(spec, options.warn, job))
        , m_file(options.folder / kJudgments / fileName(judge.name(), spec.mode))
    {
    }

    Judging run()
    {
        takeFolder();
        const auto lock =
            FileLock::whenFree(m_options.folder / kJudgingFile, m_job,
                               "Waits for another program that judges into this folder");
        readEarlier();
        std::erase_if(m_input.matches,
                      [this](const JudgeMatch& match) { return m_done.contains(keyOf(match)); });
        m_total = m_done.size() + m_input.matches.size();
        AppendFile file(m_file);
        ask(file);
        return summary();
    }

private:
    using Key = std::tuple<std::int64_t, int, std::string, std::string>;

    static Key keyOf(const JudgeMatch& match)
    {
        return {match.question->id, match.turn, match.first, match.second};
    }

    ordered_json description() const
    {
        ordered_json object {{"mode", m_spec.mode == JudgeMode::Pair ? "pair" : "single"},
                             {"judge", m_judge.name()},
                             {"baseline", m_spec.baseline},
                             {"rows", m_spec.rows}};
        for (const auto& [name, fingerprint] : m_input.fingerprints) {
            object[name] = fingerprint;
        }
        return object;
    }

    void takeFolder() const
    {
        const fs::path& folder = m_options.folder;
        const fs::path file = folder / kJudgingFile;
        std::error_code ignored;
        if (fs::exists(file, ignored) && m_options.overwrite == Overwrite::Never) {
            checkSame(readOwnJsonFile(file));
        } else {
            OutputRule rule {m_spec.answers, m_options.overwrite};
            rule.inputs.push_back(m_spec.questions);
            rule.inputs.push_back(m_spec.references);
            if (checkOutputFolder(folder, rule) == ExistingFolder::Replace) {
                emptyOurFolder(folder);
            }
            std::error_code failed;
            fs::create_directories(folder / kJudgments, failed);
            if (failed) {
                throw Error(ErrorKind::Io,
                            fmt::format("{}: the folder cannot be made: {}", shownPath(folder),
                                        failed.message()));
            }
            ordered_json object = markedJson(description());
            object["pissarro"] = version();
            writeFileAtomically(file, object.dump(2) + "\n");
        }
        if (!isGrowingFolder(folder)) { // last: a start that was killed is gone on with
            markGrowingFolder(
                folder,
                {kJudgingFile, fmt::format("{}.lock", kJudgingFile),
                 fmt::format("{}/{}", kJudgments, fileName(m_judge.name(), m_spec.mode))});
        }
        std::error_code failed; // the file tells
        fs::create_directories(folder / kJudgments, failed);
    }

    void checkSame(const json& before) const
    {
        const ordered_json here = description();
        for (const auto& [key, value] : here.items()) {
            const auto found = before.find(key);
            if (found == before.end() || *found != json(value)) {
                throw Error(ErrorKind::InvalidArgument,
                            fmt::format("{}: holds another judging ({} differs); choose another "
                                        "folder, or replace it with --force",
                                        shownPath(m_options.folder), key));
            }
        }
        for (const auto& [key, value] : before.items()) {
            if (!here.contains(key) && (key == "references" || key.starts_with("answers of "))) {
                throw Error(ErrorKind::InvalidArgument,
                            fmt::format("{}: holds a judging with {} too; name that file again, or "
                                        "choose another folder",
                                        shownPath(m_options.folder), key));
            }
        }
    }

    void readEarlier()
    {
        std::error_code missing;
        if (!fs::exists(m_file, missing)) {
            return;
        }
        cutTornLine(m_file, m_job);
        if (fs::file_size(m_file, missing) == 0) {
            return;
        }
        if (m_spec.mode == JudgeMode::Pair) {
            for (MtBenchPair& one : readMtBenchPairs(m_file, m_job)) {
                keep(std::move(one));
            }
        } else {
            for (MtBenchJudgment& one : readMtBenchJudgments(m_file, m_job)) {
                keep(std::move(one));
            }
        }
    }

    void keep(MtBenchJudgment one)
    {
        m_done.emplace(one.questionId, one.turn, one.model, std::string());
        m_ratings.push_back(std::move(one));
    }
    void keep(MtBenchPair one)
    {
        m_done.emplace(one.questionId, one.turn, one.first, one.second);
        m_pairs.push_back(std::move(one));
    }

    void ask(AppendFile& file)
    {
        std::vector<JudgeQuestion> questions;
        for (const JudgeMatch& match : m_input.matches) {
            questions.push_back({std::string(match.prompt->system), match.user});
            if (m_spec.mode == JudgeMode::Pair) { // the same with places swapped
                questions.push_back({std::string(match.prompt->system), match.swapped});
            }
        }
        report();
        if (!questions.empty()) {
            m_judge.ask(
                questions,
                [&](std::size_t index, const std::string& said) { note(index, said, file); },
                m_job);
        }
    }

    void note(std::size_t index, const std::string& said, AppendFile& file)
    {
        if (m_spec.mode == JudgeMode::Pair) {
            notePair(index, said, file);
        } else {
            noteRating(m_input.matches[index], said, file);
        }
        report();
    }

    void noteRating(const JudgeMatch& match, const std::string& said, AppendFile& file)
    {
        MtBenchJudgment one {match.question->id,
                             match.first,
                             m_judge.name(),
                             std::string(match.prompt->name),
                             match.user,
                             said,
                             ratingOf(said).value_or(-1.0),
                             match.turn,
                             now()};
        file.append(mtBenchLine(one));
        keep(std::move(one));
    }

    void notePair(std::size_t index, const std::string& said, AppendFile& file)
    {
        const JudgeMatch& match = m_input.matches[index / 2];
        const auto [other, isFirst] = m_games.emplace(index / 2, said);
        if (isFirst) {
            return; // the other game is still to come
        }
        const bool isSecondGame = index % 2 == 1;
        const std::string& first = isSecondGame ? other->second : said;
        const std::string& second = isSecondGame ? said : other->second;
        MtBenchPair one {match.question->id,
                         match.first,
                         match.second,
                         gameWinner(first, /*swapped=*/false),
                         gameWinner(second, /*swapped=*/true),
                         m_judge.name(),
                         std::string(match.prompt->name),
                         match.user,
                         first,
                         match.swapped,
                         second,
                         match.turn,
                         now()};
        m_games.erase(other);
        file.append(mtBenchLine(one));
        keep(std::move(one));
    }

    void report() const
    {
        const double total = static_cast<double>(std::max<std::size_t>(m_total, 1));
        m_job.checkpoint(static_cast<double>(m_done.size()) / total, "Judging");
    }

    Judging summary() const
    {
        Judging judging =
            m_spec.mode == JudgeMode::Pair ? summaryOfPairs(m_pairs) : summaryOfRatings(m_ratings);
        judging.file = m_file;
        judging.judge = m_judge.name();
        judging.judgments = static_cast<std::int64_t>(m_done.size());
        return judging;
    }

    const JudgingSpec& m_spec;
    Judge& m_judge;
    const JudgingOptions& m_options;
    const JobContext& m_job;
    JudgingInput m_input;
    fs::path m_file;
    std::set<Key> m_done;
    std::vector<MtBenchJudgment> m_ratings;
    std::vector<MtBenchPair> m_pairs;
    std::map<std::size_t, std::string> m_games; // of a match, the one game that was played
    std::size_t m_total = 0;
};

} // namespace

Judging summaryOfRatings(const std::vector<MtBenchJudgment>& ratings)
{
    struct Scores {
        std::vector<double> first;
        std::vector<double> second;
        std::vector<double> all;
        std::int64_t unread = 0;
    };
    Judging judging;
    std::map<std::string, Scores> byModel;
    for (const MtBenchJudgment& one : ratings) {
        Scores& scores = byModel[one.model];
        if (one.score < 0.0) {
            ++scores.unread;
            judging.unread.push_back(placeOf(one.questionId, one.turn, one.model));
            continue;
        }
        (one.turn > 1 ? scores.second : scores.first).push_back(one.score);
        scores.all.push_back(one.score);
    }
    for (const auto& [name, scores] : byModel) {
        judging.models.push_back({name, stats::summaryOf(scores.first),
                                  stats::summaryOf(scores.second), stats::summaryOf(scores.all),
                                  scores.unread});
    }
    return judging;
}

Judging summaryOfPairs(const std::vector<MtBenchPair>& pairs)
{
    Judging judging;
    std::map<std::pair<std::string, std::string>, JudgedPair> byModels;
    for (const MtBenchPair& one : pairs) {
        JudgedPair& pair = byModels[{one.first, one.second}];
        pair.first = one.first;
        pair.second = one.second;
        const auto winner = one.winner();
        if (!winner) {
            ++pair.unread;
            judging.unread.push_back(
                placeOf(one.questionId, one.turn, fmt::format("{} and {}", one.first, one.second)));
        } else {
            ++(*winner == PairWinner::Tie         ? pair.tied
                   : *winner == PairWinner::First ? pair.won
                                                  : pair.lost);
        }
    }
    for (const auto& [names, pair] : byModels) {
        judging.pairs.push_back(pair);
    }
    return judging;
}

ordered_json toJson(const Judging& judging)
{
    const auto numberOf = [](const SampleSummary& summary) {
        return summary.count > 0 ? ordered_json(summary.mean) : ordered_json(nullptr);
    };
    ordered_json models = ordered_json::array();
    for (const JudgedModel& model : judging.models) {
        const auto& interval = model.all.interval;
        models.push_back(
            {{"name", model.name},
             {"score", numberOf(model.all)},
             {"interval",
              interval ? ordered_json::array({interval->low, interval->high}) : ordered_json()},
             {"first_turn", numberOf(model.firstTurn)},
             {"second_turn", numberOf(model.secondTurn)},
             {"ratings", model.all.count},
             {"unread", model.unread}});
    }
    ordered_json pairs = ordered_json::array();
    for (const JudgedPair& pair : judging.pairs) {
        pairs.push_back({{"a", pair.first},
                         {"b", pair.second},
                         {"a_wins", pair.won},
                         {"b_wins", pair.lost},
                         {"ties", pair.tied},
                         {"unread", pair.unread}});
    }
    return {{"judge", judging.judge},         {"file", judging.file.string()},
            {"judgments", judging.judgments}, {"models", std::move(models)},
            {"pairs", std::move(pairs)},      {"unread", judging.unread}};
}

Judging judgeAnswers(const JudgingSpec& spec, Judge& judge, const JudgingOptions& options,
                     const JobContext& job)
{
    return Work(spec, judge, options, job).run();
}

} // namespace pissarro::core::inline evaluate
