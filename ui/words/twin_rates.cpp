// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/twin_rates.h"

#include "core/text/number_text.h"
#include "ui/words/method_look.h"

namespace pissarro::ui {

QStringList TwinRates::arguments() const
{
    QStringList arguments;
    const auto add = [&arguments](core::Method twin, const QString& rate) {
        arguments << QStringLiteral("--twin-lr") << QStringLiteral("%1=%2").arg(nameOf(twin), rate);
    };
    for (const auto& [twin, rate] : own) {
        add(twin, QString::fromStdString(core::numberText(rate)));
    }
    for (const core::Method twin : found) {
        add(twin, QStringLiteral("find"));
    }
    return arguments;
}

} // namespace pissarro::ui
