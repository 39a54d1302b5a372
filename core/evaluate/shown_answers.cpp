// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/shown_answers.h"

#include "core/base/error.h"
#include "core/dataset/labelled_texts.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/evaluate/evaluation_folder_p.h"
#include "core/tasks/mt_bench.h"
#include "core/tasks/questions.h"
#include "core/text/json_value.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isWordByte(char c)
{
    return isDigit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Not a part of a longer word or number: 18 in "18." but neither in "183" nor in "18.5".
bool isWhole(std::string_view text, std::size_t begin, std::size_t end)
{
    const bool joinsLeft = begin > 0 && isWordByte(text[begin - 1]) && isWordByte(text[begin]);
    const bool joinsRight = end < text.size() && isWordByte(text[end]) && isWordByte(text[end - 1]);
    const bool goesOn = end + 1 < text.size() && (text[end] == '.' || text[end] == ',')
        && isDigit(text[end + 1]) && isDigit(text[end - 1]);
    const bool goesBefore = begin > 1 && (text[begin - 1] == '.' || text[begin - 1] == ',')
        && isDigit(text[begin - 2]) && isDigit(text[begin]);
    return !joinsLeft && !joinsRight && !goesOn && !goesBefore;
}

std::optional<TextPart> lastWhole(std::string_view text, std::string_view part)
{
    for (std::size_t at = text.rfind(part); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : text.rfind(part, at - 1)) {
        if (isWhole(text, at, at + part.size())) {
            return TextPart {at, at + part.size()};
        }
    }
    return std::nullopt;
}

// A run of digits, separators and a sign as a number is told: "1,001.00" as 1001.
std::string plainNumber(std::string_view text)
{
    std::string plain;
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain),
                 [](char c) { return c != ','; });
    if (const std::size_t point = plain.find('.'); point != std::string::npos) {
        plain.resize(std::max(plain.find_last_not_of("0.") + 1, point));
    }
    return plain;
}

std::optional<TextPart> lastNumber(std::string_view text, std::string_view number)
{
    std::optional<TextPart> found;
    const std::string wanted = plainNumber(number);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!isDigit(text[at])) {
            continue;
        }
        std::size_t end = at;
        while (end < text.size()
               && (isDigit(text[end])
                   || ((text[end] == ',' || text[end] == '.') && end + 1 < text.size()
                       && isDigit(text[end + 1])))) {
            ++end;
        }
        const std::size_t begin = at > 0 && text[at - 1] == '-' ? at - 1 : at;
        for (const std::size_t from : {begin, at}) {
            if (plainNumber(text.substr(from, end - from)) == wanted) {
                found = TextPart {from, end};
                break;
            }
        }
        at = end;
    }
    return found;
}

bool isNumber(std::string_view text)
{
    return !text.empty() && std::any_of(text.begin(), text.end(), isDigit)
        && text.find_first_not_of("0123456789+-.,") == std::string_view::npos;
}

} // namespace

std::vector<std::string> askedTexts(std::string_view task, const std::filesystem::path& data,
                                    std::int64_t rows, const JobContext& job)
{
    const EvaluatedTask& how = evaluatedTask(task);
    std::vector<std::string> texts;
    if (how.task != nullptr) {
        for (TaskQuestion& question : readQuestions(*how.task, data, rows, job)) {
            texts.push_back(std::move(question.prompt));
        }
        return texts;
    }
    if (task == kPerplexity) {
        return readTexts(data, rows, job);
    }
    if (task == kLabels) {
        for (ShownText& text : shownTexts(data, {PromptTemplate::Alpaca}, rows, job)) {
            texts.push_back(std::move(text.text));
        }
        return texts;
    }
    for (const MtBenchQuestion& question : readMtBenchQuestions(data, job)) {
        if (rows > 0 && static_cast<std::int64_t>(texts.size()) == rows) {
            break;
        }
        std::string turns;
        for (const std::string& turn : question.turns) {
            turns += (turns.empty() ? "" : "\n\n") + turn;
        }
        texts.push_back(std::move(turns));
    }
    return texts;
}

std::vector<std::string> askedTexts(const Evaluation& evaluation, const JobContext& job)
{
    try {
        if (!evaluation.data.empty() && dataFingerprint(evaluation.spec, job) != evaluation.data) {
            return {};
        }
        return askedTexts(evaluation.spec.task, evaluation.spec.data, evaluation.spec.rows, job);
    } catch (const Error&) {
        return {}; // who wants to know why asks the file itself
    }
}

std::vector<std::string> writtenTurns(const Transcript& transcript)
{
    if (auto text = jsonAs<std::string>(transcript.output)) {
        return {*std::move(text)};
    }
    return jsonAs<std::vector<std::string>>(transcript.output).value_or(std::vector<std::string>());
}

std::string shownGold(const nlohmann::json& gold)
{
    if (gold.is_null()) {
        return {};
    }
    const std::string* const text = jsonText(gold);
    if (text != nullptr) {
        constexpr std::string_view kMark = "#### "; // before GSM8K's number
        const std::size_t at = text->rfind(kMark);
        return at == std::string::npos ? *text : text->substr(at + kMark.size());
    }
    const auto choices = jsonFieldAs<std::vector<std::string>>(gold, "choices");
    const auto right = jsonFieldAs<std::vector<std::int64_t>>(gold, "gold");
    if (!choices || !right) {
        return gold.dump();
    }
    std::string said;
    for (const std::int64_t one : *right) {
        if (one >= 0 && one < static_cast<std::int64_t>(choices->size())) {
            said += (said.empty() ? "" : ", ") + (*choices)[static_cast<std::size_t>(one)];
        }
    }
    return said;
}

std::vector<WeighedChoice> weighedChoices(const Transcript& transcript)
{
    const auto texts = jsonFieldAs<std::vector<std::string>>(transcript.gold, "choices");
    const auto weights = jsonFieldAs<std::vector<double>>(transcript.output, "loglikelihoods");
    if (!texts || !weights || texts->size() != weights->size()) {
        return {};
    }
    const auto tokens = jsonFieldAs<std::vector<std::int64_t>>(transcript.output, "tokens");
    const auto right = jsonFieldAs<std::vector<std::int64_t>>(transcript.gold, "gold")
                           .value_or(std::vector<std::int64_t>());
    std::vector<WeighedChoice> choices;
    for (std::size_t i = 0; i < texts->size(); ++i) {
        const bool isRight =
            std::find(right.begin(), right.end(), static_cast<std::int64_t>(i)) != right.end();
        choices.push_back(
            {(*texts)[i], (*weights)[i], tokens && i < tokens->size() ? (*tokens)[i] : 0, isRight});
    }
    return choices;
}

std::optional<TextPart> readPart(std::string_view output, const Score& score)
{
    if (!score.extracted || score.extracted->empty()) {
        return std::nullopt;
    }
    const auto found = lastWhole(output, *score.extracted);
    return found || !isNumber(*score.extracted) ? found : lastNumber(output, *score.extracted);
}

} // namespace pissarro::core::inline evaluate
