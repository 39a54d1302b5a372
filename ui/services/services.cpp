// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/services.h"

#include "ui/services/training_session.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/format.h"

#include <initializer_list>

namespace pissarro::ui {

Services::Services()
    : training(machine, model, data, library)
{
    for (OfModel* one : std::initializer_list<OfModel*> {&ranks, &comparison, &fastSvd, &quantBench,
                                                         &rankSearch, &spectra, &data, &chat}) {
        model.follow(*one);
    }
    protectInputsBy(this, [this] { return inUse(); });
    QObject::connect(&rankSearch, &RankSearch::found, &ranks, &RankChoice::setMap);
}

QStringList Services::inUse() const
{
    QStringList inputs {pathOf(model.files()), data.path(), comparison.with(), evaluations.folder(),
                        sweepQueue.folder()};
    const auto add = [&inputs](const core::RunSpec& spec) {
        for (const std::string& one : {spec.model, spec.initAdapter, spec.data, spec.batches}) {
            inputs.append(QString::fromStdString(one));
        }
        inputs.append(textOf(spec.evalTaskData));
    };
    for (const TrainingSession* session : training.sessions()) {
        inputs.append(session->directory());
        for (const core::RunSummary& run : session->runs()) {
            add(run.spec);
        }
    }
    if (const auto& form = sweepPlanner.formSpec()) {
        add(*form);
    }
    if (const SweepLook* look = sweepQueue.look(); look != nullptr && look->store) {
        add(look->store->spec().base);
    }
    for (const Overlay* shown : {&overlay, &drawn}) {
        for (const OverlayRun& run : shown->runs()) {
            inputs.append(run.path);
        }
    }
    for (const int side : {0, 1}) {
        inputs.append(textOf(pair.side(side).run.path));
    }
    for (const ChatColumn& column : chat.columns()) {
        inputs.append(column.path);
    }
    for (const core::PlannedEvaluation& planned : evaluations.plan()) {
        inputs.append(textOf(planned.spec.data));
        for (const core::EvaluatedModel& asked : planned.spec.models) {
            inputs.append(QString::fromStdString(asked.model));
            inputs.append(textOf(asked.adapter));
        }
    }
    inputs.removeAll(QString());
    inputs.removeDuplicates();
    return inputs;
}

Services::~Services()
{
    protectInputs(this, {});
}

QVector<Service*> Services::toldAbovePages()
{
    return {&machine,
            &modelsAtHand,
            &caches,
            &model,
            &spectra,
            &data,
            &library,
            &overlay,
            &pair,
            &drawn,
            &evaluations,
            &training,
            &comparison,
            &fastSvd,
            &quantBench,
            &quantBench.inspecting(),
            &quantBench.ranking(),
            &rankSearch,
            &sweepPlanner.ramping(),
            &sweepPlanner.ranking(),
            &sweepQueue};
}

} // namespace pissarro::ui
