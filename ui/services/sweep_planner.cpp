// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/sweep_planner.h"

#include "core/base/error.h"
#include "core/base/fmt.h"

#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kPauseMs = 600; // in typing, before anything is measured

// On a worker.
SweepOutline outlineOf(const core::SweepSpec& draft, const QString& folder)
{
    SweepOutline outline;
    outline.folder = lookAtFolder(folder);
    try {
        const core::SweepPlan plan = core::planSweep(draft);
        outline.runs = plan.runs.size();
        outline.repeated = plan.repeated;
    } catch (const core::Error& error) {
        outline.problem = QString::fromUtf8(error.what());
    }
    return outline;
}

// What decides how fast a machine trains; the rest of a spec hardly does.
std::string paceKey(const core::RunSpec& spec)
{
    return fmt::format("{}\n{}\n{}\n{}\n{}", spec.model, spec.device, core::dtypeTitle(spec.dtype),
                       spec.threads, spec.gradientCheckpointing);
}

} // namespace

SweepPlanner::SweepPlanner(QObject* parent)
    : Service(parent)
    , m_paces(std::make_shared<std::map<std::string, core::Pace>>())
{
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, &SweepPlanner::measure);
    m_rampJobs.setTitle(tr("Search for learning rates"));
    m_rankJobs.setTitle(tr("Trial of ranks"));
    const auto modelPath = [this] { return QString::fromStdString(m_draft.base.model); };
    goWith(m_forecasts, [modelPath](const QString& why) {
        return Failed {tr("Could not measure this machine"), modelPath(), why};
    });
    connect(&m_rampJobs, &JobBridge::progressed, this,
            [this](quint64, double fraction, const QString& stage) {
                m_ramping.set(Running {fraction, stage});
            });
    connect(&m_rampJobs, &JobBridge::cancelled, this, [this] { m_ramping.set(Idle {}); });
    connect(&m_rampJobs, &JobBridge::failed, this, [this, modelPath](quint64, const QString& why) {
        m_ramping.set(Failed {tr("Could not find learning rates"), modelPath(), why});
    });
    connect(&m_rankJobs, &JobBridge::progressed, this,
            [this](quint64, double fraction, const QString& stage) {
                m_ranking.set(Running {fraction, stage});
            });
    connect(&m_rankJobs, &JobBridge::cancelled, this, [this] { m_ranking.set(Idle {}); });
    connect(&m_rankJobs, &JobBridge::failed, this, [this, modelPath](quint64, const QString& why) {
        m_ranking.set(Failed {tr("Could not try the ranks"), modelPath(), why});
    });
}

SweepPlanner::~SweepPlanner() = default;

void SweepPlanner::setDraft(const core::SweepSpec& draft, const QString& folder)
{
    m_draft = draft;
    m_folder = folder;
    m_outline.reset();
    m_forecast.reset();
    m_forecasts.cancel();
    outlineDraft();
    m_pause.start();
    announce(this, &SweepPlanner::outlineChanged);
    announce(this, &SweepPlanner::forecastChanged);
}

void SweepPlanner::setWatched(bool on)
{
    if (std::exchange(m_watched, on) != on && on && !m_forecast) {
        m_pause.start();
    }
}

void SweepPlanner::outlineDraft()
{
    m_outlines.start<SweepOutline>(
        [draft = m_draft, folder = m_folder](const core::JobContext& /*job*/) {
            return outlineOf(draft, folder);
        },
        [this](SweepOutline outline) {
            m_outline = std::move(outline);
            announce(this, &SweepPlanner::outlineChanged);
            if (!m_pause.isActive()) { // it came later than the pause
                measure();
            }
        });
}

void SweepPlanner::measure()
{
    const bool whole =
        !m_draft.base.model.empty() && !(m_draft.base.data.empty() && m_draft.base.batches.empty());
    if (!m_watched || !whole || !m_outline || !m_outline->problem.isEmpty() || m_forecast
        || m_forecasts.isBusy()) {
        return;
    }
    const auto paces = m_paces;
    m_forecasts.start<core::SweepForecast>(
        [draft = m_draft, folder = m_folder.toStdString(), paces](const core::JobContext& job) {
            const core::PaceOf known = [&paces](const core::RunSpec& spec,
                                                const core::JobContext& context) {
                const std::string key = paceKey(spec);
                const auto found = paces->find(key);
                return found != paces->end() ? found->second
                                             : (*paces)[key] = core::measurePace(spec, context);
            };
            return core::forecastSweep(core::planSweep(draft), draft.workers, folder, job, known);
        },
        [this](core::SweepForecast forecast) {
            m_forecast = std::move(forecast);
            setState(Ready {});
            announce(this, &SweepPlanner::forecastChanged);
        });
    setState(Running {});
}

void SweepPlanner::findRates()
{
    m_ramps.clear();
    m_rampJobs.start<std::vector<core::RateRamp>>(
        [draft = m_draft](const core::JobContext& job) {
            return core::rampsOf(core::planSweep(draft), job);
        },
        [this](std::vector<core::RateRamp> ramps) {
            m_ramps = std::move(ramps);
            m_ramping.set(Ready {});
        });
    m_ramping.set(Running {});
}

void SweepPlanner::tryRanks(const std::vector<std::int64_t>& ranks, std::int64_t steps)
{
    m_proposal = {};
    m_rankJobs.start<core::RankProposal>(
        [draft = m_draft, ranks, steps](const core::JobContext& job) {
            const core::SweepPlan plan = core::planSweep(draft);
            return core::proposeRank(core::tryRanks(plan.runs.front().spec, ranks, steps, job));
        },
        [this](core::RankProposal proposal) {
            m_proposal = std::move(proposal);
            m_ranking.set(Ready {});
        });
    m_ranking.set(Running {});
}

void SweepPlanner::cancelRates()
{
    m_rampJobs.cancel();
}

void SweepPlanner::cancelRanks()
{
    m_rankJobs.cancel();
}

void SweepPlanner::setFormSpec(const core::RunSpec& spec)
{
    m_formSpec = spec;
    announce(this, &SweepPlanner::formSpecChanged);
}

} // namespace pissarro::ui
