// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/model_look.h"

#include "ui/look/run_stroke.h"
#include "ui/look/theme.h"
#include "ui/words/method_look.h"

#include <algorithm>
#include <map>
#include <optional>

namespace pissarro::ui {

std::vector<ModelLook> looksOf(const TaskPicturePtr& task, const QVector<core::RunSummary>& known)
{
    constexpr double kFirstGrey = 0.25; // of Theme::neutral()
    constexpr double kGreyStep = 0.2;
    std::vector<ModelLook> looks;
    if (!task) {
        return looks;
    }
    std::map<core::Method, int> places; // runs of one method are shades of its colour
    int greys = 0;
    const auto& models = task->evaluation.spec.models;
    for (std::size_t i = 0; i < models.size(); ++i) {
        const auto run = std::find_if(known.begin(), known.end(), [&](const core::RunSummary& one) {
            return one.directory == std::filesystem::path(models[i].model).lexically_normal();
        });
        std::optional<core::Method> method;
        if (run != known.end()) {
            method = run->spec.method;
        } else if (i < task->methods.size()) {
            method = task->methods[i];
        }
        ModelLook look {QString::fromStdString(models[i].name), {}};
        if (method.has_value()) {
            look.color = runStroke(methodColor(*method), places[*method]++).color;
        } else {
            look.color = Theme::instance().neutral(std::min(0.8, kFirstGrey + kGreyStep * greys++));
        }
        looks.push_back(look);
    }
    return looks;
}

} // namespace pissarro::ui
