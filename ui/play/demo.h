// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

namespace pissarro::ui {

class FitRun;
class MainWindow;
struct Services;
struct LaunchOptions;

// The main job without a person: opens model and data, waits for all spectra, trains PiSSA with its
// LoRA twin, and leaves pictures of every page (light and dark), the spectrum and loss plots, both
// run folders and summary.md in options.demo. Prints the final losses. Returns the exit code: 0
// only if both runs finished.
int runDemo(MainWindow& window, Services& services, const LaunchOptions& options);

// Begins to set the Train page to a run of options.fitSeconds on this machine, and says on stderr what it chose; null: not
// asked for. Lives no longer than the window.
std::unique_ptr<FitRun> fitDemoRun(MainWindow& window, Services& services,
                                   const LaunchOptions& options);

// Pictures of every page in light and dark, from 1100 × 700 to 2560 × 1440, with a short real run, of the first
// screen and of the dialogs, in options.screenshots.
int takeScreenshots(MainWindow& window, Services& services, const LaunchOptions& options);

} // namespace pissarro::ui
