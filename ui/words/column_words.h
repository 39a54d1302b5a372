// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_filter.h"

#include <QString>

namespace pissarro::ui {

// What a column of core::runColumns() is called where it is no setting: "Best held-out loss". A setting: its label in core.
QString columnTitle(const core::RunColumn& column);

} // namespace pissarro::ui
