// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QString>

namespace pissarro::tests {

// SmolLM2, where ./dev setup put it; empty: it is not there.
inline QString demoModel()
{
    const QDir folder(QStringLiteral(PISSARRO_DEPS "/model"));
    const QStringList files = folder.entryList({QStringLiteral("*.gguf")}, QDir::Files);
    return files.isEmpty() ? QString() : folder.filePath(files.first());
}

} // namespace pissarro::tests
