// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline tasks {

// What a rule makes of one answer.
struct Score {
    std::optional<std::string> extracted; // what it took for the answer; nullopt: it found none
    bool correct = false;
    std::string verdict = {}; // of a program that was run: "failed: AssertionError"; else empty
};

// An answer that is code, made a program that is right if it comes to its end without an exception.
struct CodeAnswer {
    std::optional<std::string> extracted; // the code; nullopt: there is none, and nothing to run
    std::string program;
};

// One way to judge the answers of a task. Rules disagree about the same answers, so a score is never told without its rule.
struct ScoringRule {
    std::string_view name; // "paper": the command line
    std::string_view title; // whose it is: "PiSSA's utils/test_acc.py"
    // `gold`: as Task::gold gives it. `output`: what the model wrote, as it stands, or as Task::output gives it.
    // Throws: Error{Format} where `gold` or `output` lacks what this rule needs, without the file's name. Threads: any.
    Score (*score)(std::string_view output, const std::string& gold) = nullptr;
    // Instead of score() where an answer has to be run (answers.h). Threads: any.
    CodeAnswer (*code)(std::string_view output, const std::string& gold) = nullptr;
};

// A row of a task's data set as it is asked.
struct TaskQuestion {
    std::string
        prompt; // a question, an instruction, the head of a function: no template around it yet
    std::string gold; // as Task::gold gives it
    std::vector<std::string> choices = {}; // of a task that chooses
};

// Something that answers are judged by: each is one file of core/tasks, and tasks.cpp lists them.
struct Task {
    std::string_view name; // "gsm8k": files, the command line
    std::string_view title; // "GSM8K": what a person reads
    std::vector<ScoringRule> rules; // the first is taken unless another is asked for
    // The right answer of a row as the rules take it, out of the row's "gold". Throws: Error{Format} beginning with what
    // was found, without the file's name.
    std::string (*gold)(const nlohmann::json& value) = nullptr;
    // The same of the row's "output" where that is no text; null: it is one.
    std::string (*output)(const nlohmann::json& value) = nullptr;
    // A row of the data set as the peers publish it. Throws: Error{Format} as gold().
    TaskQuestion (*question)(const nlohmann::json& row) = nullptr;
    bool chooses = false; // answered by how likely each choice is, not by a text that is written
    bool oneRule =
        false; // its rules want answers of different kinds: only the one that is asked for judges
};

const std::vector<const Task*>& allTasks(); // lists keep this order
const Task& taskNamed(std::string_view name); // Throws: Error{InvalidArgument} with the names known
const ScoringRule& ruleNamed(const Task& task, std::string_view name); // Throws: as taskNamed()
std::vector<std::string_view> ruleNames(); // of all tasks, each once

} // namespace pissarro::core::inline tasks
