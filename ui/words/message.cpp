// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/message.h"

#include <QRegularExpression>

namespace pissarro::ui {

QString withoutOptionDashes(const QString& message)
{
    static const QRegularExpression kOption(QStringLiteral("(^|[\\s(«\"'])--(?=[a-z])"));
    return QString(message).replace(kOption, QStringLiteral("\\1"));
}

} // namespace pissarro::ui
