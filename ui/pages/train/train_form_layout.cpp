// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of the training form: made, named and put in order.
#include "core/text/number_text.h"
#include "ui/pages/train/train_form_p.h"
#include "ui/widgets/number_edit.h"
#include "ui/words/method_look.h"

#include <QLabel>

#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kSmallField = 72; // px: four digits and the arrows

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

QSpinBox* wholeField(const QString& name, const QString& accessible, int lowest, int highest,
                     int value)
{
    auto* box = new WholeEdit;
    box->setObjectName(name);
    box->setAccessibleName(accessible);
    box->setLimits(lowest, highest); // beyond them checkSpec() speaks
    box->setValue(value);
    box->setMinimumWidth(kSmallField);
    return box;
}

QDoubleSpinBox* realField(const QString& name, const QString& accessible, double highest)
{
    auto* box = new RealEdit;
    box->setObjectName(name);
    box->setAccessibleName(accessible);
    box->setLimits(0.0, highest);
    box->setMinimumWidth(kSmallField);
    return box;
}

QLineEdit* numberField(const QString& name, const QString& accessible, const QString& value)
{
    auto* edit = new QLineEdit(value);
    edit->setObjectName(name);
    edit->setAccessibleName(accessible);
    edit->setMinimumWidth(kSmallField);
    return edit;
}

QString fromView(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

void addMethods(QComboBox* box)
{
    for (const core::Method method : core::allMethods()) {
        box->addItem(titleOf(method), nameOf(method));
        box->setItemData(box->count() - 1, methodSentence(method), Qt::ToolTipRole);
    }
}

} // namespace

double numberIn(const QLineEdit& edit)
{
    return readNumber(edit.text()).value;
}

FormField* TrainForm::Private::row(const QString& label, const QVector<QWidget*>& fields,
                                   const QStringList& keys, QVBoxLayout* into)
{
    auto* field = new FormField(label, fields);
    into->addWidget(field);
    for (qsizetype i = 0; i < keys.size(); ++i) {
        rows.insert(keys[i], field);
        fieldOf.insert(keys[i], keys.size() == fields.size() ? static_cast<int>(i) : 0);
    }
    return field;
}

void TrainForm::buildMethod()
{
    d->method = choice(QStringLiteral("train.method"), tr("Method"), {});
    addMethods(d->method);
    d->row(tr("Method"), {d->method}, {QStringLiteral("method")}, d->layout);

    d->svd = new SegmentedControl(QStringLiteral("train.svd"), tr("Singular value decomposition"),
                                  {tr("exact"), tr("fast")});
    d->svd->setSegmentEnabled(1, true,
                              tr("Randomised, with power iterations: seconds on models "
                                 "that take minutes"));
    d->niter = wholeField(QStringLiteral("train.niter"), tr("Power iterations"), 0, 1000, 16);
    d->niter->setToolTip(tr("Power iterations (niter): more comes closer to the exact SVD"));
    d->quantType = new SegmentedControl(QStringLiteral("train.quantType"),
                                        tr("Four-bit type of the base"), {tr("NF4"), tr("FP4")});
    d->quantType->setSegmentEnabled(0, true, tr("Quantiles of the normal distribution"));
    d->quantType->setSegmentEnabled(1, true, tr("Floating point: sign, two bits, one bit"));
    d->row(tr("Four bits"), {d->quantType}, {QStringLiteral("quant_type")}, d->layout);
    d->absmax = new SegmentedControl(QStringLiteral("train.absmax"), tr("Scale of each 64 values"),
                                     {tr("float32"), tr("8-bit")});
    d->absmax->setSegmentEnabled(0, true, tr("The largest value of each block as it is"));
    d->absmax->setSegmentEnabled(1, true, tr("Double quantization, as QLoRA"));
    d->row(tr("Absmax"), {d->absmax}, {QStringLiteral("double_quant")}, d->layout);
    d->iters = wholeField(QStringLiteral("train.iters"), tr("Iterations"), 1, 1000, 5);
    d->iters->setPrefix(tr("T = "));
    d->iters->setToolTip(
        tr("Alternating iterations of %1")
            .arg(QString::fromStdString(core::titlesOf(core::methodsWhere(core::iterates)))));
    d->row(tr("Iterations"), {d->iters}, {QStringLiteral("iters")}, d->layout);

    d->row(tr("SVD"), {d->svd, d->niter}, {QStringLiteral("svd"), QStringLiteral("niter")},
           d->layout);

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
    d->data =
        new PathField(QStringLiteral("train.data"), tr("Data file"), PathField::Kind::OpenFile,
                      tr("Rows (*.jsonl *.json);;Ready micro-batches (*.safetensors);;All "
                         "files (*)"));
    d->data->edit()->setPlaceholderText(tr(".jsonl or .json"));
    FormField* file = d->row(tr("Data"), {d->data},
                             {QStringLiteral("data"), QStringLiteral("batches")}, d->layout);
    d->dataNotes = new QPushButton;
    d->dataNotes->setObjectName(QStringLiteral("train.dataNotes"));
    d->dataNotes->setProperty("kind", QByteArray("link"));
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

    d->prompt =
        new SegmentedControl(QStringLiteral("train.prompt"), tr("How a row becomes a prompt"),
                             {tr("Alpaca"), tr("chat"), tr("plain")});
    d->prompt->setSegmentEnabled(
        0, true, tr("The paper's: «Below is an instruction … ### Response:», then the answer"));
    d->prompt->setSegmentEnabled(
        1, true,
        tr("The model's own chat template, with its roles, end marks and system texts; the last "
           "answer of a conversation is learned, or those that its messages name by weight or "
           "train"));
    d->prompt->setSegmentEnabled(2, true,
                                 tr("The row's own text and nothing else, then the answer"));
    d->row(tr("Prompt"), {d->prompt}, {QStringLiteral("prompt_template")}, d->layout);

    d->maxLength = wholeField(QStringLiteral("train.maxLength"), tr("Longest row in tokens"), 2,
                              1'048'576, 256);
    d->maxLength->setKeyboardTracking(false); // each new value tokenizes the data anew
    d->maxLength->setSuffix(tr(" tokens"));
    d->row(tr("Longest row"), {d->maxLength}, {QStringLiteral("max_length")}, d->layout);
}

void TrainForm::buildRates()
{
    const core::RunSpec standard;
    d->rate = numberField(QStringLiteral("train.rate"), tr("Learning rate"),
                          QString::fromStdString(core::numberText(standard.learningRate)));
    d->schedule = choice(QStringLiteral("train.schedule"), tr("Schedule of the learning rate"), {});
    for (const core::Schedule one :
         {core::Schedule::Constant, core::Schedule::Linear, core::Schedule::Cosine}) {
        d->schedule->addItem(fromView(core::scheduleName(one)), static_cast<int>(one));
    }
    d->row(tr("Learning rate"), {d->rate, d->schedule}, {QStringLiteral("learning_rate")},
           d->layout);

    d->warmup = realField(QStringLiteral("train.warmup"), tr("Warm-up, share of the steps"), 100.0);
    d->warmup->setSuffix(tr(" % of the steps"));
    d->row(tr("Warm-up"), {d->warmup}, {QStringLiteral("warmup_ratio")}, d->layout);
}

void TrainForm::buildLength()
{
    d->batch = wholeField(QStringLiteral("train.batch"), tr("Rows of a micro-batch"), 1, 65536, 8);
    d->accumulation = wholeField(QStringLiteral("train.accumulation"),
                                 tr("Micro-batches of a step"), 1, 65536, 1);
    d->accumulation->setPrefix(QStringLiteral("× "));
    d->accumulation->setToolTip(tr("Gradients of so many micro-batches are summed before a step"));
    d->row(tr("Batch"), {d->batch, d->accumulation},
           {QStringLiteral("batch_size"), QStringLiteral("grad_accum")}, d->layout);

    d->length =
        numberField(QStringLiteral("train.length"), tr("Length of the run"), QStringLiteral("1"));
    d->lengthUnit = choice(QStringLiteral("train.lengthUnit"), tr("Unit of the length"),
                           {tr("epochs"), tr("steps")});
    FormField* length =
        d->row(tr("Length"), {d->length, d->lengthUnit}, {QStringLiteral("epochs")}, d->layout);
    d->rows.insert(QStringLiteral("steps"), length);

    d->dtype = choice(QStringLiteral("train.dtype"), tr("Precision of the base"), {});
    const auto here = core::resolvedDType(core::BaseDType::Auto, "cpu");
    d->dtype->addItem(tr("automatic: %1 here").arg(fromView(core::dtypeTitle(here))),
                      static_cast<int>(core::BaseDType::Auto));
    for (const core::BaseDType one : {core::BaseDType::Float32, core::BaseDType::BFloat16}) {
        d->dtype->addItem(tr("%1 base").arg(fromView(core::dtypeTitle(one))),
                          static_cast<int>(one));
    }
    d->dtype->setToolTip(tr("Adapters are float32 in either case"));
    d->row(tr("Precision"), {d->dtype}, {QStringLiteral("dtype")}, d->layout);

    d->device = choice(QStringLiteral("train.device"), tr("Device"), {});
    d->listDevices({core::cpuDevice()}); // until the machine is known
    d->row(tr("Device"), {d->device}, {QStringLiteral("device")}, d->layout);

    d->directory = new PathField(QStringLiteral("train.directory"), tr("Run folder"),
                                 PathField::Kind::Folder, {});
    d->row(tr("Run folder"), {d->directory}, {QStringLiteral("directory")}, d->layout);

    d->process = new SegmentedControl(QStringLiteral("train.process"), tr("Where it trains"),
                                      {tr("window"), tr("own process")});
    setTrainerFound(true); // until it is known
    d->row(tr("Runs in"), {d->process}, {QStringLiteral("process")}, d->layout);
}

void TrainForm::Private::listDevices(const std::vector<core::DeviceInfo>& all)
{
    devices = all;
    device->clear();
    if (devices.size() == 1) {
        device->addItem(QString::fromStdString(devices.front().title), QStringLiteral("auto"));
        return;
    }
    device->addItem(TrainForm::tr("Automatic"), QStringLiteral("auto"));
    for (const core::DeviceInfo& one : devices) {
        device->addItem(QString::fromStdString(one.title), QString::fromStdString(one.id));
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

void TrainForm::buildEvaluation()
{
    d->heldOut = realField(QStringLiteral("train.heldOut"),
                           tr("Held out for evaluation, share of the examples"), 90.0);
    d->heldOut->setToolTip(tr("These examples are not trained on; their loss is drawn beside"));
    d->heldOut->setSuffix(tr(" % of the rows"));
    d->heldOut->setSpecialValueText(tr("nothing"));
    d->evalEvery = wholeField(QStringLiteral("train.evalEvery"), tr("Steps between evaluations"), 0,
                              1'000'000'000, 0);
    d->evalEvery->setSpecialValueText(tr("at the end"));
    d->evalEvery->setPrefix(tr("every "));
    d->evalEvery->setSuffix(tr(" steps"));
    d->patience =
        wholeField(QStringLiteral("train.patience"),
                   tr("Evaluations without a better loss that end the run"), 0, 1'000'000, 0);
    d->patience->setSpecialValueText(tr("take every step"));
    d->patience->setSuffix(tr(" evaluations"));
    d->patience->setToolTip(
        tr("Early stopping: the run ends after so many evaluations without a better loss"));
}

void TrainForm::buildCheckpoints()
{
    d->checkpointEvery = wholeField(QStringLiteral("train.checkpointEvery"),
                                    tr("Steps between checkpoints"), 0, 1'000'000'000, 0);
    d->checkpointEvery->setSpecialValueText(tr("no steps"));
    d->checkpointEvery->setSuffix(tr(" steps"));
    d->checkpointMinutes = realField(QStringLiteral("train.checkpointMinutes"),
                                     tr("Minutes between checkpoints"), 100'000.0);
    d->checkpointMinutes->setSpecialValueText(tr("no time"));
    d->checkpointMinutes->setSuffix(tr(" min"));
    d->checkpointMinutes->setValue(core::RunSpec {}.checkpointMinutes);
    d->keepCheckpoints =
        wholeField(QStringLiteral("train.keepCheckpoints"), tr("Checkpoints kept"), 1, 1000, 2);
    d->keepCheckpoints->setSuffix(tr(" newest"));
}

void TrainForm::buildAdvanced()
{
    d->disclosure = new QToolButton;
    d->disclosure->setObjectName(QStringLiteral("train.advanced"));
    d->disclosure->setText(tr("Advanced"));
    d->disclosure->setAccessibleName(tr("Show advanced fields"));
    d->disclosure->setCheckable(true);
    d->disclosure->setArrowType(Qt::RightArrow);
    d->disclosure->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    d->layout->addWidget(d->disclosure);

    d->advanced = new QWidget;
    d->advanced->hide();
    auto* inside = new QVBoxLayout(d->advanced);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->setSpacing(8);
    d->layout->addWidget(d->advanced);

    d->weightDecay =
        numberField(QStringLiteral("train.weightDecay"), tr("Weight decay"), QStringLiteral("0"));
    d->clip =
        numberField(QStringLiteral("train.clip"), tr("Largest gradient norm"), QStringLiteral("0"));
    d->oversampling = wholeField(QStringLiteral("train.oversampling"),
                                 tr("Oversampling of the fast SVD"), 0, 65536, 8);
    d->seed = numberField(QStringLiteral("train.seed"), tr("Seed"), QStringLiteral("0"));
    d->threads = wholeField(QStringLiteral("train.threads"), tr("Threads"), 0, 1024, 0);
    d->threads->setSpecialValueText(tr("all cores"));
    buildCheckpoints();
    buildEvaluation();
    d->activations = new SegmentedControl(QStringLiteral("train.activations"), tr("Activations"),
                                          {tr("keep"), tr("recompute")});
    d->activations->setSegmentEnabled(
        1, true,
        tr("Gradient checkpointing: each layer is computed again in the backward pass. Less "
           "memory, a third more work, the same numbers"));

    d->scale = new SegmentedControl(QStringLiteral("train.scale"), tr("Scale of the update"),
                                    {tr("α / r"), tr("α / √r")});
    d->scale->setSegmentEnabled(0, true, tr("alpha / rank, as LoRA and PiSSA scale"));
    d->scale->setSegmentEnabled(1, true, tr("alpha / √rank: rank-stabilised LoRA (rsLoRA)"));

    d->advancedRows = {
        d->row(tr("Scale"), {d->scale}, {QStringLiteral("rslora")}, inside),
        d->row(tr("Weight decay"), {d->weightDecay}, {QStringLiteral("weight_decay")}, inside),
        d->row(tr("Clip norm"), {d->clip}, {QStringLiteral("clip")}, inside),
        d->row(tr("Oversampling"), {d->oversampling}, {QStringLiteral("oversampling")}, inside),
        d->row(tr("Seed"), {d->seed}, {QStringLiteral("seed")}, inside),
        d->row(tr("Threads"), {d->threads}, {QStringLiteral("threads")}, inside),
        d->row(tr("Checkpoint"), {d->checkpointMinutes, d->checkpointEvery},
               {QStringLiteral("checkpoint_minutes"), QStringLiteral("checkpoint_every")}, inside),
        d->row(tr("Keep"), {d->keepCheckpoints}, {QStringLiteral("keep_checkpoints")}, inside),
        d->row(tr("Held out"), {d->heldOut}, {QStringLiteral("eval_ratio")}, inside),
        d->row(tr("Evaluate"), {d->evalEvery}, {QStringLiteral("eval_every")}, inside),
        d->row(tr("Patience"), {d->patience}, {QStringLiteral("patience")}, inside),
        d->row(tr("Activations"), {d->activations}, {QStringLiteral("gradient_checkpointing")},
               inside),
    };
    d->layout->addStretch(1);
}

} // namespace pissarro::ui
