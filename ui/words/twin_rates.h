// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"

#include <QStringList>
#include <QVector>

#include <map>

namespace pissarro::ui {

// Learning rates of twins that do not take the run's.
struct TwinRates {
    std::map<core::Method, double> own;
    QVector<core::Method> found; // by a short ramp before the first step

    QStringList arguments() const; // of `train`: "--twin-lr", "lora=find"
    friend bool operator==(const TwinRates&, const TwinRates&) = default;
};

} // namespace pissarro::ui
