// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/service.h"

#include "ui/jobs/job_bridge.h"

namespace pissarro::ui {

void Service::goWith(JobBridge& jobs, std::function<Failed(const QString& why)> failed)
{
    connect(&jobs, &JobBridge::progressed, this,
            [this](quint64, double fraction, const QString& stage) {
                setState(Running {fraction, stage});
            });
    connect(
        &jobs, &JobBridge::failed, this,
        [this, failed = std::move(failed)](quint64, const QString& why) { setState(failed(why)); });
    connect(&jobs, &JobBridge::cancelled, this, [this, &jobs] {
        if (!jobs.isBusy()) { // not one that another took the place of
            setState(Idle {});
        }
    });
}

} // namespace pissarro::ui
