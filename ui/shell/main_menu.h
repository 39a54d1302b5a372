// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::ui {

class MainWindow;
class Workbench;

// Fills the window's menu bar: everything that buttons do, with shortcuts.
// What the pages offer comes from their actions().
void buildMenus(MainWindow& window, Workbench& workbench);

// Keys that actions of several pages share belong to the page in sight.
void giveSharedKeys(const MainWindow& window);

} // namespace pissarro::ui
