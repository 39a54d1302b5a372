// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <vector>

namespace pissarro::tests {

// A verb at work for longer than a signal takes.
struct StopRow {
    QString name;
    QStringList command; // writes into `folder`/out, if anything
    // Of a folder that is gone on with the file without which nothing may be left; empty: the verb leaves nothing.
    QString grows = {};
};

// A verb that has come to a phase: it has said `mark`, `afterMs` ago.
struct StopPhase {
    StopRow row;
    QByteArray mark; // on stderr; empty: it listens to signals, as it does from main() on
    int afterMs = 0;
};

// Data of every verb: what is put to the model would keep it busy for hours.
void writeStopInputs(const QString& folder);
std::vector<StopRow> stopRows(const QString& folder, const QString& model);
std::vector<StopPhase> stopPhases(const QString& folder, const QString& model);

} // namespace pissarro::tests
