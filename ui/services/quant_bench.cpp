// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/quant_bench.h"

#include "core/base/error.h"
#include "ui/services/workbench.h"

#include <QDateTime>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kDrainMs = 100;

bool same(const core::QuantErrorOptions& a, const core::QuantErrorOptions& b)
{
    return a.rank == b.rank && a.iters == b.iters && a.svd == b.svd && a.type == b.type
        && a.doubleQuant == b.doubleQuant;
}

// 1, 2, 4, ... up to twice the rank, and the rank itself.
std::vector<std::int64_t> rankLadder(std::int64_t rank, std::int64_t most)
{
    std::vector<std::int64_t> ranks;
    for (std::int64_t r = 1; r <= std::min(2 * rank, most); r *= 2) {
        ranks.push_back(r);
    }
    if (rank <= most && std::find(ranks.begin(), ranks.end(), rank) == ranks.end()) {
        ranks.push_back(rank);
        std::sort(ranks.begin(), ranks.end());
    }
    return ranks;
}

} // namespace

QuantBench::QuantBench(Workbench& workbench, QObject* parent)
    : QObject(parent)
    , m_workbench(workbench)
{
    m_timer.setInterval(kDrainMs);
    connect(&m_timer, &QTimer::timeout, this, &QuantBench::drain);
    connect(&m_workbench, &Workbench::modelOpened, this, &QuantBench::forget);
    connectJobs();
}

QuantBench::~QuantBench() = default;

void QuantBench::connectJobs()
{
    m_measureJobs.setTitle(tr("Measurement of the quantization"));
    m_rankJobs.setTitle(tr("Measurement of the ranks"));
    const auto ended = [this](quint64 id) {
        if (id == m_measuring) {
            m_measuring = 0;
            m_timer.stop();
            m_endedMs = QDateTime::currentMSecsSinceEpoch();
            drain();
            Q_EMIT stateChanged();
        }
    };
    connect(&m_measureJobs, &JobBridge::finished, this, ended);
    connect(&m_measureJobs, &JobBridge::cancelled, this, ended);
    connect(&m_measureJobs, &JobBridge::failed, this,
            [this, ended](quint64 id, const QString& text) {
                ended(id);
                Q_EMIT m_workbench.failed(tr("Could not measure the quantization"), text);
            });
    connect(&m_measureJobs, &JobBridge::progressed, this,
            [this](quint64 id, double fraction, const QString&) {
                if (id == m_measuring) {
                    m_fraction = fraction;
                    Q_EMIT stateChanged();
                }
            });
    connect(&m_inspectJobs, &JobBridge::failed, this, [this](quint64, const QString& text) {
        m_inspectionProblem = text;
        Q_EMIT inspectionChanged();
        Q_EMIT m_workbench.failed(tr("Could not inspect the matrix"), text);
    });
    connect(&m_rankJobs, &JobBridge::failed, this, [this](quint64, const QString& text) {
        m_byRankProblem = text;
        Q_EMIT byRankChanged();
        Q_EMIT m_workbench.failed(tr("Could not measure the ranks"), text);
    });
    connect(&m_rankJobs, &JobBridge::progressed, this, &QuantBench::drain);
    connect(&m_rankJobs, &JobBridge::finished, this, &QuantBench::drain);
    connect(&m_rankJobs, &JobBridge::cancelled, this, [this](quint64 id) {
        if (id == m_ranking) { // by a person: retry() measures them anew
            m_byRankProblem = tr("The measurement of the ranks was cancelled.");
            drain();
            Q_EMIT byRankChanged();
        }
    });
}

void QuantBench::setOptions(const core::QuantErrorOptions& options, const QString& problem)
{
    if (same(options, m_options) && problem == m_problem) {
        return;
    }
    m_options = options;
    m_problem = problem;
    Q_EMIT stateChanged();
    retry();
}

void QuantBench::setWatched(bool on)
{
    m_watched = on;
    if (on && std::exchange(m_missed, false)) {
        retry();
    }
}

void QuantBench::retry()
{
    if (m_module >= 0) {
        inspect(m_module);
    }
}

double QuantBench::seconds() const
{
    const qint64 end = isMeasuring() ? QDateTime::currentMSecsSinceEpoch() : m_endedMs;
    return static_cast<double>(end - m_startedMs) / 1000.0;
}

bool QuantBench::isStale() const
{
    return !m_errors.isEmpty() && !same(m_options, m_measuredWith);
}

bool QuantBench::isWhole() const
{
    return m_errors.isEmpty() || m_errors.size() == m_workbench.spectraTotal();
}

void QuantBench::measure()
{
    const auto model = m_workbench.model();
    if (!model || !m_problem.isEmpty()) {
        return;
    }
    m_errors.clear();
    m_measuredWith = m_options;
    m_fraction = 0.0;
    m_startedMs = QDateTime::currentMSecsSinceEpoch();
    m_queue = std::make_shared<GuardedQueue<core::ModuleQuantError>>();
    core::QuantErrorOptions options = m_options;
    options.otherTypes = true;
    m_measuring = m_measureJobs.start<bool>(
        [files = model, options, queue = m_queue](const core::JobContext& job) {
            core::measureQuantErrors(
                *files, files->linearModules(), options,
                [&queue](core::ModuleQuantError one) { queue->push(std::move(one)); }, job);
            return true;
        },
        [](bool) {});
    m_timer.start();
    Q_EMIT errorsChanged();
    Q_EMIT stateChanged();
}

void QuantBench::cancel()
{
    m_measureJobs.cancel();
}

void QuantBench::drain()
{
    if (m_queue) {
        auto arrived = m_queue->takeAll();
        for (core::ModuleQuantError& one : arrived) {
            m_errors.insert(QString::fromStdString(one.module), std::move(one));
        }
        if (!arrived.empty()) {
            Q_EMIT errorsChanged();
        }
    }
    if (m_rankQueue) {
        auto arrived = m_rankQueue->takeAll();
        for (RankErrors& one : arrived) {
            m_byRank.append(std::move(one));
        }
        if (!arrived.empty()) {
            Q_EMIT byRankChanged();
        }
    }
}

void QuantBench::inspect(int module)
{
    const auto model = m_workbench.model();
    if (!model || module < 0 || module >= static_cast<int>(model->linearModules().size())) {
        return;
    }
    m_module = module;
    forgetMatrix();
    m_missed = !m_watched;
    m_inspectionProblem = m_byRankProblem = m_problem;
    if (m_watched && m_problem.isEmpty()) {
        startInspection(model, model->linearModules()[static_cast<std::size_t>(module)]);
    }
    Q_EMIT inspectionChanged();
    Q_EMIT byRankChanged();
}

void QuantBench::forgetMatrix()
{
    m_inspectJobs.cancel();
    m_inspection.reset();
    m_inspectionProblem.clear();
    m_rankJobs.cancel();
    m_ranking = 0;
    m_rankQueue.reset();
    m_byRank.clear();
    m_byRankProblem.clear();
}

void QuantBench::startInspection(const std::shared_ptr<const core::ModelFiles>& model,
                                 const core::LinearModule& chosen)
{
    m_inspectJobs.start<core::MatrixInspection>(
        [files = model, chosen, options = m_options](const core::JobContext& job) {
            return core::inspectMatrix(*files, chosen, options, job);
        },
        [this](core::MatrixInspection seen) {
            m_inspection = std::make_shared<const core::MatrixInspection>(std::move(seen));
            Q_EMIT inspectionChanged();
        });
}

void QuantBench::compareRanks()
{
    const auto model = m_workbench.model();
    if (!model || m_module < 0 || m_rankQueue || !m_byRankProblem.isEmpty() || !m_watched) {
        return;
    }
    const core::LinearModule module = model->linearModules()[static_cast<std::size_t>(m_module)];
    m_rankQueue = std::make_shared<GuardedQueue<RankErrors>>();
    m_ranking = m_rankJobs.start<bool>(
        [files = model, module, options = m_options,
         queue = m_rankQueue](const core::JobContext& job) {
            const auto ranks = rankLadder(options.rank, module.smallerSide());
            core::QuantErrorOptions how = options;
            how.eachIteration = false;
            for (std::size_t i = 0; i < ranks.size(); ++i) {
                how.rank = ranks[i];
                core::measureQuantErrors(
                    *files, {module}, how,
                    [&](core::ModuleQuantError one) {
                        queue->push({how.rank, std::move(one)});
                    },
                    job);
                job.checkpoint(static_cast<double>(i + 1) / static_cast<double>(ranks.size()),
                               "Ranks");
            }
            return true;
        },
        [](bool) {});
}

void QuantBench::forget()
{
    m_measureJobs.cancel();
    m_measuring = 0;
    m_timer.stop();
    m_queue.reset();
    m_errors.clear();
    forgetMatrix();
    m_missed = false;
    m_module = -1;
    Q_EMIT errorsChanged();
    Q_EMIT stateChanged();
    Q_EMIT inspectionChanged();
}

} // namespace pissarro::ui
