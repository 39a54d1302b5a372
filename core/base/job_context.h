// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <functional>
#include <stop_token>
#include <string_view>
#include <utility>

namespace pissarro::core::inline base {

// What a long call gets from whoever started it: a way to be stopped and a way to report.
//
// Requires: a job calls checkpoint() at least once a matrix or micro-batch.
// Threads:  used by one job, on any of its threads; `progress` is called by one of them at a time (PieceReport).
class JobContext {
public:
    // fraction in [0, 1], or negative while the length is unknown; stage is one short phrase.
    using Progress = std::function<void(double fraction, std::string_view stage)>;

    JobContext() = default; // never cancelled, reports to nobody
    explicit JobContext(std::stop_token stop, Progress progress = {})
        : m_stop(std::move(stop))
        , m_progress(std::move(progress))
    {
    }

    bool isCancelled() const { return m_stop.stop_requested(); }

    // Throws: Cancelled once a stop was requested.
    void throwIfCancelled() const
    {
        if (isCancelled()) {
            throw Cancelled();
        }
    }

    // Throws: Cancelled once a stop was requested; nothing is reported then.
    void checkpoint(double fraction, std::string_view stage) const
    {
        throwIfCancelled();
        if (m_progress) {
            m_progress(fraction, stage);
        }
    }

    const std::stop_token& stopToken() const { return m_stop; }

private:
    std::stop_token m_stop;
    Progress m_progress;
};

} // namespace pissarro::core::inline base
