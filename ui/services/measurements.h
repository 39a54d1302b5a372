// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/rank_map.h"
#include "core/analysis/rank_rule.h"
#include "core/analysis/svd_meter.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/of_model.h"
#include "ui/services/service.h"

#include <QStringList>

#include <vector>

namespace pissarro::ui {

// The fast SVD on some matrices.
struct Measurement {
    QStringList modules; // none: nothing was measured
    core::MeterOptions options;
    std::vector<core::MeterRow> rows; // empty: in progress, cancelled or failed
};

// The fast SVD measured on some matrices of the open model, one measurement at a time. It ends with its model, and with
// nothing else that a page does.
class FastSvdMeter : public Service, public OfModel {
    Q_OBJECT

public:
    explicit FastSvdMeter(QObject* parent = nullptr);

    void measure(const QStringList& modules, const core::MeterOptions& options);
    void cancel();
    // The one in progress, else the last one of the open model.
    const Measurement& measurement() const { return m_measurement; }

    void takeModel(const OpenedModel& opened) override;

private:
    std::shared_ptr<const core::ModelFiles> m_model; // null: none open
    Measurement m_measurement;
    JobBridge m_jobs {JobKind::Sweep}; // last: destroyed first
};

// What a rule that is a job of its own is asked.
struct RankQuestion {
    core::RankRule rule = nullptr; // with byWork
    double value = 0.0;
    core::Method method; // whose four bits
};

// A rank map by what four bits leave of every matrix of the open model, one search at a time.
class RankSearch : public Service, public OfModel {
    Q_OBJECT

public:
    explicit RankSearch(QObject* parent = nullptr);

    void find(const RankQuestion& question); // found(), and Ready after it
    void cancel();

    void takeModel(const OpenedModel& opened) override;

Q_SIGNALS:
    void found(const core::RankMap& map);

private:
    std::shared_ptr<const core::ModelFiles> m_model; // null: none open
    JobBridge m_jobs {JobKind::Sweep}; // last: destroyed first
};

} // namespace pissarro::ui
