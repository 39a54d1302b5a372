// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/faulty_run.h"

#include "tests/tools/patience.h"

#include <QDirIterator>
#include <QProcess>

namespace pissarro::tests {

QList<QByteArray> Ending::errorLines() const
{
    QList<QByteArray> lines = err.split('\n');
    lines.removeIf([](const QByteArray& line) { return !line.startsWith("error:"); });
    return lines;
}

Ending runCliUnder(const Fault& fault, const QStringList& arguments, const QString& folder)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PISSARRO_CACHE_MB", "0"); // every run does the whole work
    environment.insert("OMP_NUM_THREADS", "1"); // and takes the same memory for it on every machine
    environment.insert("MALLOC_ARENA_MAX", "1"); // arenas reserve what is never used
    if (!fault.order.isEmpty()) {
        environment.insert("LD_PRELOAD", PISSARRO_FAULTS);
        environment.insert("PISSARRO_FAULT", fault.order);
        environment.insert("PISSARRO_FAULT_BELOW", folder + "/place");
    }
    QStringList all = QStringList {QStringLiteral(PISSARRO_CLI)} + arguments;
    if (!fault.limits.isEmpty()) {
        all = QStringList {"prlimit"} + fault.limits + all;
    }
    QProcess process;
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(folder);
    process.start(all.front(), all.mid(1));
    process.waitForFinished(hangMs());
    return {process.exitStatus() != QProcess::NormalExit, process.exitCode(),
            process.readAllStandardError()};
}

QString leftoverIn(const QString& folder)
{
    QDirIterator all(folder, QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot,
                     QDirIterator::Subdirectories);
    while (all.hasNext()) {
        const QString one = all.next();
        if (one.contains(".tmp-")) {
            return one;
        }
    }
    return {};
}

} // namespace pissarro::tests
