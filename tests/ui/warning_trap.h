// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include <mutex>

namespace pissarro::tests {

// Collects every Qt warning; a test's cleanup() compares take() with an empty list.
// What only the offscreen platform says is left out.
class WarningTrap {
public:
    static void install() { s_before = qInstallMessageHandler(&WarningTrap::hear); }

    static QStringList take()
    {
        const std::lock_guard lock(s_mutex);
        return std::exchange(s_heard, {});
    }

private:
    static void hear(QtMsgType type, const QMessageLogContext& context, const QString& text)
    {
        const bool offscreenOnly = text.contains(QLatin1String("This plugin does not support"));
        if (type != QtDebugMsg && type != QtInfoMsg && !offscreenOnly) {
            const std::lock_guard lock(s_mutex);
            s_heard.append(text);
        }
        if (s_before != nullptr && !offscreenOnly) {
            s_before(type, context, text);
        }
    }

    static inline QtMessageHandler s_before = nullptr;
    static inline std::mutex s_mutex;
    static inline QStringList s_heard; // guarded by s_mutex
};

} // namespace pissarro::tests
