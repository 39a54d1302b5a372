// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/start_environment.h"

#include "ui/services/settings.h"

#include <QSet>

namespace pissarro::ui {

namespace {

QSet<QByteArray>& ownVariables()
{
    static QSet<QByteArray> own;
    return own;
}

void apply(const char* variable, const Setting<int>& setting, int least)
{
    const int value = stored(setting);
    if (value >= least && value != setting.standard && !qEnvironmentVariableIsSet(variable)) {
        qputenv(variable, QByteArray::number(value));
        ownVariables().insert(variable);
    }
}

} // namespace

void applyToEnvironment()
{
    apply(kThreadsVariable, setting::kThreads, 1);
    apply(kCacheVariable, setting::kCacheMb, 0);
}

bool isSetOutside(const char* variable)
{
    return qEnvironmentVariableIsSet(variable) && !ownVariables().contains(variable);
}

} // namespace pissarro::ui
