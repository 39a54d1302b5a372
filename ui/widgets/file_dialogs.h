// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include <functional>

class QMimeData;
class QWidget;

namespace pissarro::ui {

// Ask for a file and hand its path to `take`. Without an event loop of their own: jobs end and models open meanwhile, and
// when `parent` goes, the dialog goes with it and `take` is never called. Objects are named "dialog.save", "dialog.open".
void askToSave(QWidget* parent, const QString& title, const QString& name, const QString& filter,
               std::function<void(const QString& path)> take);
void askToOpen(QWidget* parent, const QString& title, const QString& filter,
               std::function<void(const QString& path)> take);
void askForFolder(QWidget* parent, const QString& title,
                  std::function<void(const QString& path)> take);

QString dataFilter(); // of askToOpen(): files of rows

// Shows a folder in the desktop's file manager. Returns why it does not, for people; empty: it was asked to.
QString openFolder(const QString& folder);

// The local files and folders among what is dragged or pasted.
QStringList filesOf(const QMimeData& mime);

} // namespace pissarro::ui
