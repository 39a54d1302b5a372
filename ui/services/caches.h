// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <QString>
#include <QVector>

#include <cstdint>

namespace pissarro::ui {

// What is kept between runs because computing it again takes long, in core's cache folder: how much it is, and clearing it.
// Looked at when asked; Ready once parts() are known. Running while it looks or clears.
class Caches : public Service {
    Q_OBJECT

public:
    struct Part {
        QString folder; // "spectra"
        std::int64_t bytes = 0;

        friend bool operator==(const Part& a, const Part& b) = default;
    };

    explicit Caches(QObject* parent = nullptr);

    const QVector<Part>& parts() const { return m_parts; } // by name
    std::int64_t bytes() const; // of all
    void look();
    void clear(); // what is needed again is computed again; then looks

private:
    void start(bool clear);

    QVector<Part> m_parts;
    JobBridge m_jobs; // last: destroyed first
};

} // namespace pissarro::ui
