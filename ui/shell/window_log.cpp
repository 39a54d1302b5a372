// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/window_log.h"

#include "core/tensor/start_log.h"

#include <QThreadPool>

namespace pissarro::ui {

namespace {

// One thread, so that lines keep their order.
QThreadPool& writer()
{
    static QThreadPool pool;
    pool.setMaxThreadCount(1);
    return pool;
}

} // namespace

QString windowLogPath()
{
    return QString::fromStdString(core::logFile().string());
}

void logWindow(const QString& text, core::LogLevel level)
{
    writer().start([entry = core::LogEntry {level, text.toStdString()}] { core::writeLog(entry); });
}

void logWindowStart()
{
    writer().start([] { core::writeLog(core::startEntry("pissarro")); });
}

void flushWindowLog()
{
    writer().waitForDone();
}

} // namespace pissarro::ui
