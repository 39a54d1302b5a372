// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sweep/rank_trials.h"
#include "core/sweep/sweep_forecast.h"
#include "core/sweep/sweep_rates.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/folder_look.h"
#include "ui/services/service.h"
#include "ui/services/side_work.h"

#include <QString>
#include <QTimer>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::ui {

// What a draft of a sweep comes to, without measuring anything.
struct SweepOutline {
    std::size_t runs = 0;
    std::size_t repeated = 0; // combinations that are the same run as another one
    QString problem; // why it cannot be begun; empty: it can
    FolderLook folder; // where it would be
};

// What a draft of a sweep will cost, which rates and which rank suit it. The state of this service is of the forecast, which
// measures this machine once for each model, device and precision; ramps and trials have states of their own. All of them
// train a little, so that they wait for a training of this window.
class SweepPlanner : public Service {
    Q_OBJECT

public:
    explicit SweepPlanner(QObject* parent = nullptr);
    ~SweepPlanner() override;

    // The latest counts. What is known of another draft goes; while nobody looks nothing is measured.
    void setDraft(const core::SweepSpec& draft, const QString& folder);
    void setWatched(bool on); // somebody looks
    const SweepOutline* outline() const { return m_outline ? &*m_outline : nullptr; }
    const core::SweepForecast* forecast() const { return m_forecast ? &*m_forecast : nullptr; }

    // A ramp of each method of the draft.
    void findRates();
    Service& ramping() { return m_ramping; }
    const std::vector<core::RateRamp>& ramps() const { return m_ramps; } // while ramping() is Ready
    // The draft's first run at each of the ranks, for `steps`.
    void tryRanks(const std::vector<std::int64_t>& ranks, std::int64_t steps);
    Service& ranking() { return m_ranking; }
    const core::RankProposal& rankProposal() const
    {
        return m_proposal;
    } // while ranking() is Ready
    void cancelRates();
    void cancelRanks();

    // The settings that the Train page holds, for whoever wants to begin with them; none: it holds none yet.
    void setFormSpec(const core::RunSpec& spec);
    const std::optional<core::RunSpec>& formSpec() const { return m_formSpec; }

Q_SIGNALS:
    void outlineChanged();
    void forecastChanged();
    void formSpecChanged();

private:
    void outlineDraft();
    void measure();

    core::SweepSpec m_draft;
    QString m_folder;
    std::optional<core::RunSpec> m_formSpec;
    std::optional<SweepOutline> m_outline;
    std::optional<core::SweepForecast> m_forecast;
    std::vector<core::RateRamp> m_ramps;
    core::RankProposal m_proposal;
    SideWork m_ramping;
    SideWork m_ranking;
    bool m_watched = false;
    QTimer m_pause; // in typing
    std::shared_ptr<std::map<std::string, core::Pace>> m_paces; // the forecasts' alone
    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge m_outlines {JobKind::Reading};
    JobBridge m_forecasts {JobKind::Training};
    JobBridge m_rampJobs {JobKind::Training};
    JobBridge m_rankJobs {JobKind::Training};
};

} // namespace pissarro::ui
