// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/play/fit_run.h"

#include "core/train/pace.h"
#include "ui/jobs/job_bridge.h"
#include "ui/pages/train/train_form.h"
#include "ui/services/data.h"
#include "ui/services/model.h"
#include "ui/services/spectra.h"
#include "ui/services/workbench.h"
#include "ui/words/format.h"

namespace pissarro::ui {

namespace {

QString lineOf(const core::Fit& fit)
{
    const QString rows = fit.spec.batchSize == 1
        ? QStringLiteral("one row")
        : QStringLiteral("%1 rows").arg(fit.spec.batchSize);
    return QStringLiteral(
               "Set for this machine: %1 steps of %2; PiSSA and its LoRA twin take about %3")
        .arg(QString::number(fit.spec.steps), rows, formatDuration(fit.seconds));
}

} // namespace

struct FitRun::Private {
    TrainForm& form;
    Workbench& workbench;
    double seconds;
    JobBridge bridge;
    bool measuring = false;
};

FitRun::FitRun(TrainForm& form, Workbench& workbench, double seconds, QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(form, workbench, seconds))
{
    connect(&workbench.data(), &Data::changed, this, &FitRun::lookWhetherAllIsThere);
    connect(&workbench.spectra(), &Spectra::stateChanged, this, &FitRun::lookWhetherAllIsThere);
    connect(&workbench, &Workbench::trainingStateChanged, this, [this] {
        if (d->workbench.isTraining()) {
            d->bridge.cancel();
        }
    });
    QMetaObject::invokeMethod(this, &FitRun::lookWhetherAllIsThere, Qt::QueuedConnection);
    connect(&d->bridge, &JobBridge::failed, this,
            [this](quint64, const QString& message) { Q_EMIT done(message); });
    connect(&d->bridge, &JobBridge::cancelled, this, [this] {
        Q_EMIT done(QStringLiteral("The settings are as they were: a run was started"));
    });
}

FitRun::~FitRun() = default;

core::RunSpec FitRun::recipe(const TrainForm& form, const Workbench& workbench)
{
    core::RunSpec spec = form.spec();
    if (workbench.model().files() && spec.model.empty()) {
        spec.model = workbench.model().files()->path().string();
    }
    spec.data = workbench.data().path().toStdString();
    spec.method = core::Method();
    spec.rank = 16;
    spec.alpha = 16;
    spec.learningRate = 2e-4;
    spec.maxLength = 256;
    return spec;
}

void FitRun::lookWhetherAllIsThere()
{
    const auto data = d->workbench.data().tokenized();
    if (d->measuring || !d->workbench.model().files() || !data || d->workbench.spectra().isRunning()
        || d->workbench.isTraining()) {
        return;
    }
    d->measuring = true; // once
    const core::RunSpec spec = recipe(d->form, d->workbench);
    const auto work = [spec](const core::JobContext& job) { return core::measurePace(spec, job); };
    d->bridge.start<core::Pace>(work, [this, spec, data](const core::Pace& pace) {
        constexpr int kRuns = 2;
        const core::Fit fit = core::fitToTime(spec, pace, kRuns, data->summary.lengths, d->seconds);
        d->form.setSpec(fit.spec);
        d->form.setTwins({core::twinOf(fit.spec.method)});
        Q_EMIT done(lineOf(fit));
    });
}

} // namespace pissarro::ui
