// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/play/fit_run.h"

#include "core/train/pace.h"
#include "ui/jobs/job_bridge.h"
#include "ui/pages/train/train_form.h"
#include "ui/services/services.h"
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
    Services& services;
    double seconds;
    JobBridge bridge {JobKind::Training}; // its pace is a training's
    bool measuring = false;
};

FitRun::FitRun(TrainForm& form, Services& services, double seconds, QObject* parent)
    : QObject(parent)
    // By braces: clang 14 has no other way into an aggregate.
    , d(new Private {.form = form, .services = services, .seconds = seconds})
{
    connect(&services.data, &Data::changed, this, &FitRun::lookWhetherAllIsThere);
    connect(&services.spectra, &Spectra::stateChanged, this, &FitRun::lookWhetherAllIsThere);
    connect(&services.training, &Training::stateChanged, this, [this] {
        if (d->services.training.isRunning()) {
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

core::RunSpec FitRun::recipe(const TrainForm& form, const Services& services)
{
    core::RunSpec spec = form.spec();
    if (services.model.files() && spec.model.empty()) {
        spec.model = services.model.files()->path().string();
    }
    spec.data = services.data.path().toStdString();
    spec.method = core::Method();
    spec.rank = 16;
    spec.alpha = 16;
    spec.learningRate = 2e-4;
    spec.maxLength = 256;
    return spec;
}

void FitRun::lookWhetherAllIsThere()
{
    const auto data = d->services.data.tokenized();
    if (d->measuring || !d->services.model.files() || !data || d->services.spectra.isRunning()
        || d->services.training.isRunning()) {
        return;
    }
    d->measuring = true; // once
    const core::RunSpec spec = recipe(d->form, d->services);
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
