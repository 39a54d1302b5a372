// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/machine_pace.h"

#include <iterator>

namespace pissarro::ui {

namespace {
constexpr qint64 kShortestMs = 200; // opening and starting weigh too much in less
constexpr qsizetype kMostModels = 50;
} // namespace

double paceOf(const QElapsedTimer& clock, double work)
{
    const qint64 took = clock.elapsed();
    return took >= kShortestMs && work > 0.0 ? static_cast<double>(took) / 1000.0 / work : 0.0;
}

void keepPace(const Setting<double>& setting, double pace)
{
    if (pace > 0.0) {
        store(setting, pace);
    }
}

double trainingPace(const QString& model)
{
    return stored(setting::kTrainingPace).value(model).toDouble();
}

void keepTrainingPace(const QString& model, double secondsPerToken)
{
    QVariantMap paces = stored(setting::kTrainingPace);
    paces.insert(model, secondsPerToken);
    if (paces.size() > kMostModels) { // which goes is no matter: a run tells it again
        paces.erase(paces.firstKey() == model ? std::next(paces.begin()) : paces.begin());
    }
    store(setting::kTrainingPace, paces);
}

} // namespace pissarro::ui
