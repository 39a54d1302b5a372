// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train/train_page.h"

#include "core/base/machine_memory.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/train/progress_card.h"
#include "ui/pages/train/sample_card.h"
#include "ui/pages/train/train_form.h"
#include "ui/services/machine_pace.h"
#include "ui/services/services.h"
#include "ui/views/loss_card.h"
#include "ui/views/memory_bar.h"
#include "ui/widgets/page_action.h"
#include "ui/widgets/scroll_column.h"
#include "ui/words/form_words.h"
#include "ui/words/message.h"

#include <QAction>
#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QTimer>
#include <QVBoxLayout>

#include <cmath>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kGap = 12; // px between cards
constexpr int kConfirmMs = 1500; // how long «Copied» stands on the button
constexpr int kWideForm = 616; // px, both places of the form
constexpr int kWidePage = 1488; // px: a window of 1,600 px
constexpr int kLowPage = 780; // px: a lower one says less beside its fields
constexpr int kMediumPage = 820; // px: a lower one says less of the memory

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

void askAboutOrder(QWidget* parent, const QString& question, std::function<void()> yes)
{
    auto* box = new QMessageBox(QMessageBox::NoIcon, TrainPage::tr("A run in progress"), question,
                                QMessageBox::Yes | QMessageBox::Cancel, parent);
    box->setObjectName(QStringLiteral("train.order"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setDefaultButton(QMessageBox::Cancel);
    QObject::connect(box, &QMessageBox::finished, parent, [yes = std::move(yes)](int answer) {
        if (answer == QMessageBox::Yes) {
            yes();
        }
    });
    box->open();
}

} // namespace

TrainPage::TrainPage(Services& services, QWidget* parent)
    : Page(parent)
    , m_services(services)
    , m_form(new TrainForm)
    , m_memory(new MemoryBar)
    , m_loss(new LossCard(QStringLiteral("train.loss"), tr("Loss")))
    , m_detail(new DetailCard(QStringLiteral("train.detail")))
    , m_progress(new ProgressCard)
    , m_sample(new SampleCard)
{
    buildActions();
    m_orderAsker = [this](const QString& question, std::function<void()> yes) {
        askAboutOrder(this, question, std::move(yes));
    };
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(buildContent());
    showMachine();
    m_form->setTrainsInProcess(
        m_services.training.trainsInProcess()); // before changes of it are heard
    connectServices();
    connectWidgets();
    m_services.machine.askMemory();
    m_services.data.setMaxLength(static_cast<int>(m_form->spec().maxLength));
    m_form->setRank(m_services.ranks.rank());
    showModel();
    showData();
    showState();
}

Invitation TrainPage::invitation() const
{
    return {
        tr("Open a model to train it"),
        tr("PiSSA and its LoRA twin train on the same batches; both losses draw live."),
    };
}

QWidget* TrainPage::buildContent()
{
    m_detail->setMinimumWidth(scaled(174));
    m_progress->setMinimumWidth(scaled(254));
    m_sample->setMinimumWidth(scaled(214));
    QSplitter* details = splitter(Qt::Horizontal, QStringLiteral("train.details"),
                                  {m_detail, m_progress, m_sample}, {320, 340, 340});
    QSplitter* rows =
        splitter(Qt::Vertical, QStringLiteral("train.rows"), {m_loss, details}, {100, 100});
    m_formCard = buildFormCard();
    m_columns = splitter(Qt::Horizontal, QStringLiteral("train.columns"), {m_formCard, rows},
                         {scaled(kFormWidth), 1000});
    m_columns->setStretchFactor(0, 0);
    m_columns->setStretchFactor(1, 1);
    return m_columns;
}

Card* TrainPage::buildFormCard()
{
    auto* card = new Card(tr("New run"));
    card->setObjectName(QStringLiteral("train.formCard"));
    card->setMinimumWidth(scaled(kFormWidth));
    QScrollArea* scroll = scrollColumn(m_form);
    scroll->setObjectName(QStringLiteral("train.formScroll"));

    QPushButton* start = buttonFor(m_start, "train.start");
    start->setProperty("kind", QByteArray("primary"));
    start->setMinimumHeight(scaled(34));
    m_smallButtons = new QWidget;
    auto* small = new QHBoxLayout(m_smallButtons);
    small->setContentsMargins(0, 0, 0, 0);
    small->setSpacing(8);
    small->addWidget(buttonFor(m_copy, "train.copy"));
    small->addWidget(buttonFor(m_save, "train.save"));
    QPushButton* load = buttonFor(m_load, "train.load");
    load->setProperty("kind", QByteArray("link"));
    card->addTitleWidget(m_form->advancedSwitch());
    card->addTitleWidget(load);
    card->body()->addWidget(scroll, 1);
    card->body()->addWidget(m_memory);
    card->body()->addWidget(start);
    card->body()->addWidget(m_smallButtons);
    return card;
}

void TrainPage::buildActions()
{
    const auto add = [this](const char* text, const QKeySequence& keys, auto run) {
        return addPageAction(this, {}, tr(text), keys, run);
    };
    m_start = add(QT_TR_NOOP("Train"), Qt::CTRL | Qt::Key_Return, [this] { start(); });
    m_pause = add(QT_TR_NOOP("Pause"), Qt::CTRL | Qt::Key_P,
                  [this] { setPaused(!m_services.training.isPaused()); });
    m_stop = add(QT_TR_NOOP("Stop and keep"), Qt::CTRL | Qt::Key_Period, [this] { stop(); });
    m_copy = add(QT_TR_NOOP("Copy as command"), Qt::CTRL | Qt::SHIFT | Qt::Key_C,
                 [this] { copyCommand(); });
    m_save = add(QT_TR_NOOP("Save spec…"), QKeySequence::Save, [this] { chooseSpec(true); });
    m_load = add(QT_TR_NOOP("Load spec…"), Qt::CTRL | Qt::Key_L, [this] { chooseSpec(false); });
    ChangeStack& stack = m_services.undoStack;
    // Their keys are the window's: they take back steps of any page.
    addActions(
        {stack.createUndoAction(this, tr("Undo")), stack.createRedoAction(this, tr("Redo"))});
    // What «Undo» of the notice would take back then is another step.
    connect(&stack, &QUndoStack::indexChanged, this, [this] { Q_EMIT noticeOver(m_refilled); });
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

void TrainPage::connectServices()
{
    connect(&m_specs, &JobBridge::failed, this, [this](quint64, const QString& problem) {
        Q_EMIT failed({tr("The spec was not loaded"), m_specFile, problem});
    });
    connect(&m_services.model, &Model::opened, this, &TrainPage::showModel);
    connect(&m_services.model, &Service::stateChanged, this, [this] {
        const Failed* failed = m_services.model.failure();
        if (failed != nullptr) {
            m_startsSoon = false;
            Q_EMIT stateToKeep();
        }
        if (failed != nullptr && m_loaded) {
            m_form->setHindrance(tr("The model of the spec, %1, was not opened (%2); open "
                                    "it, or another one.")
                                     .arg(QString::fromStdString(m_loaded->model), failed->why));
        }
    });
    connect(&m_services.data, &Data::changed, this, &TrainPage::showData);
    connect(&m_services.data, &Data::settingsChosen, this, [this] {
        m_form->setReading(m_services.data.options(), m_services.data.maxLength());
        tellChange();
    });
    connect(&m_services.data, &Service::stateChanged, this,
            [this] { m_startsSoon = m_startsSoon && m_services.data.failure() == nullptr; });
    connect(&m_services.ranks, &RankChoice::rankChanged, m_form, &TrainForm::setRank);
    connect(&m_services.ranks, &RankChoice::mapChanged, this,
            [this] { m_form->setRankMap(m_services.ranks.patterns()); });
    connect(&m_services.ranks, &RankChoice::sliceChanged, this,
            [this] { m_form->setSlice(m_services.ranks.slice()); });
    connect(&m_services.training, &Training::stateChanged, this, &TrainPage::showState);
    connect(&m_services.training, &Training::stateChanged, this, &TrainPage::showPace);
    connect(&m_services.training, &Training::seriesChanged, this, &TrainPage::showRecordsInSight);
    connect(&m_services.training, &Training::progressed, this,
            [this](double fraction, const QString& stage) {
                m_fraction = fraction;
                m_stage = stageText(stage);
                showState();
            });
    connect(&m_services.machine, &Machine::found, this, &TrainPage::showMachine);
    connect(&m_services.machine, &Machine::folderKnown, this, [this] {
        m_form->takeLook(m_services.machine.folder());
        showDisk();
    });
    connect(&m_services.machine, &Machine::memoryKnown, this, [this] {
        if (m_memoryOfAll != m_services.machine.memory().all) { // once
            showForm();
        }
    });
    connect(&m_services.training, &Training::placeChanged, this,
            [this] { m_form->setTrainsInProcess(m_services.training.trainsInProcess()); });
    connect(&m_services.rates, &Service::stateChanged, this, &TrainPage::showRamp);
    connect(&m_services.rates, &RateAdvice::orderChanged, this, &TrainPage::showOrder);
    connect(&m_services.library, &RunLibrary::changed, this, [this] {
        whenInSight("order", [this] { lookAtOrder(); });
        if (!m_services.training.isRunning() && !m_services.training.runs().isEmpty()) {
            showState(); // whether there is a checkpoint
        }
    });
}

void TrainPage::connectWidgets()
{
    connect(m_form, &TrainForm::changed, this, &TrainPage::showForm);
    connect(m_form, &TrainForm::changed, this, &TrainPage::tellChange);
    connect(m_form, &TrainForm::changed, this,
            [this] { whenInSight("order", [this] { lookAtOrder(); }); });
    connect(m_form, &TrainForm::twinRateWanted, this, &TrainPage::findTwinRate);
    connect(m_form, &TrainForm::rankEdited, &m_services.ranks, &RankChoice::setRank);
    connect(m_form, &TrainForm::maxLengthEdited, &m_services.data, &Data::setMaxLength);
    connect(m_form, &TrainForm::dataPathEdited, this, [this](const QString& path) {
        path.isEmpty() ? m_services.data.close() : m_services.data.open(path);
        showData();
    });
    connect(m_form, &TrainForm::promptTemplateEdited, &m_services.data, &Data::setPromptTemplate);
    connect(m_form, &TrainForm::trainsInProcessChosen, &m_services.training,
            &Training::rememberTrainsInProcess);
    connect(m_progress, &ProgressCard::pauseRequested, this, &TrainPage::setPaused);
    connect(m_progress, &ProgressCard::stopRequested, this, &TrainPage::stop);
    connect(m_progress, &ProgressCard::leaveRequested, &m_services.training, &Training::leave);
    connect(m_progress, &ProgressCard::resumeRequested, this, &TrainPage::resume);
    connect(m_progress, &ProgressCard::nextStepChosen, this,
            [this](const NextStep& step) { Q_EMIT go(step.page, step.with); });
    connect(m_progress, &ProgressCard::beginAnewRequested, this, &TrainPage::beginAnew);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        showForm();
        showRecordsInSight();
    });
}

void TrainPage::copyCommand()
{
    QGuiApplication::clipboard()->setText(
        commandFor(m_form->spec(), m_form->twins(), m_form->runDirectory(), m_form->twinRates()));
    m_copy->setText(tr("Copied ✓"));
    QTimer::singleShot(kConfirmMs, m_copy, [this] { m_copy->setText(tr("Copy as command")); });
}

void TrainPage::showPace()
{
    const auto model = m_services.model.files();
    if (!m_services.training.isRunning()) {
        m_form->setPace(model ? trainingPace(QString::fromStdString(model->path().string())) : 0.0);
    }
}

void TrainPage::showModel()
{
    showPace();
    m_form->setModel(m_services.model.files());
    if (m_loaded
        && m_services.model.files()) { // what the other pages do with a new model is not the spec's
        const core::RunSpec spec = *std::exchange(m_loaded, std::nullopt);
        m_form->setRank(static_cast<int>(spec.rank));
        m_form->setRankMap(spec.patterns);
        m_form->setSlice(spec.slice);
    }
    m_form->setHindrance({});
    showData();
    m_kept.clear(); // it is open now
    tellChange();
}

void TrainPage::showData()
{
    const auto tokenized = m_services.data.tokenized();
    m_form->setData(m_services.data.path(), tokenized ? &tokenized->summary : nullptr,
                    m_services.data.problem());
    QStringList notes;
    if (tokenized) { // once all is known
        for (const core::Said& note : m_services.data.notes()) {
            notes << messageText(note);
        }
    }
    const auto whole = m_services.data.whole();
    m_form->setDataNotes(whole ? QString::fromStdString(whole->columns) : QString(), notes);
    const QString mute = m_services.model.tokenizerProblem();
    const QString problem = mute.isEmpty() ? m_services.data.problem() : mute;
    m_sample->setLabels(m_services.data.labels());
    m_sample->setData(tokenized, m_services.model.tokenizer(),
                      problem.isEmpty() ? tr("Choose a data file: its rows appear here, the tokens "
                                             "that count for the loss tinted.")
                                        : problem);
}

void TrainPage::showForm()
{
    const core::RunSpec spec = m_form->spec();
    const QString problem = m_form->problem();
    const bool training = m_services.training.trainsOwn();
    m_start->setText(startLabel(spec.method, m_form->twins()));
    m_start->setStatusTip(training && problem.isEmpty()
                              ? tr("A run is in progress; this one would wait for its end.")
                              : problem);
    m_start->setEnabled(problem.isEmpty());
    m_copy->setStatusTip(problem.isEmpty() ? QString()
                                           : tr("The command would not run: %1").arg(problem));
    m_copy->setEnabled(problem.isEmpty());
    m_loss->plot()->setEmptyText(
        m_services.training.isPreparing() ? tr("The run is being prepared: its losses draw here.")
            : problem.isEmpty()
            ? tr("Press «%1»: the losses draw here, step by step.").arg(m_start->text())
            : problem);
    if (m_startsSoon && problem.isEmpty() && !training) {
        m_startsSoon = false;
        QTimer::singleShot(0, this, &TrainPage::start); // not in the middle of the form's own news
    }
    whenInSight("memory", [this] { showMemory(); });
}

// Asks the disk, and shuffles the data: not for each pixel that a rank is dragged elsewhere.
void TrainPage::showMemory()
{
    if (!m_services.model.files()) {
        m_memory->setUnknown(tr("known once a model is open"));
        return;
    }
    const core::RunSpec spec = m_form->spec();
    m_memoryOfAll = m_services.machine.memory().all;
    const bool onCpu =
        spec.device == "cpu" || (spec.device == "auto" && m_services.machine.devices().size() == 1);
    m_memory->setEstimate(m_services.training.memoryEstimate(spec, m_form->twins()),
                          onCpu ? m_memoryOfAll : 0);
    m_services.machine.lookAt(m_form->directoryToLookAt());
    showDisk();
}

void TrainPage::showDisk()
{
    if (m_services.model.files()) {
        m_memory->setDisk(m_services.training.diskEstimate(m_form->spec(), m_form->twins()),
                          m_services.machine.freeBytes(m_form->directoryToLookAt()));
    }
}

void TrainPage::showMachine()
{
    m_form->setTrainerFound(m_services.machine.hasTrainer());
    m_form->setDevices(m_services.machine.devices());
}

void TrainPage::showState()
{
    TrainingStatus status;
    status.training = m_services.training.isRunning();
    status.preparing = m_services.training.isPreparing();
    status.foreign = m_services.training.isForeign();
    status.paused = m_services.training.isPaused();
    status.stopping = m_services.training.isStopping();
    status.watching = m_services.training.isWatching();
    status.process = m_services.training.process();
    status.stage = m_stage;
    status.fraction = m_fraction;
    status.runs = m_services.training.runs();
    status.checkpoint = m_services.training.checkpoint();
    m_progress->setStatus(status);
    Q_EMIT nextStepsWanted();
    m_pause->setText(status.paused ? tr("Resume") : tr("Pause"));
    m_pause->setEnabled(status.training && !status.stopping);
    m_stop->setEnabled(status.training && !status.stopping);
    m_form->refresh(); // the folder proposed may exist by now
    showRecordsInSight();
}

void TrainPage::showNextSteps(const QVector<NextStep>& steps)
{
    m_progress->setNextSteps(steps);
}

void TrainPage::showMeasuredMemory()
{
    std::int64_t peak = 0;
    for (const auto& records : m_services.training.series()) {
        peak = std::max(peak, records.isEmpty() ? 0 : records.last().memoryBytes);
    }
    const auto runs = m_services.training.runs();
    m_memory->setMeasured(peak, runs.isEmpty() ? 0 : runs.first().estimatedMemoryBytes,
                          m_services.training.isRunning());
}

void TrainPage::showRecordsInSight()
{
    whenInSight("records", [this] { showRecords(); });
}

void TrainPage::showRecords()
{
    const QVector<RunCurve> curves =
        curvesOf(m_services.training.runs(), m_services.training.series());
    m_loss->setCurves(curves);
    m_detail->setCurves(curves);
    m_progress->setCurves(curves);
    showMeasuredMemory();
}

// --- What it shows at which size

void TrainPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    const bool low = height() < scaled(kLowPage);
    m_form->setTight(low);
    m_memory->setTight(height() < scaled(kMediumPage));
    m_smallButtons->setVisible(!low);
    const bool wide = width() >= scaled(kWidePage);
    if (std::exchange(m_wide, wide) != wide) {
        m_form->setSideBySide(wide);
        const int least = scaled(wide ? kWideForm : kFormWidth);
        m_formCard->setMinimumWidth(least);
        m_columns->setSizes({least, width() - least});
    }
}

} // namespace pissarro::ui
