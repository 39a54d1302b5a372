// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeySequence>
#include <QString>

#include <functional>

class QAction;
class QPushButton;
class QWidget;

namespace pissarro::ui {

// An action of `page`, among its actions() for a menu and the keyboard. name: its objectName, may be empty.
QAction* addPageAction(QWidget* page, const QString& name, const QString& text,
                       const QKeySequence& keys, std::function<void()> run);

// A button that does it, with its words and its keys, enabled as it is. name: its objectName.
QPushButton* buttonOf(QAction* action, const QString& name);

void addActionSeparator(QWidget* page); // between those added before and after

} // namespace pissarro::ui
