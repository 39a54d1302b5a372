// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/look/theme.h"
#include "ui/shell/main_window.h"

#include <QSize>
#include <QStringList>

#include <optional>
#include <span>

namespace pissarro::ui {

// What the command line of the program says.
struct LaunchOptions {
    QString model;
    QStringList
        paths; // all that were named, for a page that takes any number; then `model` is empty
    QString data;
    std::optional<ThemeMode> theme;
    QString language; // of this start alone: "system" or a code; empty: as the settings say
    QString page; // its id; empty: that of last time
    std::optional<QSize> size;
    QString demo; // folder for the demo's results; empty: no demo
    QString screenshots; // folder for pictures of every page; empty: none
    int steps = 0; // of the demo's run; 0: as the kind of demo has it
    int fitSeconds =
        0; // the form is set to a run that takes so long on this machine; 0: it stays as it is
};

// Outcome of reading the arguments: options, or a text to print and the exit code to leave with.
struct LaunchParse {
    std::optional<LaunchOptions> options;
    QString text;
    int exitCode = 0; // 2: wrong usage
};

// Names the application, so that settings, caches and the desktop know it.
void nameApplication();
LaunchParse parseLaunch(const QStringList& arguments, std::span<const PageEntry> pages);
// The theme chosen last, or the system's.
ThemeMode rememberedTheme();
void rememberTheme(ThemeMode mode); // and shows it
// Opens what the options name in the window and shows it.
void launch(MainWindow& window, Services& services, const LaunchOptions& options);

} // namespace pissarro::ui
