// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/spectra.h"

#include "ui/services/machine_pace.h"

#include <QElapsedTimer>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {
constexpr int kTickMs = 50; // 20 Hz

double workOf(const std::vector<core::LinearModule>& modules, const std::string& name)
{
    const auto found = std::find_if(modules.begin(), modules.end(),
                                    [&](const auto& module) { return module.name == name; });
    return found != modules.end() ? core::spectrumWork(*found) : 0.0;
}
} // namespace

Spectra::Spectra(QObject* parent)
    : Service(parent)
{
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, &Spectra::drain);
    const auto failed = [this](const QString& why) {
        return Failed {tr("Could not compute the spectra"), pathOf(m_model), why};
    };
    const auto ended = [this](State how) {
        m_timer.stop();
        drain();
        setState(std::move(how));
    };
    goWith(m_jobs, m_sweep, failed, ended, Progress::OnlyWaits);
}

int Spectra::total() const
{
    return m_model ? static_cast<int>(m_model->linearModules().size()) : 0;
}

void Spectra::start(std::vector<core::LinearModule> modules, JobKind kind)
{
    if (modules.empty()) {
        return;
    }
    m_queue = std::make_shared<GuardedQueue<core::ModuleSpectrum>>();
    m_jobs.setKind(JobKind::Reading);
    m_sweep = m_jobs.start<std::vector<core::LinearModule>>(
        [files = m_model, modules = std::move(modules), queue = m_queue](const core::JobContext&) {
            return core::cachedSpectra(*files, modules, [&queue](core::ModuleSpectrum one) {
                queue->push(std::move(one));
            });
        },
        [this, kind](std::vector<core::LinearModule> missing) {
            if (!missing.empty()) { // else the sweep ends with this job
                compute(std::move(missing), kind);
            }
        });
    m_timer.start();
    setState(Running {});
}

// The queue stays: what the cache knew may not be taken out of it yet.
void Spectra::compute(std::vector<core::LinearModule> modules, JobKind kind)
{
    m_jobs.setKind(kind);
    m_sweep = m_jobs.start<double>(
        [files = m_model, modules = std::move(modules), first = m_priority,
         queue = m_queue](const core::JobContext& job) {
            QElapsedTimer clock;
            clock.start();
            double work = 0.0;
            core::sweepSpectra(
                files, modules, {}, *first,
                [&](core::ModuleSpectrum one) { // one at a time
                    const auto& values = one.spectrum.values;
                    work += one.fromCache || values.empty() ? 0.0 : workOf(modules, one.module);
                    queue->push(std::move(one));
                },
                job);
            return paceOf(clock, work);
        },
        [](double pace) { keepPace(setting::kSpectrumPace, pace); });
}

void Spectra::drain()
{
    if (!m_queue) {
        return;
    }
    QStringList modules;
    for (core::ModuleSpectrum& one : m_queue->takeAll()) {
        const QString module = QString::fromStdString(one.module);
        modules.append(module);
        m_all.insert(module, std::make_shared<const core::ModuleSpectrum>(std::move(one)));
    }
    if (!modules.isEmpty()) {
        announce(this, &Spectra::arrived, modules);
    }
}

void Spectra::cancel()
{
    m_jobs.cancel();
}

void Spectra::restart()
{
    if (!m_model) {
        return;
    }
    drain();
    std::vector<core::LinearModule> missing;
    for (const core::LinearModule& module : m_model->linearModules()) {
        const auto known = m_all.constFind(QString::fromStdString(module.name));
        if (known == m_all.constEnd() || !(*known)->problem.empty()) {
            missing.push_back(module);
        }
    }
    start(std::move(missing), JobKind::OnScreen);
}

void Spectra::setOnScreen(const QStringList& modules)
{
    std::vector<std::string> first;
    first.reserve(static_cast<std::size_t>(modules.size()));
    for (const QString& module : modules) {
        first.push_back(module.toStdString());
    }
    m_priority->wantFirst(std::move(first));
}

void Spectra::takeModel(const OpenedModel& opened)
{
    m_jobs.cancel();
    m_gone = std::exchange(m_sweep, 0) != 0;
    m_timer.stop();
    m_queue.reset(); // the sweep may still be ending
    m_all.clear();
    m_model = opened.files;
    forgetState();
}

void Spectra::tellWhatIsGone()
{
    start(m_model->linearModules(), JobKind::Sweep);
    if (std::exchange(m_gone, false) && m_sweep == 0) {
        setState(Idle {});
    }
}

} // namespace pissarro::ui
