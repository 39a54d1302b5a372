// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/job_bridge.h"

#include <QTest>

namespace pissarro::tests {

// Starts a job of that title that ends only when it is cancelled.
inline void runForEver(ui::JobBridge& bridge, const char* title)
{
    bridge.setTitle(QLatin1String(title));
    bridge.start<int>(
        [](const core::JobContext& job) {
            for (;;) {
                job.throwIfCancelled();
                QTest::qSleep(2);
            }
            return 1;
        },
        [](int) {});
}

} // namespace pissarro::tests
