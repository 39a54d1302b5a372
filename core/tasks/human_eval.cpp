// SPDX-License-Identifier: GPL-3.0-or-later
// HumanEval (Chen et al., arXiv:2107.03374): the body of a function, judged by the row's own tests. The right answer is the
// row of the data set.
#include "core/tasks/code_answer_p.h"
#include "core/tasks/questions_p.h"
#include "core/tasks/task.h"
#include "core/text/json_value.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

std::string goldOf(const nlohmann::json& row)
{
    requireTexts(row, {"prompt", "test", "entry_point"});
    return nlohmann::json {
        {"prompt", row["prompt"]}, {"test", row["test"]}, {"entry_point", row["entry_point"]}}
        .dump();
}

TaskQuestion questionOf(const nlohmann::json& row)
{
    const std::string gold = goldOf(row);
    return {textAt(row, {"prompt"}), gold};
}

CodeAnswer answerOf(std::optional<std::string> code, const std::string& gold)
{
    CodeAnswer answer {std::move(code), {}};
    if (answer.extracted) {
        const auto row = nlohmann::json::parse(gold);
        const auto textOf = [&row](const char* key) {
            return jsonAs<std::string>(row.at(key)).value();
        };
        answer.program = textOf("prompt") + *answer.extracted + "\n" + textOf("test") + "\ncheck("
            + textOf("entry_point") + ")";
    }
    return answer;
}

CodeAnswer answerPissa(std::string_view output, const std::string& gold)
{
    return answerOf(pissaCode(output), gold);
}

// The paper of HumanEval, lm-evaluation-harness' humaneval.yaml.
CodeAnswer answerPlain(std::string_view output, const std::string& gold)
{
    return answerOf(codeBefore(output, {"\nclass", "\ndef", "\n#", "\nif", "\nprint"}), gold);
}

CodeAnswer answerInstruct(std::string_view output, const std::string& gold)
{
    return answerOf(codeBefore(output, {"```"}), gold);
}

} // namespace

extern const Task kHumanEval {
    .name = "humaneval",
    .title = "HumanEval",
    .rules =
        {
            {"paper", "PiSSA's utils/code_process.py", nullptr, answerPissa},
            {"usual", "HumanEval's stop words", nullptr, answerPlain},
            {"instruct", "lm-evaluation-harness' humaneval_instruct", nullptr, answerInstruct},
        },
    .gold = goldOf,
    .question = questionOf,
};

} // namespace pissarro::core::inline tasks
