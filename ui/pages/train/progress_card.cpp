// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train/progress_card.h"

#include "ui/pages/train/method_dot_delegate.h"
#include "ui/pages/train/role.h"
#include "ui/pages/train/twins_model.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/format.h"

#include <QDesktopServices>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QTableView>
#include <QUrl>
#include <QVBoxLayout>

#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 26; // px
constexpr int kCellPadding = 10; // px, both sides
constexpr int kPaceOver = 5; // steps whose tokens/s are averaged

double meanPace(const QVector<RunCurve>& curves)
{
    double sum = 0.0;
    int taken = 0;
    for (const RunCurve& curve : curves) {
        const qsizetype from = std::max<qsizetype>(0, curve.records.size() - kPaceOver);
        for (qsizetype i = from; i < curve.records.size(); ++i) {
            if (std::isfinite(curve.records[i].tokensPerS)) {
                sum += curve.records[i].tokensPerS;
                ++taken;
            }
        }
    }
    return taken == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / taken;
}

} // namespace

void StepClock::setPaused(bool paused)
{
    if (!m_timer.isValid() || paused == (m_pausedSinceMs >= 0)) {
        return;
    }
    if (paused) {
        m_pausedSinceMs = m_timer.elapsed();
    } else {
        m_pausedMs += m_timer.elapsed() - m_pausedSinceMs;
        m_pausedSinceMs = -1;
    }
}

void StepClock::stepsDone(std::int64_t steps)
{
    if (steps < 1) {
        return;
    }
    if (m_first < 0) {
        m_timer.start();
        m_first = steps;
    }
    m_done = steps;
}

double StepClock::seconds() const
{
    const qint64 now = m_pausedSinceMs >= 0 ? m_pausedSinceMs : m_timer.elapsed();
    return static_cast<double>(now - m_pausedMs) / 1000.0;
}

double StepClock::secondsLeft(std::int64_t remaining) const
{
    if (m_first < 0 || m_done <= m_first) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return seconds() / static_cast<double>(m_done - m_first) * static_cast<double>(remaining);
}

ProgressCard::ProgressCard(QWidget* parent)
    : Card(tr("Runs"), parent)
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
{
    setObjectName(QStringLiteral("train.progress"));
    buildTable();
    buildProgress();
    body()->addStretch(1);
    refresh();
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
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
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
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setFocusPolicy(Qt::NoFocus);
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    body()->addWidget(m_table);
}

void ProgressCard::buildProgress()
{
    m_bar->setObjectName(QStringLiteral("train.bar"));
    m_bar->setAccessibleName(tr("Progress of the training"));
    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    body()->addWidget(m_bar);

    auto* figures = new QHBoxLayout;
    m_percent->setObjectName(QStringLiteral("train.percent"));
    m_percent->setProperty("role", QByteArray("muted"));
    m_pace->setObjectName(QStringLiteral("train.pace"));
    m_pace->setProperty("role", QByteArray("muted"));
    figures->addWidget(m_percent);
    figures->addStretch(1);
    figures->addWidget(m_pace);
    body()->addLayout(figures);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_pause->setObjectName(QStringLiteral("train.pause"));
    m_pause->setAccessibleName(tr("Pause or resume the training"));
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
    m_resume->setAccessibleName(tr("Resume the training from its newest checkpoint"));
    for (QPushButton* button : {m_pause, m_stop, m_resume}) {
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    body()->addLayout(buttons);

    m_outcome->setObjectName(QStringLiteral("train.outcome"));
    m_stepZero->setObjectName(QStringLiteral("train.stepZero"));
    for (QLabel* line : {m_outcome, m_stepZero}) {
        line->setWordWrap(true);
        line->setTextFormat(Qt::PlainText);
        line->setTextInteractionFlags(Qt::TextSelectableByMouse);
        setRole(line, "muted");
        body()->addWidget(line);
    }
    connect(m_pause, &QPushButton::clicked, this,
            [this] { Q_EMIT pauseRequested(!m_status.paused); });
    connect(m_stop, &QPushButton::clicked, this, &ProgressCard::stopRequested);
    connect(m_leave, &QPushButton::clicked, this, &ProgressCard::leaveRequested);
    connect(m_resume, &QPushButton::clicked, this, &ProgressCard::resumeRequested);
    connect(m_openFolder, &QPushButton::clicked, this, [this] {
        if (!m_status.runs.isEmpty()) {
            QDesktopServices::openUrl(QUrl::fromLocalFile(directoryOf(m_status.runs.first())));
        }
    });
}

void ProgressCard::setStatus(const TrainingStatus& status)
{
    if (status.training && !m_status.training) {
        m_clock.restart();
    }
    m_status = status;
    m_clock.setPaused(status.paused);
    refresh();
}

void ProgressCard::setCurves(const QVector<RunCurve>& curves)
{
    m_curves = curves;
    std::int64_t done = 0;
    for (const RunCurve& curve : curves) {
        done += curve.records.size();
    }
    m_clock.stepsDone(done);
    m_model->setCurves(curves);
    m_table->setFixedHeight(kRowHeight * std::max(1, m_model->rowCount()) + 2);
    refresh();
}

void ProgressCard::refresh()
{
    const bool any = !m_status.runs.isEmpty();
    m_table->setVisible(any);
    m_bar->setVisible(any);
    m_pause->setVisible(m_status.training);
    m_pause->setText(m_status.paused ? tr("Resume") : tr("Pause"));
    m_pause->setEnabled(!m_status.stopping);
    m_stop->setVisible(m_status.training);
    m_stop->setEnabled(!m_status.stopping);
    m_stop->setText(m_status.stopping ? tr("Stopping…") : tr("Stop and keep"));
    m_leave->setVisible(m_status.training && m_status.watching);
    const core::RunState state = any ? m_status.runs.first().state : core::RunState::Finished;
    m_resume->setVisible(!m_status.training && m_status.runs.value(0).steps > 0
                         && (state == core::RunState::Stopped || state == core::RunState::Failed
                             || state == core::RunState::Interrupted));
    m_openFolder->setVisible(any && !m_status.training);
    showProgress();
    showStepZero();
    showOutcome();
}

void ProgressCard::showProgress()
{
    std::int64_t planned = 0;
    std::int64_t done = 0;
    for (qsizetype i = 0; i < m_status.runs.size(); ++i) {
        planned += m_status.runs[i].steps;
        done += m_curves.value(i).records.size();
    }
    const bool stepping = done > 0 && planned > 0;
    const double fraction =
        stepping ? static_cast<double>(done) / static_cast<double>(planned) : m_status.fraction;
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
        const double left = m_clock.secondsLeft(planned - done);
        if (m_status.training && std::isfinite(left)) {
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
        if (!run.stepZero || run.spec.method == core::Method::Full) {
            continue;
        }
        passed = passed && run.stepZero->passed;
        const QString verdict = QString::fromStdString(run.stepZero->verdict);
        // The figure in one line; the whole verdict is the tool tip.
        lines << (run.stepZero->passed
                      ? verdict.section(QStringLiteral(", "), 0, 0) + QStringLiteral("\u00a0✓")
                      : verdict);
        if (const auto& parts = run.stepZero->parts) {
            lines << tr("SVD %1 · rounding %2 · quantization %3")
                         .arg(formatNumber(parts->svd, 2), formatNumber(parts->rounding, 2),
                              formatNumber(parts->quantization, 2));
        }
        m_stepZero->setToolTip(QString::fromStdString(run.stepZero->verdict));
        break; // the spec's own method; its twin is told by the runs page
    }
    m_stepZero->setText(lines.join(QLatin1Char('\n')));
    m_stepZero->setVisible(!lines.isEmpty());
    setRole(m_stepZero, passed ? "muted" : "bad");
}

void ProgressCard::showOutcome()
{
    const QString text = outcome();
    const bool failed = !m_status.training && !m_status.runs.isEmpty()
        && m_status.runs.first().state == core::RunState::Failed;
    m_outcome->setText(text);
    m_outcome->setVisible(!text.isEmpty());
    setRole(m_outcome, failed ? "bad" : "muted");
}

// One sentence: what it does now, or how it ended.
QString ProgressCard::outcome() const
{
    if (m_status.training) {
        const bool stepping = !m_curves.isEmpty() && !m_curves.first().records.isEmpty();
        const QString where = m_status.process > 0
            ? tr("Trains in process %1, which goes on when this window closes.")
                  .arg(m_status.process)
            : tr("Trains in another process, which goes on when this window closes.");
        return m_status.stopping ? tr("Stopping after this step; the adapter so far is kept.")
            : m_status.paused    ? tr("Paused.")
            : !stepping          ? m_status.stage
            : m_status.watching  ? where
                                 : QString();
    }
    if (m_status.runs.isEmpty()) {
        return tr("The run and its twin appear here, step by step.");
    }
    const core::RunSummary& run = m_status.runs.first();
    switch (run.state) {
    case core::RunState::Failed:
        return tr("Failed: %1").arg(QString::fromStdString(run.message));
    case core::RunState::Stopped:
        return tr("Stopped: the adapter so far is in the run folder.");
    case core::RunState::Interrupted:
        return tr("Interrupted: it goes on from its newest checkpoint.");
    case core::RunState::Running:
    case core::RunState::Paused:
        return tr("Goes on in its process; the Runs page shows it.");
    case core::RunState::FinishedEarly:
        return tr("Finished early: the evaluations got no better. The adapter in the run folder "
                  "is step %1, the best one.")
            .arg(run.adapterStep);
    case core::RunState::Finished:
        break;
    }
    return tr("Finished: the adapter is in the run folder.");
}

} // namespace pissarro::ui
