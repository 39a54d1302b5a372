// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/quant_error_probe.h"
#include "ui/jobs/job_bridge.h"
#include "ui/pages/spectrum/spectrum_facts.h"

#include <QObject>
#include <QTimer>

#include <memory>
#include <vector>

namespace pissarro::ui {

// What the chosen ranks leave of the selected matrices in four bits: QPiSSA-1's nuclear error in percent of QLoRA's, mean
// over the matrices. Measured by a job, a moment after rank and selection stand still; not for more than a few matrices,
// nor for large ones.
class QuantErrorMeter : public QObject {
    Q_OBJECT

public:
    explicit QuantErrorMeter(QObject* parent = nullptr);

    void setModel(std::shared_ptr<const core::ModelFiles> model); // null: none
    // Asks for what is selected now; nothing is done where that was asked before. Waits until each spectrum is there, so
    // that the sweep comes first. text() is the new one's at once; emits nothing.
    void ask(const QVector<MatrixView>& matrices);
    QString text() const; // "84.2 %", "measuring…", "–"
    QString problem() const { return m_problem; } // why there is none, or empty

Q_SIGNALS:
    void changed(); // a measurement ended

private:
    using Questions = std::vector<core::QuantErrorProbe::Question>;
    void measure();

    std::shared_ptr<core::QuantErrorProbe> m_probe; // null: no model
    Questions m_asked;
    double m_share = 0.0; // of m_asked; NaN: not known yet
    QString m_problem;
    QTimer m_still;
    JobBridge m_jobs {JobKind::OnScreen};
};

} // namespace pissarro::ui
