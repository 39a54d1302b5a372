// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include <functional>

namespace pissarro::tests {

// How one run of pissarro-cli ended.
struct CliResult {
    int exitCode = -1; // -1: crashed or did not end in time
    QByteArray out;
    QByteArray err;

    // stdout as the one JSON document it must be; an empty object when it is anything else.
    QJsonObject json() const;
    QList<QByteArray> errorLines() const; // those of stderr that start with "error:"
    // Exactly one error line, under 400 bytes, that holds every one of `parts`.
    bool hasOneError(const QStringList& parts = {}) const;
};

// Runs pissarro-cli with these arguments in `workingDirectory` and waits for its end, at most
// hangMs().
CliResult runCli(const QStringList& arguments, const QString& workingDirectory = {});

// The same, and once stderr holds `mark`, calls `act` with the process id.
CliResult runCliUntil(const QStringList& arguments, const QByteArray& mark,
                      const std::function<void(qint64 pid)>& act);

// train on the tiny model and batches of `folder`, with small fixed settings, then `more`.
QStringList tinyTraining(const QString& folder, const QStringList& more);
// The lines of metrics.jsonl without what differs from run to run: times and memory.
QList<QJsonObject> metricsOf(const QString& runDirectory);

QString demoModel(); // SmolLM2's GGUF that ./dev fetched; empty where it is not
QByteArray contentOf(const QString& path);
void writeContent(const QString& path, const QByteArray& content); // fails the test where it cannot
QJsonObject jsonObjectOf(const QString& path);

} // namespace pissarro::tests
