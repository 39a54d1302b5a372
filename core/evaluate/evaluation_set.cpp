// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluation_set.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/evaluate/evaluate.h"
#include "core/file/atomic_file.h"
#include "core/file/json_file.h"
#include "core/file/output.h"
#include "core/file/output_marker.h"
#include "core/file/regular_file.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace pissarro::core::inline evaluate {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

EvaluationSpec specIn(const fs::path& file)
{
    try {
        return evaluationFrom(readOwnJsonFile(file));
    } catch (const Error& e) {
        throw e.within(shownPath(file));
    }
}

// A name of the file, which must not lead out of the set's folder.
std::string folderOf(const json& task)
{
    const auto name = task.is_object() ? jsonFieldAs<std::string>(task, "folder") : std::nullopt;
    if (!name || name->empty() || name->find('/') != std::string::npos || *name == ".."
        || *name == ".") {
        throw Error(ErrorKind::Format, "its \"folder\" is missing or damaged");
    }
    return textWithoutNul("folder", *name);
}

std::vector<PlannedEvaluation> setIn(const fs::path& file)
{
    const json object = readOwnJsonFile(file);
    std::vector<PlannedEvaluation> plan;
    try {
        const json* const tasks = object.is_object() ? jsonField(object, "tasks") : nullptr;
        if (tasks == nullptr || !tasks->is_array() || tasks->empty()) {
            throw Error(ErrorKind::Format, "its \"tasks\" is missing or damaged");
        }
        for (const json& task : *tasks) {
            plan.push_back({folderOf(task), evaluationFrom(task)});
        }
    } catch (const Error& e) {
        throw e.within(shownPath(file));
    }
    return plan;
}

std::vector<PlannedEvaluation> evaluationsBelow(const fs::path& folder)
{
    std::vector<PlannedEvaluation> plan;
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
        if (pathExists(entry.path() / kEvaluationFile)) {
            plan.push_back(
                {entry.path().filename().string(), specIn(entry.path() / kEvaluationFile)});
        }
    }
    std::sort(plan.begin(), plan.end(),
              [](const auto& a, const auto& b) { return a.folder < b.folder; });
    return plan;
}

} // namespace

std::vector<PlannedEvaluation> plannedEvaluations(const std::vector<EvaluationSpec>& specs)
{
    std::vector<PlannedEvaluation> plan;
    std::set<std::string> taken;
    for (const EvaluationSpec& spec : specs) {
        std::string folder = spec.task;
        for (int place = 2; !taken.insert(folder).second; ++place) {
            folder = fmt::format("{}-{}", spec.task, place);
        }
        plan.push_back({folder, spec});
    }
    return plan;
}

void takeEvaluationSet(const fs::path& folder, const std::vector<PlannedEvaluation>& plan)
{
    if (plan.empty()) {
        throw Error(ErrorKind::InvalidArgument, "choose a task: nothing would be asked");
    }
    OutputRule rule;
    std::vector<std::string> mine {kEvaluationSetFile};
    ordered_json tasks = ordered_json::array();
    for (const PlannedEvaluation& one : plan) {
        checkEvaluation(one.spec);
        rule.inputs.push_back(one.spec.data);
        for (const EvaluatedModel& model : one.spec.models) {
            rule.inputs.emplace_back(model.model);
            rule.inputs.push_back(model.adapter);
        }
        ordered_json task {{"folder", one.folder}};
        task.update(toJson(one.spec));
        tasks.push_back(std::move(task));
        mine.push_back(one.folder + "/");
    }
    checkOutputFolder(folder, rule);
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) {
        throw Error(ErrorKind::Io,
                    fmt::format("{}: the folder cannot be made: {}; choose another one",
                                shownPath(folder), failed.message()));
    }
    writeFileAtomically(folder / kEvaluationSetFile,
                        markedJson({{"tasks", std::move(tasks)}}).dump(2) + "\n");
    markGrowingFolder(folder, mine);
}

std::vector<PlannedEvaluation> readEvaluationSet(const fs::path& folder)
{
    if (pathExists(folder / kEvaluationSetFile)) {
        return setIn(folder / kEvaluationSetFile);
    }
    if (pathExists(folder / kEvaluationFile)) {
        return {{{}, specIn(folder / kEvaluationFile)}};
    }
    std::vector<PlannedEvaluation> plan = evaluationsBelow(folder);
    if (plan.empty()) {
        throw Error(ErrorKind::Format,
                    fmt::format("{}: this is no evaluation (expected {} or {} in it); choose the "
                                "folder that the answers were written to",
                                shownPath(folder), kEvaluationSetFile, kEvaluationFile));
    }
    return plan;
}

} // namespace pissarro::core::inline evaluate
