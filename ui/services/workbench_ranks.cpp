// SPDX-License-Identifier: GPL-3.0-or-later
// What is decided on the Spectrum page: ranks, comparison with a tuned model.
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

} // namespace pissarro::ui
