// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/evaluated_path.h"

#include "core/evaluate/evaluate.h"
#include "core/evaluate/evaluation_set.h"
#include "ui/jobs/job_bridge.h"

#include <filesystem>
#include <system_error>

namespace pissarro::ui {

namespace {

namespace fs = std::filesystem;

bool holdsEvaluation(const fs::path& folder)
{
    std::error_code ignored;
    return fs::exists(folder / core::kEvaluationFile, ignored)
        || fs::exists(folder / core::kEvaluationSetFile, ignored);
}

} // namespace

EvaluatedKind evaluatedKindOf(const QString& path)
{
    const fs::path folder = path.toStdString();
    std::error_code ignored;
    if (fs::exists(folder / "adapter_config.json", ignored)) {
        return EvaluatedKind::Adapter;
    }
    if (holdsEvaluation(folder)) {
        return EvaluatedKind::Evaluation;
    }
    if (!fs::exists(folder / "run.json", ignored) && !fs::exists(folder / "config.json", ignored)) {
        for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
            if (holdsEvaluation(entry.path())) {
                return EvaluatedKind::Evaluation;
            }
        }
    }
    return EvaluatedKind::Model;
}

// A bridge of its own: a later path does not take its place.
void whenEvaluatedKnown(const QString& path, QObject* context,
                        std::function<void(EvaluatedKind kind)> then)
{
    auto* looking = new JobBridge(context);
    QObject::connect(looking, &JobBridge::finished, looking, &QObject::deleteLater);
    QObject::connect(looking, &JobBridge::failed, looking,
                     [looking, then](quint64, const QString&) {
                         looking->deleteLater();
                         then(EvaluatedKind::Model); // whoever opens it says what is wrong
                     });
    looking->start<EvaluatedKind>([path](const core::JobContext&) { return evaluatedKindOf(path); },
                                  then);
}

} // namespace pissarro::ui
