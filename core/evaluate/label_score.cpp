// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/label_score.h"

#include "core/base/fmt.h"
#include "core/text/json_value.h"
#include "core/text/number_text.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline evaluate {

namespace {

nlohmann::ordered_json numberOf(double value)
{
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

std::string shown(double value)
{
    return std::isfinite(value) ? fixedText(value, 4) : std::string("undefined");
}

} // namespace

std::optional<LabelScore> labelScoreOf(const std::vector<const Transcript*>& answers)
{
    std::vector<std::int64_t> foundClasses;
    std::vector<std::int64_t> rightClasses;
    std::vector<double> foundNumbers;
    std::vector<double> rightNumbers;
    for (const Transcript* one : answers) {
        if (!one->output.is_object()) {
            continue;
        }
        const auto logits = jsonFieldAs<std::vector<double>>(one->output, "logits");
        const auto label = jsonFieldAs<std::int64_t>(one->output, "label");
        const auto right = jsonAs<std::int64_t>(one->gold);
        const auto number = jsonAs<double>(one->gold);
        if (logits && label && right) {
            foundClasses.push_back(*label);
            rightClasses.push_back(*right);
        } else if (logits && logits->size() == 1 && number) {
            foundNumbers.push_back(logits->front());
            rightNumbers.push_back(*number);
        }
    }
    LabelScore score;
    if (!foundClasses.empty()) {
        score.classes = agreementOf(foundClasses, rightClasses);
    }
    if (!foundNumbers.empty()) {
        score.numbers = correlationOf(foundNumbers, rightNumbers);
    }
    return score.classes || score.numbers ? std::optional(score) : std::nullopt;
}

nlohmann::ordered_json toJson(const LabelScore& score)
{
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    if (score.classes) {
        object["accuracy"] = numberOf(score.classes->accuracy);
        object["matthews"] = numberOf(score.classes->matthews);
        object["f1"] = numberOf(score.classes->f1.value_or(std::nan("")));
        object["f1_macro"] = numberOf(score.classes->macroF1);
    }
    if (score.numbers) {
        object["pearson"] = numberOf(score.numbers->pearson);
        object["spearman"] = numberOf(score.numbers->spearman);
    }
    return object;
}

std::string labelScoreText(const LabelScore& score)
{
    std::string text;
    if (score.classes) {
        text = fmt::format("Matthews {}, F1 {}, macro F1 {}", shown(score.classes->matthews),
                           shown(score.classes->f1.value_or(std::nan(""))),
                           shown(score.classes->macroF1));
    }
    if (score.numbers) {
        text += fmt::format("{}Pearson {}, Spearman {}", text.empty() ? "" : ", ",
                            shown(score.numbers->pearson), shown(score.numbers->spearman));
    }
    return text;
}

} // namespace pissarro::core::inline evaluate
