// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeySequence>

namespace pissarro::ui {

class MainWindow;
struct Services;

constexpr int kPagesWithKeys = 10; // Ctrl+1 … Ctrl+9, Ctrl+0

QKeySequence keysOfPage(qsizetype place); // in the list of pages, from 0; empty: none

// Fills the window's menu bar: everything that buttons do, with shortcuts. A page that has actions() has a menu of
// them, in the bar while it is in sight.
void buildMenus(MainWindow& window, Services& services);

} // namespace pissarro::ui
