// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train/progress_card.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/views/method_dot_delegate.h"
#include "ui/views/twins_model.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/scroll_column.h"
#include "ui/words/form_words.h"
#include "ui/words/format.h"
#include "ui/words/message.h"
#include "ui/words/run_words.h"

#include <QApplication>
#include <QDesktopServices>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QTableView>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 26; // px
constexpr int kCellPadding = 10; // px, both sides
constexpr int kPaceOver = 5; // steps whose tokens/s are averaged
constexpr int kNarrow = 300; // px: a narrower card has one of the next steps a row

// A column in the card that keeps its height where the card is lower.
QVBoxLayout* scrolled(Card& card)
{
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(card.body()->spacing());
    QScrollArea* scroll = scrollColumn(content);
    scroll->setObjectName(QStringLiteral("train.runScroll"));
    card.body()->addWidget(scroll);
    return column;
}

double meanPace(const QVector<RunCurve>& curves)
{
    double sum = 0.0;
    int taken = 0;
    for (const RunCurve& curve : curves) {
        const qsizetype from = std::max<qsizetype>(0, curve.records.size() - kPaceOver);
        for (qsizetype i = from; i < curve.records.size(); ++i) {
            if (std::isfinite(curve.records.tokensPerS(i))) {
                sum += curve.records.tokensPerS(i);
                ++taken;
            }
        }
    }
    return taken == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / taken;
}

std::int64_t lastStep(const RunCurve& curve)
{
    return curve.records.isEmpty() ? 0 : curve.records.last().step;
}

} // namespace

ProgressCard::ProgressCard(QWidget* parent)
    : Card(tr("This run"), parent)
    , m_run(new QLabel)
    , m_model(new TwinsModel(this))
    , m_table(new QTableView)
    , m_bar(new QProgressBar)
    , m_percent(new FigureLabel)
    , m_pace(new FigureLabel)
    , m_pause(new QPushButton(tr("Pause")))
    , m_stop(new QPushButton(tr("Stop and keep")))
    , m_stepZero(new QLabel)
    , m_outcome(new QLabel)
    , m_leave(new QPushButton(tr("Stop watching")))
    , m_resume(new QPushButton(tr("Resume training")))
    , m_openFolder(new QPushButton(tr("Open run folder")))
    , m_next(new QWidget)
    , m_inside(scrolled(*this))
{
    setObjectName(QStringLiteral("train.progress"));
    buildRun();
    buildTable();
    buildProgress();
    auto* next = new QVBoxLayout(m_next);
    next->setContentsMargins(0, 0, 0, 0);
    next->setSpacing(4);
    m_next->setObjectName(QStringLiteral("train.next"));
    m_next->setAccessibleName(tr("What to do next"));
    m_inside->insertWidget(m_inside->indexOf(m_outcome) + 1, m_next);
    m_inside->addStretch(1);
    refresh();
}

void ProgressCard::buildRun()
{
    m_run->setObjectName(QStringLiteral("train.run"));
    m_run->setAccessibleName(tr("Model, data and settings of this run"));
    m_run->setWordWrap(true);
    m_run->setTextFormat(Qt::PlainText);
    m_run->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setRole(m_run, "muted");
    m_inside->addWidget(m_run);
}

void ProgressCard::buildTable()
{
    m_table->setObjectName(QStringLiteral("train.twins"));
    m_table->setAccessibleName(tr("Loss of the run and its twins"));
    m_table->setModel(m_model);
    m_table->setItemDelegateForColumn(TwinsModel::Name, new MethodDotDelegate(m_table));
    m_table->setItemDelegateForColumn(TwinsModel::Loss, new FigureDelegate(m_table));
    m_table->setItemDelegateForColumn(TwinsModel::Step, new FigureDelegate(m_table));
    m_table->horizontalHeader()->hide();
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    m_table->horizontalHeader()->setMinimumSectionSize(20);
    m_table->horizontalHeader()->setSectionResizeMode(TwinsModel::Name, QHeaderView::Stretch);
    const QFontMetrics metrics(m_table->font());
    m_table->horizontalHeader()->setSectionResizeMode(TwinsModel::Loss, QHeaderView::Fixed);
    m_table->horizontalHeader()->resizeSection(
        TwinsModel::Loss, metrics.horizontalAdvance(QStringLiteral("−0.0000")) + kCellPadding);
    m_table->horizontalHeader()->setSectionResizeMode(TwinsModel::Step, QHeaderView::Fixed);
    m_table->horizontalHeader()->resizeSection(
        TwinsModel::Step,
        metrics.horizontalAdvance(tr("step %1").arg(QStringLiteral("0,000"))) + kCellPadding);
    m_table->setShowGrid(false);
    m_table->setStyleSheet(QStringLiteral(
        "QTableView::item { border: none; border-bottom: 1px solid palette(midlight);"
        " padding: 0 1px; }"));
    m_table->setSelectionMode(QAbstractItemView::SingleSelection); // a cell: read, copied
    m_table->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_table->setTabKeyNavigation(false); // Tab leaves it, arrows walk it
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_inside->addWidget(m_table);
}

void ProgressCard::buildProgress()
{
    m_bar->setObjectName(QStringLiteral("train.bar"));
    m_bar->setAccessibleName(tr("Progress of the training"));
    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    m_inside->addWidget(m_bar);

    auto* figures = new QHBoxLayout;
    m_percent->setObjectName(QStringLiteral("train.percent"));
    m_percent->setProperty("role", QByteArray("muted"));
    m_pace->setObjectName(QStringLiteral("train.pace"));
    m_pace->setProperty("role", QByteArray("muted"));
    figures->addWidget(m_percent);
    figures->addStretch(1);
    figures->addWidget(m_pace);
    m_inside->addLayout(figures);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_pause->setObjectName(QStringLiteral("train.pause"));
    m_stop->setObjectName(QStringLiteral("train.stop"));
    m_stop->setAccessibleName(tr("Stop the training and keep the adapter so far"));
    m_openFolder->setObjectName(QStringLiteral("train.openFolder"));
    m_openFolder->setAccessibleName(tr("Open the folder of the run"));
    m_leave->setObjectName(QStringLiteral("train.leave"));
    m_leave->setAccessibleName(tr("Stop watching the run, which goes on"));
    m_leave->setToolTip(tr("The run goes on in its process; the Runs page finds it again"));
    for (QPushButton* link : {m_leave, m_openFolder}) {
        link->setProperty("kind", QByteArray("link"));
        addTitleWidget(link);
    }
    m_resume->setObjectName(QStringLiteral("train.resume"));
    for (QPushButton* button : {m_pause, m_stop, m_resume}) {
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    m_inside->addLayout(buttons);

    m_outcome->setObjectName(QStringLiteral("train.outcome"));
    m_stepZero->setObjectName(QStringLiteral("train.stepZero"));
    for (QLabel* line : {m_outcome, m_stepZero}) {
        line->setWordWrap(true);
        line->setTextFormat(Qt::PlainText);
        line->setTextInteractionFlags(Qt::TextSelectableByMouse);
        setRole(line, "muted");
        m_inside->addWidget(line);
    }
    connectButtons();
}

void ProgressCard::connectButtons()
{
    connect(m_pause, &QPushButton::clicked, this,
            [this] { Q_EMIT pauseRequested(!m_status.paused); });
    connect(m_stop, &QPushButton::clicked, this, &ProgressCard::stopRequested);
    connect(m_leave, &QPushButton::clicked, this, &ProgressCard::leaveRequested);
    connect(m_resume, &QPushButton::clicked, this, [this] {
        m_status.checkpoint.value_or(0) > 0 ? Q_EMIT resumeRequested()
                                            : Q_EMIT
                                            beginAnewRequested();
    });
    connect(m_openFolder, &QPushButton::clicked, this, [this] {
        if (!m_status.runs.isEmpty()) {
            QDesktopServices::openUrl(QUrl::fromLocalFile(directoryOf(m_status.runs.first())));
        }
    });
}

// A button that goes while it has the focus leaves it in the card, not to whatever stands next on the page.
void ProgressCard::setStatus(const TrainingStatus& status)
{
    const QWidget* before = QApplication::focusWidget();
    m_status = status;
    refresh();
    const bool own = before == m_pause || before == m_stop || before == m_leave
        || before == m_resume || before == m_openFolder;
    if (own && (before->isHidden() || !before->isEnabled())) {
        const bool stops = !m_stop->isHidden() && m_stop->isEnabled();
        stops ? m_stop->setFocus() : m_table->setFocus();
    }
}

void ProgressCard::setCurves(const QVector<RunCurve>& curves)
{
    m_curves = curves;
    m_model->setCurves(curves);
    m_table->setFixedHeight(scaled(kRowHeight) * std::max(1, m_model->rowCount()) + 2);
    refresh();
}

void ProgressCard::setNextSteps(const QVector<NextStep>& steps)
{
    const auto same = [](const NextStep& a, const NextStep& b) {
        return a.page == b.page && a.text == b.text && a.with == b.with;
    };
    if (!std::equal(steps.begin(), steps.end(), m_nextSteps.begin(), m_nextSteps.end(), same)) {
        m_nextSteps = steps;
        showNextSteps();
    }
    refresh();
}

void ProgressCard::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    if (const int fit = width() < scaled(kNarrow) ? 1 : 2; fit != m_stepsARow) {
        m_stepsARow = fit;
        showNextSteps();
    }
}

// One or two a row, in the order of the pages.
void ProgressCard::showNextSteps()
{
    auto* column = static_cast<QVBoxLayout*>(m_next->layout());
    while (QLayoutItem* item = column->takeAt(0)) { // rows
        delete item->widget();
        delete item;
    }
    QHBoxLayout* row = nullptr;
    for (qsizetype i = 0; i < m_nextSteps.size(); ++i) {
        if (i % m_stepsARow == 0) {
            auto* line = new QWidget;
            row = new QHBoxLayout(line);
            row->setContentsMargins(0, 0, 0, 0);
            row->setSpacing(8);
            column->addWidget(line);
        }
        const NextStep& step = m_nextSteps[i];
        auto* button = new QPushButton(step.text);
        button->setObjectName(QStringLiteral("train.next.%1").arg(i));
        button->setAccessibleName(step.text);
        button->setToolTip(step.toolTip);
        row->addWidget(button, 1);
        connect(button, &QPushButton::clicked, this, [this, step] { Q_EMIT nextStepChosen(step); });
    }
}

void ProgressCard::refresh()
{
    const bool any = !m_status.runs.isEmpty();
    m_table->setVisible(any);
    m_bar->setVisible(any);
    m_pause->setVisible(m_status.training);
    m_pause->setText(m_status.paused ? tr("Resume") : tr("Pause"));
    m_pause->setAccessibleName(m_status.paused ? tr("Resume the training")
                                               : tr("Pause the training"));
    m_pause->setEnabled(!m_status.stopping);
    m_stop->setVisible(m_status.training);
    m_stop->setEnabled(!m_status.stopping);
    m_stop->setText(m_status.stopping ? tr("Stopping…") : tr("Stop and keep"));
    m_leave->setVisible(m_status.training && m_status.watching);
    const core::RunState state = stateOf(m_status.runs);
    const bool goesOn = m_status.checkpoint.value_or(0) > 0;
    m_resume->setText(goesOn ? tr("Resume training") : tr("Begin anew"));
    m_resume->setAccessibleName(goesOn ? tr("Resume the training from its newest checkpoint")
                                       : tr("Train the same settings again in another folder"));
    m_resume->setVisible(!m_status.training && m_status.checkpoint
                         && (state == core::RunState::Stopped || state == core::RunState::Failed
                             || state == core::RunState::Interrupted));
    m_openFolder->setVisible(any && !m_status.training);
    m_next->setVisible(!m_status.training && core::isComplete(state) && any
                       && !m_nextSteps.isEmpty());
    showProgress();
    showStepZero();
    showOutcome();
    showRun();
}

void ProgressCard::showRun()
{
    const bool any = !m_status.runs.isEmpty();
    m_run->setText(any ? runFacts(m_status.runs.first().spec, twinRatesOf(m_status.runs).own)
                       : QString());
    m_run->setToolTip(any ? allSettings(m_status.runs.first().spec) : QString());
    m_run->setVisible(any);
}

void ProgressCard::showProgress()
{
    std::int64_t planned = 0;
    std::int64_t done = 0;
    for (qsizetype i = 0; i < m_status.runs.size(); ++i) {
        planned += m_status.runs[i].steps;
        done += lastStep(m_curves.value(i)); // not how many are told: some may be missing
    }
    const bool stepping = done > 0 && planned > 0;
    const double before = m_status.training        ? m_status.fraction
        : core::isComplete(stateOf(m_status.runs)) ? 1.0
                                                   : 0.0; // it never came to a step
    const double fraction =
        stepping ? static_cast<double>(done) / static_cast<double>(planned) : before;
    const bool unknown = m_status.training && fraction < 0.0;
    m_bar->setRange(0, unknown ? 0 : 1000);
    if (!unknown) {
        m_bar->setValue(static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * 1000.0)));
    }
    m_percent->setText(!stepping ? QString()
                                 : QString::number(static_cast<int>(fraction * 100.0))
                               + QStringLiteral(" %"));
    QStringList pace;
    if (stepping) {
        const double tokens = meanPace(m_curves);
        if (std::isfinite(tokens)) {
            pace << tr("%1 tokens/s").arg(formatCount(std::llround(tokens)));
        }
        const double left = secondsLeft(m_curves.value(0).records, m_status.runs.value(0).steps);
        if (m_status.training && !m_status.paused && !m_status.preparing && std::isfinite(left)) {
            pace << tr("%1 left").arg(formatDuration(left));
        }
    }
    m_pace->setText(pace.join(QStringLiteral(" · ")));
}

void ProgressCard::showStepZero()
{
    QStringList lines;
    bool passed = true;
    for (const core::RunSummary& run : m_status.runs) {
        if (!run.stepZero || !core::hasAdapter(run.spec.method)) {
            continue;
        }
        passed = passed && run.stepZero->passed;
        // The figure in one line; the whole verdict is the tool tip.
        lines << stepZeroLine(run);
        if (const auto& parts = run.stepZero->parts) {
            lines << tr("SVD %1 · rounding %2 · quantization %3")
                         .arg(formatNumber(parts->svd, 2), formatNumber(parts->rounding, 2),
                              formatNumber(parts->quantization, 2));
        }
        m_stepZero->setToolTip(QString::fromStdString(run.stepZero->verdict));
        break; // the spec's own method; its twin is told by the runs page
    }
    m_stepZero->setText(lines.join(QLatin1Char('\n')));
    // Of a run that ended badly the reason has the room.
    const core::RunState state = stateOf(m_status.runs);
    const bool bad = !m_status.training
        && (state == core::RunState::Failed || state == core::RunState::Interrupted);
    m_stepZero->setVisible(!lines.isEmpty() && !bad);
    setRole(m_stepZero, passed ? "muted" : "bad");
}

void ProgressCard::showOutcome()
{
    const core::RunState state = stateOf(m_status.runs);
    const bool bad = !m_status.training
        && (state == core::RunState::Failed || state == core::RunState::Interrupted);
    QString text = outcome();
    std::int64_t first = 1;
    for (const RunCurve& curve : m_curves) {
        first = std::max(first, curve.records.isEmpty() ? 1 : curve.records.first().step);
    }
    text += first > 1 ? QLatin1Char('\n') + missingSteps(first) : QString();
    m_outcome->setText(text);
    m_outcome->setVisible(!text.isEmpty());
    setRole(m_outcome, bad ? "bad" : "muted");
}

// One sentence: what it does now, or how it ended.
QString ProgressCard::outcome() const
{
    if (!m_status.training) {
        return m_status.runs.isEmpty() ? tr("The run and its twin appear here, step by step.")
                                       : howItEnded();
    }
    if (m_status.stopping) {
        return tr("Stopping after this step; the adapter so far is kept.");
    }
    if (m_status.paused) {
        return tr("Paused.");
    }
    if (m_status.preparing) {
        return m_status.stage;
    }
    if (!m_status.watching) {
        return tr("Trains in this window: closing it asks first.");
    }
    const QString process =
        m_status.process > 0 ? tr("process %1").arg(m_status.process) : tr("another process");
    return m_status.foreign
        ? tr("Trains in %1, which another window or program started.").arg(process)
        : tr("Trains in %1, which goes on when this window closes.").arg(process);
}

QString ProgressCard::howItEnded() const
{
    const core::RunState state = stateOf(m_status.runs);
    std::int64_t step = std::numeric_limits<std::int64_t>::max();
    for (const RunCurve& curve : m_curves) {
        step = std::min(step, lastStep(curve));
    }
    const core::RunSummary& first = m_status.runs.first();
    QString text = stateLine(state, m_curves.isEmpty() ? 0 : step, first.steps);
    for (const core::RunSummary& run : m_status.runs) {
        if (run.state == state && !run.message.empty()) {
            text = tr("%1: %2", "how a run ended, and why")
                       .arg(text, withoutOptionDashes(QString::fromStdString(run.message)));
            break;
        }
    }
    text = text.endsWith(QLatin1Char('.')) ? text : tr("%1.", "a sentence").arg(text);
    text += QLatin1Char(' ');
    switch (state) {
    case core::RunState::Running:
    case core::RunState::Paused:
        return tr("Goes on in its process; the Runs page shows it.");
    case core::RunState::FinishedEarly:
        return text
            + (core::hasAdapter(first.spec.method)
                   ? tr("The adapter in the run folder is that of the best evaluation, step %1.")
                   : tr("The model in the run folder is that of the best evaluation, step %1."))
                  .arg(keptSteps(m_status.runs));
    case core::RunState::Finished:
        return text
            + (core::hasAdapter(first.spec.method) ? tr("The adapter is in the run folder.")
                                                   : tr("The trained model is in the run folder."));
    case core::RunState::Stopped:
    case core::RunState::Failed:
    case core::RunState::Interrupted:
        break;
    }
    if (!m_status.checkpoint) {
        return text.trimmed();
    }
    return text
        + (*m_status.checkpoint > 0
               ? tr("It can go on from the checkpoint of step %1.")
                     .arg(formatCount(*m_status.checkpoint))
               : tr("There is no checkpoint: it would begin anew, in another folder."));
}

} // namespace pissarro::ui
