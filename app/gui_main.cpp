// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/play/demo.h"
#include "ui/play/fit_run.h"
#include "ui/services/services.h"
#include "ui/services/settings.h"
#include "ui/services/start_environment.h"
#include "ui/shell/closing.h"
#include "ui/shell/guarded_application.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"
#include "ui/shell/quit_signals.h"
#include "ui/shell/window_log.h"
#include "ui/words/language.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>

using namespace pissarro::ui;

namespace {

// Help and version are words: they need no display, and a machine without one gets a line instead of Qt's core dump.
std::optional<int> sayWithoutWindow(int& argc, char** argv)
{
    const auto named = [&](std::initializer_list<std::string_view> words) {
        return std::any_of(argv + 1, argv + argc, [&](const char* argument) {
            return std::find(words.begin(), words.end(), argument) != words.end();
        });
    };
    if (named({"--help", "-h", "--version", "-v"})) {
        const QCoreApplication words(argc, argv);
        nameApplication();
        const LaunchParse parsed = parseLaunch(QCoreApplication::arguments(), allPages());
        if (!parsed.options) { // else the word is the value of another option
            std::fputs(qPrintable(parsed.text), parsed.exitCode == 0 ? stdout : stderr);
            return parsed.exitCode;
        }
    }
    const auto set = [](const char* name) { return !qEnvironmentVariable(name).isEmpty(); };
    if (!set("DISPLAY") && !set("WAYLAND_DISPLAY") && !set("WAYLAND_SOCKET")
        && !set("QT_QPA_PLATFORM") && !named({"-platform", "--platform"})) {
        std::fputs("error: pissarro needs a display (DISPLAY and WAYLAND_DISPLAY are not set); "
                   "start it in a graphical "
                   "session, or use pissarro-cli, which does the same without a window\n",
                   stderr);
        return 1;
    }
    return std::nullopt;
}

} // namespace

int main(int argc, char** argv)
try {
    std::signal(SIGXFSZ,
                SIG_IGN); // a file that may not grow is a failed write, not the end of the window
    if (const auto exitCode = sayWithoutWindow(argc, argv)) {
        return *exitCode;
    }
    nameApplication();
    applyToEnvironment();
    const GuardedApplication app(argc, argv);

    const LaunchParse parsed = parseLaunch(QApplication::arguments(), allPages());
    if (!parsed.options) {
        std::fputs(qPrintable(parsed.text), parsed.exitCode == 0 ? stdout : stderr);
        return parsed.exitCode;
    }
    const LaunchOptions& options = *parsed.options;
    speak(!options.language.isEmpty()  ? options.language
              : options.demo.isEmpty() ? stored(setting::kLanguage)
                                       : QStringLiteral("en")); // as the demo's report is
    setTextPercent(stored(setting::kTextPercent));
    Theme::instance().setMode(options.theme.value_or(rememberedTheme()));

    logWindowStart();
    Services services;
    MainWindow window(services, allPages());
    if (!options.demo.isEmpty()) {
        return runDemo(window, services, options);
    }
    if (!options.screenshots.isEmpty()) {
        return takeScreenshots(window, services, options);
    }
    launch(window, services, options);
    const auto fit = fitDemoRun(window, services, options);
    // Nobody may be there to be asked: a run in this window ends after its step, with adapter and checkpoint; one of its
    // own process goes on.
    const QuitSignals quitSignals([&window] { window.closing().endUnasked(); });
    return QApplication::exec();
} catch (const std::exception& error) { // before the event loop, where nothing is guarded
    logWindow(QString::fromUtf8(error.what()));
    flushWindowLog();
    std::fprintf(stderr, "error: the window cannot be made: %s\n", error.what());
    return 1;
}
