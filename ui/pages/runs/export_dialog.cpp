// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/export_dialog.h"

#include "ui/look/metrics.h"
#include "ui/services/exports.h"
#include "ui/widgets/card.h"
#include "ui/widgets/dialog_ground.h"
#include "ui/widgets/drop_question.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/form_field.h"
#include "ui/words/format.h"
#include "ui/words/message.h"
#include "ui/words/method_look.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHash>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kWidth = 492; // px, of the cards
constexpr int kLines = 3; // room for what went wrong
constexpr int kIndent = 24; // px: a sentence under the text of its radio button

QLabel* muted(const QString& text)
{
    auto* label = new QLabel(text);
    label->setProperty("role", QByteArray("muted"));
    label->setWordWrap(true);
    return label;
}

// "best, step 25 of 40"
QString stateTitle(const core::StoredState& state, std::int64_t steps)
{
    const QString step =
        ExportDialog::tr("step %1 of %2").arg(formatCount(state.step), formatCount(steps));
    const QString kind = state.isBest && state.isLast ? ExportDialog::tr("best and last")
        : state.isBest                                ? ExportDialog::tr("best")
        : state.isLast                                ? ExportDialog::tr("last")
                                                      : QString();
    return kind.isEmpty() ? step : kind + QStringLiteral(", ") + step;
}

using Words = std::pair<QString, QString>; // title and sentence

core::ExportForm formAt(int button)
{
    return core::allExportForms().at(static_cast<std::size_t>(std::max(button, 0)));
}

// What a form is of this run, by its name; a form without words here has its title and help from core.
QHash<QString, Words> formWords(const core::RunSpec& spec)
{
    const bool residual = core::isResidual(spec.method);
    const bool full = !core::hasAdapter(spec.method);
    const bool fourBit = core::isFourBit(spec.method);
    const auto rank = formatCount(spec.rank);
    QHash<QString, Words> words;
    words[QStringLiteral("lora")] = {
        ExportDialog::tr("LoRA adapter"),
        residual ? ExportDialog::tr(
                       "Converted for the untouched model, rank %1 (%2's %3 doubled). PEFT, vLLM "
                       "and llama.cpp's converter read it.")
                       .arg(formatCount(2 * spec.rank), titleOf(spec.method), rank)
            : fourBit
            ? ExportDialog::tr(
                  "For the run's own four-bit base, rank %1: what quantization took away is not of "
                  "low rank, so it fits no other. PEFT reads both with bitsandbytes.")
                  .arg(rank)
            : ExportDialog::tr(
                  "For the untouched model, rank %1. PEFT, vLLM and llama.cpp's converter read it.")
                  .arg(rank)};
    words[QStringLiteral("pair")] = {
        residual      ? ExportDialog::tr("Residual model and adapter")
            : fourBit ? ExportDialog::tr("Four-bit base and adapter")
                      : ExportDialog::tr("Model and adapter"),
        residual ? ExportDialog::tr(
                       "%1's frozen residual as a model folder, and the adapter as it was trained: "
                       "to train on.")
                       .arg(titleOf(spec.method))
            : fourBit ? ExportDialog::tr(
                  "The base in bitsandbytes' layout as it is, unless a precision below asks for it "
                  "dequantized, and the adapter beside it.")
                      : ExportDialog::tr("A copy of the model with the adapter beside it.")};
    words[QStringLiteral("merged")] = {
        ExportDialog::tr("Merged model"),
        full ? ExportDialog::tr("The trained model as a Hugging Face folder.")
            : fourBit
            ? ExportDialog::tr("One Hugging Face folder, dequantized, with the update inside.")
            : ExportDialog::tr(
                "One Hugging Face folder with the update inside; needs no adapter.")};
    return words;
}

// Hidden until it has something to show, without moving the rest.
void keepPlace(QWidget* widget)
{
    QSizePolicy policy = widget->sizePolicy();
    policy.setRetainSizeWhenHidden(true);
    widget->setSizePolicy(policy);
    widget->hide();
}

} // namespace

ExportDialog::ExportDialog(Exports& exports, core::RunSummary run, QWidget* parent)
    : QDialog(parent)
    , m_exports(exports)
    , m_run(std::move(run))
    , m_state(new QComboBox)
    , m_forms(new QButtonGroup(this))
    , m_dtype(new QComboBox)
    , m_folder(new PathField(QStringLiteral("export.folder"), tr("Folder to write"),
                             PathField::Kind::Folder, {}))
    , m_bar(new QProgressBar)
    , m_line(new QLabel)
    , m_open(new QPushButton(tr("Open folder")))
    , m_close(new QPushButton(tr("Close")))
    , m_export(new QPushButton(tr("Export")))
{
    setObjectName(QStringLiteral("dialog.export"));
    setWindowTitle(
        tr("Export %1").arg(lineOf(QString::fromStdString(m_run.directory.filename().string()))));
    setModal(true);
    auto* cards = new QVBoxLayout;
    cards->setSpacing(12);
    QVBoxLayout* what = Card::bodyOfNew(cards, tr("What leaves"));
    buildState(what);
    buildForms(what);
    buildTarget(Card::bodyOfNew(cards, tr("Where it goes")));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 14, 14, 14);
    layout->setSpacing(12);
    layout->addWidget(new DialogGround(cards, scaled(kWidth)), 1);
    buildFoot(layout);
    connect(&m_exports, &Exports::stateChanged, this, &ExportDialog::showProgress);
    connect(&m_exports, &Exports::folderFound, this,
            [this](const QString& wanted, const QString& fresh) {
                if (!m_folderChosen && !m_busy && m_folder->path() == wanted) {
                    m_folder->setPath(fresh);
                }
            });
    const QString directory = QString::fromStdString(m_run.directory.string());
    connect(&m_exports, &Exports::statesFound, this,
            [this, directory](const QString& of, const std::vector<core::StoredState>& states) {
                if (of == directory) {
                    showStates(states);
                }
            });
    showForm();
    m_exports.lookForStates(directory);
    fitToScreen(this);
}

void ExportDialog::buildState(QVBoxLayout* into)
{
    m_state->setObjectName(QStringLiteral("export.state"));
    m_state->setAccessibleName(tr("State of the run"));
    m_state->setPlaceholderText(tr("looking for them…"));
    m_state->setToolTip(tr("The best by the loss of the held-out rows where the run evaluated, "
                           "the last one, and the checkpoints that are kept"));
    m_state->setEnabled(false);
    into->addWidget(new FormField(tr("State"), {m_state}));
    into->addSpacing(6);
}

void ExportDialog::showStates(const std::vector<core::StoredState>& states)
{
    m_state->clear();
    for (const core::StoredState& state : states) {
        m_state->addItem(stateTitle(state, m_run.steps), QVariant::fromValue(state.step));
    }
    m_state->setCurrentIndex(0); // the usual one
    m_state->setEnabled(true);
    showForm();
}

void ExportDialog::buildForms(QVBoxLayout* into)
{
    const bool full = !core::hasAdapter(m_run.spec.method);
    const QHash<QString, Words> words = formWords(m_run.spec);
    for (const core::ExportForm form : core::allExportForms()) {
        const core::ExportFormInfo& info = form.info();
        const QString name = fromView(info.name);
        const auto [title, sentence] =
            words.value(name, {fromView(info.title), fromView(info.help)});
        auto* button = new QRadioButton(title);
        button->setObjectName(QStringLiteral("export.form.") + name);
        button->setAccessibleName(title);
        button->setAccessibleDescription(sentence);
        button->setEnabled(!full || info.ofFull);
        m_forms->addButton(button, static_cast<int>(m_forms->buttons().size()));
        if (m_forms->checkedId() < 0 && button->isEnabled()) {
            button->setChecked(true);
        }
        into->addWidget(button);
        QLabel* below = muted(sentence);
        below->setContentsMargins(scaled(kIndent), 0, 0, 6);
        into->addWidget(below);
    }
    connect(m_forms, &QButtonGroup::idToggled, this, &ExportDialog::showForm);
}

void ExportDialog::buildTarget(QVBoxLayout* into)
{
    m_dtype->setObjectName(QStringLiteral("export.dtype"));
    m_dtype->setAccessibleName(tr("Weights stored as"));
    m_dtype->addItem(tr("as the model is stored"), QString());
    for (const char* dtype : {"float32", "bfloat16", "float16"}) {
        m_dtype->addItem(QString::fromLatin1(dtype), QString::fromLatin1(dtype));
    }
    into->addWidget(new FormField(tr("Weights"), {m_dtype}));
    into->addWidget(new FormField(tr("Folder"), {m_folder}));
    m_folder->setTellsWhileTyped();
    connect(m_folder, &PathField::pathEdited, this, [this](const QString& path) {
        m_folderChosen = !path.isEmpty();
        showForm();
    });
}

void ExportDialog::buildFoot(QVBoxLayout* into)
{
    m_bar->setObjectName(QStringLiteral("export.progress"));
    m_bar->setAccessibleName(tr("Progress of the export"));
    m_bar->setRange(0, 1000);
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(scaled(6));
    keepPlace(m_bar);
    m_line->setObjectName(QStringLiteral("export.line"));
    m_line->setWordWrap(true);
    m_line->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_line->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    // A path without a place to break it does not widen the dialog.
    m_line->setMinimumSize(1, kLines * m_line->fontMetrics().lineSpacing());
    keepPlace(m_line);
    into->addWidget(m_bar);
    into->addWidget(m_line);

    m_open->setObjectName(QStringLiteral("export.open"));
    m_open->setAccessibleName(tr("Open the folder that was written"));
    m_open->hide();
    m_close->setObjectName(QStringLiteral("export.close"));
    m_close->setAccessibleName(tr("Close"));
    m_export->setObjectName(QStringLiteral("export.start"));
    m_export->setAccessibleName(tr("Export"));
    m_export->setProperty("kind", QByteArray("primary"));
    m_export->setDefault(true);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_open);
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    buttons->addWidget(m_export);
    into->addLayout(buttons);
    connect(m_open, &QPushButton::clicked, this, [this] {
        if (const QString problem = openFolder(m_folder->path()); !problem.isEmpty()) {
            m_line->setText(problem);
        }
    });
    connect(m_close, &QPushButton::clicked, this, &ExportDialog::cancel);
    connect(m_export, &QPushButton::clicked, this, &ExportDialog::start);
}

core::ExportForm ExportDialog::form() const
{
    return formAt(m_forms->checkedId());
}

void ExportDialog::showForm()
{
    if (!m_folderChosen) {
        const QString name = fromView(core::exportFormName(form()));
        const QString start = QString::fromStdString((m_run.directory / "export-").string()) + name;
        m_folder->setPath(start);
        m_exports.lookForFolder(start);
    }
    m_dtype->setEnabled(form().info().writesBase);
    m_export->setEnabled(!m_folder->path().isEmpty() && m_state->isEnabled());
    m_export->setText(tr("Export"));
    m_export->setDefault(true); // after an export it is «Close»
    m_open->hide();
    m_line->setVisible(m_state->count() == 0 && !m_line->text().isEmpty()); // why there is no state
}

void ExportDialog::start()
{
    core::ExportOptions options;
    options.form = form();
    options.checkpoint = {core::StateChoice::Kind::Step, m_state->currentData().toLongLong()};
    if (options.form.info().writesBase) {
        options.dtype = m_dtype->currentData().toString().toStdString();
    }
    showBusy(true);
    m_exports.start(QString::fromStdString(m_run.directory.string()), options, m_folder->path());
}

void ExportDialog::showProgress()
{
    if (const auto* running = std::get_if<Running>(&m_exports.state())) {
        if (!running->stage.isEmpty()) {
            m_bar->setValue(static_cast<int>(running->fraction * m_bar->maximum()));
            m_line->setText(stageText(running->stage));
        }
    } else if (const Failed* failed = m_exports.failure()) {
        showFailed(failed->why);
    } else if (std::holds_alternative<Ready>(m_exports.state())) {
        showDone(m_exports.report());
    } else {
        showBusy(false);
    }
}

void ExportDialog::showBusy(bool busy)
{
    m_busy = busy;
    for (QAbstractButton* button : m_forms->buttons()) {
        button->setEnabled(
            !busy
            && (core::hasAdapter(m_run.spec.method) || formAt(m_forms->id(button)).info().ofFull));
    }
    m_state->setEnabled(!busy && m_state->count() > 0);
    m_dtype->setEnabled(!busy && form().info().writesBase);
    m_folder->setEnabled(!busy);
    m_export->setEnabled(!busy && m_state->count() > 0);
    m_close->setText(busy ? tr("Cancel") : tr("Close"));
    m_bar->setValue(0);
    m_bar->setVisible(busy);
    m_line->setText(busy ? tr("Loading the trained model…") : QString());
    m_line->setVisible(busy);
    m_open->hide();
}

void ExportDialog::showDone(const core::ExportReport& report)
{
    showBusy(false);
    m_folderChosen = true; // what was written stays named
    const QString text = report.comparedWithState
        ? tr(
            "Written from the state «%1» and read back: its logits differ from the trained model's "
            "by %2 at most.")
        : tr(
            "Written from the state «%1» and read back: its logits differ by %2 at most from those "
            "of the run's model folder, which is all that the run keeps.");
    m_line->setText(text.arg(stateTitle(report.state, m_run.steps),
                             formatNumber(report.maxLogitDifference, 2)));
    m_line->show();
    m_open->show();
    m_export->setEnabled(false);
    m_close->setDefault(true);
}

void ExportDialog::showFailed(const QString& message)
{
    showBusy(false);
    m_state->setPlaceholderText(tr("none"));
    m_line->setText(message);
    m_line->show();
}

void ExportDialog::cancel()
{
    if (m_busy) {
        m_exports.cancel();
    }
    QDialog::reject();
}

void ExportDialog::reject()
{
    if (m_busy) {
        askToDrop(this, tr("The export is not finished."), [this] { cancel(); });
    } else {
        QDialog::reject();
    }
}

} // namespace pissarro::ui
