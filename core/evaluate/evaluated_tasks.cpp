// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluated_tasks.h"

#include "core/base/error.h"
#include "core/evaluate/asking_p.h"
#include "core/text/message_text.h"
#include "core/text/said.h"

#include <algorithm>
#include <string>

namespace pissarro::core::inline evaluate {

namespace {

EvaluatedTask judged(const Task& task)
{
    const bool runsCode = std::any_of(task.rules.begin(), task.rules.end(),
                                      [](const ScoringRule& rule) { return rule.code != nullptr; });
    return {task.name,     task.title, &task,
            !task.chooses, runsCode,   task.chooses ? askChoices : askTexts};
}

} // namespace

const std::vector<EvaluatedTask>& evaluatedTasks()
{
    static const std::vector<EvaluatedTask> kAll = [] {
        std::vector<EvaluatedTask> all;
        for (const Task* task : allTasks()) {
            all.push_back(judged(*task));
        }
        all.push_back({kPerplexity, PISSARRO_SAID("pissarro::core", "Perplexity"), nullptr, false,
                       false, askWindows});
        all.push_back({kLabels, PISSARRO_SAID("pissarro::core", "Labels of texts"), nullptr, false,
                       false, askLabels});
        all.push_back({kMtBench, "MT-Bench", nullptr, true, false, askTurns});
        return all;
    }();
    return kAll;
}

const EvaluatedTask& evaluatedTask(std::string_view name)
{
    std::vector<std::string_view> known;
    for (const EvaluatedTask& task : evaluatedTasks()) {
        if (task.name == name) {
            return task;
        }
        known.push_back(task.name);
    }
    throw Error(ErrorKind::InvalidArgument,
                "the task must be " + listText(known) + ", found " + shownText(name));
}

} // namespace pissarro::core::inline evaluate
