// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"

#include <QColor>

namespace pissarro::ui {

// One colour a method everywhere, of Okabe and Ito's, by the theme in force.
QColor methodColor(core::Method method);

} // namespace pissarro::ui
