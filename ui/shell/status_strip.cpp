// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/status_strip.h"

#include "ui/shell/workbench.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/format.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kHeight = 28; // px
constexpr int kBarWidth = 160; // px
constexpr int kBarSteps = 1000;

QString titleOf(core::Method method)
{
    const std::string_view title = core::methodTitle(method);
    return QString::fromUtf8(title.data(), static_cast<qsizetype>(title.size()));
}

} // namespace

StatusStrip::StatusStrip(Workbench& workbench, QWidget* parent)
    : QFrame(parent)
    , m_workbench(workbench)
    , m_what(new QLabel)
    , m_bar(new QProgressBar)
    , m_detail(new QLabel)
    , m_folder(new ElidedLabel)
{
    setObjectName(QStringLiteral("statusBar"));
    setAccessibleName(tr("What runs"));
    setFixedHeight(kHeight);
    m_what->setObjectName(QStringLiteral("status.what"));
    m_detail->setObjectName(QStringLiteral("status.detail"));
    m_folder->setObjectName(QStringLiteral("status.folder"));
    m_folder->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_bar->setObjectName(QStringLiteral("status.progress"));
    m_bar->setAccessibleName(tr("Progress"));
    m_bar->setFixedWidth(kBarWidth);
    m_bar->setTextVisible(false);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 0, 16, 0);
    row->setSpacing(12);
    row->addWidget(m_what);
    row->addWidget(m_bar);
    row->addWidget(m_detail);
    row->addStretch(1);
    row->addWidget(m_folder, 1);

    connect(&m_workbench, &Workbench::modelOpening, this, [this](const QString& path) {
        m_opening = QFileInfo(path).fileName();
        showState();
    });
    connect(&m_workbench, &Workbench::modelOpened, this, [this] {
        m_justTrained = false;
        m_opening.clear();
        showState();
    });
    connect(&m_workbench, &Workbench::failed, this, [this] {
        m_opening.clear();
        showState();
    });
    connect(&m_workbench, &Workbench::sweepStateChanged, this, &StatusStrip::sweepStateChanged);
    connect(&m_workbench, &Workbench::spectraChanged, this, &StatusStrip::showState);
    connect(&m_workbench, &Workbench::trainingStateChanged, this,
            &StatusStrip::trainingStateChanged);
    connect(&m_workbench, &Workbench::trainingRecordsChanged, this, &StatusStrip::showState);
    connect(&m_workbench, &Workbench::trainingProgressed, this,
            [this](double fraction, const QString& stage) {
                m_fraction = fraction;
                m_stage = stage;
                showState();
            });
    showState();
}

void StatusStrip::sweepStateChanged()
{
    if (m_workbench.sweepRunning()) {
        m_sweepClock.start();
        m_sweepFrom = static_cast<int>(m_workbench.spectra().size());
    } else if (m_sweepClock.isValid()) {
        m_sweepSeconds = static_cast<double>(m_sweepClock.elapsed()) / 1000.0;
        const auto& spectra = m_workbench.spectra();
        m_sweepCached = !spectra.isEmpty()
            && std::all_of(spectra.cbegin(), spectra.cend(),
                           [](const core::ModuleSpectrum& one) { return one.fromCache; });
    }
    showState();
}

void StatusStrip::trainingStateChanged()
{
    const bool paused = m_workbench.isPaused();
    if (!m_workbench.isTraining()) {
        m_justTrained = !m_workbench.trainRuns().isEmpty();
        m_trainClock.invalidate();
        m_stage.clear();
        m_fraction = -1.0;
    } else if (std::exchange(m_wasPaused, paused) && !paused) {
        m_trainClock.start();
        m_trainFrom = stepsDone();
    }
    m_wasPaused = paused;
    showState();
}

void StatusStrip::showState()
{
    if (m_workbench.isTraining()) {
        showTraining();
    } else if (!m_opening.isEmpty()) {
        show(tr("Opening %1").arg(m_opening), -1.0, {});
    } else if (m_justTrained && !m_workbench.sweepRunning()) {
        showTrained();
    } else if (m_workbench.model()) {
        showSweep();
    } else {
        m_what->clear();
        m_detail->clear();
        m_bar->hide();
    }
    const QString folder = m_workbench.trainRunDirectory();
    m_folder->setText(folder.isEmpty() ? tr("Ready") : folder);
}

void StatusStrip::showSweep()
{
    const int done = static_cast<int>(m_workbench.spectra().size());
    const int total = m_workbench.spectraTotal();
    QString detail;
    if (m_workbench.sweepRunning()) {
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
}

std::int64_t StatusStrip::stepsDone() const
{
    std::int64_t done = 0;
    for (const auto& records : m_workbench.trainRecords()) {
        done += records.isEmpty() ? 0 : records.last().step;
    }
    return done;
}

void StatusStrip::showTraining()
{
    QStringList methods;
    std::int64_t total = 0;
    for (const core::RunSummary& run : m_workbench.trainRuns()) {
        methods.append(titleOf(run.spec.method));
        total += run.steps;
    }
    const std::int64_t done = stepsDone();
    const QString names = methods.join(QStringLiteral(" + "));
    if (done == 0) {
        show(tr("Preparing %1").arg(names), m_fraction, m_stage);
        return;
    }
    if (!m_trainClock.isValid()) {
        m_trainClock.start();
        m_trainFrom = done;
    }
    QString detail = tr("step %1 of %2")
                         .arg(formatCount(done / std::max<std::int64_t>(1, methods.size())),
                              formatCount(total / std::max<std::int64_t>(1, methods.size())));
    if (m_workbench.isStopping()) {
        detail += tr(" · stopping, the adapter is kept");
    } else if (m_workbench.isPaused()) {
        detail += tr(" · paused");
    } else {
        detail += timeLeft(done, total);
    }
    show(tr("Training %1").arg(names),
         total > 0 ? static_cast<double>(done) / static_cast<double>(total) : -1.0, detail);
}

// The last run stays in sight until another model is opened.
void StatusStrip::showTrained()
{
    QStringList methods;
    std::int64_t total = 0;
    bool failed = false;
    bool stopped = false;
    for (const core::RunSummary& run : m_workbench.trainRuns()) {
        methods.append(titleOf(run.spec.method));
        total += run.steps;
        failed = failed || run.state == core::RunState::Failed;
        stopped = stopped || run.state == core::RunState::Stopped;
    }
    const std::int64_t done = stepsDone();
    const std::int64_t runs = std::max<std::int64_t>(1, methods.size());
    show(tr("%1 %2").arg(methods.join(QStringLiteral(" + ")),
                         failed        ? tr("failed")
                             : stopped ? tr("stopped")
                                       : tr("finished")),
         total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0.0,
         tr("step %1 of %2").arg(formatCount(done / runs), formatCount(total / runs)));
}

QString StatusStrip::timeLeft(std::int64_t done, std::int64_t total) const
{
    const std::int64_t measured = done - m_trainFrom;
    if (measured <= 0 || total <= done) {
        return {};
    }
    const double seconds = static_cast<double>(m_trainClock.elapsed()) / 1000.0;
    return tr(" · %1 left")
        .arg(formatDuration(seconds * static_cast<double>(total - done)
                            / static_cast<double>(measured)));
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
