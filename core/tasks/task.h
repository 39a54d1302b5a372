// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core {

// What a rule makes of one answer.
struct Score {
    std::optional<std::string> extracted; // what it took for the answer; nullopt: it found none
    bool correct = false;
};

// One way to judge the answers of a task. Rules disagree about the same answers, so a score is never told without its rule.
struct ScoringRule {
    std::string_view name; // "paper": the command line
    std::string_view title; // whose it is: "PiSSA's utils/test_acc.py"
    // `gold`: as Task::gold gives it. `output`: what the model wrote, as it stands. Threads: any.
    Score (*score)(std::string_view output, const std::string& gold) = nullptr;
};

// Something that answers are judged by: each is one file of core/tasks, and tasks.cpp lists them.
struct Task {
    std::string_view name; // "gsm8k": files, the command line
    std::string_view title; // "GSM8K": what a person reads
    std::vector<ScoringRule> rules; // the first is the usual one
    // The right answer of a row as the rules take it, out of the row's "gold". Throws: Error{Format} beginning with what
    // was found, without the file's name.
    std::string (*gold)(const nlohmann::json& value) = nullptr;
};

const std::vector<const Task*>& allTasks(); // lists keep this order
const Task& taskNamed(std::string_view name); // Throws: Error{InvalidArgument} with the names known
const ScoringRule& ruleNamed(const Task& task, std::string_view name); // Throws: as taskNamed()
std::vector<std::string_view> ruleNames(); // of all tasks, each once

} // namespace pissarro::core
