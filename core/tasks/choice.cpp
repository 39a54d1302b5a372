// SPDX-License-Identifier: GPL-3.0-or-later
// Multiple choice by log-likelihood, of any data set: the output of a row is {"loglikelihoods": […]}, with "tokens" and
// "unconditional" for the rules that need them; what is right is {"choices": […], "gold": a number from 0, or several}.
#include "core/tasks/choice.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tasks/python_text_p.h"
#include "core/tasks/questions_p.h"
#include "core/tasks/task.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/number_text.h"
#include "core/text/said.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

using nlohmann::json;

double worthOf(const ChoiceQuestion& question, std::size_t at, ChoiceRule rule)
{
    const double sum = question.logLikelihoods[at];
    switch (rule) {
    case ChoiceRule::Sum:
        return sum;
    case ChoiceRule::PerCharacter:
        return sum / static_cast<double>(codePointsOf(question.choices[at]));
    case ChoiceRule::PerByte:
        return sum / static_cast<double>(question.choices[at].size());
    case ChoiceRule::PerToken:
        return sum / static_cast<double>(question.tokens[at]);
    case ChoiceRule::MutualInformation:
        return sum - question.unconditional[at];
    }
    return sum;
}

// Numbers, of which JSON does not know three: "nan", "inf", "-inf".
std::vector<double> numbersOf(const json& list, const char* key)
{
    std::vector<double> numbers;
    for (const json& one : list) {
        const auto name = jsonAs<std::string>(one).value_or(std::string());
        if (const auto number = jsonAs<double>(one)) {
            numbers.push_back(*number);
        } else if (name == "nan") {
            numbers.push_back(std::numeric_limits<double>::quiet_NaN());
        } else if (name == "inf" || name == "-inf") {
            numbers.push_back((name == "inf" ? 1.0 : -1.0)
                              * std::numeric_limits<double>::infinity());
        } else {
            throw Error(ErrorKind::Format,
                        fmt::format("has {} in \"{}\" (expected numbers)", shownValue(one), key));
        }
    }
    return numbers;
}

std::string outputOf(const json& value)
{
    if (!value.is_object() || !value.contains("loglikelihoods")
        || !value["loglikelihoods"].is_array()) {
        throw Error(ErrorKind::Format,
                    "is " + shownValue(value) + " (expected an object with \"loglikelihoods\")");
    }
    return value.dump();
}

std::string goldOf(const json& value)
{
    const auto choices =
        value.is_object() ? jsonFieldAs<std::vector<std::string>>(value, "choices") : std::nullopt;
    std::vector<std::int64_t> right;
    if (choices) {
        const auto one = jsonFieldAs<std::int64_t>(value, "gold");
        const auto several = jsonFieldAs<std::vector<std::int64_t>>(value, "gold");
        right = several ? *several : one ? std::vector {*one} : right;
    }
    const auto isThere = [&](std::int64_t at) {
        return at >= 0 && at < static_cast<std::int64_t>(choices->size());
    };
    if (right.empty() || !std::all_of(right.begin(), right.end(), isThere)) {
        throw Error(ErrorKind::Format,
                    "is " + shownValue(value)
                        + " (expected an object with \"choices\", texts, and \"gold\", which of "
                          "them is right, from 0)");
    }
    return json {{"choices", *choices}, {"gold", right}}.dump();
}

TaskQuestion questionOf(const json& row)
{
    TaskQuestion question {textAt(row, {"question", "prompt", "query"}), {}};
    const json* const gold =
        row.contains("gold") ? &row["gold"] : &fieldAt(row, {"answer", "label"});
    question.gold = goldOf({{"choices", fieldAt(row, {"choices"})}, {"gold", *gold}});
    question.choices = *jsonAs<std::vector<std::string>>(row["choices"]); // or it were no gold
    return question;
}

constexpr double kMostTokens = 1e9; // of one choice

// A list of the output that the rule needs, one value for each choice.
std::vector<double> listOf(const json& output, const char* key, std::size_t count)
{
    const json* const list = jsonField(output, key);
    if (list == nullptr || !list->is_array() || list->size() != count) {
        throw Error(ErrorKind::Format,
                    fmt::format("its \"output\" has no \"{}\" for each of {} choices", key, count));
    }
    return numbersOf(*list, key);
}

template <ChoiceRule Rule>
Score scoreBy(std::string_view output, const std::string& gold)
{
    const json found = json::parse(output);
    const json right = json::parse(gold);
    ChoiceQuestion question;
    question.choices = jsonAs<std::vector<std::string>>(right.at("choices")).value();
    const std::size_t count = question.choices.size();
    question.logLikelihoods = listOf(found, "loglikelihoods", count);
    if (Rule == ChoiceRule::PerToken) {
        for (const double tokens : listOf(found, "tokens", count)) {
            if (!(tokens >= 1.0 && tokens <= kMostTokens)) {
                throw Error(
                    ErrorKind::Format,
                    fmt::format("its \"output\" has {} tokens for a choice (expected 1 to {})",
                                numberText(tokens), numberText(kMostTokens)));
            }
            question.tokens.push_back(static_cast<std::int64_t>(tokens));
        }
    }
    if (Rule == ChoiceRule::MutualInformation) {
        question.unconditional = listOf(found, "unconditional", count);
    }
    const std::size_t best = bestChoice(question, Rule);
    const auto rights = jsonAs<std::vector<std::size_t>>(right.at("gold")).value();
    return {question.choices[best], std::find(rights.begin(), rights.end(), best) != rights.end()};
}

} // namespace

std::size_t bestChoice(const ChoiceQuestion& question, ChoiceRule rule)
{
    std::size_t best = 0;
    double worth = worthOf(question, 0, rule);
    for (std::size_t at = 1; at < question.choices.size() && !std::isnan(worth); ++at) {
        const double next = worthOf(question, at, rule);
        if (next > worth || std::isnan(next)) {
            best = at;
            worth = next;
        }
    }
    return best;
}

extern const Task kChoice {
    .name = "choice",
    .title = PISSARRO_SAID("pissarro::core", "Multiple choice"),
    .rules =
        {
            {"acc", "lm-evaluation-harness' acc", scoreBy<ChoiceRule::Sum>},
            {"acc_norm", "lm-evaluation-harness' acc_norm", scoreBy<ChoiceRule::PerCharacter>},
            {"acc_bytes", "lm-evaluation-harness' acc_bytes", scoreBy<ChoiceRule::PerByte>},
            {"acc_tokens", "the mean of the tokens", scoreBy<ChoiceRule::PerToken>},
            {"acc_mutual_info", "lm-evaluation-harness' acc_mutual_info",
             scoreBy<ChoiceRule::MutualInformation>},
        },
    .gold = goldOf,
    .output = outputOf,
    .question = questionOf,
    .chooses = true,
};

} // namespace pissarro::core::inline tasks
