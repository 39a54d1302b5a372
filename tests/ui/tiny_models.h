// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"
#include "ui/services/of_model.h"

#include <QDir>
#include <QString>

#include <memory>

namespace pissarro::tests {

inline QString tinyPath(const char* name = "llama")
{
    return QStringLiteral(PISSARRO_SHARED "/golden/tiny/") + QLatin1String(name);
}

inline bool hasTinyModels() // else a test skips: "shared/golden is not there"
{
    return QDir(tinyPath()).exists();
}

inline std::shared_ptr<const core::ModelFiles> openTiny(const char* name = "llama")
{
    return core::ModelFiles::open(tinyPath(name).toStdString());
}

// As Model does with what follows it.
inline void give(ui::OfModel& service, const std::shared_ptr<const core::ModelFiles>& files)
{
    service.takeModel({files});
    service.tellWhatIsGone();
}

} // namespace pissarro::tests
