// SPDX-License-Identifier: GPL-3.0-or-later
// MBPP (Austin et al., arXiv:2108.07732): a function, judged by the row's asserts. The right answer is the row of the data
// set.
#include "core/base/error.h"
#include "core/tasks/code_answer_p.h"
#include "core/tasks/questions_p.h"
#include "core/tasks/task.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

// The tests as one text: they stand behind every answer alike.
std::string goldOf(const nlohmann::json& row)
{
    const auto tests =
        row.is_object() ? jsonFieldAs<std::vector<std::string>>(row, "test_list") : std::nullopt;
    if (!tests || tests->empty()) {
        throw Error(ErrorKind::Format,
                    "is " + shownValue(row)
                        + " (expected the row of the data set, with a list of texts "
                          "\"test_list\")");
    }
    std::string text;
    const auto setUp = jsonFieldAs<std::string>(row, "test_setup_code");
    if (setUp && !setUp->empty()) {
        text = "\n" + *setUp;
    }
    for (const std::string& test : *tests) {
        text += "\n" + test;
    }
    return text;
}

// As the paper and lm-evaluation-harness ask it, without the mark that a base model's examples need.
TaskQuestion questionOf(const nlohmann::json& row)
{
    TaskQuestion question {{}, goldOf(row)};
    question.prompt = "You are an expert Python programmer, and here is your task: "
        + textAt(row, {"text", "prompt"}) + " Your code should pass these tests:\n";
    const auto tests = jsonFieldAs<std::vector<std::string>>(row, "test_list");
    for (const std::string& test : *tests) {
        question.prompt += "\n" + test;
    }
    return question;
}

CodeAnswer answerOf(std::optional<std::string> code, const std::string& gold)
{
    CodeAnswer answer {std::move(code), {}};
    if (answer.extracted) {
        answer.program = *answer.extracted + gold;
    }
    return answer;
}

CodeAnswer answerPissa(std::string_view output, const std::string& gold)
{
    return answerOf(pissaCode(output), gold);
}

CodeAnswer answerPlain(std::string_view output, const std::string& gold)
{
    return answerOf(codeBefore(output, {"[DONE]"}), gold);
}

CodeAnswer answerInstruct(std::string_view output, const std::string& gold)
{
    return answerOf(firstFenced(output), gold);
}

} // namespace

extern const Task kMbpp {
    .name = "mbpp",
    .title = "MBPP",
    .rules =
        {
            {"paper", "PiSSA's utils/code_process.py", nullptr, answerPissa},
            {"usual", "lm-evaluation-harness' mbpp", nullptr, answerPlain},
            {"instruct", "lm-evaluation-harness' mbpp_instruct", nullptr, answerInstruct},
        },
    .gold = goldOf,
    .question = questionOf,
};

} // namespace pissarro::core::inline tasks
