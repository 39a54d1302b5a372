// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

class QString;
class QWidget;

namespace pissarro::ui {

// Esc and a window's cross close a dialog by a slip: long work in it is dropped only after this question, named
// "drop.question". Calls `drop` where a person wants that. Without an event loop of its own; goes with `parent`.
void askToDrop(QWidget* parent, const QString& work, std::function<void()> drop);

} // namespace pissarro::ui
