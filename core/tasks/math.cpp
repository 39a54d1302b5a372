// SPDX-License-Identifier: GPL-3.0-or-later
// MATH (Hendrycks et al., arXiv:2103.03874): an answer is a formula. The paper's models write it behind a key, as others do
// in a box; what counts as equal, math_answer.h says.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tasks/math_answer.h"
#include "core/tasks/python_text_p.h"
#include "core/tasks/questions_p.h"
#include "core/tasks/task.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/utf8.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

// GraphPKU/PiSSA, utils/test_acc.py, process_math_results(): behind the last key, up to a line's last point.
Score scorePissa(std::string_view output, const std::string& gold)
{
    constexpr std::string_view kKey = "The answer is: ";
    const std::size_t key = output.rfind(kKey);
    if (key == std::string_view::npos) {
        return {};
    }
    std::string_view found = output.substr(key + kKey.size());
    found = strippedText(found.substr(0, found.find(".\n")));
    if (found.ends_with('.')) {
        found.remove_suffix(1);
    }
    const std::string answer(strippedText(found));
    return {answer, equalMath(answer, gold, MathRule::Pissa)};
}

// hendrycks/math: what is in the last box.
Score scoreBoxed(std::string_view output, const std::string& gold)
{
    const auto answer = boxedContent(output);
    return {answer, answer && equalMath(*answer, gold, MathRule::Hendrycks)};
}

std::string goldOf(const nlohmann::json& value)
{
    if (jsonAs<double>(value)) {
        return value.dump();
    }
    if (const std::string* const text = jsonText(value)) {
        return *text;
    }
    throw Error(ErrorKind::Format,
                fmt::format("is {} (expected a formula or a number)", shownValue(value)));
}

// The data set's own rows have the answer in the box of their solution.
TaskQuestion questionOf(const nlohmann::json& row)
{
    TaskQuestion question {textAt(row, {"problem", "question", "query"}), {}};
    if (row.contains("answer")) {
        question.gold = goldAt(row, {"answer"}, goldOf);
        return question;
    }
    const auto boxed = boxedContent(textAt(row, {"solution", "response"}));
    if (!boxed) {
        throw Error(ErrorKind::Format,
                    "its \"solution\" has no \\boxed answer (expected one, or an \"answer\")");
    }
    question.gold = *boxed;
    return question;
}

} // namespace

extern const Task kMath {
    .name = "math",
    .title = "MATH",
    .rules =
        {
            {"paper", "PiSSA's utils/test_acc.py", scorePissa},
            {"usual", "hendrycks/math's last box", scoreBoxed},
        },
    .gold = goldOf,
    .question = questionOf,
};

} // namespace pissarro::core::inline tasks
