// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <functional>

namespace pissarro::ui {

// Changes a list of the settings as it stands there now, with what other windows have written since this one read it, and
// returns it. Two windows that do so at once come one after the other.
QStringList changeSettingsList(const QString& key, const std::function<void(QStringList&)>& change);

} // namespace pissarro::ui
