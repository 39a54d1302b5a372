// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/spectrum_sweep.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/of_model.h"
#include "ui/services/service.h"

#include <QHash>
#include <QStringList>
#include <QTimer>

#include <memory>
#include <vector>

namespace pissarro::ui {

// Singular values of every linear matrix of the open model: a sweep begins by itself with the model. What the cache knows is
// there at once; the rest waits for a training, unless a person asks for it. Running while one is under way or waits (how
// far: arrived()); cancelled, what there is stays.
class Spectra : public Service, public OfModel {
    Q_OBJECT

public:
    explicit Spectra(QObject* parent = nullptr);

    // By module path; never null.
    const QHash<QString, std::shared_ptr<const core::ModuleSpectrum>>& all() const { return m_all; }
    int total() const; // matrices of the open model
    void cancel();
    // Goes on with the matrices that are missing or failed, whatever else computes; the cache gives back the others at
    // once.
    void restart();
    void setOnScreen(const QStringList& modules); // these are computed first

    void takeModel(const OpenedModel& opened) override;
    void tellWhatIsGone() override;

Q_SIGNALS:
    void arrived(const QStringList& modules); // coalesced to 20 a second

private:
    void start(std::vector<core::LinearModule> modules, JobKind kind);
    void compute(std::vector<core::LinearModule> modules, JobKind kind);
    void drain();

    std::shared_ptr<const core::ModelFiles> m_model; // null: none open
    QHash<QString, std::shared_ptr<const core::ModuleSpectrum>> m_all;
    std::shared_ptr<GuardedQueue<core::ModuleSpectrum>> m_queue;
    std::shared_ptr<core::SweepPriority> m_priority = std::make_shared<core::SweepPriority>();
    QTimer m_timer; // while a sweep runs
    quint64 m_sweep = 0; // id of the job at work for it; 0: none
    bool m_gone = false; // a running sweep, by takeModel(), not told yet
    JobBridge m_jobs; // last: destroyed first
};

} // namespace pissarro::ui
