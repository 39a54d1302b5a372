// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/window_log.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QThreadPool>

namespace pissarro::ui {

namespace {

constexpr qint64 kLargest = 256 * 1024; // bytes of a file
constexpr qsizetype kLongest = 4000; // characters of a text

// One thread, so that lines keep their order; a home folder that hangs does not hold up the window.
QThreadPool& writer()
{
    static QThreadPool pool;
    pool.setMaxThreadCount(1);
    return pool;
}

void append(const QString& path, const QByteArray& line)
{
    QDir().mkpath(QFileInfo(path).absolutePath());
    if (QFileInfo(path).size() + line.size() > kLargest) {
        const QString older = path + QStringLiteral(".1");
        QFile::remove(older);
        QFile::rename(path, older);
    }
    QFile file(path);
    if (file.open(QIODevice::WriteOnly | QIODevice::Append)) {
        file.write(line);
    }
}

} // namespace

QString windowLogPath()
{
    const QString state = qEnvironmentVariable("XDG_STATE_HOME");
    const QString root = QDir::isAbsolutePath(state) // the standard: a relative one is ignored
        ? state
        : QDir::homePath() + QStringLiteral("/.local/state");
    return root + QStringLiteral("/pissarro/window.log");
}

void logWindow(const QString& text)
{
    QString line = text.left(kLongest);
    line.replace(QLatin1Char('\n'), QStringLiteral("⏎"));
    line.prepend(QDateTime::currentDateTime().toString(Qt::ISODate) + QLatin1Char(' '));
    writer().start([path = windowLogPath(), bytes = line.toUtf8() + '\n'] { append(path, bytes); });
}

void flushWindowLog()
{
    writer().waitForDone();
}

} // namespace pissarro::ui
