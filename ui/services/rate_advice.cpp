// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/rate_advice.h"

#include "core/base/error.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <utility>

namespace pissarro::ui {

namespace {

constexpr qsizetype kMostRuns = 200; // that are read, the newest

std::optional<core::RateOrder> orderOf(const std::vector<std::filesystem::path>& paths,
                                       core::Method first, core::Method second,
                                       const core::JobContext& job)
{
    try {
        const core::RunClaims claims = core::claimsOf(core::openCompared(paths, job), {});
        return core::rateOrder(claims, std::string(core::methodTitle(first)),
                               std::string(core::methodTitle(second)));
    } catch (const core::Error&) { // a run that went meanwhile
        return std::nullopt;
    }
}

} // namespace

RateAdvice::RateAdvice(QObject* parent)
    : Service(parent)
{
    goWith(m_jobs, [this](const QString& why) {
        return Failed {tr("No learning rate was found"), m_model, why};
    });
}

void RateAdvice::find(const core::RunSpec& spec, core::Method method)
{
    m_model = QString::fromStdString(spec.model);
    m_ramp.reset();
    m_jobs.setTitle(tr("Learning rate of %1").arg(titleOf(method)));
    m_jobs.start<core::RateRamp>(
        [spec, method](const core::JobContext& job) {
            return core::rateRamp(spec, method, {}, job);
        },
        [this](core::RateRamp ramp) {
            m_ramp = std::move(ramp);
            setState(Ready {});
        });
    setState(Running {});
}

void RateAdvice::cancel()
{
    m_jobs.cancel();
}

void RateAdvice::lookAtOrder(const QVector<core::RunSummary>& runs, core::Method first,
                             core::Method second)
{
    QStringList asked {titleOf(first), titleOf(second)};
    std::vector<std::filesystem::path> paths;
    for (const core::RunSummary& run : runs) {
        asked.append(textOf(run.directory) + QLatin1Char(' ') + QString::number(run.step));
        paths.push_back(run.directory);
    }
    if (std::exchange(m_lookedAt, asked) == asked) {
        return;
    }
    const auto take = [this](std::optional<core::RateOrder> found) {
        const bool was = m_order.has_value();
        m_order = std::move(found);
        if (was || m_order) {
            announce(this, &RateAdvice::orderChanged);
        }
    };
    if (paths.size() < 4) { // two methods at two rates
        m_reading.cancel();
        take(std::nullopt);
        return;
    }
    m_reading.start<std::optional<core::RateOrder>>(
        [paths, first, second](const core::JobContext& job) {
            return orderOf(paths, first, second, job);
        },
        take);
}

QVector<core::RunSummary> runsToTellBy(const QVector<core::RunSummary>& library,
                                       const core::RunSpec& spec, core::Method other)
{
    QVector<core::RunSummary> found;
    for (const core::RunSummary& run : library) {
        const bool isOne = run.spec.method == spec.method || run.spec.method == other;
        if (isOne && core::isComplete(run.state) && run.spec.model == spec.model
            && run.spec.data == spec.data && run.spec.batches == spec.batches
            && found.size() < kMostRuns) {
            found.append(run);
        }
    }
    return found;
}

} // namespace pissarro::ui
