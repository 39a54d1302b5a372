// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train/train_form.h"

#include "core/model/rank_pattern.h"
#include "core/train/trainer.h"
#include "ui/pages/train/train_form_p.h"
#include "ui/words/form_words.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/method_look.h"

#include <QScopedValueRollback>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

namespace {

// What an entry of the twin's box stands for: nothing, one method, or several.
QVector<core::Method> methodsOf(const QVariant& entry)
{
    QVector<core::Method> methods;
    for (const QVariant& one :
         entry.typeId() == QMetaType::QVariantList ? entry.toList() : QVariantList {entry}) {
        if (!one.toString().isEmpty()) {
            methods.append(core::methodNamed(one.toString().toStdString()));
        }
    }
    return methods;
}

void addTwins(QComboBox& box, const QVector<core::Method>& methods)
{
    QStringList titles;
    QVariantList entry;
    for (const core::Method method : methods) {
        titles.append(titleOf(method));
        entry.append(nameOf(method));
    }
    if (methods.size() == 1) {
        box.addItem(TrainForm::tr("%1, same rows").arg(titles.first()), entry.first());
    } else {
        box.addItem(titles.join(QStringLiteral(" + ")), entry);
    }
}

} // namespace

core::SpecUse TrainForm::Private::use(const core::RunSpec& spec) const
{
    const QVector<core::Method> twins = methodsOf(twin->currentData());
    core::SpecUse result {spec, {twins.begin(), twins.end()}};
    result.methods.push_back(methodAt(*method));
    return result;
}

TrainForm::TrainForm(QWidget* parent)
    : QWidget(parent)
    , d(std::make_unique<Private>())
{
    buildPlaces();
    buildMethod();
    buildData();
    buildLength();
    buildWhere();
    buildAdvanced();
    showPlaces();
    connectFields();
    core::RunSpec start;
    start.maxLength = 256; // what a workstation's memory takes in its stride
    setSpec(start);
    setTwins({core::twinOf(core::RunSpec().method)});
    d->lengthChosen = false;
}

TrainForm::~TrainForm() = default;

void TrainForm::connectFields()
{
    auto* guard = new WheelGuard(this);
    for (QComboBox* box :
         {d->method, d->twin, d->schedule, d->lengthUnit, d->dtype, d->device, d->twinRateKind}) {
        guard->watch(box);
        connect(box, &QComboBox::currentIndexChanged, this, &TrainForm::refresh);
    }
    guard->watch(d->rank);
    connect(d->rank, &QSpinBox::valueChanged, this, &TrainForm::refresh);
    for (const auto& [field, editor] : d->editors) {
        if (QWidget* widget = editor->widget(); qobject_cast<QAbstractSpinBox*>(widget) != nullptr
            || qobject_cast<QComboBox*>(widget) != nullptr) {
            guard->watch(widget);
        }
        connect(editor, &FieldEditor::changed, this, &TrainForm::refresh);
    }
    connect(d->process, &SegmentedControl::changed, this, [this](int choice) {
        if (!d->filling) {
            Q_EMIT trainsInProcessChosen(choice == 1);
        }
        refresh();
    });
    connect(d->findRate, &QPushButton::clicked, this, &TrainForm::twinRateWanted);
    for (QLineEdit* edit : {d->alpha, d->rate, d->length, d->twinRate}) {
        connect(edit, &QLineEdit::textChanged, this, &TrainForm::refresh);
    }
    connect(d->modules, &ModuleChips::changed, this, &TrainForm::refresh);
    connect(d->method, &QComboBox::currentIndexChanged, this, &TrainForm::methodChanged);
    connect(d->rank, &QSpinBox::valueChanged, this, &TrainForm::rankChanged);
    connect(d->alpha, &QLineEdit::textEdited, this, [this] {
        d->alphaFollowsRank = numberIn(*d->alpha) == static_cast<double>(d->rank->value());
    });
    connect(d->length, &QLineEdit::textEdited, this, [this] { d->lengthChosen = true; });
    connect(d->lengthUnit, &QComboBox::activated, this, [this] { d->lengthChosen = true; });
    connect(d->data, &PathField::pathEdited, this, [this](const QString& path) {
        Q_EMIT dataPathEdited(d->isBatches(path) ? QString() : path);
        refresh();
    });
    connect(d->prompt, &SegmentedControl::changed, this, [this](int choice) {
        if (!d->filling) {
            Q_EMIT promptTemplateEdited(
                core::allPromptTemplates()[static_cast<std::size_t>(choice)]);
        }
        refresh();
    });
    connect(d->dataNotes, &QPushButton::toggled, d->dataNotesText, &QWidget::setVisible);
    d->directory->setTellsWhileTyped(); // of a folder that is taken there is no start
    connect(d->directory, &PathField::pathEdited, this, [this](const QString& path) {
        d->directoryChosen = !path.isEmpty();
        refresh();
    });
    FieldEditor* maxLength = d->editorOf("max_length");
    connect(maxLength, &FieldEditor::changed, this, [this, maxLength] {
        if (!d->filling && maxLength->problem().isEmpty()) {
            Q_EMIT maxLengthEdited(static_cast<int>(std::get<std::int64_t>(maxLength->value())));
        }
    });
    connect(d->disclosure, &QToolButton::toggled, this, &TrainForm::showPlaces);
}

// The twins' choices leave the method itself out; a twin that became the method changes places.
void TrainForm::methodChanged()
{
    const core::Method method = methodAt(*d->method);
    QVector<core::Method> chosen = twins();
    if (const qsizetype same = chosen.indexOf(method); same >= 0) {
        const core::Method other = core::twinOf(method);
        if (chosen.contains(other)) {
            chosen.removeAt(same);
        } else {
            chosen[same] = other;
        }
    }
    setTwins(chosen);
}

void TrainForm::setTwins(const QVector<core::Method>& twins)
{
    {
        const QSignalBlocker quiet(d->twin);
        const core::Method method = methodAt(*d->method);
        const core::Method proposed = core::twinOf(method);
        d->twin->clear();
        d->twin->addItem(tr("none"), QString());
        addTwins(*d->twin, {proposed});
        QVector<core::Method> relatives; // on the same base
        for (const core::Method one : core::allMethods()) {
            if (one != method && one != proposed) {
                addTwins(*d->twin, {one});
            }
            if (one != method && one->base == method->base) {
                relatives.append(one);
            }
        }
        if (relatives.size() > 1) {
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
    if (!d->rank->unread().isEmpty()) {
        return; // what was typed is no rank
    }
    if (d->alphaFollowsRank) {
        d->alpha->setText(QString::number(rank));
    }
    if (!d->filling) {
        Q_EMIT rankEdited(rank);
    }
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
    {
        const QScopedValueRollback<bool> filling(d->filling, true);
        d->process->setCurrent(own ? 1 : 0);
    }
    refresh();
}

QString TrainForm::runDirectory() const
{
    return d->directory->path();
}

bool TrainForm::isDirectoryChosen() const
{
    return d->directoryChosen;
}

QString TrainForm::directoryToLookAt() const
{
    return d->directoryChosen
        ? runDirectory()
        : runDirectoryFor(QString::fromStdString(core::defaultRunRoot().string()), spec());
}

// How much is free changes all the time and is nothing of the form's.
void TrainForm::takeLook(const FolderLook& look)
{
    const bool same =
        look.asked == d->look.asked && look.fresh == d->look.fresh && look.runs == d->look.runs;
    d->look = look;
    if (!same) {
        refresh();
    }
}

void TrainForm::setModel(std::shared_ptr<const core::ModelFiles> model)
{
    d->model = std::move(model);
    refresh();
}

void TrainForm::setPace(double secondsPerToken)
{
    if (std::exchange(d->pace, secondsPerToken) != secondsPerToken) {
        refresh();
    }
}

void TrainForm::setData(const QString& path, const core::DatasetSummary* summary,
                        const QString& problem)
{
    d->dataProblem = problem;
    const bool isNew = path != d->data->path();
    if (!path.isEmpty() || !d->isBatches(d->data->path())) {
        d->data->setPath(path);
    }
    d->summary = summary != nullptr ? std::optional(*summary) : std::nullopt;
    if (isNew && !d->lengthChosen) {
        const bool demo = isDemoData(path);
        const QScopedValueRollback<bool> filling(d->filling, true);
        d->lengthUnit->setCurrentIndex(demo ? 1 : 0);
        d->length->setText(demo ? QString::number(kDemoSteps) : QStringLiteral("1"));
    }
    refresh();
}

void TrainForm::setDataNotes(const QString& columns, const QStringList& notes)
{
    d->columns = columns;
    d->dataNotes->setText(tr("⚠ %n notes on the data", nullptr, pluralOf(notes.size())));
    const QString bullet = QStringLiteral("• ");
    const QString text =
        notes.isEmpty() ? QString() : bullet + notes.join(QLatin1Char('\n') + bullet);
    d->dataNotes->setAccessibleName(d->dataNotes->text());
    d->dataNotes->setAccessibleDescription(text);
    d->dataNotes->setToolTip(text);
    d->dataNotesText->setText(text);
    d->dataNotes->setVisible(!notes.isEmpty());
    d->dataNotesText->setVisible(!notes.isEmpty() && d->dataNotes->isChecked());
    refresh();
}

void TrainForm::setHindrance(const QString& text)
{
    if (std::exchange(d->hindrance, text) != text) {
        refresh();
    }
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
    if (!d->directoryChosen) {
        const QString proposed = directoryToLookAt();
        d->directory->setPath(d->look.asked == proposed ? d->look.fresh : proposed);
    }
    const core::RunSpec now = spec();
    d->showWhatApplies(now);
    showNotes(now);
    showProblems(now);
    Q_EMIT changed();
}

// A setting that means nothing to the methods and sources chosen is out of sight, and its row where it has no other.
void TrainForm::Private::showWhatApplies(const core::RunSpec& spec)
{
    const core::SpecUse now = use(spec);
    QHash<FormField*, bool> meant;
    for (const core::SpecField& field : core::specFields()) {
        FormField* one = rows.value(QString::fromStdString(field.key));
        if (one != nullptr) {
            meant[one] = meant.value(one) || !field.applies || field.applies(now);
        }
    }
    for (auto one = meant.cbegin(); one != meant.cend(); ++one) {
        one.key()->setRowVisible(one.value());
    }
    for (const auto& [field, editor] : editors) {
        editor->widget()->setVisible(!field->applies || field->applies(now));
    }
}

QString TrainForm::Private::batchNote(const core::RunSpec& spec) const
{
    if (summary && summary->usable > 0 && spec.batchSize > summary->usable) {
        return tr("more than the %1 rows of the data", nullptr, pluralOf(summary->usable))
            .arg(formatCount(summary->usable));
    }
    const std::int64_t ofAStep = spec.batchSize * spec.gradAccum;
    return spec.gradAccum > 1
        ? tr("%1 rows a step", nullptr, pluralOf(ofAStep)).arg(formatCount(ofAStep))
        : QString();
}

void TrainForm::showNotes(const core::RunSpec& spec)
{
    const double scale = core::adapterScale(spec.alpha, spec.rank, spec.rslora);
    const bool told = std::isfinite(scale) && scale != 1.0;
    const QString formula = spec.rslora ? tr("alpha / √rank") : tr("alpha / rank");
    QStringList rankNotes;
    if (!spec.patterns.ranks.empty()) {
        rankNotes << rankMapLine(spec.patterns);
    } else if (told) {
        rankNotes << tr("scale %1 = %2").arg(formula, formatNumber(scale));
    }
    const auto idle =
        static_cast<std::int64_t>(d->base.patterns.ranks.size() - spec.patterns.ranks.size());
    if (idle > 0) {
        rankNotes << tr("%1 entries of the rank map name no module that trains", nullptr,
                        pluralOf(idle))
                         .arg(formatCount(idle));
    }
    if (spec.slice > 0.0 && d->use(spec).some(core::takesSlice)) {
        rankNotes << sliceLine(spec.slice);
    }
    d->rows[QStringLiteral("rank")]->setNote(rankNotes.join(QStringLiteral(" · ")));
    showTwinRate(spec);
    d->rows[QStringLiteral("double_quant")]->setNote(d->model ? fourBitLine(*d->model, spec)
                                                              : QString());
    d->rows[QStringLiteral("iters")]->setNote(
        spec.iters == 1 ? tr("one pass: more take more of the quantization error") : QString());
    for (const char* key : {"directory", "process"}) { // one of them is in sight
        d->rows[QLatin1String(key)]->setNote(crashLine(spec, trainsInProcess()));
    }
    d->rows[QStringLiteral("batch_size")]->setNote(d->batchNote(spec));
    const std::int64_t context = d->model ? d->model->config().maxPositions : 0;
    d->rows[QStringLiteral("max_length")]->setNote(
        context > 0 && spec.maxLength > context
            ? tr("the model was made for %1 tokens", nullptr, pluralOf(context))
                  .arg(formatCount(context))
            : QString());
    d->rows[QStringLiteral("prompt_template")]->setNote(
        d->columns.isEmpty() ? QString() : tr("columns: %1").arg(d->columns));
    QString dataNote = spec.batches.empty() ? QString() : tr("ready micro-batches of a file");
    QString length;
    if (d->summary) {
        dataNote = dataLine(*d->summary, spec.maxLength);
        length = lengthLine(spec, *d->summary, d->pace * static_cast<double>(1 + twins().size()));
        if (spec.steps > 0 && isDemoData(d->data->path()) && !d->lengthChosen) {
            length = tr("%1 · enough for the demo data").arg(length);
        }
    } else if (!spec.data.empty()) {
        dataNote = d->model ? tr("reading…") : QString();
    }
    d->rows[QStringLiteral("data")]->setNote(dataNote);
    d->rows[QStringLiteral("epochs")]->setNote(length);
}

void TrainForm::showProblems(const core::RunSpec& spec)
{
    FormProblems problems(*d, spec);
    problems.checkFolder(runDirectory(), twins());
    problems.show();
    // When it comes up, and not each time that a person goes back to the other fields.
    const bool wrong = problems.hasAdvanced();
    if (wrong && !std::exchange(d->advancedWrong, wrong)) {
        d->disclosure->setChecked(true);
    }
    d->advancedWrong = wrong;
    d->problem = problems.first();
}

} // namespace pissarro::ui
