// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/cli_process.h"

#include "tests/tools/patience.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>

namespace pissarro::tests {

namespace {

CliResult resultOf(QProcess& process, QByteArray err)
{
    CliResult result;
    if (!process.waitForFinished(hangMs())) {
        process.kill();
        process.waitForFinished(hangMs());
        qWarning("pissarro-cli did not end in time");
    } else if (process.exitStatus() == QProcess::NormalExit) {
        result.exitCode = process.exitCode();
    }
    result.out = process.readAllStandardOutput();
    result.err = err + process.readAllStandardError();
    return result;
}

} // namespace

QJsonObject CliResult::json() const
{
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(out, &problem);
    if (problem.error != QJsonParseError::NoError) {
        qWarning("stdout is not one JSON document: %s", qPrintable(problem.errorString()));
    }
    return document.object();
}

QList<QByteArray> CliResult::errorLines() const
{
    QList<QByteArray> lines;
    for (const QByteArray& line : err.split('\n')) {
        if (line.startsWith("error:")) {
            lines.append(line);
        }
    }
    return lines;
}

bool CliResult::hasOneError(const QStringList& parts) const
{
    const QList<QByteArray> lines = errorLines();
    bool good = lines.size() == 1 && lines.front().size() < 400;
    for (const QString& part : parts) {
        good = good && lines.front().contains(part.toUtf8());
    }
    if (!good) {
        qWarning("stderr was: %s", err.constData());
    }
    return good;
}

CliResult runCli(const QStringList& arguments, const QString& workingDirectory)
{
    QProcess process;
    process.setWorkingDirectory(workingDirectory);
    process.start(QStringLiteral(PISSARRO_CLI), arguments);
    return resultOf(process, {});
}

CliResult runCliUntil(const QStringList& arguments, const QByteArray& mark,
                      const std::function<void(qint64 pid)>& act)
{
    QProcess process;
    process.start(QStringLiteral(PISSARRO_CLI), arguments);
    QByteArray err;
    QElapsedTimer clock;
    clock.start();
    while (!err.contains(mark) && clock.elapsed() < hangMs()
           && process.state() != QProcess::NotRunning) {
        process.waitForReadyRead(50);
        err += process.readAllStandardError();
    }
    if (err.contains(mark)) {
        act(process.processId());
    }
    return resultOf(process, err);
}

QStringList tinyTraining(const QString& folder, const QStringList& more)
{
    return QStringList {"train",
                        "--model",
                        folder + "/tiny",
                        "--batches",
                        folder + "/batches.safetensors",
                        "--rank",
                        "4",
                        "--alpha",
                        "4",
                        "--lr",
                        "1e-3",
                        "--dtype",
                        "float32",
                        "--threads",
                        "1",
                        "--device",
                        "cpu"}
    + more;
}

QList<QJsonObject> metricsOf(const QString& runDirectory)
{
    QList<QJsonObject> lines;
    for (const QByteArray& line : contentOf(runDirectory + "/metrics.jsonl").split('\n')) {
        if (!line.isEmpty()) {
            QJsonObject object = QJsonDocument::fromJson(line).object();
            for (const char* key : {"elapsed_s", "tokens_per_s", "memory_bytes"}) {
                object.remove(QLatin1String(key));
            }
            lines.append(object);
        }
    }
    return lines;
}

QString demoModel()
{
    const QDir folder(QStringLiteral(PISSARRO_DEPS "/model"));
    const QStringList files = folder.entryList({QStringLiteral("*.gguf")}, QDir::Files);
    return files.isEmpty() ? QString() : folder.filePath(files.front());
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void writeContent(const QString& path, const QByteArray& content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

QJsonObject jsonObjectOf(const QString& path)
{
    return QJsonDocument::fromJson(contentOf(path)).object();
}

} // namespace pissarro::tests
