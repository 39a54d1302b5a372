// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/quant_bench.h"

#include "ui/services/machine_pace.h"

#include <QDateTime>
#include <QElapsedTimer>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kDrainMs = 100;

bool same(const core::QuantErrorOptions& a, const core::QuantErrorOptions& b)
{
    return a.rank == b.rank && a.iters == b.iters && a.svd == b.svd && a.quant == b.quant;
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

QuantBench::QuantBench(QObject* parent)
    : Service(parent)
{
    m_timer.setInterval(kDrainMs);
    connect(&m_timer, &QTimer::timeout, this, &QuantBench::drain);
    connectMeasuring();
    connectLooking();
}

QuantBench::~QuantBench() = default;

void QuantBench::connectMeasuring()
{
    m_measureJobs.setTitle(tr("Measurement of the quantization"));
    const auto failed = [this](const QString& why) {
        return Failed {tr("Could not measure the quantization"), pathOf(m_model), why};
    };
    const auto ended = [this](State how) {
        m_timer.stop();
        m_endedMs = QDateTime::currentMSecsSinceEpoch();
        drain();
        setState(std::move(how));
    };
    goWith(m_measureJobs, m_measuring, failed, ended);
}

// The matrix that is looked at, and its ranks.
void QuantBench::connectLooking()
{
    const auto notInspected = [this](const QString& why) {
        return Failed {tr("Could not inspect the matrix"), nameOfModule(), why};
    };
    const auto inspected = [this](State how) {
        if (const auto* failed = std::get_if<Failed>(&how)) {
            m_inspectionProblem = failed->why;
            announce(this, &QuantBench::inspectionChanged);
        }
        m_inspecting.set(std::move(how));
    };
    m_inspecting.goWith(m_inspectJobs, m_inspectJob, notInspected, inspected);

    m_rankJobs.setTitle(tr("Measurement of the ranks"));
    const auto notRanked = [this](const QString& why) {
        return Failed {tr("Could not measure the ranks"), nameOfModule(), why};
    };
    const auto ranked = [this](State how) {
        drain();
        if (const auto* failed = std::get_if<Failed>(&how)) {
            m_byRankProblem = failed->why;
        } else if (std::holds_alternative<Idle>(how)) { // by a person: retry() measures them anew
            m_byRankProblem = tr("The measurement of the ranks was cancelled.");
        }
        announce(this, &QuantBench::byRankChanged);
        m_ranking.set(std::move(how));
    };
    connect(&m_rankJobs, &JobBridge::progressed, this, &QuantBench::drain);
    m_ranking.goWith(m_rankJobs, m_rankJob, notRanked, ranked);
}

QString QuantBench::nameOfModule() const
{
    return m_model && m_module >= 0
        ? QString::fromStdString(m_model->linearModules()[static_cast<std::size_t>(m_module)].name)
        : QString();
}

void QuantBench::setOptions(const core::QuantErrorOptions& options, const QString& problem)
{
    if (same(options, m_options) && problem == m_problem) {
        return;
    }
    m_options = options;
    m_problem = problem;
    announce(this, &QuantBench::optionsChanged);
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

double QuantBench::fraction() const
{
    const auto* running = std::get_if<Running>(&state());
    return running != nullptr ? std::max(0.0, running->fraction) : 0.0;
}

double QuantBench::seconds() const
{
    const qint64 end = isMeasuring() ? QDateTime::currentMSecsSinceEpoch() : m_endedMs;
    return static_cast<double>(end - m_startedMs) / 1000.0;
}

double QuantBench::expectedSeconds() const
{
    return m_model && m_problem.isEmpty()
        ? m_pace * core::quantErrorWork(m_model->linearModules(), toMeasure())
        : 0.0;
}

void QuantBench::readPace()
{
    const double own = stored(setting::kQuantPace);
    m_pace = own > 0.0 ? own : stored(setting::kSpectrumPace);
}

// With what stands beside the methods in the table.
core::QuantErrorOptions QuantBench::toMeasure() const
{
    core::QuantErrorOptions options = m_options;
    options.otherTypes = true;
    return options;
}

bool QuantBench::isStale() const
{
    return !m_errors.isEmpty() && !same(m_options, m_measuredWith);
}

bool QuantBench::isWhole() const
{
    const auto all = m_model ? m_model->linearModules().size() : 0;
    return m_errors.isEmpty() || m_errors.size() == static_cast<qsizetype>(all);
}

void QuantBench::measure()
{
    if (!m_model || !m_problem.isEmpty()) {
        return;
    }
    m_errors.clear();
    m_measuredWith = m_options;
    m_startedMs = QDateTime::currentMSecsSinceEpoch();
    m_queue = std::make_shared<GuardedQueue<core::ModuleQuantError>>();
    m_measuring = m_measureJobs.start<double>(
        [files = m_model, options = toMeasure(), queue = m_queue](const core::JobContext& job) {
            QElapsedTimer clock; // not of what it waited for
            clock.start();
            core::measureQuantErrors(
                *files, files->linearModules(), options,
                [&queue](core::ModuleQuantError one) { queue->push(std::move(one)); }, job);
            return paceOf(clock, core::quantErrorWork(files->linearModules(), options));
        },
        [this](double pace) {
            keepPace(setting::kQuantPace, pace);
            readPace();
        });
    m_timer.start();
    announce(this, &QuantBench::errorsChanged);
    setState(Running {0.0, {}});
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
            announce(this, &QuantBench::errorsChanged);
        }
    }
    if (m_rankQueue) {
        auto arrived = m_rankQueue->takeAll();
        for (RankErrors& one : arrived) {
            m_byRank.append(std::move(one));
        }
        if (!arrived.empty()) {
            announce(this, &QuantBench::byRankChanged);
        }
    }
}

void QuantBench::inspect(int module)
{
    if (!m_model || module < 0 || module >= static_cast<int>(m_model->linearModules().size())) {
        return;
    }
    m_module = module;
    forgetMatrix();
    m_missed = !m_watched;
    m_inspectionProblem = m_byRankProblem = m_problem;
    if (m_watched && m_problem.isEmpty()) {
        startInspection(m_model->linearModules()[static_cast<std::size_t>(module)]);
    }
    announce(this, &QuantBench::inspectionChanged);
    announce(this, &QuantBench::byRankChanged);
    tellWhatRests();
}

void QuantBench::forgetMatrix()
{
    m_inspectJobs.cancel();
    m_inspectJob = 0;
    m_inspection.reset();
    m_inspectionProblem.clear();
    m_rankJobs.cancel();
    m_rankJob = 0;
    m_rankQueue.reset();
    m_byRank.clear();
    m_byRankProblem.clear();
}

void QuantBench::startInspection(const core::LinearModule& chosen)
{
    m_inspectJob = m_inspectJobs.start<core::MatrixInspection>(
        [files = m_model, chosen, options = m_options](const core::JobContext& job) {
            return core::inspectMatrix(*files, chosen, options, job);
        },
        [this](core::MatrixInspection seen) {
            m_inspection = std::make_shared<const core::MatrixInspection>(std::move(seen));
            announce(this, &QuantBench::inspectionChanged);
        });
    m_inspecting.set(Running {});
}

void QuantBench::compareRanks()
{
    if (!m_model || m_module < 0 || m_rankQueue || !m_byRankProblem.isEmpty() || !m_watched) {
        return;
    }
    const core::LinearModule module = m_model->linearModules()[static_cast<std::size_t>(m_module)];
    m_rankQueue = std::make_shared<GuardedQueue<RankErrors>>();
    m_rankJob = m_rankJobs.start<bool>(
        [files = m_model, module, options = m_options,
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
    m_ranking.set(Running {});
}

void QuantBench::takeModel(const OpenedModel& opened)
{
    m_measureJobs.cancel();
    m_measuring = 0;
    m_timer.stop();
    m_queue.reset();
    m_errors.clear();
    forgetMatrix();
    m_missed = false;
    m_module = -1;
    m_model = opened.files;
    readPace();
}

// Who heard of the model may have begun something anew by now.
void QuantBench::tellWhatIsGone()
{
    announce(this, &QuantBench::errorsChanged);
    announce(this, &QuantBench::inspectionChanged);
    if (m_measuring == 0) {
        setState(Idle {});
    }
    tellWhatRests();
}

void QuantBench::tellWhatRests()
{
    if (m_inspectJob == 0) {
        m_inspecting.set(Idle {});
    }
    if (m_rankJob == 0) {
        m_ranking.set(Idle {});
    }
}

} // namespace pissarro::ui
