// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/settings.h"

#include <QDir>
#include <QFileInfo>
#include <QLockFile>

namespace pissarro::ui {

namespace {
constexpr int kPatienceMs = 1000; // for the other window's write, which takes milliseconds
} // namespace

QStringList storeChange(const Setting<QStringList>& setting,
                        const std::function<void(QStringList&)>& change)
{
    QSettings settings;
    QDir().mkpath(QFileInfo(settings.fileName()).absolutePath());
    QLockFile lock(settings.fileName() + QStringLiteral(".lists.lock"));
    // A folder that takes no lock takes no settings either: go on, the list holds for this window.
    [[maybe_unused]] const bool alone = lock.tryLock(kPatienceMs);
    settings.sync(); // what others have written
    QStringList list = settings.value(QLatin1String(setting.key)).toStringList();
    change(list);
    settings.setValue(QLatin1String(setting.key), list);
    settings.sync();
    return list;
}

} // namespace pissarro::ui
