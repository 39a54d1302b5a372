// SPDX-License-Identifier: GPL-3.0-or-later
// Which questions of MT-Bench, and whose answers, are put to a judge.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/evaluate/evaluate.h"
#include "core/evaluate/judging_p.h"
#include "core/file/fingerprint.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

namespace fs = std::filesystem;
using Turns = std::vector<std::string>;

// What each model said, by question.
struct AnsweredModel {
    std::string name;
    std::map<std::int64_t, Turns> answers;
};

[[noreturn]] void refuse(const fs::path& file, const std::string& what)
{
    throw Error(ErrorKind::InvalidArgument, fmt::format("{}: {}", shownPath(file), what));
}

// The files that were named, an evaluation's one by one; the questions that it was asked into `questions`.
std::vector<fs::path> filesOf(const JudgingSpec& spec, fs::path& questions, const JobContext& job)
{
    std::vector<fs::path> files;
    for (const fs::path& path : spec.answers) {
        std::error_code missing;
        if (!fs::is_directory(path, missing)) {
            files.push_back(path);
            continue;
        }
        const fs::path folder = path / "model_answer";
        const std::size_t before = files.size();
        for (const auto& entry : fs::directory_iterator(folder, missing)) {
            if (entry.path().extension() == ".jsonl") {
                files.push_back(entry.path());
            }
        }
        std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
        if (files.size() == before) {
            refuse(path,
                   "holds no model_answer/*.jsonl (expected an evaluation of mt-bench that is "
                   "whole, or such a file)");
        }
        if (questions.empty() && fs::exists(path / kEvaluationFile, missing)) {
            questions = readEvaluation(path, job).spec.data;
        }
    }
    return files;
}

std::vector<AnsweredModel> modelsOf(const std::vector<fs::path>& files, JudgingInput& input,
                                    const JobContext& job)
{
    std::vector<AnsweredModel> models;
    for (const fs::path& file : files) {
        AnsweredModel model {file.stem().string(), {}}; // as FastChat names it
        for (const MtBenchAnswer& answer : readMtBenchAnswers(file, job)) {
            model.answers[answer.questionId] = answer.choices.front();
        }
        const bool isNew =
            input.fingerprints
                .emplace(fmt::format("answers of {}", model.name), fileFingerprint(file, job))
                .second;
        if (!isNew) {
            refuse(
                file,
                fmt::format("is a second file of {}; rename one of them", shownText(model.name)));
        }
        models.push_back(std::move(model));
    }
    return models;
}

const Turns& answersOf(const AnsweredModel& model, const MtBenchQuestion& question)
{
    const auto found = model.answers.find(question.id);
    if (found == model.answers.end() || found->second.size() < question.turns.size()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("the answers of {} lack question {}, or one of its {} turns; let "
                                "the model answer all of them, or judge fewer questions (--rows)",
                                shownText(model.name), question.id, question.turns.size()));
    }
    return found->second;
}

// A reference of every turn up to this one.
bool isReferenced(const MtBenchQuestion& question, int turn)
{
    return question.reference.size() >= static_cast<std::size_t>(turn);
}

class Matches {
public:
    Matches(const JudgingSpec& spec, const std::vector<AnsweredModel>& models,
            std::vector<JudgeMatch>& matches)
        : m_spec(spec)
        , m_models(models)
        , m_matches(matches)
    {
    }

    void add(const MtBenchQuestion& question, int turn)
    {
        if (m_spec.mode == JudgeMode::Single) {
            for (const AnsweredModel& model : m_models) {
                m_matches.push_back(matchOf(question, turn, model, nullptr));
            }
            return;
        }
        for (std::size_t i = 0; i < m_models.size(); ++i) {
            for (std::size_t j = i + 1; j < m_models.size(); ++j) {
                const bool isSecond =
                    m_models[i].name == m_spec.baseline; // the baseline is the second
                const AnsweredModel& first = m_models[isSecond ? j : i];
                const AnsweredModel& second = m_models[isSecond ? i : j];
                if (m_spec.baseline.empty() || second.name == m_spec.baseline) {
                    m_matches.push_back(matchOf(question, turn, first, &second));
                }
            }
        }
    }

private:
    JudgeMatch matchOf(const MtBenchQuestion& question, int turn, const AnsweredModel& first,
                       const AnsweredModel* second) const
    {
        const bool beside = needsReference(question.category) && isReferenced(question, turn);
        JudgeMatch match;
        match.question = &question;
        match.turn = turn;
        match.first = first.name;
        match.second = second == nullptr ? std::string() : second->name;
        match.prompt = &judgePrompt(m_spec.mode, beside, turn);
        std::vector<Turns> answers {answersOf(first, question)};
        if (second != nullptr) {
            answers.push_back(answersOf(*second, question));
        }
        match.user = judgeText(*match.prompt, question.turns, answers, question.reference);
        if (second != nullptr) {
            std::swap(answers[0], answers[1]);
            match.swapped = judgeText(*match.prompt, question.turns, answers, question.reference);
        }
        return match;
    }

    const JudgingSpec& m_spec;
    const std::vector<AnsweredModel>& m_models;
    std::vector<JudgeMatch>& m_matches;
};

// In place of the questions' own.
void takeReferences(const fs::path& file, JudgingInput& input, const JobContext& job)
{
    input.fingerprints["references"] = fileFingerprint(file, job);
    std::map<std::int64_t, Turns> references;
    for (const MtBenchAnswer& answer : readMtBenchAnswers(file, job)) {
        references[answer.questionId] = answer.choices.front();
    }
    for (MtBenchQuestion& question : input.questions) {
        if (const auto found = references.find(question.id); found != references.end()) {
            question.reference = found->second;
        }
    }
}

void warnOfMissing(const std::vector<MtBenchQuestion>& questions,
                   const std::function<void(std::string_view line)>& warn)
{
    const auto lacking =
        std::count_if(questions.begin(), questions.end(), [](const MtBenchQuestion& one) {
            return needsReference(one.category)
                && !isReferenced(one, static_cast<int>(std::min<std::size_t>(one.turns.size(), 2)));
        });
    if (lacking > 0 && warn) {
        warn(fmt::format("questions of math, reasoning or coding without a reference answer: {}; "
                         "they are judged without (--references FILE gives them)",
                         lacking));
    }
}

void checkSpec(const JudgingSpec& spec, const std::vector<AnsweredModel>& models)
{
    if (spec.mode == JudgeMode::Pair && models.size() < 2) {
        throw Error(ErrorKind::InvalidArgument,
                    "pairs are of two models at least; name the answers of another one");
    }
    const bool known = std::any_of(models.begin(), models.end(), [&](const AnsweredModel& model) {
        return model.name == spec.baseline;
    });
    if (!spec.baseline.empty() && !known) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("there are no answers of the baseline {}", shownText(spec.baseline)));
    }
}

} // namespace

JudgingInput readJudgingInput(const JudgingSpec& spec,
                              const std::function<void(std::string_view line)>& warn,
                              const JobContext& job)
{
    JudgingInput input;
    fs::path questions = spec.questions;
    const std::vector<fs::path> files = filesOf(spec, questions, job);
    if (questions.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    "the answers do not say what was asked; name MT-Bench's question.jsonl "
                    "(--questions FILE)");
    }
    input.fingerprints["questions"] = fileFingerprint(questions, job);
    input.questions = readMtBenchQuestions(questions, job);
    if (spec.rows > 0 && spec.rows < static_cast<std::int64_t>(input.questions.size())) {
        input.questions.resize(static_cast<std::size_t>(spec.rows));
    }
    if (!spec.references.empty()) {
        takeReferences(spec.references, input, job);
    }
    warnOfMissing(input.questions, warn);
    const std::vector<AnsweredModel> models = modelsOf(files, input, job);
    checkSpec(spec, models);
    Matches matches(spec, models, input.matches);
    for (const int turn : {1, 2}) {
        for (const bool beside : {false, true}) { // those with a reference last
            for (const MtBenchQuestion& question : input.questions) {
                if (needsReference(question.category) == beside
                    && question.turns.size() >= static_cast<std::size_t>(turn)) {
                    matches.add(question, turn);
                }
            }
        }
    }
    return input;
}

} // namespace pissarro::core::inline evaluate
