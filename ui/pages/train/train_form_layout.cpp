// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of the training form: made, named and put in order.
#include "ui/look/metrics.h"
#include "ui/pages/train/train_form_p.h"
#include "ui/widgets/number_edit.h"
#include "ui/words/field_look.h"
#include "ui/words/form_words.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"
#include "ui/words/model_words.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QHash>
#include <QLabel>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kSmallField = 72; // px: four digits and the arrows
constexpr int kTypedField = 56; // px: "0.0002"
constexpr int kPlaceGap = 6; // px, between headlines and groups
constexpr int kColumnGap = 16; // px

QComboBox* choice(const QString& name, const QString& accessible, const QStringList& items)
{
    auto* box = new QComboBox;
    box->setObjectName(name);
    box->setAccessibleName(accessible);
    box->addItems(items);
    box->setMinimumContentsLength(3);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    return box;
}

// As wide as its widest item: beside a field that needs less.
void fitItems(QComboBox& box)
{
    box.setMinimumContentsLength(0);
    box.setSizeAdjustPolicy(QComboBox::AdjustToContents);
}

WholeEdit* wholeField(const QString& name, const QString& accessible, int lowest, int highest,
                      int value)
{
    auto* box = new WholeEdit;
    box->setObjectName(name);
    box->setAccessibleName(accessible);
    box->setLimits(lowest, highest); // beyond them checkSpec() speaks
    box->setValue(value);
    box->setMinimumWidth(scaled(kSmallField));
    return box;
}

QLineEdit* numberField(const QString& name, const QString& accessible, const QString& value)
{
    auto* edit = new QLineEdit(value);
    edit->setObjectName(name);
    edit->setAccessibleName(accessible);
    edit->setMinimumWidth(scaled(kTypedField));
    return edit;
}

void addMethods(QComboBox* box)
{
    for (const core::Method method : core::allMethods()) {
        box->addItem(titleOf(method), nameOf(method));
        box->setItemData(box->count() - 1, methodSentence(method), Qt::ToolTipRole);
    }
}

// Whether the row of another setting has this one too.
bool isBesideAnother(const core::SpecField& field)
{
    const auto& all = core::specFields();
    return std::any_of(all.begin(), all.end(), [&](const core::SpecField& one) {
        return fieldLook(one).beside == QString::fromStdString(field.key);
    });
}

} // namespace

double numberIn(const QLineEdit& edit)
{
    return readNumber(edit.text()).value;
}

FormField* TrainForm::Private::row(const QString& label, const QVector<QWidget*>& fields,
                                   const QStringList& keys, QFormLayout* into)
{
    auto* field = new FormField(label, fields);
    field->addTo(into);
    for (qsizetype i = 0; i < keys.size(); ++i) {
        rows.insert(keys[i], field);
        fieldOf.insert(keys[i], keys.size() == fields.size() ? static_cast<int>(i) : 0);
    }
    return field;
}

FormField* TrainForm::Private::settingRow(const char* key, QObject* owner, QFormLayout* into)
{
    const core::RunSpec standard;
    const auto made = [&](const core::SpecField& field, const FieldLook& its) {
        auto* editor = FieldEditor::make(field, its, field.get(standard), owner);
        editors.emplace_back(&field, editor);
        return editor->widget();
    };
    const core::SpecField& field = core::specField(key);
    const FieldLook its = fieldLook(field);
    QVector<QWidget*> fields {made(field, its)};
    QStringList keys {QString::fromStdString(field.key)};
    if (!its.beside.isEmpty()) {
        const core::SpecField& beside = core::specField(its.beside.toStdString());
        fields.append(made(beside, fieldLook(beside)));
        keys.append(its.beside);
    }
    return row(its.label, fields, keys, into);
}

QFormLayout* TrainForm::Private::group(const char* name, const QString& title, QVBoxLayout* into)
{
    auto* headline = new QLabel(title);
    headline->setObjectName(QLatin1String(name));
    headline->setProperty("role", QByteArray("group"));
    into->addWidget(headline);
    QFormLayout* below = FormField::newForm();
    into->addLayout(below);
    return below;
}

QFormLayout* TrainForm::Private::placeOf(FieldGroup group) const
{
    return advancedGroups[static_cast<std::size_t>(group)];
}

FieldEditor* TrainForm::Private::editorOf(const char* key) const
{
    const auto found = std::find_if(editors.begin(), editors.end(),
                                    [&](const auto& one) { return one.first->key == key; });
    return found->second;
}

void TrainForm::buildPlaces()
{
    d->disclosure = new QToolButton;
    d->disclosure->setObjectName(QStringLiteral("train.advanced"));
    d->disclosure->setCheckable(true);
    d->disclosure->setProperty("kind", QStringLiteral("door")); // it names where it leads
    d->basic = new QWidget;
    d->advanced = new QWidget;
    auto* columns = new QHBoxLayout;
    columns->setSpacing(kColumnGap);
    for (QWidget* place : {d->basic, d->advanced}) {
        auto* inside = new QVBoxLayout(place);
        inside->setContentsMargins(0, 0, 0, 0);
        inside->setSpacing(kPlaceGap);
        columns->addWidget(place, 1);
    }
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(kPlaceGap);
    all->addWidget(d->disclosure, 0, Qt::AlignRight);
    all->addLayout(columns, 1);
}

QAbstractButton* TrainForm::advancedSwitch() const
{
    return d->disclosure;
}

void TrainForm::showPlaces()
{
    const bool advanced = d->disclosure->isChecked();
    d->basic->setVisible(d->sideBySide || !advanced);
    d->advanced->setVisible(d->sideBySide || advanced);
    d->disclosure->setVisible(!d->sideBySide);
    d->disclosure->setText(advanced ? tr("‹ Basic") : tr("Advanced ›"));
    d->disclosure->setAccessibleName(advanced ? tr("Show the basic settings")
                                              : tr("Show the advanced settings"));
    d->disclosure->setToolTip(d->disclosure->accessibleName());
}

void TrainForm::setSideBySide(bool on)
{
    d->sideBySide = on;
    showPlaces();
}

void TrainForm::setTight(bool on)
{
    if (std::exchange(d->tight, on) == on) {
        return;
    }
    for (FormField* row : std::as_const(d->rows)) {
        row->setNoteInSight(!on || d->isAdvanced(row));
    }
}

void TrainForm::buildMethod()
{
    auto* basic = static_cast<QVBoxLayout*>(d->basic->layout());
    d->layout = d->group("train.group.what", tr("What"), basic);
    d->method = choice(QStringLiteral("train.method"), tr("Method"), {});
    addMethods(d->method);
    d->row(tr("Method"), {d->method}, {QStringLiteral("method")}, d->layout);

    d->twin = choice(QStringLiteral("train.twin"), tr("Twin on the same batches"), {});
    d->row(tr("Twin"), {d->twin}, {QStringLiteral("twin")}, d->layout);

    d->rank = wholeField(QStringLiteral("train.rank"), tr("Rank"), 1, 65536, 16);
    d->alpha = numberField(QStringLiteral("train.alpha"), tr("Alpha"), QStringLiteral("16"));
    d->alpha->setToolTip(tr("The update is scaled with alpha; follows the rank until typed"));
    d->row(tr("Rank, alpha"), {d->rank, d->alpha},
           {QStringLiteral("rank"), QStringLiteral("alpha")}, d->layout);

    d->modules = new ModuleChips;
    d->row(tr("Modules"), {d->modules}, {QStringLiteral("targets")}, d->layout);
}

void TrainForm::buildData()
{
    d->layout =
        d->group("train.group.data", tr("Data"), static_cast<QVBoxLayout*>(d->basic->layout()));
    d->data =
        new PathField(QStringLiteral("train.data"), tr("Data file"), PathField::Kind::OpenFile,
                      tr("Rows (*.jsonl *.json *.csv *.tsv *.txt *.gz *.zst);;Ready micro-batches "
                         "(*.safetensors);;All "
                         "files (*)"));
    d->data->edit()->setPlaceholderText(tr(".jsonl, .json, .csv, .tsv or .txt"));
    FormField* file = d->row(tr("Data"), {d->data},
                             {QStringLiteral("data"), QStringLiteral("batches")}, d->layout);
    d->dataNotes = new QPushButton;
    d->dataNotes->setObjectName(QStringLiteral("train.dataNotes"));
    d->dataNotes->setProperty("kind", QByteArray("warning"));
    d->dataNotes->setCheckable(true);
    d->dataNotes->hide();
    d->dataNotesText = new QLabel;
    d->dataNotesText->setObjectName(QStringLiteral("train.dataNotesText"));
    d->dataNotesText->setProperty("role", QByteArray("muted"));
    d->dataNotesText->setTextFormat(Qt::PlainText); // names of fields are the file's
    d->dataNotesText->setTextInteractionFlags(Qt::TextSelectableByMouse);
    d->dataNotesText->setWordWrap(true);
    d->dataNotesText->hide();
    file->column()->addWidget(d->dataNotes, 0, Qt::AlignLeft);
    file->column()->addWidget(d->dataNotesText);
}

void TrainForm::buildLength()
{
    d->layout = d->group("train.group.howLong", tr("How long"),
                         static_cast<QVBoxLayout*>(d->basic->layout()));
    const core::RunSpec standard;
    d->rate = numberField(QStringLiteral("train.rate"), tr("Learning rate"),
                          formatRate(standard.learningRate));
    d->schedule = choice(QStringLiteral("train.schedule"), tr("Schedule of the learning rate"), {});
    for (const core::Schedule one :
         {core::Schedule::Constant, core::Schedule::Linear, core::Schedule::Cosine}) {
        d->schedule->addItem(scheduleWord(one), static_cast<int>(one));
    }
    fitItems(*d->schedule);
    d->row(tr("Learning rate"), {d->rate, d->schedule}, {QStringLiteral("learning_rate")},
           d->layout);

    d->settingRow("batch_size", this, d->layout);

    d->length =
        numberField(QStringLiteral("train.length"), tr("Length of the run"), QStringLiteral("1"));
    d->lengthUnit = choice(QStringLiteral("train.lengthUnit"), tr("Unit of the length"),
                           {tr("epochs"), tr("steps")});
    fitItems(*d->lengthUnit);
    FormField* length =
        d->row(tr("Length"), {d->length, d->lengthUnit}, {QStringLiteral("epochs")}, d->layout);
    d->rows.insert(QStringLiteral("steps"), length);
}

// Among the advanced ones: what it comes to stands under the learning rate.
void TrainForm::buildTwinRate()
{
    d->twinRateKind = choice(QStringLiteral("train.twinRateKind"), tr("The twin's learning rate"),
                             {tr("by a ramp"), tr("same"), tr("own:")});
    fitItems(*d->twinRateKind);
    d->twinRate = numberField(QStringLiteral("train.twinRate"), tr("The twin's own learning rate"),
                              QString());
    d->findRate = new QPushButton(tr("Find it now"));
    d->findRate->setObjectName(QStringLiteral("train.findRate"));
    d->findRate->setAccessibleName(tr("Find a learning rate for the twin"));
    d->findRate->setToolTip(tr("Trains the twin for 50 steps with a rate that grows, and proposes "
                               "one; nothing of it stays"));
    d->findRate->setProperty("kind", QByteArray("link"));
    FormField* row = d->row(tr("Twin's rate"), {d->twinRateKind, d->twinRate}, {kTwinRate},
                            d->placeOf(FieldGroup::HowLong));
    row->column()->addWidget(d->findRate, 0, Qt::AlignLeft);
    d->fieldOf.insert(kTwinRate, 1);
}

void TrainForm::buildWhere()
{
    auto* basic = static_cast<QVBoxLayout*>(d->basic->layout());
    d->layout = d->group("train.group.where", tr("Where"), basic);
    d->device = choice(QStringLiteral("train.device"), tr("Device"), {});
    d->listDevices({core::cpuDevice()}); // until the machine is known
    d->row(tr("Device"), {d->device}, {QStringLiteral("device")}, d->layout);

    d->directory = new PathField(QStringLiteral("train.directory"), tr("Run folder"),
                                 PathField::Kind::Folder, {});
    d->row(tr("Run folder"), {d->directory}, {QStringLiteral("directory")}, d->layout);
    basic->addStretch(1);
}

void TrainForm::Private::listDevices(const std::vector<core::DeviceInfo>& all)
{
    devices = all;
    device->clear();
    if (devices.size() == 1) {
        device->addItem(deviceTitle(devices.front()), QStringLiteral("auto"));
        return;
    }
    device->addItem(TrainForm::tr("Automatic"), QStringLiteral("auto"));
    for (const core::DeviceInfo& one : devices) {
        device->addItem(deviceTitle(one), QString::fromStdString(one.id));
    }
}

void TrainForm::setTrainerFound(bool found)
{
    d->process->setSegmentEnabled(
        1, found,
        found ? tr("Closing the window, or a crash of it, does not end the run; the program finds "
                   "it again when it starts")
              : tr("pissarro-cli is neither beside the program nor on the PATH"));
}

void TrainForm::buildPrompt()
{
    // Of those whose words are here; another one has its title and help from core.
    const QHash<QString, std::pair<QString, QString>> words {
        {QStringLiteral("alpaca"),
         {QStringLiteral("Alpaca"),
          tr("The paper's: «Below is an instruction … ### Response:», then the answer")}},
        {QStringLiteral("chat"),
         {tr("chat"),
          tr("The model's own chat template, with its roles, end marks and system texts; the last "
             "answer of a conversation is learned, or those that its messages name by weight or "
             "train")}},
        {QStringLiteral("plain"),
         {tr("plain"), tr("The row's own text and nothing else, then the answer")}}};
    QStringList titles;
    QStringList tips;
    for (const core::PromptTemplate one : core::allPromptTemplates()) {
        const core::PromptTemplateInfo& info = one.info();
        const auto [title, tip] =
            words.value(fromView(info.name), {fromView(info.title), fromView(info.help)});
        titles.append(title);
        tips.append(tip);
    }
    d->prompt = new SegmentedControl(QStringLiteral("train.prompt"),
                                     tr("How a row becomes a prompt"), titles);
    for (qsizetype i = 0; i < tips.size(); ++i) {
        d->prompt->setSegmentEnabled(static_cast<int>(i), true, tips[i]);
    }
    d->row(tr("Prompt"), {d->prompt}, {QStringLiteral("prompt_template")},
           d->placeOf(FieldGroup::Data));
}

void TrainForm::buildAdvanced()
{
    auto* inside = static_cast<QVBoxLayout*>(d->advanced->layout());
    d->advancedGroups = {d->group("train.advanced.what", tr("What"), inside),
                         d->group("train.advanced.data", tr("Data"), inside),
                         d->group("train.advanced.howLong", tr("How long"), inside),
                         d->group("train.advanced.where", tr("Where"), inside)};
    inside->addStretch(1);
    d->row(tr("Pattern"), {d->modules->pattern()}, {kPattern}, d->placeOf(FieldGroup::What));
    buildPrompt();
    d->dtype = choice(QStringLiteral("train.dtype"), tr("Precision of the base"), {});
    const auto here = core::resolvedDType(core::BaseDType::Auto, "cpu");
    d->dtype->addItem(tr("auto: %1").arg(fromView(core::dtypeTitle(here))),
                      static_cast<int>(core::BaseDType::Auto));
    for (const core::BaseDType one : {core::BaseDType::Float32, core::BaseDType::BFloat16}) {
        d->dtype->addItem(tr("%1 base").arg(fromView(core::dtypeTitle(one))),
                          static_cast<int>(one));
    }
    d->dtype->setToolTip(tr("Adapters are float32 in either case"));
    d->row(tr("Precision"), {d->dtype}, {QStringLiteral("dtype")}, d->placeOf(FieldGroup::Where));

    d->process = new SegmentedControl(QStringLiteral("train.process"), tr("Where it trains"),
                                      {tr("window"), tr("process")});
    setTrainerFound(true); // until it is known
    d->row(tr("Runs in"), {d->process}, {QStringLiteral("process")}, d->placeOf(FieldGroup::Where));
    for (const char* key :
         {"quant_type", "double_quant", "iters", "svd", "max_length", "warmup_ratio"}) {
        d->settingRow(key, this, d->placeOf(fieldLook(core::specField(key)).group));
    }
    for (const core::SpecField& field : core::specFields()) {
        const QString key = QString::fromStdString(field.key);
        const bool isMade = d->rows.contains(key) || isBesideAnother(field);
        if (field.level == core::Level::Advanced && !isMade) {
            d->settingRow(field.key.c_str(), this, d->placeOf(fieldLook(field).group));
        }
    }
    buildTwinRate();
    orderAdvanced();
}

void TrainForm::orderAdvanced()
{
    QWidget* last = nullptr;
    for (const QFormLayout* group : d->advancedGroups) {
        for (int i = 0; i < group->count(); ++i) {
            for (QWidget* field : group->itemAt(i)->widget()->findChildren<QWidget*>()) {
                const bool stops =
                    field->focusPolicy() != Qt::NoFocus // a segment may be chosen later
                    && field->focusProxy() == nullptr && field->window() == window();
                if (stops && last != nullptr) {
                    setTabOrder(last, field);
                }
                last = stops ? field : last;
            }
        }
    }
}

} // namespace pissarro::ui
