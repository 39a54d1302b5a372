// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train/train_form.h"

#include "core/adapter/rank_pattern.h"
#include "core/base/error.h"
#include "core/train/trainer.h"
#include "ui/jobs/worker_process.h"
#include "ui/pages/train/form_words.h"
#include "ui/pages/train/train_form_p.h"
#include "ui/widgets/format.h"

#include <QScopedValueRollback>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

core::Method methodAt(const QComboBox& box)
{
    return static_cast<core::Method>(box.currentData().toInt());
}

// What an entry of the twin's box stands for: nothing, one method, or several.
QVector<core::Method> methodsOf(const QVariant& entry)
{
    QVector<core::Method> methods;
    for (const QVariant& one :
         entry.typeId() == QMetaType::QVariantList ? entry.toList() : QVariantList {entry}) {
        if (one.toInt() >= 0) {
            methods.append(static_cast<core::Method>(one.toInt()));
        }
    }
    return methods;
}

void addTwins(QComboBox& box, const QVector<core::Method>& methods)
{
    QStringList titles;
    QVariantList entry;
    for (const core::Method method : methods) {
        titles.append(QString::fromStdString(std::string(core::methodTitle(method))));
        entry.append(static_cast<int>(method));
    }
    if (methods.size() == 1) {
        box.addItem(TrainForm::tr("%1, same batches").arg(titles.first()), entry.first());
    } else {
        box.addItem(titles.join(QStringLiteral(" + ")), entry);
    }
}

} // namespace

bool TrainForm::Private::involves(bool (*is)(core::Method)) const
{
    const QVector<core::Method> twins = methodsOf(twin->currentData());
    return is(methodAt(*method)) || std::any_of(twins.begin(), twins.end(), is);
}

TrainForm::TrainForm(QWidget* parent)
    : QWidget(parent)
    , d(std::make_unique<Private>())
{
    d->layout = new QVBoxLayout(this);
    d->layout->setContentsMargins(0, 0, 0, 0);
    d->layout->setSpacing(8);
    buildMethod();
    buildData();
    buildRates();
    buildLength();
    buildAdvanced();
    connectFields();
    core::RunSpec start;
    start.maxLength = 256; // what a workstation's memory takes in its stride
    setSpec(start);
    setTwins({core::Method::Lora});
    d->lengthChosen = false;
}

TrainForm::~TrainForm() = default;

void TrainForm::Private::keepTargets(core::RankPatterns& patterns,
                                     const std::vector<std::string>& targets) const
{
    std::vector<core::LinearModule> trained;
    try {
        trained = core::selectModules(*model, targets);
    } catch (const core::Error&) {
        return; // the targets' own field says what is wrong
    }
    const auto named = [&](const std::string& key) {
        return std::any_of(trained.begin(), trained.end(), [&](const core::LinearModule& one) {
            return core::patternMatches(key, one.name);
        });
    };
    std::erase_if(patterns.ranks, [&](const auto& entry) { return !named(entry.first); });
    std::erase_if(patterns.alphas, [&](const auto& entry) { return !named(entry.first); });
}

void TrainForm::connectFields()
{
    auto* guard = new WheelGuard(this);
    for (QComboBox* box : {d->method, d->twin, d->schedule, d->lengthUnit, d->dtype, d->device}) {
        guard->watch(box);
        connect(box, &QComboBox::currentIndexChanged, this, &TrainForm::refresh);
    }
    for (QSpinBox* box :
         {d->niter, d->batch, d->accumulation, d->oversampling, d->threads, d->checkpointEvery,
          d->keepCheckpoints, d->evalEvery, d->patience, d->rank, d->maxLength, d->iters}) {
        guard->watch(box);
        connect(box, &QSpinBox::valueChanged, this, &TrainForm::refresh);
    }
    guard->watch(d->warmup);
    connect(d->warmup, &QDoubleSpinBox::valueChanged, this, &TrainForm::refresh);
    guard->watch(d->heldOut);
    connect(d->heldOut, &QDoubleSpinBox::valueChanged, this, &TrainForm::refresh);
    connect(d->activations, &SegmentedControl::changed, this, &TrainForm::refresh);
    connect(d->process, &SegmentedControl::changed, this, &TrainForm::refresh);
    for (QLineEdit* edit : {d->alpha, d->rate, d->length, d->weightDecay, d->clip, d->seed}) {
        connect(edit, &QLineEdit::textChanged, this, &TrainForm::refresh);
    }
    connect(d->svd, &SegmentedControl::changed, this, &TrainForm::refresh);
    connect(d->quantType, &SegmentedControl::changed, this, &TrainForm::refresh);
    connect(d->absmax, &SegmentedControl::changed, this, &TrainForm::refresh);
    connect(d->scale, &SegmentedControl::changed, this, &TrainForm::refresh);
    connect(d->modules, &ModuleChips::changed, this, &TrainForm::refresh);
    connect(d->method, &QComboBox::currentIndexChanged, this, &TrainForm::methodChanged);
    connect(d->rank, &QSpinBox::valueChanged, this, &TrainForm::rankChanged);
    connect(d->alpha, &QLineEdit::textEdited, this, [this] {
        d->alphaFollowsRank = numberIn(*d->alpha) == static_cast<double>(d->rank->value());
    });
    connect(d->length, &QLineEdit::textEdited, this, [this] { d->lengthChosen = true; });
    connect(d->lengthUnit, &QComboBox::activated, this, [this] { d->lengthChosen = true; });
    connect(d->data, &PathField::pathEdited, this, &TrainForm::dataPathEdited);
    connect(d->directory, &PathField::pathEdited, this, [this](const QString& path) {
        d->directoryChosen = !path.isEmpty();
        refresh();
    });
    connect(d->maxLength, &QSpinBox::valueChanged, this, [this](int tokens) {
        if (!d->filling) {
            Q_EMIT maxLengthEdited(tokens);
        }
    });
    connect(d->disclosure, &QToolButton::toggled, this, [this](bool open) {
        d->disclosure->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
        d->advanced->setVisible(open);
    });
}

// The twins' choices leave the method itself out; a twin that became the method changes places.
void TrainForm::methodChanged()
{
    const core::Method method = methodAt(*d->method);
    QVector<core::Method> chosen = twins();
    if (const qsizetype same = chosen.indexOf(method); same >= 0) {
        const bool fourBit = core::isFourBit(method);
        core::Method other = fourBit ? core::Method::Qpissa : core::Method::Pissa;
        if (other == method) {
            other = fourBit ? core::Method::Qlora : core::Method::Lora;
        }
        chosen[same] = other;
    }
    setTwins(chosen);
}

void TrainForm::setTwins(const QVector<core::Method>& twins)
{
    using core::Method;
    {
        const QSignalBlocker quiet(d->twin);
        const Method method = methodAt(*d->method);
        d->twin->clear();
        d->twin->addItem(tr("none"), -1);
        QVector<Method> relatives; // on four bits too
        for (const Method one : {Method::Lora, Method::Pissa, Method::Qlora, Method::Loftq,
                                 Method::Qpissa, Method::Full}) {
            if (one != method) {
                addTwins(*d->twin, {one});
                if (core::isFourBit(one)) {
                    relatives.append(one);
                }
            }
        }
        if (core::isFourBit(method)) {
            addTwins(*d->twin, relatives);
        }
        int index = 0;
        while (index < d->twin->count() && methodsOf(d->twin->itemData(index)) != twins) {
            ++index;
        }
        if (index == d->twin->count()) { // such as a command line names
            addTwins(*d->twin, twins);
        }
        d->twin->setCurrentIndex(index);
    }
    refresh();
}

void TrainForm::rankChanged(int rank)
{
    if (d->alphaFollowsRank) {
        d->alpha->setText(QString::number(rank));
    }
    if (!d->filling) {
        Q_EMIT rankEdited(rank);
    }
}

core::RunSpec TrainForm::spec() const
{
    core::RunSpec spec = d->base;
    spec.model = d->model ? d->model->path().string() : std::string();
    spec.data = d->data->path().toStdString();
    if (!spec.data.empty()) {
        spec.batches.clear();
    }
    spec.method = methodAt(*d->method);
    spec.rank = d->rank->value();
    spec.alpha = numberIn(*d->alpha);
    spec.rslora = d->scale->current() == 1;
    spec.svd = d->svd->current() == 0 ? core::SvdKind::Exact : core::SvdKind::Fast;
    spec.niter = d->niter->value();
    spec.oversampling = d->oversampling->value();
    spec.iters = d->iters->value();
    spec.quantType = d->quantType->current() == 0 ? core::QuantType::Nf4 : core::QuantType::Fp4;
    spec.doubleQuant = d->absmax->current() == 1;
    spec.targets = d->modules->targets();
    spec.learningRate = numberIn(*d->rate);
    spec.schedule = static_cast<core::Schedule>(d->schedule->currentIndex());
    spec.warmupRatio = d->warmup->value() / 100.0;
    spec.weightDecay = numberIn(*d->weightDecay);
    spec.clip = numberIn(*d->clip);
    spec.batchSize = d->batch->value();
    spec.gradAccum = d->accumulation->value();
    spec.maxLength = d->maxLength->value();
    const double length = numberIn(*d->length);
    const bool inSteps = d->lengthUnit->currentIndex() == 1;
    spec.steps = inSteps && std::abs(length) <= 1e9 ? std::llround(length) : 0;
    spec.epochs = inSteps ? d->base.epochs : length;
    spec.dtype = static_cast<core::BaseDType>(d->dtype->currentIndex());
    spec.seed = d->seed->text().trimmed().toULongLong();
    spec.threads = d->threads->value();
    spec.device = d->device->currentData().toString().toStdString();
    spec.checkpointEvery = d->checkpointEvery->value();
    spec.keepCheckpoints = d->keepCheckpoints->value();
    spec.evalRatio = d->heldOut->value() / 100.0;
    spec.evalEvery = d->evalEvery->value();
    spec.patience = d->patience->value();
    spec.gradientCheckpointing = d->activations->current() == 1;
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
        d->method->setCurrentIndex(d->method->findData(static_cast<int>(spec.method)));
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
        d->rate->setText(QString::fromStdString(core::numberText(spec.learningRate)));
        d->schedule->setCurrentIndex(static_cast<int>(spec.schedule));
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
        d->dtype->setCurrentIndex(static_cast<int>(spec.dtype));
        d->seed->setText(QString::number(spec.seed));
        d->threads->setValue(spec.threads);
        const QString device = QString::fromStdString(spec.device);
        d->device->setCurrentIndex(std::max(0, d->device->findData(device)));
        d->checkpointEvery->setValue(static_cast<int>(spec.checkpointEvery));
        d->keepCheckpoints->setValue(static_cast<int>(spec.keepCheckpoints));
        d->heldOut->setValue(spec.evalRatio * 100.0);
        d->evalEvery->setValue(static_cast<int>(spec.evalEvery));
        d->patience->setValue(static_cast<int>(spec.patience));
        d->activations->setCurrent(spec.gradientCheckpointing ? 1 : 0);
        d->data->setPath(QString::fromStdString(spec.data));
    }
    setRankMap(spec.patterns);
    methodChanged();
}

QVector<core::Method> TrainForm::twins() const
{
    return methodsOf(d->twin->currentData());
}

bool TrainForm::trainsInProcess() const
{
    return d->process->current() == 1;
}

void TrainForm::setTrainsInProcess(bool own)
{
    d->process->setCurrent(own && !trainerProgram().isEmpty() ? 1 : 0);
}

QString TrainForm::runDirectory() const
{
    return d->directory->path();
}

void TrainForm::setModel(std::shared_ptr<const core::ModelFiles> model)
{
    d->model = std::move(model);
    refresh();
}

void TrainForm::setData(const QString& path, const core::DatasetSummary* summary, bool failed)
{
    d->dataFailed = failed;
    const bool isNew = path != d->data->path();
    d->data->setPath(path);
    d->summary = summary != nullptr ? std::optional(*summary) : std::nullopt;
    if (isNew && !d->lengthChosen) {
        const bool demo = isDemoData(path);
        const QScopedValueRollback<bool> filling(d->filling, true);
        d->lengthUnit->setCurrentIndex(demo ? 1 : 0);
        d->length->setText(demo ? QString::number(kDemoSteps) : QStringLiteral("1"));
    }
    refresh();
}

void TrainForm::setRank(int rank)
{
    const QScopedValueRollback<bool> filling(d->filling, true);
    d->rank->setValue(rank);
    d->filling = false;
    refresh();
}

void TrainForm::setRankMap(const core::RankPatterns& patterns)
{
    d->base.patterns = patterns;
    d->rank->setEnabled(patterns.ranks.empty());
    d->alpha->setEnabled(patterns.alphas.empty());
    refresh();
}

void TrainForm::setSlice(double slice)
{
    d->base.slice = slice;
    refresh();
}

void TrainForm::proposeRunDirectory()
{
    d->directoryChosen = false;
    refresh();
}

QString TrainForm::problem() const
{
    return d->problem;
}

void TrainForm::refresh()
{
    if (d->filling || d->directory == nullptr) {
        return;
    }
    const bool adapters = d->involves(core::hasAdapter);
    const bool fast = d->svd->current() == 1;
    const bool decomposes = d->involves(core::decomposes);
    d->rows[QStringLiteral("svd")]->setVisible(decomposes);
    d->niter->setVisible(fast);
    d->rows[QStringLiteral("oversampling")]->setVisible(fast && decomposes);
    d->rows[QStringLiteral("quant_type")]->setVisible(d->involves(core::isFourBit));
    d->rows[QStringLiteral("double_quant")]->setVisible(d->involves(core::isFourBit));
    d->rows[QStringLiteral("iters")]->setVisible(d->involves(core::iterates));
    d->rows[QStringLiteral("rank")]->setVisible(adapters);
    d->rows[QStringLiteral("rslora")]->setVisible(adapters);
    if (!d->directoryChosen) {
        d->directory->setPath(
            freshRunDirectory(QString::fromStdString(core::defaultRunRoot().string()), spec()));
    }
    const core::RunSpec now = spec();
    showNotes(now);
    showProblems(now);
    Q_EMIT changed();
}

void TrainForm::showNotes(const core::RunSpec& spec)
{
    const double scale = core::adapterScale(spec.alpha, spec.rank, spec.rslora);
    const bool told = std::isfinite(scale) && scale != 1.0;
    const QString formula = spec.rslora ? tr("alpha / √rank") : tr("alpha / rank");
    QString rankNote = told ? tr("scale %1 = %2").arg(formula, formatNumber(scale)) : QString();
    if (!spec.patterns.ranks.empty()) {
        rankNote = rankMapLine(spec.patterns);
    }
    if (spec.slice > 0.0
        && d->involves([](core::Method method) { return method == core::Method::Pissa; })) {
        rankNote +=
            (rankNote.isEmpty() ? QString() : QStringLiteral(" · ")) + sliceLine(spec.slice);
    }
    d->rows[QStringLiteral("rank")]->setNote(rankNote);
    d->rows[QStringLiteral("learning_rate")]->setNote(
        learningRateHint(spec.method, twins(), spec.learningRate));
    d->rows[QStringLiteral("double_quant")]->setNote(d->model ? fourBitLine(*d->model, spec)
                                                              : QString());
    d->rows[QStringLiteral("iters")]->setNote(
        spec.iters == 1 ? tr("one pass: more take more of the quantization error") : QString());
    const std::int64_t rows = spec.batchSize * spec.gradAccum;
    d->rows[QStringLiteral("batch_size")]->setNote(
        spec.gradAccum > 1 ? tr("%1 rows a step").arg(formatCount(rows)) : QString());
    QString dataNote = spec.batches.empty() ? QString() : tr("ready micro-batches of a file");
    QString length;
    if (d->summary) {
        dataNote = dataLine(*d->summary, spec.maxLength);
        length = lengthLine(spec, *d->summary);
        if (spec.steps > 0 && isDemoData(d->data->path()) && !d->lengthChosen) {
            length += tr(" · enough for the demo data");
        }
    } else if (!spec.data.empty()) {
        dataNote = d->model ? tr("reading…") : QString();
    }
    d->rows[QStringLiteral("data")]->setNote(dataNote);
    d->rows[QStringLiteral("epochs")]->setNote(length);
}

} // namespace pissarro::ui
