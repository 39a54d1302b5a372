// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

class QByteArray;
class QPixmap;
class QWidget;

namespace pissarro::ui {

// Writes what a file dialog has asked about, by the rule for outputs (core/io/output.h): the dialog's question is the
// consent to replace that file, but what the session reads is never replaced. Text gets this program's mark (JSON objects,
// CSV, Markdown, SVG); PNG and PDF carry it already. Returns an error text for people, empty when written.
// The file appears whole or not at all.
QString writeOutput(const QString& path, const QByteArray& content);
QString writeText(const QString& path, const QString& text);

// A widget as it is painted, written by the ending of the name: .png (at double size), .svg, .pdf.
QString writePicture(const QString& path, QWidget& widget, const QString& title);

QByteArray pngOf(const QPixmap& picture); // with the mark
QString outputCreator(); // what a PDF names as its creator: the mark

// What the session reads: files and folders, one list for each that keeps one (the workbench: model and data).
void protectInputs(const void* owner, const QStringList& inputs);

} // namespace pissarro::ui
