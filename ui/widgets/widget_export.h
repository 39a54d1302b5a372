// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/output.h"

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>

class QImage;
class QWidget;

namespace pissarro::ui {

// Makes the bytes of a file; on a worker, so it captures values and touches no widget.
using MakeBytes = std::function<QByteArray()>;
// Takes why a file was not written, for people; empty: it was.
using TakeProblem = std::function<void(const QString& problem)>;

// Writes what a file dialog has asked about, by the rule for outputs (core/file/output.h): the dialog's question is the
// consent to replace that file, but what is in use (below) is never replaced. Text gets this program's mark (JSON objects,
// CSV, Markdown, SVG); PNG and PDF carry it already. The file appears whole or not at all.
//
// saveOutput() makes and writes the bytes on a worker, tells `done` where `context` still lives, and then SavedFiles.
// Cancelled on the JobBoard before it writes, it leaves what is there and tells nobody.
// writeOutput() does so before it returns, for callers behind whom nobody waits; it returns the problem.
void saveOutput(QObject* context, const QString& path, MakeBytes bytes, TakeProblem done);
QString writeOutput(const QString& path, const QByteArray& content);

// Tells of every file that saveOutput() has written.
class SavedFiles : public QObject {
    Q_OBJECT

public:
    static SavedFiles& instance();

Q_SIGNALS:
    void saved(const QString& path);
};

// A picture drawn, its bytes still to be made.
struct Picture {
    MakeBytes bytes;
    QString problem; // why there is none; empty: bytes are
};
// As saveOutput(); a picture that is none is told at once.
void savePicture(QObject* context, const QString& path, const Picture& picture, TakeProblem done);
// A widget as it is painted, in the format of the name's ending: .png (at double size), .svg, .pdf.
Picture pictureOf(const QString& path, QWidget& widget, const QString& title);

// What a picture of it is called where nobody has named it: "training-loss", by its accessible name; "picture" where it has none.
QString pictureName(const QWidget& widget);

QByteArray pngOf(QImage picture); // with the mark
QString outputCreator(); // what a PDF names as its creator: the mark

// What is in use, one list for each that keeps one: models, runs, adapters, data, by the names that a person gave; asked at
// each save. Threads: the GUI thread, as is inputsInUse().
void protectInputs(const void* owner, const QStringList& inputs); // none: no more
void protectInputsBy(const void* owner, std::function<QStringList()> inputs);

// The rule of every place that the window writes at a person's wish, saveOutput()'s and other writers'.
core::OutputRule inputsInUse(core::Overwrite overwrite);
// With all that is read by way of them: of a run its model and its data, of an adapter its base, of a list of data its files. Looks
// at the disk: on a worker.
core::OutputRule withAllRead(const core::OutputRule& named);

} // namespace pissarro::ui
