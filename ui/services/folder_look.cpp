// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/folder_look.h"

#include "core/run/run_directory.h"
#include "core/train/memory_estimate.h"
#include "ui/words/method_look.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>

namespace pissarro::ui {

bool FolderLook::holdsRunOf(const QVector<core::Method>& methods) const
{
    return runs.contains(QString())
        || std::any_of(methods.begin(), methods.end(),
                       [this](core::Method method) { return runs.contains(nameOf(method)); });
}

FolderLook lookAtFolder(const QString& folder)
{
    FolderLook look;
    look.asked = folder;
    look.freeBytes = core::freeDiskBytes(folder.toStdString());
    look.fresh = folder;
    for (int i = 2; QFileInfo::exists(look.fresh); ++i) {
        look.fresh = QStringLiteral("%1-%2").arg(folder).arg(i);
    }
    const QDir directory(folder);
    const QString runFile = QLatin1String(core::kRunFile);
    if (directory.exists(runFile)) {
        look.runs.append(QString());
    }
    for (const core::Method method : core::allMethods()) {
        if (directory.exists(nameOf(method) + QLatin1Char('/') + runFile)) {
            look.runs.append(nameOf(method));
        }
    }
    return look;
}

} // namespace pissarro::ui
