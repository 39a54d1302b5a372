// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/rate_order.h"
#include "core/sweep/rate_finder.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <QStringList>
#include <QVector>

#include <optional>

namespace pissarro::ui {

// Which learning rate suits a method, by a short training whose rate grows, and whether earlier runs show that the order of two
// methods depends on it. The state is that of the ramp; where earlier runs cannot be read, nothing is said of them.
class RateAdvice : public Service {
    Q_OBJECT

public:
    explicit RateAdvice(QObject* parent = nullptr);

    // Trains `spec` as `method` along a ramp, behind what trains already; it writes nothing that stays.
    void find(const core::RunSpec& spec, core::Method method);
    void cancel();
    const core::RateRamp* ramp() const { return m_ramp ? &*m_ramp : nullptr; } // null: none yet

    // Of these runs, all of one model and data: orderChanged() where something else is known then. The same runs again are
    // not read again.
    void lookAtOrder(const QVector<core::RunSummary>& runs, core::Method first,
                     core::Method second);
    const std::optional<core::RateOrder>& order() const { return m_order; }

Q_SIGNALS:
    void orderChanged();

private:
    QString m_model; // of the ramp under way
    std::optional<core::RateRamp> m_ramp;
    std::optional<core::RateOrder> m_order;
    QStringList m_lookedAt;
    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge m_jobs {JobKind::Training};
    JobBridge m_reading;
};

// Those of a library that tell of two methods on the spec's model and data, the newest first.
QVector<core::RunSummary> runsToTellBy(const QVector<core::RunSummary>& library,
                                       const core::RunSpec& spec, core::Method other);

} // namespace pissarro::ui
