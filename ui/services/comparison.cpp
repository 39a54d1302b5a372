// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/comparison.h"

#include "core/session/open_model.h"

#include <QFileInfo>

#include <utility>

namespace pissarro::ui {

namespace {
constexpr int kTickMs = 50; // 20 Hz
} // namespace

Comparison::Comparison(QObject* parent)
    : Service(parent)
{
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, &Comparison::drain);
    const auto failed = [this](const QString& why) {
        return Failed {tr("Could not compare with %1").arg(QFileInfo(m_with).fileName()), m_with,
                       why};
    };
    goWith(m_jobs, m_job, failed, [this](State how) { finish(std::move(how)); });
}

void Comparison::start(const QString& tuned, int rank)
{
    if (!m_model || tuned.isEmpty()) {
        return;
    }
    m_with = tuned;
    m_updates.clear();
    m_jobs.setTitle(tr("Comparison with %1").arg(QFileInfo(tuned).fileName()));
    auto queue = std::make_shared<GuardedQueue<core::UpdateSpectrum>>();
    m_queue = queue;
    core::UpdateOptions options;
    options.rank = rank;
    m_job = m_jobs.start<bool>(
        [files = m_model, path = tuned.toStdString(), options, queue](const core::JobContext& job) {
            core::compareWithTuned(
                files, core::tunedFormOf(path, *files), files->linearModules(), options,
                [&queue](core::UpdateSpectrum one) { queue->push(std::move(one)); }, job);
            return true;
        },
        [](bool) {});
    m_timer.start();
    setState(Running {});
    announce(this, &Comparison::changed);
}

void Comparison::end()
{
    if (forget()) {
        setState(Idle {});
        announce(this, &Comparison::changed);
    }
}

bool Comparison::forget()
{
    m_jobs.cancel();
    m_job = 0;
    m_timer.stop();
    m_queue.reset();
    m_updates.clear();
    return !std::exchange(m_with, {}).isEmpty();
}

// Cancelled, what there is stays.
void Comparison::finish(State how)
{
    const bool failed = std::holds_alternative<Failed>(how);
    if (failed) {
        forget();
    } else {
        m_timer.stop();
        drain();
    }
    setState(failed ? std::move(how) : State(Ready {}));
    announce(this, &Comparison::changed);
}

void Comparison::drain()
{
    if (!m_queue) {
        return;
    }
    auto arrived = m_queue->takeAll();
    for (core::UpdateSpectrum& one : arrived) {
        const QString module = QString::fromStdString(one.module);
        m_updates.insert(module, std::make_shared<const core::UpdateSpectrum>(std::move(one)));
    }
    if (!arrived.empty()) {
        announce(this, &Comparison::changed);
    }
}

void Comparison::takeModel(const OpenedModel& opened)
{
    m_gone = forget();
    m_model = opened.files;
}

void Comparison::tellWhatIsGone()
{
    if (std::exchange(m_gone, false)) {
        setState(Idle {});
        announce(this, &Comparison::changed);
    }
}

} // namespace pissarro::ui
