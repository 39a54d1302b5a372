// SPDX-License-Identifier: GPL-3.0-or-later
// Readers of what sweeps, evaluations, judges and people leave behind: their folders travel as runs do.
#include "core/compare/quant_errors.h"
#include "core/compare/scoreboard.h"
#include "core/evaluate/evaluate.h"
#include "core/evaluate/judging_p.h"
#include "core/evaluate/shown_answers.h"
#include "core/evaluate/votes.h"
#include "core/infer/conversation.h"
#include "core/library/project.h"
#include "core/sweep/sweep_plan.h"
#include "core/sweep/sweep_store.h"
#include "core/tasks/answers.h"
#include "core/tasks/judge_prompts.h"
#include "core/tasks/mt_bench.h"
#include "core/tasks/questions.h"
#include "core/text/json_text.h"
#include "tests/fuzz/input_folder.h"
#include "tests/fuzz/reader_tools.h"
#include "tests/fuzz/readers.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::fuzz {
namespace {

namespace fs = std::filesystem;

// Of a pair of nested loops over what a file holds.
constexpr std::size_t kFew = 16;

void useSweep(const core::SweepSpec& spec)
{
    const std::string written = core::sweepToJson(spec).dump();
    const core::SweepSpec again = core::sweepFromJson(written);
    demand(core::sweepToJson(again).dump() == written,
           "a sweep that was read is not the one that was written");
    demand(core::sweepDifference(spec, again).empty(), "a sweep differs from itself");
}

void useState(const core::SweepStore& store)
{
    core::SweepState state = store.read();
    demand(state.runs.size() == store.plan().runs.size(), "a sweep's state lacks a run");
    const std::string written = core::stateToJson(state).dump();
    demand(core::stateToJson(core::stateFromJson(core::stateToJson(state), store.plan())).dump()
               == written,
           "a state that was read is not the one that was written");
    core::stateText(state);
    core::applyHalving(state, store.plan(), store.spec().stop);
    core::releaseLost(state, [](const core::SweepRun&) { return true; });
    if (const auto claimed = core::claimNext(state, store.spec().stop, {1, "host"})) {
        core::plannedRun(store.plan(), *claimed);
    }
    store.change([](core::SweepState& held) { held.paused = !held.paused; });
    demand(store.read().runs.size() == store.plan().runs.size(),
           "a sweep that was changed lacks a run");
}

void useTranscript(const core::Transcript& one)
{
    const std::string line = core::toLine(one);
    demand(line.find('\n') == std::string::npos, "a transcript is of two lines");
    core::lossOf(one);
    for (const std::string& turn : core::writtenTurns(one)) {
        for (const core::RuleVerdict& verdict : one.verdicts) {
            if (const auto part = core::readPart(turn, verdict.score)) {
                demand(part->begin <= part->end && part->end <= turn.size(),
                       "what was read of an answer lies outside of it");
            }
        }
    }
}

void useEvaluation(const core::Evaluation& evaluation)
{
    const std::string written = core::toJson(evaluation.spec).dump();
    demand(core::toJson(core::evaluationFrom(core::parseJson(written))).dump() == written,
           "an evaluation that was read is not the one that was written");
    demand(core::differenceOf(evaluation.spec, evaluation.spec).empty(),
           "an evaluation differs from itself");
    for (const core::EvaluatedModel& model : evaluation.spec.models) {
        demand(model.name.find('/') == std::string::npos && model.name != "..",
               "the name of a model leads out of the folder");
    }
    refusal([&] { core::checkEvaluation(evaluation.spec); });
    for (const core::Transcript& one : evaluation.transcripts) {
        useTranscript(one);
    }
    for (const core::ModelScore& model : evaluation.summary.models) {
        for (const core::RuleScore& rule : model.rules) {
            demand(rule.correct >= 0 && rule.correct <= rule.answers && rule.score >= 0.0
                       && rule.score <= 1.0,
                   "a score is no share");
        }
        refusal([&] { core::compareEvaluations(evaluation, model.name, evaluation, model.name); });
        demand(model.tokens >= 0 && (!model.loss || model.loss->scored >= 0),
               "a count of an evaluation is negative");
    }
    core::toJson(evaluation.summary).dump();
}

void useScoreboard(const core::Scoreboard& board)
{
    for (const core::ScoredModel& model : board.models) {
        demand(model.correct >= 0 && model.questions >= 0, "a count of a summary is negative");
        board.text(model);
        board.findRun(model.name, "runs/x");
    }
    demand((board.best() == nullptr) == board.models.empty(), "of models none is the best");
}

// What every rule of a task makes of the questions' right answers and of the file of answers.
void useTask(const core::Task& task, const std::vector<core::TaskQuestion>& questions,
             const fs::path& answers)
{
    for (const core::ScoringRule& rule : task.rules) {
        if (rule.code == nullptr) {
            refusal([&] {
                const core::AnswerScores scores =
                    core::scoreAnswers(task, rule, answers, core::JobContext());
                demand(scores.score() >= 0.0 && scores.score() <= 1.0, "a score is no share");
            });
            continue;
        }
        for (const core::TaskQuestion& question : questions) {
            refusal([&] { rule.code("```python\ndef f():\n    return 1\n```", question.gold); });
        }
    }
}

template <class List, class Read>
void useLines(const char* name, const Read& read)
{
    refusal([&] {
        const List list = read(InputFolder::path() / name);
        std::string text;
        for (const auto& one : list) {
            text += core::mtBenchLine(one);
        }
        InputFolder::write("again.jsonl", text);
        std::string again;
        for (const auto& one : read(InputFolder::path() / "again.jsonl")) {
            again += core::mtBenchLine(one);
        }
        demand(again == text, "lines of MT-Bench that were read are not those that were written");
    });
}

void useConversation(const core::Conversation& conversation)
{
    const std::string text = core::conversationText(conversation);
    InputFolder::write("again.json", text);
    demand(core::conversationText(core::readConversation(InputFolder::path() / "again.json"))
               == text,
           "a conversation that was read is not the one that was written");
    for (std::size_t side = 0; side < std::min(conversation.sides.size(), kFew); ++side) {
        for (std::size_t turn = 0; turn < std::min(conversation.prompts.size(), kFew); ++turn) {
            const auto messages = conversation.messagesFor(side, turn);
            demand(!messages.empty() && messages.back().content == conversation.prompts[turn],
                   "a side is told another prompt than the turn's");
        }
    }
}

} // namespace

std::optional<std::string> readSweep(std::string_view bytes)
{
    return refusal([&] {
        const core::SweepSpec spec = core::sweepFromJson(bytes);
        useSweep(spec);
        refusal([&] {
            for (const core::PlannedRun& run : core::planSweep(spec).runs) {
                demand(!run.name.empty() && run.name.find('/') == std::string::npos,
                       "the name of a run is none of a folder");
            }
        });
    });
}

std::optional<std::string> readSweepFolder(std::string_view bytes)
{
    const InputFolder folder(bytes, {core::kSweepFile});
    return refusal([&] {
        const core::SweepStore store(InputFolder::path());
        useSweep(store.spec());
        useState(store);
    });
}

std::optional<std::string> readEvaluationFolder(std::string_view bytes)
{
    const InputFolder folder(
        bytes, {core::kEvaluationFile, core::kTranscriptsFile, core::kSummaryFile, "base.jsonl"});
    refusal([&] { useScoreboard(core::readScoreboard(InputFolder::path())); });
    return refusal([&] {
        useEvaluation(core::readEvaluation(InputFolder::path()));
        core::readTranscripts(InputFolder::path(), /*cutTorn=*/true);
    });
}

std::optional<std::string> readTaskFiles(std::string_view bytes)
{
    const InputFolder folder(bytes, {"questions.jsonl", "answers.jsonl"});
    const fs::path questions = InputFolder::path() / "questions.jsonl";
    std::optional<std::string> refused = "the questions are of no task";
    for (const core::Task* task : core::allTasks()) {
        std::vector<core::TaskQuestion> read;
        if (!refusal([&] { read = core::readQuestions(*task, questions); })) {
            demand(!read.empty(), "a file of questions holds none");
            refused.reset();
        }
        useTask(*task, read, InputFolder::path() / "answers.jsonl");
    }
    refusal([&] { core::readTexts(questions); });
    fs::rename(questions, InputFolder::path() / "text.txt");
    refusal([&] { core::readTexts(InputFolder::path() / "text.txt"); });
    return refused;
}

std::optional<std::string> readProject(std::string_view bytes)
{
    const InputFolder folder(bytes, {core::kProjectFile});
    core::Project project(InputFolder::path());
    const fs::path run = InputFolder::path() / "run";
    const auto refused = refusal([&] { project.marks(); });
    const auto unchanged = refusal([&] {
        project.change(run, [](core::RunMark& mark) { mark.notes = "a note"; });
        demand(project.markOf(run).notes == "a note", "a note that was made is not there");
        project.moved(run, InputFolder::path() / "moved");
        project.forget(InputFolder::path() / "moved");
        project.marks();
    });
    demand(refused.has_value() == unchanged.has_value(),
           "a project that cannot be read is changed, or the other way round");
    return refused;
}

std::optional<std::string> readQuantErrorFile(std::string_view bytes)
{
    const InputFolder folder(bytes, {"errors.json"});
    return refusal([&] {
        const auto errors = core::readQuantErrors(InputFolder::path() / "errors.json");
        for (const auto& [method, percent] : errors.average) {
            demand(core::isValidUtf8(method) && std::isfinite(percent),
                   "a figure of quant-error is none");
        }
    });
}

std::optional<std::string> readJudged(std::string_view bytes)
{
    const InputFolder folder(
        bytes, {"question.jsonl", "a.jsonl", "b.jsonl", "single.jsonl", "pair.jsonl"});
    refusal([&] { core::readMtBenchQuestions(InputFolder::path() / "question.jsonl"); });
    useLines<std::vector<core::MtBenchAnswer>>(
        "a.jsonl", [](const auto& file) { return core::readMtBenchAnswers(file); });
    useLines<std::vector<core::MtBenchJudgment>>(
        "single.jsonl", [](const auto& file) { return core::readMtBenchJudgments(file); });
    useLines<std::vector<core::MtBenchPair>>(
        "pair.jsonl", [](const auto& file) { return core::readMtBenchPairs(file); });
    refusal([&] {
        const auto ratings = core::readMtBenchJudgments(InputFolder::path() / "single.jsonl");
        for (const core::MtBenchJudgment& one : ratings) {
            core::ratingOf(one.judgment);
            core::winnerOf(one.judgment);
        }
        core::mtBenchScore(ratings);
        core::toJson(core::summaryOfRatings(ratings)).dump();
    });
    refusal([&] {
        core::toJson(
            core::summaryOfPairs(core::readMtBenchPairs(InputFolder::path() / "pair.jsonl")))
            .dump();
    });
    core::JudgingSpec spec;
    spec.questions = InputFolder::path() / "question.jsonl";
    spec.answers = {InputFolder::path() / "a.jsonl", InputFolder::path() / "b.jsonl"};
    const auto read = [&](core::JudgeMode mode) {
        spec.mode = mode;
        return refusal([&] {
            core::readJudgingInput(
                spec, [](std::string_view) {}, core::JobContext());
        });
    };
    read(core::JudgeMode::Pair);
    return read(core::JudgeMode::Single);
}

std::optional<std::string> readVoteFile(std::string_view bytes)
{
    const InputFolder folder(bytes, {core::kVotesFile});
    InputFolder::write(core::kEvaluationFile, "{}");
    return refusal([&] {
        const std::vector<core::Vote> votes = core::readVotes(InputFolder::path());
        for (const core::Vote& vote : votes) {
            const core::VoteTally tally = core::tallyOf(votes, vote.modelA, vote.modelB);
            demand(tally.winRate >= 0.0 && tally.winRate <= 1.0 && tally.p >= 0.0 && tally.p <= 1.0,
                   "a tally of votes is none");
        }
        const core::Vote more {1, "a", "b", core::VoteWinner::A};
        core::appendVotes(InputFolder::path(), {&more, 1});
        demand(core::readVotes(InputFolder::path()).size() == votes.size() + 1,
               "a vote that was given is not there, or another one is gone");
    });
}

std::optional<std::string> readConversationFile(std::string_view bytes)
{
    const InputFolder folder(bytes, {"conversation.json"});
    const fs::path file = InputFolder::path() / "conversation.json";
    core::listConversations(InputFolder::path());
    const auto refused = refusal([&] { useConversation(core::readConversation(file)); });
    refusal([&] { core::renameConversation(file, "another"); });
    return refused;
}

} // namespace pissarro::fuzz
