// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/field_look.h"

#include "core/adapter/adapter_kind.h"
#include "core/adapter/method.h"
#include "core/optim/optimizer_kind.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QCoreApplication>
#include <QHash>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

class FieldWords {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::FieldWords)

public:
    static void addStart(QHash<QString, FieldLook>& looks);
    static void addFourBits(QHash<QString, FieldLook>& looks);
    static void addRecipe(QHash<QString, FieldLook>& looks);
    static void addEvaluation(QHash<QString, FieldLook>& looks);
    static void addRun(QHash<QString, FieldLook>& looks);
};

QStringList namesOf(const std::vector<core::Method>& methods)
{
    QStringList titles;
    for (const core::Method method : methods) {
        titles.append(fromView(method->title));
    }
    return titles;
}

void add(QHash<QString, FieldLook>& looks, const char* key, FieldLook look)
{
    looks.insert(QLatin1String(key), std::move(look));
}

void FieldWords::addStart(QHash<QString, FieldLook>& looks)
{
    add(looks, "method",
        {.object = QStringLiteral("train.method"),
         .label = tr("Method"),
         .title = tr("Method"),
         .choices = namesOf(core::allMethods())});
    add(looks, "svd",
        {.object = QStringLiteral("train.svd"),
         .label = tr("SVD"),
         .title = tr("Singular value decomposition"),
         .choices = {tr("exact"), tr("fast")},
         .choiceTips = {QString(),
                        tr("Randomised, with power iterations: seconds on models "
                           "that take minutes")},
         .beside = QStringLiteral("niter"),
         .group = FieldGroup::What});
    add(looks, "niter",
        {.object = QStringLiteral("train.niter"),
         .label = tr("Power iterations"),
         .title = tr("Power iterations"),
         .toolTip = tr("Power iterations (niter): more comes closer to the exact SVD")});
    add(looks, "oversampling",
        {.object = QStringLiteral("train.oversampling"),
         .label = tr("Oversampling"),
         .title = tr("Oversampling of the fast SVD"),
         .group = FieldGroup::What});
    add(looks, "dropout",
        {.object = QStringLiteral("train.dropout"),
         .label = tr("Dropout"),
         .title = tr("Dropout on what adapters read"),
         .toolTip = tr("Share of an adapter's inputs that training drops. PiSSA and LoRA of the "
                       "paper train without"),
         .group = FieldGroup::What});
    QStringList kinds;
    for (const core::AdapterKindName& one : core::adapterKindNames()) {
        kinds.append(fromView(one.title));
    }
    add(looks, "adapter_kind",
        {.object = QStringLiteral("train.adapterKind"),
         .label = tr("Adapter"),
         .title = tr("What is added to a weight"),
         .toolTip = tr("LoRA: two thin factors. DoRA: the length of each row of the weight trains "
                       "too, at the cost of one more product in the backward pass"),
         .choices = kinds,
         .group = FieldGroup::What});
    add(looks, "rslora",
        {.object = QStringLiteral("train.scale"),
         .label = tr("Scale"),
         .title = tr("Scale of the update"),
         .choices = {tr("α / r"), tr("α / √r")},
         .choiceTips = {tr("alpha / rank, as LoRA and PiSSA scale"),
                        tr("alpha / √rank: rank-stabilised LoRA (rsLoRA)")},
         .group = FieldGroup::What});
}

void FieldWords::addFourBits(QHash<QString, FieldLook>& looks)
{
    add(looks, "quant_type",
        {.object = QStringLiteral("train.quantType"),
         .label = tr("Four bits"),
         .title = tr("Four-bit type of the base"),
         .choices = {tr("NF4"), tr("FP4")},
         .choiceTips = {tr("Quantiles of the normal distribution"),
                        tr("Floating point: sign, two bits, one bit")},
         .group = FieldGroup::What});
    add(looks, "double_quant",
        {.object = QStringLiteral("train.absmax"),
         .label = tr("Absmax"),
         .title = tr("Scale of each 64 values"),
         .choices = {tr("float32"), tr("8-bit")},
         .choiceTips = {tr("The largest value of each block as it is"),
                        tr("Double quantization, as QLoRA")},
         .group = FieldGroup::What});
    add(looks, "iters",
        {.object = QStringLiteral("train.iters"),
         .label = tr("Iterations"),
         .title = tr("Iterations"),
         .toolTip =
             tr("Alternating iterations of %1")
                 .arg(namesOf(core::methodsWhere(core::iterates)).join(QStringLiteral(", "))),
         .frame = [](std::int64_t) { return QStringLiteral("T = %1"); },
         .group = FieldGroup::What});
}

void FieldWords::addRecipe(QHash<QString, FieldLook>& looks)
{
    add(looks, "max_length",
        {.object = QStringLiteral("train.maxLength"),
         .label = tr("Longest row"),
         .title = tr("Longest row in tokens"),
         .toolTip = tr("Rows of more tokens are cut; memory grows with it"),
         .frame = [](std::int64_t n) { return tr("%1 tokens", nullptr, pluralOf(n)); },
         .isSlow = true, // tokenizes the data anew
         .group = FieldGroup::Data});
    add(looks, "labels",
        {.object = QStringLiteral("train.labels"),
         .label = tr("Labels"),
         .title = tr("Labels of a new head"),
         .toolTip = tr("For an encoder without a head for texts: how many classes, or their names "
                       "with commas between them; 1 for a number"),
         .isSlow = true, // tokenizes the data anew
         .group = FieldGroup::Data});
    add(looks, "warmup_ratio",
        {.object = QStringLiteral("train.warmup"),
         .label = tr("Warm-up"),
         .title = tr("Warm-up, share of the steps"),
         .frame = [](std::int64_t) { return tr("%1 % of the steps"); },
         .isPercent = true});
    add(looks, "batch_size",
        {.object = QStringLiteral("train.batch"),
         .label = tr("Batch"),
         .title = tr("Rows of a micro-batch"),
         .beside = QStringLiteral("grad_accum")});
    add(looks, "grad_accum",
        {.object = QStringLiteral("train.accumulation"),
         .label = tr("Accumulation"),
         .title = tr("Micro-batches of a step"),
         .toolTip = tr("Gradients of so many micro-batches are summed before a step"),
         .frame = [](std::int64_t) { return QStringLiteral("× %1"); }});
    QStringList optimizers;
    for (const core::OptimizerKind* one : core::allOptimizers()) {
        optimizers.append(fromView(one->title));
    }
    add(looks, "optimizer",
        {.object = QStringLiteral("train.optimizer"),
         .label = tr("Optimizer"),
         .title = tr("Optimizer"),
         .toolTip = tr("How gradients move what trains"),
         .choices = optimizers});
    add(looks, "weight_decay",
        {.object = QStringLiteral("train.weightDecay"),
         .label = tr("Weight decay"),
         .title = tr("Weight decay")});
    add(looks, "clip",
        {.object = QStringLiteral("train.clip"),
         .label = tr("Clip norm"),
         .title = tr("Largest gradient norm")});
}

void FieldWords::addEvaluation(QHash<QString, FieldLook>& looks)
{
    add(looks, "eval_ratio",
        {.object = QStringLiteral("train.heldOut"),
         .label = tr("Held out"),
         .title = tr("Held out for evaluation, share of the examples"),
         .toolTip = tr("These examples are not trained on; their loss is drawn beside"),
         .frame = [](std::int64_t) { return tr("%1 % of the rows"); },
         .lowest = tr("nothing"),
         .isPercent = true,
         .group = FieldGroup::Data});
    add(looks, "eval_every",
        {.object = QStringLiteral("train.evalEvery"),
         .label = tr("Evaluate"),
         .title = tr("Steps between evaluations"),
         .frame = [](std::int64_t n) { return tr("every %1 steps", nullptr, pluralOf(n)); },
         .lowest = tr("at the end"),
         .group = FieldGroup::Data});
    add(looks, "patience",
        {.object = QStringLiteral("train.patience"),
         .label = tr("Patience"),
         .title = tr("Evaluations without a better loss that end the run"),
         .toolTip =
             tr("Early stopping: the run ends after so many evaluations without a better loss"),
         .frame = [](std::int64_t n) { return tr("%1 evaluations", nullptr, pluralOf(n)); },
         .lowest = tr("never ends early")});
}

void FieldWords::addRun(QHash<QString, FieldLook>& looks)
{
    add(looks, "seed",
        {.object = QStringLiteral("train.seed"),
         .label = tr("Seed"),
         .title = tr("Seed"),
         .toolTip = tr("Of initialisation and data order")});
    add(looks, "threads",
        {.object = QStringLiteral("train.threads"),
         .label = tr("Threads"),
         .title = tr("Threads"),
         .lowest = tr("all cores"),
         .group = FieldGroup::Where});
    add(looks, "checkpoint_minutes",
        {.object = QStringLiteral("train.checkpointMinutes"),
         .label = tr("Checkpoint"),
         .title = tr("Minutes between checkpoints"),
         .frame = [](std::int64_t) { return tr("%1 min"); },
         .lowest = tr("never"),
         .beside = QStringLiteral("checkpoint_every"),
         .group = FieldGroup::Where});
    add(looks, "checkpoint_every",
        {.object = QStringLiteral("train.checkpointEvery"),
         .label = tr("Checkpoint"),
         .title = tr("Steps between checkpoints"),
         .frame = [](std::int64_t n) { return tr("%1 steps", nullptr, pluralOf(n)); },
         .lowest = tr("never")});
    add(looks, "keep_checkpoints",
        {.object = QStringLiteral("train.keepCheckpoints"),
         .label = tr("Keep"),
         .title = tr("Checkpoints kept"),
         .frame = [](std::int64_t) { return tr("%1 newest"); },
         .group = FieldGroup::Where});
    add(looks, "gradient_checkpointing",
        {.object = QStringLiteral("train.activations"),
         .label = tr("Activations"),
         .title = tr("Activations"),
         .choices = {tr("keep"), tr("recompute")},
         .choiceTips = {QString(),
                        tr("Gradient checkpointing: each layer is computed again in the backward "
                           "pass. Less memory, a third more work, the same numbers")},
         .group = FieldGroup::Where});
}

// Words of core's table of settings that no row above has: lupdate knows no texts of core.
[[maybe_unused]] constexpr const char* kWordsOfCore[] = {
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Alpha"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Batches"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Best by"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Beta 1"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Beta 2"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Block"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Columns"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Data"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Device"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Precision"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Length"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Epsilon"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Task"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Questions"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Ask every"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Rows asked"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Start"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Strict"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Learned"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Learning rate"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Model"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Prompt"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Rank"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Rank map"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Schedule"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Share the base"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Slice"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "Modules"),
    // what they are, of those that a sweep varies
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "of the adapters"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "learning rate"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "scaling = alpha / rank"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "of the learning rate after the warm-up"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "optimizer steps"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "passes over the data"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "values that share an absmax"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "how a row becomes a prompt"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "of the optimizer's first moment"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "of its second moment"),
    QT_TRANSLATE_NOOP("pissarro::ui::FieldWords", "added to the root of the second moment"),
};

// As core says it; a row above says more.
FieldLook plainLook(const core::SpecField& field)
{
    const auto said = [](const std::string& text) {
        return text.empty() ? QString()
                            : QCoreApplication::translate("pissarro::ui::FieldWords", text.c_str());
    };
    FieldLook look {.object = QStringLiteral("train.") + QString::fromStdString(field.key),
                    .label = said(field.label),
                    .title = said(field.label),
                    .toolTip = said(field.help)};
    if (!field.unit.empty()) {
        const QString frame = QStringLiteral("%1 ") + said(field.unit);
        look.frame = [frame](std::int64_t) { return frame; };
    }
    return look;
}

const core::SpecField* fieldOf(const std::string& key) // null: none
{
    const auto& all = core::specFields();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&key](const core::SpecField& one) { return one.key == key; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace

FieldLook fieldLook(const core::SpecField& field)
{
    static const QHash<QString, FieldLook> kLooks = [] {
        QHash<QString, FieldLook> looks;
        FieldWords::addStart(looks);
        FieldWords::addFourBits(looks);
        FieldWords::addRecipe(looks);
        FieldWords::addEvaluation(looks);
        FieldWords::addRun(looks);
        return looks;
    }();
    const auto found = kLooks.find(QString::fromStdString(field.key));
    return found == kLooks.end() ? plainLook(field) : *found;
}

QString settingTitle(const std::string& key)
{
    const core::SpecField* field = fieldOf(key);
    return field == nullptr ? QString::fromStdString(key) : fieldLook(*field).title;
}

QString settingValue(const std::string& key, const std::string& value)
{
    const core::SpecField* field = fieldOf(key);
    const QStringList words = field == nullptr ? QStringList() : fieldLook(*field).choices;
    qsizetype place = -1;
    if (field != nullptr && field->choices.empty()) { // of a flag: off, on
        place = value == "false" ? 0 : value == "true" ? 1 : -1;
    } else if (field != nullptr) {
        place =
            std::find(field->choices.begin(), field->choices.end(), value) - field->choices.begin();
    }
    return place >= 0 && place < words.size() ? words[place] : QString::fromStdString(value);
}

} // namespace pissarro::ui
