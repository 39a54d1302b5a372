// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train/train_page.h"

#include "core/base/error.h"
#include "core/io/atomic_file.h"
#include "ui/pages/train/form_words.h"
#include "ui/pages/train/loss_card.h"
#include "ui/pages/train/memory_bar.h"
#include "ui/pages/train/progress_card.h"
#include "ui/pages/train/sample_card.h"
#include "ui/pages/train/train_form.h"
#include "ui/shell/theme.h"
#include "ui/shell/workbench.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/widget_export.h"

#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedLayout>
#include <QTimer>
#include <QVBoxLayout>

#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kFormWidth = 304; // px
constexpr int kGap = 12; // px between cards
constexpr std::uint64_t kLargestSpec = 1 << 20; // bytes of a spec file
constexpr int kConfirmMs = 1500; // how long «Copied» stands on the button

QSplitter* splitter(Qt::Orientation orientation, const QString& name,
                    std::initializer_list<QWidget*> parts, const QList<int>& sizes)
{
    auto* result = new QSplitter(orientation);
    result->setObjectName(name);
    result->setHandleWidth(kGap);
    result->setChildrenCollapsible(false);
    for (QWidget* part : parts) {
        result->addWidget(part);
    }
    result->setSizes(sizes);
    return result;
}

} // namespace

TrainPage::TrainPage(Workbench& workbench, QWidget* parent)
    : QWidget(parent)
    , m_workbench(workbench)
    , m_form(new TrainForm)
    , m_memory(new MemoryBar)
    , m_loss(new LossCard(QStringLiteral("train.loss"), tr("Loss")))
    , m_detail(new DetailCard(QStringLiteral("train.detail")))
    , m_progress(new ProgressCard)
    , m_sample(new SampleCard)
    , m_pages(new QStackedLayout(this))
{
    setObjectName(QStringLiteral("page.train"));
    setAccessibleName(tr("Train"));
    buildActions();
    auto* empty = new EmptyState(
        QStringLiteral("train.empty"), QStringLiteral("train"), tr("Open a model to train it"),
        tr("PiSSA and its LoRA twin train on the same batches; both losses draw live."),
        tr("Open model…"));
    m_pages->addWidget(empty);
    m_pages->addWidget(buildContent());
    connect(empty, &EmptyState::acted, this, &TrainPage::openModelRequested);
    m_form->setTrainsInProcess(m_workbench.trainsInProcess()); // before changes of it are heard
    connectWorkbench();
    m_workbench.setMaxLength(static_cast<int>(m_form->spec().maxLength));
    m_form->setRank(m_workbench.rank());
    showModel();
    showData();
    showState();
}

QWidget* TrainPage::buildContent()
{
    m_detail->setMinimumWidth(174);
    m_progress->setMinimumWidth(254);
    m_sample->setMinimumWidth(214);
    QSplitter* details = splitter(Qt::Horizontal, QStringLiteral("train.details"),
                                  {m_detail, m_progress, m_sample}, {320, 340, 340});
    QSplitter* rows =
        splitter(Qt::Vertical, QStringLiteral("train.rows"), {m_loss, details}, {100, 100});
    Card* form = buildFormCard();
    QSplitter* columns =
        splitter(Qt::Horizontal, QStringLiteral("train.columns"), {form, rows}, {kFormWidth, 1000});
    columns->setStretchFactor(0, 0);
    columns->setStretchFactor(1, 1);
    return columns;
}

Card* TrainPage::buildFormCard()
{
    auto* card = new Card(tr("New run"));
    card->setObjectName(QStringLiteral("train.formCard"));
    card->setMinimumWidth(kFormWidth);
    auto* scroll = new QScrollArea;
    scroll->setObjectName(QStringLiteral("train.formScroll"));
    scroll->setFrameStyle(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(m_form);
    scroll->viewport()->setAutoFillBackground(false);
    m_form->setAutoFillBackground(false);

    QPushButton* start = buttonFor(m_start, "train.start");
    start->setProperty("kind", QByteArray("primary"));
    start->setMinimumHeight(34);
    auto* small = new QHBoxLayout;
    small->setSpacing(8);
    small->addWidget(buttonFor(m_copy, "train.copy"));
    small->addWidget(buttonFor(m_save, "train.save"));
    QPushButton* load = buttonFor(m_load, "train.load");
    load->setProperty("kind", QByteArray("link"));
    card->addTitleWidget(load);
    card->body()->addWidget(scroll, 1);
    card->body()->addWidget(m_memory);
    card->body()->addWidget(start);
    card->body()->addLayout(small);
    return card;
}

void TrainPage::buildActions()
{
    const auto add = [this](const char* text, const QKeySequence& keys, auto run) {
        return addPageAction(this, {}, tr(text), keys, run);
    };
    m_start = add(QT_TR_NOOP("Train"), Qt::CTRL | Qt::Key_Return, [this] { start(); });
    m_pause = add(QT_TR_NOOP("Pause"), Qt::CTRL | Qt::Key_P,
                  [this] { m_workbench.setPaused(!m_workbench.isPaused()); });
    m_stop = add(QT_TR_NOOP("Stop and keep"), Qt::CTRL | Qt::Key_Period,
                 [this] { m_workbench.stopTraining(); });
    m_copy = add(QT_TR_NOOP("Copy as command"), Qt::CTRL | Qt::SHIFT | Qt::Key_C,
                 [this] { copyCommand(); });
    m_save = add(QT_TR_NOOP("Save spec…"), QKeySequence::Save, [this] { chooseSpec(true); });
    m_load = add(QT_TR_NOOP("Load spec…"), Qt::CTRL | Qt::Key_L, [this] { chooseSpec(false); });
}

// A button that does what the action does, with its text, its state and its shortcut in the tip.
QPushButton* TrainPage::buttonFor(QAction* action, const char* name)
{
    auto* button = new QPushButton;
    button->setObjectName(QLatin1String(name));
    const auto follow = [button, action] {
        button->setText(action->text());
        button->setAccessibleName(action->text());
        button->setEnabled(action->isEnabled());
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        const QString why = action->statusTip();
        button->setToolTip(why.isEmpty() ? keys : why);
    };
    follow();
    connect(action, &QAction::changed, button, follow);
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    return button;
}

void TrainPage::connectWorkbench()
{
    connect(&m_workbench, &Workbench::modelOpened, this, &TrainPage::showModel);
    connect(&m_workbench, &Workbench::dataChanged, this, &TrainPage::showData);
    connect(&m_workbench, &Workbench::failed, this, [this] {
        m_dataFailed = !m_workbench.dataPath().isEmpty() && !m_workbench.data();
        showData();
    });
    connect(&m_workbench, &Workbench::rankChanged, m_form, &TrainForm::setRank);
    connect(&m_workbench, &Workbench::rankMapChanged, this,
            [this] { m_form->setRankMap(m_workbench.rankPatterns()); });
    connect(&m_workbench, &Workbench::sliceChanged, this,
            [this] { m_form->setSlice(m_workbench.slice()); });
    connect(&m_workbench, &Workbench::trainingStateChanged, this, &TrainPage::showState);
    connect(&m_workbench, &Workbench::trainingRecordsChanged, this, &TrainPage::showRecords);
    connect(&m_workbench, &Workbench::trainingProgressed, this,
            [this](double fraction, const QString& stage) {
                m_fraction = fraction;
                m_stage = stage;
                showState();
            });
    connect(m_form, &TrainForm::changed, this, &TrainPage::showForm);
    connect(m_form, &TrainForm::rankEdited, &m_workbench, &Workbench::setRank);
    connect(m_form, &TrainForm::maxLengthEdited, &m_workbench, &Workbench::setMaxLength);
    connect(m_form, &TrainForm::dataPathEdited, this, [this](const QString& path) {
        m_dataFailed = false;
        m_workbench.openData(path);
        showData();
    });
    connect(m_progress, &ProgressCard::pauseRequested, &m_workbench, &Workbench::setPaused);
    connect(m_progress, &ProgressCard::stopRequested, &m_workbench, &Workbench::stopTraining);
    connect(m_progress, &ProgressCard::leaveRequested, &m_workbench, &Workbench::leaveRun);
    connect(m_progress, &ProgressCard::resumeRequested, this, &TrainPage::resume);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        showForm();
        showRecords();
    });
}

void TrainPage::start()
{
    if (!m_form->problem().isEmpty() || m_workbench.isTraining()) {
        return;
    }
    m_stage = tr("Preparing…");
    m_fraction = -1.0;
    m_loss->plot()->resetView();
    m_workbench.startTraining(m_form->spec(), m_form->twins(), m_form->runDirectory(), false);
    m_form->proposeRunDirectory();
}

void TrainPage::resume()
{
    const QVector<core::RunSummary> runs = m_workbench.trainRuns();
    if (runs.isEmpty() || m_workbench.isTraining()) {
        return;
    }
    QVector<core::Method> twins;
    for (qsizetype twin = 1; twin < runs.size(); ++twin) {
        twins.append(runs[twin].spec.method);
    }
    m_stage = tr("Preparing…");
    m_fraction = -1.0;
    m_workbench.startTraining(runs.first().spec, twins, m_workbench.trainRunDirectory(), true);
}

void TrainPage::copyCommand()
{
    const QVector<core::Method> twins = m_form->twins();
    const std::string command = core::specToCommand(m_form->spec(), {twins.begin(), twins.end()},
                                                    m_form->runDirectory().toStdString());
    QGuiApplication::clipboard()->setText(QString::fromStdString(command));
    m_copy->setText(tr("Copied ✓"));
    QTimer::singleShot(kConfirmMs, m_copy, [this] { m_copy->setText(tr("Copy as command")); });
}

void TrainPage::chooseSpec(bool save)
{
    auto* dialog = new QFileDialog(this, save ? tr("Save spec") : tr("Load spec"), {},
                                   tr("Run specs (*.json);;All files (*)"));
    dialog->setObjectName(QStringLiteral("dialog.spec"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(save ? QFileDialog::AcceptSave : QFileDialog::AcceptOpen);
    dialog->setFileMode(save ? QFileDialog::AnyFile : QFileDialog::ExistingFile);
    dialog->setDefaultSuffix(QStringLiteral("json"));
    if (save) {
        dialog->selectFile(QFileInfo(m_form->runDirectory()).fileName() + QStringLiteral(".json"));
    }
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, save](const QString& path) { save ? saveSpec(path) : loadSpec(path); });
    dialog->open();
}

void TrainPage::saveSpec(const QString& path)
{
    const QString problem =
        writeText(path, QString::fromStdString(core::specToJson(m_form->spec()) + "\n"));
    if (!problem.isEmpty()) {
        Q_EMIT m_workbench.failed(tr("The spec was not saved"), problem);
    }
}

void TrainPage::loadSpec(const QString& path)
{
    try {
        const std::string text = core::readWholeFile(path.toStdString(), kLargestSpec);
        try {
            useAsTemplate(core::specFromJson(text));
        } catch (const core::Error& error) {
            throw error.within(path.toStdString());
        }
    } catch (const core::Error& error) {
        Q_EMIT m_workbench.failed(tr("The spec was not loaded"),
                                  QString::fromStdString(error.what()));
    }
}

void TrainPage::useAsTemplate(const core::RunSpec& spec)
{
    const QString model = QString::fromStdString(spec.model);
    const auto open = m_workbench.model();
    m_form->setSpec(spec);
    m_form->proposeRunDirectory();
    m_workbench.setRank(static_cast<int>(spec.rank));
    m_workbench.setMaxLength(static_cast<int>(spec.maxLength));
    if (!model.isEmpty() && (!open || open->path() != spec.model)) {
        m_workbench.openModel(model);
    }
    const QString rows = QString::fromStdString(spec.data);
    if (!rows.isEmpty() && rows != m_workbench.dataPath()) {
        m_dataFailed = false;
        m_workbench.openData(rows);
    }
    showData();
}

void TrainPage::showModel()
{
    const bool any = m_workbench.model() || !m_workbench.trainRuns().isEmpty();
    m_pages->setCurrentIndex(any ? 1 : 0);
    m_form->setModel(m_workbench.model());
    showData();
}

void TrainPage::showData()
{
    const auto tokenized = m_workbench.tokenized();
    m_form->setData(m_workbench.dataPath(), tokenized ? &tokenized->summary : nullptr,
                    m_dataFailed);
    const QString problem = m_workbench.tokenizerProblem();
    m_sample->setData(tokenized, m_workbench.tokenizer(),
                      problem.isEmpty() ? tr("Choose a data file: its rows appear here, the tokens "
                                             "that count for the loss tinted.")
                                        : problem);
}

void TrainPage::showForm()
{
    m_workbench.setTrainsInProcess(m_form->trainsInProcess());
    const core::RunSpec spec = m_form->spec();
    const QString problem = m_form->problem();
    const bool training = m_workbench.isTraining();
    m_start->setText(startLabel(spec.method, m_form->twins()));
    m_start->setStatusTip(training ? tr("A run is in progress; stop it or wait for its end.")
                                   : problem);
    m_start->setEnabled(problem.isEmpty() && !training);
    m_loss->plot()->setEmptyText(
        problem.isEmpty()
            ? tr("Press «%1»: the losses draw here, step by step.").arg(m_start->text())
            : problem);
    if (!m_workbench.model()) {
        m_memory->setUnknown(tr("known once a model is open"));
        return;
    }
    const bool onCpu =
        spec.device == "cpu" || (spec.device == "auto" && core::availableDevices().size() == 1);
    m_memory->setEstimate(m_workbench.estimate(spec, m_form->twins()),
                          onCpu ? core::machineMemoryBytes() : 0);
    m_memory->setDisk(m_workbench.diskEstimate(spec, m_form->twins()),
                      core::freeDiskBytes(m_form->runDirectory().toStdString()));
}

void TrainPage::showState()
{
    TrainingStatus status;
    status.training = m_workbench.isTraining();
    status.paused = m_workbench.isPaused();
    status.stopping = m_workbench.isStopping();
    status.watching = m_workbench.isWatching();
    status.process = m_workbench.trainProcess();
    status.stage = m_stage;
    status.fraction = m_fraction;
    status.runs = m_workbench.trainRuns();
    m_progress->setStatus(status);
    m_pause->setText(status.paused ? tr("Resume") : tr("Pause"));
    m_pause->setEnabled(status.training && !status.stopping);
    m_stop->setEnabled(status.training && !status.stopping);
    if (!status.runs.isEmpty()) {
        m_pages->setCurrentIndex(1);
    }
    m_form->refresh(); // the folder proposed may exist by now
    showRecords();
}

void TrainPage::showMeasuredMemory()
{
    std::int64_t peak = 0;
    for (const auto& records : m_workbench.trainRecords()) {
        peak = std::max(peak, records.isEmpty() ? 0 : records.last().memoryBytes);
    }
    const auto runs = m_workbench.trainRuns();
    m_memory->setMeasured(peak, runs.isEmpty() ? 0 : runs.first().estimatedMemoryBytes,
                          m_workbench.isTraining());
}

void TrainPage::showRecords()
{
    const QVector<RunCurve> curves = curvesOf(m_workbench.trainRuns(), m_workbench.trainRecords());
    m_loss->setCurves(curves);
    m_detail->setCurves(curves);
    m_progress->setCurves(curves);
    showMeasuredMemory();
}

} // namespace pissarro::ui
