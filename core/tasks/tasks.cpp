// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/tasks/task.h"
#include "core/text/message_text.h"

#include <algorithm>

namespace pissarro::core::inline tasks {

extern const Task kGsm8k;
extern const Task kMath;
extern const Task kHumanEval;
extern const Task kMbpp;
extern const Task kChoice;
extern const Task kOwn;

namespace {

// The one of that name; `what` begins the message: "the task". Elements have a name.
template <class List, class ElementOf>
const auto& named(const List& list, const ElementOf& elementOf, std::string_view name,
                  const std::string& what)
{
    std::vector<std::string_view> known;
    for (const auto& one : list) {
        if (elementOf(one).name == name) {
            return elementOf(one);
        }
        known.push_back(elementOf(one).name);
    }
    throw Error(ErrorKind::InvalidArgument,
                what + " must be " + listText(known) + ", found " + shownText(name));
}

} // namespace

const std::vector<const Task*>& allTasks()
{
    static const std::vector<const Task*> kAll {
        &kGsm8k, &kMath, &kHumanEval, &kMbpp, &kChoice, &kOwn,
    };
    return kAll;
}

const Task& taskNamed(std::string_view name)
{
    return named(
        allTasks(), [](const Task* task) -> const Task& { return *task; }, name, "the task");
}

const ScoringRule& ruleNamed(const Task& task, std::string_view name)
{
    return named(
        task.rules, [](const ScoringRule& rule) -> const ScoringRule& { return rule; }, name,
        "the rule of " + std::string(task.name));
}

std::vector<std::string_view> ruleNames()
{
    std::vector<std::string_view> names;
    for (const Task* task : allTasks()) {
        for (const ScoringRule& rule : task->rules) {
            if (std::find(names.begin(), names.end(), rule.name) == names.end()) {
                names.push_back(rule.name);
            }
        }
    }
    return names;
}

} // namespace pissarro::core::inline tasks
