// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIcon>
#include <QString>

namespace pissarro::ui {

// An icon of resources/icons in the colours of the theme in force: grey, accent when on, faded when
// disabled. Drawn from the SVG at every size and scale, so that it is sharp on any screen and
// follows a change of theme.
QIcon themedIcon(const QString& name);

} // namespace pissarro::ui
