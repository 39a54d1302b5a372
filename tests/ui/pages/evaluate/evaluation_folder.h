// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluate.h"
#include "core/file/atomic_file.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pissarro::tests {

// An evaluation as core/evaluate writes it, without a model that answers.
inline void writeEvaluationFolder(const std::filesystem::path& folder,
                                  const core::EvaluationSpec& spec,
                                  const std::vector<core::Transcript>& answers, bool isWhole)
{
    std::filesystem::create_directories(folder);
    core::writeFileAtomically(folder / core::kEvaluationFile, core::toJson(spec).dump());
    std::string lines;
    for (const core::Transcript& one : answers) {
        lines += core::toLine(one) + "\n";
    }
    core::writeFileAtomically(folder / core::kTranscriptsFile, lines);
    if (isWhole) {
        core::writeFileAtomically(folder / core::kSummaryFile, "{}");
    }
}

inline core::EvaluationSpec specOf(const std::string& task)
{
    core::EvaluationSpec spec;
    spec.task = task;
    spec.data = "/nowhere/questions.jsonl"; // gone since: what the models read is shown
    spec.models = {{"base", "/nowhere/base"}, {"pissa", "/nowhere/pissa"}};
    return spec;
}

// What was read of it is its last word.
inline core::Transcript answerOf(const std::string& model, std::int64_t index,
                                 const std::string& text, bool isRight)
{
    core::Transcript one;
    one.model = model;
    one.index = index;
    one.prompt = "How much is question " + std::to_string(index) + "?";
    one.output = text;
    one.gold = "18";
    core::Score score;
    score.extracted = text.substr(text.rfind(' ') + 1);
    score.correct = isRight;
    one.verdicts = {{"paper", score}};
    one.tokens = 12;
    one.ending = "end";
    one.seconds = 0.25;
    return one;
}

// Of two models: so many questions that both, only the first, only the second, and neither solved.
inline std::vector<core::Transcript> answersOf(int both, int onlyA, int onlyB, int none)
{
    std::vector<core::Transcript> all;
    const int parts[] {both, onlyA, onlyB, none};
    std::int64_t index = 0;
    for (int part = 0; part < 4; ++part) {
        for (int i = 0; i < parts[part]; ++i, ++index) {
            const bool a = part == 0 || part == 1;
            const bool b = part == 0 || part == 2;
            all.push_back(
                answerOf("base", index, a ? "He eats three, so 18" : "He eats four, so 26", a));
            all.push_back(
                answerOf("pissa", index, b ? "He bakes three, so 18" : "He bakes four, so 27", b));
        }
    }
    return all;
}

inline core::Transcript windowOf(const std::string& model, std::int64_t index, double nll)
{
    core::Transcript one;
    one.model = model;
    one.index = index;
    one.prompt = "A window of text";
    one.output = {{"nll", nll}, {"scored", 100}, {"bytes", 400}, {"words", 80}};
    return one;
}

// A conversation of MT-Bench.
inline core::Transcript talkOf(const std::string& model, std::int64_t index,
                               const std::vector<std::string>& said)
{
    core::Transcript one;
    one.model = model;
    one.index = index;
    one.prompt = std::vector<std::string> {"Write.", "And again."};
    one.output = said;
    one.gold = {{"question_id", 81 + index}, {"category", "writing"}};
    one.tokens = 20;
    one.ending = "end";
    return one;
}

} // namespace pissarro::tests
