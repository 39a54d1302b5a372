// SPDX-License-Identifier: GPL-3.0-or-later
// From a spec to the fields and back: what nobody touched comes back as it was.
#include "core/model/module_selection.h"
#include "core/model/rank_pattern.h"
#include "core/text/number_text.h"
#include "ui/pages/train/train_form_p.h"
#include "ui/words/form_words.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QScopedValueRollback>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

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
    spec.promptTemplate = core::allPromptTemplates()[static_cast<std::size_t>(prompt->current())];
    spec.method = methodAt(*method);
    spec.rank = rank->value();
    spec.alpha = numberIn(*alpha);
    spec.targets = modules->targets();
    spec.learningRate = numberIn(*rate);
    spec.schedule = static_cast<core::Schedule>(schedule->currentData().toInt());
    const double count = numberIn(*length);
    const bool inSteps = lengthUnit->currentIndex() == 1;
    spec.steps = inSteps && std::abs(count) <= 1e9 ? std::llround(count) : 0;
    spec.epochs = inSteps ? base.epochs : count;
    spec.dtype = static_cast<core::BaseDType>(dtype->currentData().toInt());
    spec.device = device->currentData().toString().toStdString();
    for (const auto& [field, editor] : editors) {
        field->set(spec, editor->value());
    }
    return spec;
}

void TrainForm::Private::leaveOutHidden(core::RunSpec& spec) const
{
    for (const core::SpecField& field : core::specFields()) {
        const bool isNumber = field.limits.has_value();
        if (isNumber && field.applies && !field.applies(use(spec))) {
            field.set(spec, field.get(base));
        }
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
    core::RunSpec spec = d->read();
    // What still shows what it showed of the base is the base's, to the last bit.
    for (const core::SpecField& field : core::specFields()) {
        if (core::sameValue(field.get(spec), field.get(d->shown))) {
            field.set(spec, field.get(d->base));
        }
    }
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
        for (const auto& [field, editor] : d->editors) {
            editor->setValue(field->get(spec));
        }
        d->alphaFollowsRank = spec.alpha == static_cast<double>(spec.rank);
        d->rank->setValue(static_cast<int>(spec.rank));
        d->alpha->setText(QString::fromStdString(core::numberText(spec.alpha)));
        d->modules->setTargets(spec.targets);
        d->data->setPath(QString::fromStdString(spec.data.empty() ? spec.batches : spec.data));
        const auto& all = core::allPromptTemplates();
        const auto chosen = std::find(all.begin(), all.end(), spec.promptTemplate);
        d->prompt->setCurrent(static_cast<int>(chosen - all.begin()));
        fillTraining(spec);
    }
    setRankMap(spec.patterns);
    methodChanged();
    d->shown = d->read();
    refresh();
}

void TrainForm::setReading(const core::DataOptions& reading, std::int64_t maxLength)
{
    {
        const QScopedValueRollback<bool> filling(d->filling, true);
        d->base.columns = core::columnMapText(reading.columns);
        d->base.learned = reading.learned;
        d->base.strict = reading.strict;
        const auto& all = core::allPromptTemplates();
        const auto chosen = std::find(all.begin(), all.end(), reading.promptTemplate);
        d->prompt->setCurrent(static_cast<int>(chosen - all.begin()));
        d->editorOf("max_length")->setValue(maxLength);
    }
    refresh();
}

void TrainForm::fillTraining(const core::RunSpec& spec)
{
    d->rate->setText(formatRate(spec.learningRate));
    chooseData(*d->schedule, static_cast<int>(spec.schedule), scheduleWord(spec.schedule));
    d->lengthUnit->setCurrentIndex(spec.steps > 0 ? 1 : 0);
    d->length->setText(spec.steps > 0 ? QString::number(spec.steps)
                                      : QString::fromStdString(core::numberText(spec.epochs)));
    d->lengthChosen = true;
    chooseData(*d->dtype, static_cast<int>(spec.dtype), fromView(core::dtypeTitle(spec.dtype)));
    const QString device = QString::fromStdString(spec.device);
    chooseData(*d->device, device, device);
}

// --- The twins' learning rate

TwinRates TrainForm::twinRates() const
{
    TwinRates rates;
    const int kind = d->twinRateKind->currentIndex();
    if (kind == TwinFound) {
        rates.found = twins();
    } else if (kind == TwinOwn) {
        for (const core::Method twin : twins()) {
            rates.own[twin] = numberIn(*d->twinRate);
        }
    }
    return rates;
}

QString TrainForm::twinRateText() const
{
    const int kind = d->twinRateKind->currentIndex();
    return kind == TwinFound ? QStringLiteral("found")
        : kind == TwinSame   ? QStringLiteral("same")
                             : d->twinRate->text();
}

void TrainForm::setTwinRateText(const QString& text)
{
    {
        const QScopedValueRollback<bool> filling(d->filling, true);
        const bool known = text == QLatin1String("found") || text == QLatin1String("same");
        d->twinRateKind->setCurrentIndex(text == QLatin1String("found") ? TwinFound
                                             : known                    ? TwinSame
                                                                        : TwinOwn);
        d->twinRate->setText(known ? QString() : text);
    }
    refresh();
}

void TrainForm::setTwinRate(double rate)
{
    setTwinRateText(formatRate(rate));
}

void TrainForm::setOrderNote(const QString& text)
{
    if (std::exchange(d->orderNote, text) != text) {
        refresh();
    }
}

void TrainForm::setRampNote(const QString& text, bool isRunning)
{
    d->rampNote = text;
    d->findRate->setText(isRunning ? tr("Cancel") : tr("Find it now"));
    d->findRate->setAccessibleName(isRunning ? tr("Look for no learning rate")
                                             : tr("Find a learning rate for the twin"));
    refresh();
}

// Under the learning rate what it means for both, under the twin's what becomes of it.
void TrainForm::showTwinRate(const core::RunSpec& spec)
{
    const QVector<core::Method> others = twins();
    const int kind = d->twinRateKind->currentIndex();
    d->rows[kTwinRate]->setRowVisible(!others.isEmpty());
    d->twinRate->setVisible(kind == TwinOwn);
    d->findRate->setEnabled(others.size() == 1);
    const QString order = d->orderNote.isEmpty() ? QString() : QStringLiteral("⚠ ") + d->orderNote;
    QStringList ofBoth;
    if (others.isEmpty() || kind == TwinSame) {
        ofBoth << learningRateHint(spec.method, others, spec.learningRate);
    } else if (kind == TwinFound) {
        ofBoth << learningRateHint(spec.method, {}, spec.learningRate)
               << tr("the twin's own is found by a ramp before the start");
    } else {
        ofBoth << learningRateHint(spec.method, {}, spec.learningRate)
               << tr("the twin has its own, %1").arg(d->twinRate->text());
    }
    ofBoth << (others.isEmpty() ? QString() : order);
    ofBoth.removeAll(QString());
    d->rows[QStringLiteral("learning_rate")]->setNote(ofBoth.join(QStringLiteral(" · ")));
    QStringList ofTwin {
        d->rampNote, order,
        kind == TwinSame ? tr("at one rate: its best may lie elsewhere, and with it the order")
            : kind == TwinFound ? tr("50 steps with a rate that grows, before the first step")
                                : QString()};
    ofTwin.removeAll(QString());
    d->rows[kTwinRate]->setNote(ofTwin.join(QStringLiteral(" · ")));
}

} // namespace pissarro::ui
