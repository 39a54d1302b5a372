// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/model_look.h"

#include "ui/look/run_stroke.h"
#include "ui/look/theme.h"
#include "ui/words/method_look.h"

#include <algorithm>
#include <map>

namespace pissarro::ui {

std::vector<ModelLook> looksOf(const core::EvaluationSpec& spec,
                               const QVector<core::RunSummary>& known)
{
    constexpr double kFirstGrey = 0.25; // of Theme::neutral()
    constexpr double kGreyStep = 0.2;
    std::vector<ModelLook> looks;
    std::map<core::Method, int> places; // runs of one method are shades of its colour
    int greys = 0;
    for (const core::EvaluatedModel& model : spec.models) {
        const auto run =
            std::find_if(known.begin(), known.end(), [&model](const core::RunSummary& one) {
                return one.directory == std::filesystem::path(model.model).lexically_normal();
            });
        ModelLook look {QString::fromStdString(model.name), {}};
        look.color = run != known.end()
            ? runStroke(methodColor(run->spec.method), places[run->spec.method]++).color
            : Theme::instance().neutral(std::min(0.8, kFirstGrey + kGreyStep * greys++));
        looks.push_back(look);
    }
    return looks;
}

} // namespace pissarro::ui
