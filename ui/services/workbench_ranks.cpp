// SPDX-License-Identifier: GPL-3.0-or-later
// What is decided and measured on the Spectrum page: ranks, comparison with a tuned model, the fast SVD's meter.
#include "core/session/open_model.h"
#include "ui/services/workbench_p.h"

#include <QFileInfo>

namespace pissarro::ui {

int Workbench::rank() const
{
    return d->rank;
}

void Workbench::setRank(int rank)
{
    if (rank >= 1 && std::exchange(d->rank, rank) != rank) {
        d->announce(&Workbench::rankChanged, rank);
    }
}

const core::RankMap& Workbench::rankMap() const
{
    return d->rankMap;
}

void Workbench::setRankMap(const core::RankMap& map)
{
    const bool same = map.ranks == d->rankMap.ranks && map.reason == d->rankMap.reason;
    if (!same) {
        d->rankMap = map;
        d->announce(&Workbench::rankMapChanged);
    }
}

core::RankPatterns Workbench::rankPatterns() const
{
    core::RankPatterns patterns;
    for (const auto& [module, rank] : d->rankMap.ranks) {
        patterns.ranks[module] = rank;
        patterns.alphas[module] = static_cast<double>(rank);
    }
    return patterns;
}

double Workbench::slice() const
{
    return d->slice;
}

void Workbench::setSlice(double slice)
{
    if (std::exchange(d->slice, slice) != slice) {
        d->announce(&Workbench::sliceChanged);
    }
}

// --- Comparison

void Workbench::Private::connectComparison()
{
    QObject::connect(&updateTimer, &QTimer::timeout, q, [this] { drainUpdates(); });
    QObject::connect(&compareJobs, &JobBridge::finished, q,
                     [this](quint64 id) { endComparison(id); });
    QObject::connect(&compareJobs, &JobBridge::cancelled, q,
                     [this](quint64 id) { endComparison(id); });
    QObject::connect(&compareJobs, &JobBridge::failed, q, [this](quint64 id, const QString& text) {
        const QString name = QFileInfo(comparedWith).fileName();
        if (id == comparison) {
            q->endComparison();
        }
        announce(&Workbench::failed, QStringLiteral("Could not compare with %1").arg(name), text,
                 FailureSource::Other);
    });
    QObject::connect(&meterJobs, &JobBridge::progressed, q,
                     [this](quint64, double fraction, const QString&) {
                         announce(&Workbench::meterProgressed, fraction);
                     });
    QObject::connect(&meterJobs, &JobBridge::cancelled, q, [this] {
        announce(&Workbench::meterFinished, std::vector<core::MeterRow>());
    });
    QObject::connect(&meterJobs, &JobBridge::failed, q, [this](quint64, const QString& text) {
        announce(&Workbench::meterFinished, std::vector<core::MeterRow>());
        announce(&Workbench::failed, QStringLiteral("Could not measure the fast SVD"), text,
                 FailureSource::Other);
    });
    QObject::connect(&adviceJobs, &JobBridge::progressed, q,
                     [this](quint64, double fraction, const QString&) {
                         announce(&Workbench::adviceProgressed, fraction);
                     });
    QObject::connect(&adviceJobs, &JobBridge::cancelled, q,
                     [this] { announce(&Workbench::adviceEnded, false); });
    QObject::connect(&adviceJobs, &JobBridge::failed, q, [this](quint64, const QString& text) {
        announce(&Workbench::failed, QStringLiteral("Could not advise ranks"), text,
                 FailureSource::Other);
        announce(&Workbench::adviceEnded, false);
    });
    QObject::connect(&adviceJobs, &JobBridge::finished, q,
                     [this] { announce(&Workbench::adviceEnded, true); });
}

void Workbench::compareWith(const QString& tuned)
{
    if (!d->model || tuned.isEmpty()) {
        return;
    }
    d->comparedWith = tuned;
    d->updates.clear();
    d->compareJobs.setTitle(QStringLiteral("Comparison with %1").arg(QFileInfo(tuned).fileName()));
    auto queue = std::make_shared<GuardedQueue<core::UpdateSpectrum>>();
    d->updateQueue = queue;
    core::UpdateOptions options;
    options.rank = d->rank;
    d->comparison = d->compareJobs.start<bool>(
        [files = d->model, path = tuned.toStdString(), options,
         queue](const core::JobContext& job) {
            core::compareWithTuned(
                files, core::tunedFormOf(path, *files), files->linearModules(), options,
                [&queue](core::UpdateSpectrum one) { queue->push(std::move(one)); }, job);
            return true;
        },
        [](bool) {});
    d->updateTimer.start();
    d->announce(&Workbench::updatesChanged);
}

void Workbench::endComparison()
{
    if (d->comparedWith.isEmpty()) {
        return;
    }
    d->compareJobs.cancel();
    d->comparison = 0;
    d->updateTimer.stop();
    d->updateQueue.reset();
    d->updates.clear();
    d->comparedWith.clear();
    d->announce(&Workbench::updatesChanged);
}

void Workbench::Private::endComparison(quint64 id)
{
    if (id != comparison) {
        return; // ended, or one that a newer comparison took the place of
    }
    comparison = 0;
    updateTimer.stop();
    drainUpdates();
    announce(&Workbench::updatesChanged);
}

void Workbench::Private::drainUpdates()
{
    if (!updateQueue) {
        return;
    }
    auto arrived = updateQueue->takeAll();
    for (core::UpdateSpectrum& one : arrived) {
        const QString module = QString::fromStdString(one.module);
        updates.insert(module, std::make_shared<const core::UpdateSpectrum>(std::move(one)));
    }
    if (!arrived.empty()) {
        announce(&Workbench::updatesChanged);
    }
}

QString Workbench::comparedWith() const
{
    return d->comparedWith;
}

bool Workbench::isComparing() const
{
    return d->comparison != 0;
}

const QHash<QString, std::shared_ptr<const core::UpdateSpectrum>>& Workbench::updates() const
{
    return d->updates;
}

// --- Meter

void Workbench::measureFastSvd(const QStringList& modules, const core::MeterOptions& options)
{
    if (!d->model || d->meterJobs.isBusy()) {
        return;
    }
    std::vector<core::LinearModule> chosen;
    for (const core::LinearModule& module : d->model->linearModules()) {
        if (modules.contains(QString::fromStdString(module.name))) {
            chosen.push_back(module);
        }
    }
    d->measurement = {modules, options, {}};
    d->meterJobs.start<std::vector<core::MeterRow>>(
        [files = d->model, chosen, options](const core::JobContext& job) {
            return core::measureFastSvd(*files, chosen, options, job);
        },
        [this](const std::vector<core::MeterRow>& rows) {
            d->measurement.rows = rows;
            d->announce(&Workbench::meterFinished, rows);
        });
}

const Measurement& Workbench::measurement() const
{
    return d->measurement;
}

void Workbench::cancelMeter()
{
    d->meterJobs.cancel();
}

bool Workbench::isMeasuring() const
{
    return d->meterJobs.isBusy();
}

// --- Advice

void Workbench::adviseByQuantError(const core::QuantErrorTarget& target)
{
    if (!d->model || d->adviceJobs.isBusy()) {
        return;
    }
    d->adviceJobs.start<core::RankMap>(
        [files = d->model, target](const core::JobContext& job) {
            return core::ranksByQuantError(*files, files->linearModules(), target, job);
        },
        [this, files = d->model](const core::RankMap& map) {
            if (files == d->model) { // else of a model that is no longer open
                setRankMap(map);
            }
        });
}

void Workbench::cancelAdvice()
{
    d->adviceJobs.cancel();
}

bool Workbench::isAdvising() const
{
    return d->adviceJobs.isBusy();
}

} // namespace pissarro::ui
