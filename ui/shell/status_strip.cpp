// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/status_strip.h"

#include "ui/jobs/job_board.h"
#include "ui/look/metrics.h"
#include "ui/services/services.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/elided_label.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"
#include "ui/words/method_look.h"
#include "ui/words/run_words.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeySequence>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kHeight = 28; // px
constexpr int kBarWidth = 160; // px
constexpr int kBarSteps = 1000;
constexpr int kUndoMs = 20'000; // that a way back is offered for; the menu has it longer

} // namespace

StatusStrip::StatusStrip(Services& services, QWidget* parent)
    : QFrame(parent)
    , m_services(services)
    , m_what(new QLabel)
    , m_bar(new QProgressBar)
    , m_detail(new QLabel)
    , m_cancel(new QPushButton)
    , m_undo(new QPushButton)
    , m_folder(new ElidedLabel)
{
    setObjectName(QStringLiteral("statusBar"));
    setAccessibleName(tr("What runs"));
    setSpokenRole(this, QAccessible::StatusBar);
    setFixedHeight(scaled(kHeight));
    m_what->setObjectName(QStringLiteral("status.what"));
    m_detail->setObjectName(QStringLiteral("status.detail"));
    m_folder->setObjectName(QStringLiteral("status.folder"));
    m_folder->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_bar->setObjectName(QStringLiteral("status.progress"));
    m_bar->setAccessibleName(tr("Progress"));
    m_bar->setFixedWidth(scaled(kBarWidth));
    m_bar->setTextVisible(false);
    m_cancel->setObjectName(QStringLiteral("status.cancel"));
    m_cancel->setProperty("kind", QByteArray("link"));

    m_undo->setObjectName(QStringLiteral("status.undo"));
    m_undo->setAccessibleName(tr("Undo"));
    m_undo->setProperty("kind", QByteArray("link"));
    m_undo->hide();
    m_undoTime.setSingleShot(true);
    m_undoTime.setInterval(kUndoMs);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 0, 16, 0);
    row->setSpacing(12);
    row->addWidget(m_what);
    row->addWidget(m_bar);
    row->addWidget(m_detail);
    row->addWidget(m_cancel);
    row->addWidget(m_undo);
    row->addStretch(1);
    row->addWidget(m_folder, 1);
    followServices();
    showState();
}

void StatusStrip::followServices()
{
    connect(&m_services.model, &Model::opening, this, [this](const QString& path) {
        m_opening = QFileInfo(path).fileName();
        showState();
    });
    connect(&m_services.model, &Model::opened, this, [this] {
        m_justTrained = false;
        m_opening.clear();
        showState();
    });
    connect(&m_services.model, &Service::stateChanged, this, [this] {
        if (m_services.model.failure() != nullptr) {
            m_opening.clear();
            showState();
        }
    });
    connect(&JobBoard::instance(), &JobBoard::changed, this, &StatusStrip::showState);
    connect(m_cancel, &QPushButton::clicked, this, &StatusStrip::cancel);
    ChangeStack& steps = m_services.undoStack;
    connect(&steps, &ChangeStack::told, this, &StatusStrip::offerUndo);
    connect(&steps, &QUndoStack::indexChanged, m_undo, &QWidget::hide); // another step is the last
    connect(&m_undoTime, &QTimer::timeout, m_undo, &QWidget::hide);
    connect(m_undo, &QPushButton::clicked, &steps, &QUndoStack::undo);
    connect(&m_services.sweepQueue, &SweepQueue::changed, this, &StatusStrip::showState);
    connect(&m_services.spectra, &Spectra::stateChanged, this, &StatusStrip::sweepStateChanged);
    connect(&m_services.spectra, &Spectra::arrived, this, &StatusStrip::showState);
    connect(&m_services.training, &Training::stateChanged, this,
            &StatusStrip::trainingStateChanged);
    connect(&m_services.training, &Training::seriesChanged, this, &StatusStrip::showState);
    connect(&m_services.training, &Training::progressed, this,
            [this](double fraction, const QString& stage) {
                m_fraction = fraction;
                m_stage = stageText(stage);
                showState();
            });
}

void StatusStrip::offerUndo(const QString& told)
{
    m_undo->setText(tr("%1 · Undo").arg(told));
    m_undo->setToolTip(
        tr("Take it back (%1)")
            .arg(QKeySequence(QKeySequence::Undo).toString(QKeySequence::NativeText)));
    m_undo->show();
    announceAs(m_undo, tr("%1. Undo").arg(told));
    m_undoTime.start();
}

void StatusStrip::sweepStateChanged()
{
    if (m_services.spectra.isRunning()) {
        m_sweepClock.start();
        m_sweepFrom = static_cast<int>(m_services.spectra.all().size());
    } else if (m_sweepClock.isValid()) {
        m_sweepSeconds = static_cast<double>(m_sweepClock.elapsed()) / 1000.0;
        const auto& spectra = m_services.spectra.all();
        m_sweepCached = !spectra.isEmpty()
            && std::all_of(spectra.cbegin(), spectra.cend(),
                           [](const auto& one) { return one->fromCache; });
    }
    showState();
}

void StatusStrip::trainingStateChanged()
{
    if (!m_services.training.isRunning()) {
        m_justTrained = !m_services.training.runs().isEmpty();
        m_stage.clear();
        m_fraction = -1.0;
    }
    showState();
}

void StatusStrip::showState()
{
    const auto& jobs = JobBoard::instance().entries();
    if (m_services.training.isRunning()) {
        showTraining();
    } else if (!m_opening.isEmpty()) {
        show(tr("Opening %1").arg(m_opening), -1.0, {});
    } else if (!jobs.empty()) {
        const QString more =
            jobs.size() > 1 ? tr("and %1 more").arg(formatCount(jobs.size() - 1)) : QString();
        show(jobs.front().title, jobs.front().fraction, more);
    } else if (sweepAtWork() != nullptr) {
        showQueue();
    } else if (m_justTrained && !m_services.spectra.isRunning()) {
        showTrained();
    } else if (m_services.model.files()) {
        showSweep();
    } else {
        m_what->clear();
        m_detail->clear();
        m_bar->hide();
    }
    showFolder();
    showCancel();
    sayWhatRuns();
}

// Said when something else runs, or a tenth of it more is done: not with every step.
void StatusStrip::sayWhatRuns()
{
    const bool bar = m_bar->isVisibleTo(this) && m_bar->maximum() > 0;
    const int tenth = bar ? 10 * m_bar->value() / m_bar->maximum() : -1;
    if (m_what->text() == m_saidOf && tenth == m_saidTenth) {
        return;
    }
    m_saidOf = m_what->text();
    m_saidTenth = tenth;
    QStringList words {m_saidOf.isEmpty() ? m_folder->text() : m_saidOf};
    if (!m_detail->text().isEmpty()) {
        words.append(m_detail->text());
    }
    if (tenth > 0) {
        words.append(formatPercent(tenth / 10.0));
    }
    announceAs(this, tr("What runs: %1").arg(words.join(QStringLiteral(", "))));
}

// A run in training, or a model that is being opened, stands in the strip instead.
bool StatusStrip::hidesJobs() const
{
    return m_services.training.isRunning() || !m_opening.isEmpty();
}

// Beside the job that the strip shows it is that one's; a run in training hides the jobs, and is stopped on its page.
void StatusStrip::showCancel()
{
    const auto& jobs = JobBoard::instance().entries();
    const bool hidden = hidesJobs();
    const bool one = jobs.size() == 1 && !hidden;
    const QString all = JobBoard::instance().titles().join(QLatin1Char('\n'));
    m_cancel->setVisible(!jobs.empty());
    m_cancel->setText(one          ? tr("Cancel")
                          : hidden ? tr("and %1 more…").arg(formatCount(jobs.size()))
                                   : tr("Cancel…"));
    m_cancel->setToolTip(all);
    m_cancel->setAccessibleName(tr("Cancel what runs"));
    m_cancel->setAccessibleDescription(all);
    m_cancel->setEnabled(std::any_of(jobs.begin(), jobs.end(),
                                     [](const JobBoard::Entry& job) { return !job.ending; }));
}

void StatusStrip::cancel()
{
    const auto& jobs = JobBoard::instance().entries();
    if (jobs.size() == 1 && !hidesJobs()) {
        JobBoard::instance().cancel(jobs.front().id);
        return;
    }
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("status.jobs"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const JobBoard::Entry& job : jobs) {
        QString title = job.title; // names of files are in it
        QAction* action = menu->addAction(
            tr("Cancel: %1").arg(title.replace(QLatin1Char('&'), QStringLiteral("&&"))));
        action->setEnabled(!job.ending);
        connect(action, &QAction::triggered, &JobBoard::instance(),
                [id = job.id] { JobBoard::instance().cancel(id); });
    }
    menu->popup(m_cancel->mapToGlobal(QPoint(0, -menu->sizeHint().height())));
}

// The folder of a run in sight; «Ready» only when nothing runs.
void StatusStrip::showFolder()
{
    const bool busy = m_services.training.isRunning() || !m_opening.isEmpty()
        || m_services.spectra.isRunning() || !JobBoard::instance().entries().empty();
    const bool run = m_services.training.isRunning() || m_justTrained;
    const SweepLook* sweep = busy ? nullptr : sweepAtWork();
    m_folder->setText(run                    ? m_services.training.directory()
                          : busy             ? QString()
                          : sweep != nullptr ? sweep->folder()
                                             : tr("Ready"));
}

// The open sweep while somebody works at it; else null.
const SweepLook* StatusStrip::sweepAtWork() const
{
    const SweepLook* look = m_services.sweepQueue.look();
    return look != nullptr && look->isWorkedAt && !look->state.paused ? look : nullptr;
}

void StatusStrip::showQueue()
{
    const SweepLook& look = *sweepAtWork();
    const auto runs = static_cast<std::int64_t>(look.state.runs.size());
    const auto ended = static_cast<std::int64_t>(look.ended());
    const double left = look.secondsLeft();
    show(tr("Sweep: %1 of %2 runs", nullptr, pluralOf(runs))
             .arg(formatCount(ended), formatCount(runs)),
         runs > 0 ? static_cast<double>(ended) / static_cast<double>(runs) : 0.0,
         std::isfinite(left) ? tr("%1 left").arg(formatDuration(left)) : QString());
}

void StatusStrip::showSweep()
{
    const int done = static_cast<int>(m_services.spectra.all().size());
    const int total = m_services.spectra.total();
    QString detail;
    if (const auto* running = std::get_if<Running>(&m_services.spectra.state())) {
        detail = running->stage; // what it waits for
        const double seconds = static_cast<double>(m_sweepClock.elapsed()) / 1000.0;
        if (done > m_sweepFrom && seconds > 0.5) {
            detail = tr("%1 left").arg(
                formatDuration(seconds * (total - done) / std::max(1, done - m_sweepFrom)));
        }
    } else if (done < total) {
        detail = tr("stopped");
    } else if (m_sweepSeconds > 0.0) {
        detail = m_sweepCached ? tr("%1, cached").arg(formatDuration(m_sweepSeconds))
                               : formatDuration(m_sweepSeconds);
    }
    show(tr("Spectra %1 of %2").arg(formatCount(done), formatCount(total)),
         total > 0 ? static_cast<double>(done) / total : 0.0, detail);
    m_bar->setVisible(done < total); // a full bar says nothing any more
}

QString StatusStrip::methods() const
{
    QStringList methods;
    for (const core::RunSummary& run : m_services.training.runs()) {
        methods.append(titleOf(run.spec.method));
    }
    return methods.join(QStringLiteral(" + "));
}

void StatusStrip::showTraining()
{
    const auto& records = m_services.training.series();
    const std::int64_t done = commonStep(records);
    const std::int64_t total = m_services.training.runs().value(0).steps;
    if (m_services.training.isPreparing()) {
        show(tr("Preparing %1").arg(methods()), m_fraction, m_stage);
        return;
    }
    QStringList detail {tr("step %1 of %2").arg(formatCount(done), formatCount(total))};
    const double left = secondsLeft(records.value(0), total);
    if (m_services.training.isStopping()) {
        detail << tr("stopping, the adapter is kept");
    } else if (m_services.training.isPaused()) {
        detail << tr("paused");
    } else if (std::isfinite(left) && done < total) {
        detail << tr("%1 left").arg(formatDuration(left));
    }
    show(tr("Training %1").arg(methods()),
         total > 0 ? static_cast<double>(done) / static_cast<double>(total) : -1.0,
         detail.join(QStringLiteral(" · ")));
}

// The last run stays in sight until another model is opened.
void StatusStrip::showTrained()
{
    const auto& runs = m_services.training.runs();
    const std::int64_t done = commonStep(m_services.training.series());
    show(tr("%1: %2").arg(methods(),
                          stateLine(stateOf(runs), done, runs.isEmpty() ? 0 : runs.first().steps)),
         -1.0, {});
    m_bar->hide();
}

void StatusStrip::show(const QString& what, double fraction, const QString& detail)
{
    m_what->setText(what);
    m_detail->setText(detail);
    m_bar->setRange(0, fraction < 0.0 ? 0 : kBarSteps);
    if (fraction >= 0.0) {
        m_bar->setValue(static_cast<int>(std::clamp(fraction, 0.0, 1.0) * kBarSteps));
    }
    m_bar->show();
}

} // namespace pissarro::ui
