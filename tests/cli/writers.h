// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QMap>
#include <QStringList>

#include <vector>

namespace pissarro::tests {

// Every verb that writes, in each of its formats: what is to hold of an output is tried on all of them.
enum class Writes { File, Folder };

struct Writer {
    const char* name;
    Writes what;
    const char* ending; // of a file
    QStringList arguments; // run in the folder of writeWriterInputs(); "@" stands for the place
    QStringList inputs; // what it reads
    bool goesOn = false; // a second start is no refusal: it goes on with what is there
    QStringList again = {}; // what that start says more after one that failed

    QStringList at(const QString& place, const QStringList& more = {}) const;
};

std::vector<Writer> writers();

// model/, its copy other/, data.jsonl, own.jsonl, rows.jsonl, ids.json, map.json, sweep.json, models.json and a trained run/. Returns an error text, empty when all is there.
// `wide`: the model is the wide one (tiny_model.h).
QByteArray writeWriterInputs(const QString& folder, bool wide = false);
// train on them, one step, without -o.
QStringList writerTraining();

// Every file below with the hash of what it holds, and every folder.
QMap<QString, QByteArray> contentsBelow(const QString& folder);

} // namespace pissarro::tests
