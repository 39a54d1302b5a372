// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/measurements.h"

namespace pissarro::ui {

// --- The fast SVD

FastSvdMeter::FastSvdMeter(QObject* parent)
    : Service(parent)
{
    m_jobs.setTitle(tr("Measurement of the fast SVD"));
    goWith(m_jobs, [this](const QString& why) {
        return Failed {tr("Could not measure the fast SVD"), pathOf(m_model), why};
    });
}

void FastSvdMeter::measure(const QStringList& modules, const core::MeterOptions& options)
{
    if (!m_model || m_jobs.isBusy()) {
        return;
    }
    std::vector<core::LinearModule> chosen;
    for (const core::LinearModule& module : m_model->linearModules()) {
        if (modules.contains(QString::fromStdString(module.name))) {
            chosen.push_back(module);
        }
    }
    m_measurement = {modules, options, {}};
    m_jobs.start<std::vector<core::MeterRow>>(
        [files = m_model, chosen, options](const core::JobContext& job) {
            return core::measureFastSvd(*files, chosen, options, job);
        },
        [this](std::vector<core::MeterRow> rows) {
            m_measurement.rows = std::move(rows);
            setState(Ready {});
        });
    setState(Running {});
}

void FastSvdMeter::cancel()
{
    m_jobs.cancel();
}

void FastSvdMeter::takeModel(const OpenedModel& opened)
{
    m_jobs.cancel();
    m_measurement = {};
    m_model = opened.files;
}

// --- Ranks by what four bits leave

RankSearch::RankSearch(QObject* parent)
    : Service(parent)
{
    m_jobs.setTitle(tr("Search for ranks"));
    goWith(m_jobs, [this](const QString& why) {
        return Failed {tr("Could not advise ranks"), pathOf(m_model), why};
    });
}

void RankSearch::find(const RankQuestion& question)
{
    if (!m_model || m_jobs.isBusy()) {
        return;
    }
    m_jobs.start<core::RankMap>(
        [files = m_model, question](const core::JobContext& job) {
            constexpr int kIters = 1; // of each probe
            return question.rule->byWork(
                {*files, files->linearModules(), question.method, kIters, job}, question.value, {});
        },
        [this](const core::RankMap& map) {
            announce(this, &RankSearch::found, map);
            setState(Ready {});
        });
    setState(Running {});
}

void RankSearch::cancel()
{
    m_jobs.cancel();
}

void RankSearch::takeModel(const OpenedModel& opened)
{
    m_jobs.cancel();
    m_model = opened.files;
}

} // namespace pissarro::ui
