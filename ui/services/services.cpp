// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/services.h"

#include "ui/widgets/widget_export.h"

#include <initializer_list>

namespace pissarro::ui {

Services::Services()
    : training(machine, model, data, library)
{
    for (OfModel* one : std::initializer_list<OfModel*> {&ranks, &comparison, &fastSvd, &quantBench,
                                                         &rankSearch, &spectra, &data, &chat}) {
        model.follow(*one);
    }
    const auto protect = [this] { // from every file dialog
        protectInputs(this, {pathOf(model.files()), data.path(), comparison.with()});
    };
    QObject::connect(&model, &Model::opened, &model, protect);
    QObject::connect(&data, &Data::changed, &model, protect);
    QObject::connect(&comparison, &Comparison::changed, &model, protect);
    QObject::connect(&rankSearch, &RankSearch::found, &ranks, &RankChoice::setMap);
}

Services::~Services()
{
    protectInputs(this, {});
}

QVector<Service*> Services::toldAbovePages()
{
    return {&machine,
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
