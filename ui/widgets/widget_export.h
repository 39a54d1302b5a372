// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QWidget;

namespace pissarro::ui {

// A widget as it is painted, written by the ending of the name: .png (at double size), .svg, .pdf.
// Returns an error text for people, empty when written. The file appears whole or not at all.
QString writePicture(const QString& path, QWidget& widget, const QString& title);
QString writeText(const QString& path, const QString& text);

} // namespace pissarro::ui
