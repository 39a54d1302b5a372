// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/service.h"

#include "ui/jobs/job_bridge.h"

namespace pissarro::ui {

void Service::goWith(JobBridge& jobs, Failing failed)
{
    failWith(jobs, std::move(failed));
    connect(&jobs, &JobBridge::progressed, this,
            [this](quint64, double fraction, const QString& stage) {
                setState(Running {fraction, stage});
            });
    connect(&jobs, &JobBridge::cancelled, this, [this, &jobs] {
        if (!jobs.isBusy()) { // not one that another took the place of
            setState(Idle {});
        }
    });
}

void Service::goWith(JobBridge& jobs, quint64& job, Failing failed,
                     std::function<void(State how)> ended, Progress progress)
{
    connect(&jobs, &JobBridge::progressed, this,
            [this, &job, progress](quint64 id, double fraction, const QString& stage) {
                const bool waits = fraction < 0.0; // or waits no more
                if (id == job && (waits || progress == Progress::Told)) {
                    setState(Running {fraction, stage});
                }
            });
    const auto end = [&job, ended = std::move(ended)](quint64 id, State how) {
        if (id == job) {
            job = 0;
            ended(std::move(how));
        }
    };
    connect(&jobs, &JobBridge::finished, this, [end](quint64 id) { end(id, Ready {}); });
    connect(&jobs, &JobBridge::cancelled, this, [end](quint64 id) { end(id, Idle {}); });
    connect(&jobs, &JobBridge::failed, this,
            [end, failed = std::move(failed)](quint64 id, const QString& why) {
                end(id, failed(why));
            });
}

void Service::failWith(JobBridge& jobs, Failing failed)
{
    connect(
        &jobs, &JobBridge::failed, this,
        [this, failed = std::move(failed)](quint64, const QString& why) { setState(failed(why)); });
}

} // namespace pissarro::ui
