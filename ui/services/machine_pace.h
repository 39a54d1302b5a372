// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/settings.h"

#include <QElapsedTimer>

namespace pissarro::ui {

// How fast this machine is at a kind of work, kept between starts so that a button can tell beforehand what it will take.

// Seconds a unit since the clock began; 0 where that was too short to tell anything.
double paceOf(const QElapsedTimer& clock, double work);
void keepPace(const Setting<double>& setting, double pace); // not 0

// Seconds that training takes for a token of a model, of one method; 0: no run of this program has told.
double trainingPace(const QString& model);
void keepTrainingPace(const QString& model, double secondsPerToken);

} // namespace pissarro::ui
