// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/demo.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/shell/quit_signals.h"
#include "ui/shell/theme.h"
#include "ui/shell/workbench.h"

#include <QApplication>

#include <csignal>
#include <cstdio>

using namespace pissarro::ui;

int main(int argc, char** argv)
{
    std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is a failed write, not the end of the window
    QApplication app(argc, argv);
    nameApplication();

    const LaunchParse parsed = parseLaunch(QApplication::arguments());
    if (!parsed.options) {
        std::fputs(qPrintable(parsed.text), parsed.exitCode == 0 ? stdout : stderr);
        return parsed.exitCode;
    }
    const LaunchOptions& options = *parsed.options;
    Theme::instance().setMode(options.theme.value_or(rememberedTheme()));

    Workbench workbench;
    MainWindow window(workbench);
    if (!options.demo.isEmpty()) {
        return runDemo(window, workbench, options);
    }
    if (!options.screenshots.isEmpty()) {
        return takeScreenshots(window, workbench, options);
    }
    launch(window, workbench, options);
    // As if the person had closed the window: a training run ends after its step, with adapter and checkpoint.
    const QuitSignals quitSignals([&window] { window.close(); });
    return QApplication::exec();
}
