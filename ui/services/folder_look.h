// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"

#include <QString>
#include <QStringList>
#include <QVector>

#include <cstdint>

namespace pissarro::ui {

// What the disk says of a folder for a run or an export, there or not.
struct FolderLook {
    QString asked; // empty: nobody has looked
    std::int64_t freeBytes = -1; // where it is or would be made; negative: not known
    QString fresh; // `asked`, with "-2" and so on where that is taken
    QStringList runs; // of whom it holds a run: names of methods, empty for the folder itself

    friend bool operator==(const FolderLook&, const FolderLook&) = default;
    bool holdsRunOf(const QVector<core::Method>& methods) const; // or one of its own
};

// Threads: any, but the GUI's: a disk that is away may keep it waiting for minutes.
FolderLook lookAtFolder(const QString& folder);

} // namespace pissarro::ui
