// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/update_spectrum.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/of_model.h"
#include "ui/services/service.h"

#include <QHash>
#include <QTimer>

#include <memory>

namespace pissarro::ui {

// The open model beside a fine-tuned form of it, or a PEFT adapter for it. Running while results arrive, Ready when all are
// there; cancelled, what there is stays, and it is Ready too.
class Comparison : public Service, public OfModel {
    Q_OBJECT

public:
    explicit Comparison(QObject* parent = nullptr);

    // Nothing without a model. rank: of the update that is looked at.
    void start(const QString& tuned, int rank);
    void end(); // there is none then
    QString with() const { return m_with; } // empty: nothing
    // By module path; never null.
    const QHash<QString, std::shared_ptr<const core::UpdateSpectrum>>& updates() const
    {
        return m_updates;
    }

    void takeModel(const OpenedModel& opened) override;
    void tellWhatIsGone() override;

Q_SIGNALS:
    void changed(); // some arrived, or it began or ended; coalesced to 20 a second

private:
    bool forget(); // whether there was one
    void drain();
    void finish(State how);

    std::shared_ptr<const core::ModelFiles> m_model; // null: none open
    QString m_with;
    QHash<QString, std::shared_ptr<const core::UpdateSpectrum>> m_updates;
    std::shared_ptr<GuardedQueue<core::UpdateSpectrum>> m_queue;
    QTimer m_timer; // while one runs
    quint64 m_job = 0; // id of the running one; 0: none
    bool m_gone = false; // by takeModel(), not told yet
    JobBridge m_jobs {JobKind::Sweep}; // last: destroyed first
};

} // namespace pissarro::ui
