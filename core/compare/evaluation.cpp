// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/evaluation.h"

#include "core/base/error.h"
#include "core/file/json_file.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <fstream>
#include <map>

namespace pissarro::core::inline compare {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kSummary = "summary.json";

// By question; what is no line of a transcript is passed over. A name out of a file is one name, or nothing.
std::vector<bool> solvedIn(const fs::path& directory, const EvaluatedModel& model)
{
    if (model.name.empty() || model.name.find('/') != std::string::npos) {
        return {};
    }
    std::map<std::int64_t, bool> byIndex;
    std::ifstream file(directory / (model.name + ".jsonl"));
    for (std::string line; std::getline(file, line);) {
        try {
            const json row = parseJson(line);
            const auto index =
                row.is_object() ? jsonFieldAs<std::int64_t>(row, "index") : std::nullopt;
            const auto correct = index ? jsonFieldAs<bool>(row, "correct") : std::nullopt;
            if (correct) {
                byIndex[*index] = *correct;
            }
        } catch (const Error&) { // torn: the evaluation still runs
        }
    }
    std::vector<bool> solved;
    if (static_cast<std::int64_t>(byIndex.size()) == model.questions) {
        std::transform(byIndex.begin(), byIndex.end(), std::back_inserter(solved),
                       [](const auto& one) { return one.second; });
    }
    return solved;
}

EvaluatedModel modelOf(const json& entry)
{
    const auto name = entry.is_object() ? jsonFieldAs<std::string>(entry, "name") : std::nullopt;
    const auto correct = name ? jsonFieldAs<std::int64_t>(entry, "correct") : std::nullopt;
    const auto questions = name ? jsonFieldAs<std::int64_t>(entry, "questions") : std::nullopt;
    if (!correct || !questions || *correct < 0 || *questions < *correct) {
        throw Error(ErrorKind::Format,
                    Clause {"has a model without name, correct and questions (expected what eval "
                            "writes)"});
    }
    const double share =
        *questions > 0 ? static_cast<double>(*correct) / static_cast<double>(*questions) : 0.0;
    return {*name,
            jsonFieldAs<double>(entry, "score").value_or(share),
            *correct,
            *questions,
            wilsonInterval(*correct, *questions),
            {}};
}

} // namespace

const EvaluatedModel* Evaluation::find(const std::string& name) const
{
    const auto found = std::find_if(models.begin(), models.end(),
                                    [&](const EvaluatedModel& one) { return one.name == name; });
    return found == models.end() ? nullptr : &*found;
}

Evaluation readEvaluation(const fs::path& directory)
{
    const fs::path file = directory / kSummary;
    const json summary = readJsonFile(file);
    try {
        const json* models = summary.is_object() ? jsonField(summary, "models") : nullptr;
        if (models == nullptr || !models->is_array()) {
            throw Error(ErrorKind::Format,
                        Clause {"has no models (expected what eval writes into its folder)"});
        }
        Evaluation evaluation;
        evaluation.directory = directory;
        evaluation.task = jsonFieldAs<std::string>(summary, "task").value_or("");
        evaluation.rule = jsonFieldAs<std::string>(summary, "rule").value_or("");
        for (const json& entry : *models) {
            EvaluatedModel model = modelOf(entry);
            model.solved = solvedIn(directory, model);
            evaluation.models.push_back(std::move(model));
        }
        return evaluation;
    } catch (const Error& e) {
        throw e.withinOnce(shownPath(file));
    }
}

} // namespace pissarro::core::inline compare
