// SPDX-License-Identifier: GPL-3.0-or-later
// From a spec to the fields and back: what nobody touched comes back as it was.
#include "core/model/module_selection.h"
#include "core/model/rank_pattern.h"
#include "core/text/number_text.h"
#include "ui/pages/train/train_form_p.h"
#include "ui/words/method_look.h"

#include <QScopedValueRollback>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

QString fromView(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

// Takes `base`'s value of every key whose field still shows what it showed of `base`.
class Untouched {
public:
    Untouched(core::RunSpec& now, const core::RunSpec& shown, const core::RunSpec& base)
        : m_now(now)
        , m_shown(shown)
        , m_base(base)
    {
    }

    template <class... Field>
    void keep(Field core::RunSpec::*... fields)
    {
        (keepOne(fields), ...);
    }

private:
    template <class Field>
    void keepOne(Field core::RunSpec::*field)
    {
        if (m_now.*field == m_shown.*field) {
            m_now.*field = m_base.*field;
        }
    }

    core::RunSpec& m_now;
    const core::RunSpec& m_shown;
    const core::RunSpec& m_base;
};

} // namespace

core::Method methodAt(const QComboBox& box)
{
    return core::methodNamed(box.currentData().toString().toStdString());
}

void chooseData(QComboBox& box, const QVariant& value, const QString& text)
{
    int index = box.findData(value);
    if (index < 0) {
        box.addItem(text, value);
        index = box.count() - 1;
    }
    box.setCurrentIndex(index);
}

void TrainForm::Private::keepTargets(core::RankPatterns& patterns,
                                     const std::vector<std::string>& targets) const
{
    const core::ModuleSelection chosen = core::trySelectModules(*model, targets);
    if (!chosen.problem.empty()) {
        return; // the targets' own field says what is wrong
    }
    const auto& trained = chosen.modules;
    const auto named = [&](const std::string& key) {
        return std::any_of(trained.begin(), trained.end(), [&](const core::LinearModule& one) {
            return core::patternMatches(key, one.name);
        });
    };
    patterns.ranks.eraseIf([&](const auto& entry) { return !named(entry.first); });
    patterns.alphas.eraseIf([&](const auto& entry) { return !named(entry.first); });
}

// By its name, or since the spec says so.
bool TrainForm::Private::isBatches(const QString& path) const
{
    return path.endsWith(QStringLiteral(".safetensors"), Qt::CaseInsensitive)
        || (!path.isEmpty() && path.toStdString() == base.batches);
}

core::RunSpec TrainForm::Private::read() const
{
    core::RunSpec spec = base;
    const QString file = data->path();
    const bool ready = isBatches(file);
    const bool both = !base.data.empty() && file.toStdString() == base.data; // as the base had it
    spec.data = ready ? std::string() : file.toStdString();
    spec.batches = ready ? file.toStdString() : both ? base.batches : std::string();
    spec.promptTemplate = kTemplates[static_cast<std::size_t>(prompt->current())];
    spec.method = methodAt(*method);
    spec.rank = rank->value();
    spec.alpha = numberIn(*alpha);
    spec.rslora = scale->current() == 1;
    spec.svd = svd->current() == 0 ? core::SvdKind::Exact : core::SvdKind::Fast;
    spec.niter = niter->value();
    spec.oversampling = oversampling->value();
    spec.iters = iters->value();
    spec.quantType = quantType->current() == 0 ? core::QuantType::Nf4 : core::QuantType::Fp4;
    spec.doubleQuant = absmax->current() == 1;
    spec.targets = modules->targets();
    spec.learningRate = numberIn(*rate);
    spec.schedule = static_cast<core::Schedule>(schedule->currentData().toInt());
    spec.warmupRatio = warmup->value() / 100.0;
    spec.weightDecay = numberIn(*weightDecay);
    spec.clip = numberIn(*clip);
    spec.batchSize = batch->value();
    spec.gradAccum = accumulation->value();
    spec.maxLength = maxLength->value();
    const double count = numberIn(*length);
    const bool inSteps = lengthUnit->currentIndex() == 1;
    spec.steps = inSteps && std::abs(count) <= 1e9 ? std::llround(count) : 0;
    spec.epochs = inSteps ? base.epochs : count;
    spec.dtype = static_cast<core::BaseDType>(dtype->currentData().toInt());
    spec.seed = seed->text().trimmed().toULongLong();
    spec.threads = threads->value();
    spec.device = device->currentData().toString().toStdString();
    spec.checkpointEvery = checkpointEvery->value();
    spec.checkpointMinutes = checkpointMinutes->value();
    spec.keepCheckpoints = keepCheckpoints->value();
    spec.evalRatio = heldOut->value() / 100.0;
    spec.evalEvery = evalEvery->value();
    spec.patience = patience->value();
    spec.gradientCheckpointing = activations->current() == 1;
    return spec;
}

void TrainForm::Private::leaveOutHidden(core::RunSpec& spec) const
{
    if (!involves(core::hasAdapter)) {
        spec.rank = base.rank;
        spec.alpha = base.alpha;
    }
    if (!involves(core::decomposes)) {
        spec.niter = base.niter;
        spec.oversampling = base.oversampling;
    }
    if (!involves(core::iterates)) {
        spec.iters = base.iters;
    }
}

// The one chosen stays, also where this machine lacks it.
void TrainForm::setDevices(const std::vector<core::DeviceInfo>& devices)
{
    {
        const QScopedValueRollback<bool> filling(d->filling, true);
        const QString chosen = d->device->currentData().toString();
        d->listDevices(devices);
        chooseData(*d->device, chosen, chosen);
    }
    refresh();
}

core::RunSpec TrainForm::spec() const
{
    using core::RunSpec;
    RunSpec spec = d->read();
    Untouched untouched(spec, d->shown, d->base);
    untouched.keep(&RunSpec::method, &RunSpec::rank, &RunSpec::alpha, &RunSpec::rslora,
                   &RunSpec::svd, &RunSpec::niter, &RunSpec::oversampling, &RunSpec::iters,
                   &RunSpec::quantType, &RunSpec::doubleQuant, &RunSpec::targets);
    untouched.keep(&RunSpec::learningRate, &RunSpec::schedule, &RunSpec::warmupRatio,
                   &RunSpec::weightDecay, &RunSpec::clip, &RunSpec::batchSize, &RunSpec::gradAccum,
                   &RunSpec::maxLength, &RunSpec::steps, &RunSpec::epochs);
    untouched.keep(&RunSpec::dtype, &RunSpec::seed, &RunSpec::threads, &RunSpec::device,
                   &RunSpec::checkpointEvery, &RunSpec::checkpointMinutes,
                   &RunSpec::keepCheckpoints, &RunSpec::evalRatio, &RunSpec::evalEvery,
                   &RunSpec::patience, &RunSpec::gradientCheckpointing);
    d->leaveOutHidden(spec);
    if (d->model) {
        spec.model = d->model->path().string();
    }
    if (d->model && !spec.patterns.empty()) { // a map may name modules that do not train
        d->keepTargets(spec.patterns, spec.targets);
    }
    return spec;
}

void TrainForm::setSpec(const core::RunSpec& spec)
{
    {
        const QScopedValueRollback<bool> filling(d->filling, true);
        d->base = spec;
        chooseData(*d->method, nameOf(spec.method), titleOf(spec.method));
        d->svd->setCurrent(spec.svd == core::SvdKind::Exact ? 0 : 1);
        d->niter->setValue(spec.niter);
        d->oversampling->setValue(static_cast<int>(spec.oversampling));
        d->iters->setValue(spec.iters);
        d->quantType->setCurrent(spec.quantType == core::QuantType::Nf4 ? 0 : 1);
        d->absmax->setCurrent(spec.doubleQuant ? 1 : 0);
        d->alphaFollowsRank = spec.alpha == static_cast<double>(spec.rank);
        d->rank->setValue(static_cast<int>(spec.rank));
        d->alpha->setText(QString::fromStdString(core::numberText(spec.alpha)));
        d->scale->setCurrent(spec.rslora ? 1 : 0);
        d->modules->setTargets(spec.targets);
        d->data->setPath(QString::fromStdString(spec.data.empty() ? spec.batches : spec.data));
        const auto* chosen = std::find(kTemplates.begin(), kTemplates.end(), spec.promptTemplate);
        d->prompt->setCurrent(static_cast<int>(chosen - kTemplates.begin()));
        fillTraining(spec);
    }
    setRankMap(spec.patterns);
    methodChanged();
    d->shown = d->read();
    refresh();
}

void TrainForm::fillTraining(const core::RunSpec& spec)
{
    d->rate->setText(QString::fromStdString(core::numberText(spec.learningRate)));
    chooseData(*d->schedule, static_cast<int>(spec.schedule),
               fromView(core::scheduleName(spec.schedule)));
    d->warmup->setValue(spec.warmupRatio * 100.0);
    d->weightDecay->setText(QString::fromStdString(core::numberText(spec.weightDecay)));
    d->clip->setText(QString::fromStdString(core::numberText(spec.clip)));
    d->batch->setValue(static_cast<int>(spec.batchSize));
    d->accumulation->setValue(static_cast<int>(spec.gradAccum));
    d->maxLength->setValue(static_cast<int>(spec.maxLength));
    d->lengthUnit->setCurrentIndex(spec.steps > 0 ? 1 : 0);
    d->length->setText(spec.steps > 0 ? QString::number(spec.steps)
                                      : QString::fromStdString(core::numberText(spec.epochs)));
    d->lengthChosen = true;
    chooseData(*d->dtype, static_cast<int>(spec.dtype), fromView(core::dtypeTitle(spec.dtype)));
    d->seed->setText(QString::number(spec.seed));
    d->threads->setValue(spec.threads);
    const QString device = QString::fromStdString(spec.device);
    chooseData(*d->device, device, device);
    d->checkpointEvery->setValue(static_cast<int>(spec.checkpointEvery));
    d->checkpointMinutes->setValue(spec.checkpointMinutes);
    d->keepCheckpoints->setValue(static_cast<int>(spec.keepCheckpoints));
    d->heldOut->setValue(spec.evalRatio * 100.0);
    d->evalEvery->setValue(static_cast<int>(spec.evalEvery));
    d->patience->setValue(static_cast<int>(spec.patience));
    d->activations->setCurrent(spec.gradientCheckpointing ? 1 : 0);
}

} // namespace pissarro::ui
