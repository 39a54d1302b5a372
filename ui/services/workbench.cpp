// SPDX-License-Identifier: GPL-3.0-or-later
// The services, and what a run will need. Training: workbench_training.cpp.
#include "ui/services/workbench.h"

#include "ui/jobs/worker_process.h"
#include "ui/services/workbench_p.h"
#include "ui/widgets/widget_export.h"

#include <QFileInfo>

#include <algorithm>
#include <filesystem>

namespace pissarro::ui {

namespace {

constexpr int kTrainTickMs = 33; // 30 Hz

} // namespace

Workbench::Private::Private(Workbench* workbench)
    : q(workbench)
{
    trainTimer.setInterval(kTrainTickMs);
    inProcess = stored(setting::kTrainsInProcess) && !trainerProgram().isEmpty();
}

Workbench::Workbench(QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
    d->connectJobs();
}

// A run in progress ends after its step, with its adapter written: the bridges wait for that. One of
// another process goes on.
Workbench::~Workbench()
{
    protectInputs(this, {});
    if (d->control && !d->watching) {
        d->control->stopAndKeep();
        d->control->resume();
    }
}

void Workbench::Private::connectJobs()
{
    for (OfModel* one : std::initializer_list<OfModel*> {&ranks, &comparison, &fastSvd, &quantBench,
                                                         &rankSearch, &spectra, &data}) {
        model.follow(*one);
    }
    const auto protect = [this] { // from every file dialog
        protectInputs(q, {pathOf(model.files()), data.path(), comparison.with()});
    };
    QObject::connect(&model, &Model::opened, q, protect);
    QObject::connect(&data, &Data::changed, q, protect);
    QObject::connect(&comparison, &Comparison::changed, q, protect);
    QObject::connect(&rankSearch, &RankSearch::found, &ranks, &RankChoice::setMap);

    connectTraining();

    QObject::connect(&library, &RunLibrary::changed, q, [this] { takeCheckpoints(); });
}

void Workbench::Private::connectTraining()
{
    QObject::connect(&trainTimer, &QTimer::timeout, q, [this] { drainTraining(); });
    QObject::connect(&trainJobs, &JobBridge::progressed, q,
                     [this](quint64, double fraction, const QString& stage) {
                         announce(&Workbench::trainingProgressed, fraction, stage);
                     });
    QObject::connect(&trainJobs, &JobBridge::failed, q, [this](quint64, const QString& text) {
        endTraining(core::RunState::Failed, text);
        announce(&Workbench::failed, QStringLiteral("Training failed"), text,
                 FailureSource::Training);
    });
    QObject::connect(&trainJobs, &JobBridge::cancelled, q, [this](quint64 id) {
        if (id == trainJob) { // not one that was left for another
            watching ? endWatching() : endTraining(core::RunState::Stopped, {});
        }
    });
}

Model& Workbench::model() const
{
    return d->model;
}

Spectra& Workbench::spectra() const
{
    return d->spectra;
}

Data& Workbench::data() const
{
    return d->data;
}

RunLibrary& Workbench::library() const
{
    return d->library;
}

RankChoice& Workbench::ranks() const
{
    return d->ranks;
}

Comparison& Workbench::comparison() const
{
    return d->comparison;
}

FastSvdMeter& Workbench::fastSvd() const
{
    return d->fastSvd;
}

QuantBench& Workbench::quantBench() const
{
    return d->quantBench;
}

RankSearch& Workbench::rankSearch() const
{
    return d->rankSearch;
}

QVector<Service*> Workbench::services() const
{
    return {&d->model,
            &d->spectra,
            &d->data,
            &d->library,
            &d->comparison,
            &d->fastSvd,
            &d->quantBench,
            &d->quantBench.inspecting(),
            &d->quantBench.ranking(),
            &d->rankSearch};
}

Exports& Workbench::exports() const
{
    return d->exports;
}

ChangeStack& Workbench::undoStack() const
{
    return d->undo;
}

core::MemoryEstimate Workbench::estimate(const core::RunSpec& spec,
                                         const QVector<core::Method>& twins) const
{
    const auto model = d->model.files();
    if (!model) {
        return {};
    }
    core::MemoryEstimate estimate =
        core::estimateMemory(*model, spec, {twins.begin(), twins.end()},
                             d->largestBatch.tokens(d->data.tokenized(), spec));
    // What this window holds is the program's only where the run trains in it; once it has trained, that is memory which
    // the next run takes again.
    if (d->trainRuns.isEmpty()) {
        d->idleMemory = core::processMemoryBytes();
    }
    if (!d->inProcess) {
        estimate.fixed = std::max(estimate.fixed, d->idleMemory);
    }
    return estimate;
}

core::DiskEstimate Workbench::diskEstimate(const core::RunSpec& spec,
                                           const QVector<core::Method>& twins) const
{
    const auto model = d->model.files();
    if (!model) {
        return {};
    }
    const auto tokenized = d->data.tokenized();
    const std::int64_t rows = tokenized ? tokenized->summary.usable : 0;
    const std::int64_t batch = std::max<std::int64_t>(1, spec.batchSize);
    return core::estimateDisk(*model, spec, {twins.begin(), twins.end()},
                              core::totalSteps(spec, (rows + batch - 1) / batch));
}

} // namespace pissarro::ui
