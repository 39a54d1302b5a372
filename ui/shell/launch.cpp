// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/launch.h"

#include "core/base/version.h"
#include "ui/services/path_kind.h"
#include "ui/services/services.h"
#include "ui/services/settings.h"
#include "ui/words/language.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QRegularExpression>

namespace pissarro::ui {

namespace {

QStringList idsOf(std::span<const PageEntry> pages)
{
    QStringList ids;
    for (const PageEntry& entry : pages) {
        ids.append(QLatin1String(entry.id));
    }
    return ids;
}

QStringList idsOfTakers(std::span<const PageEntry> pages)
{
    QStringList ids;
    for (const PageEntry& entry : pages) {
        if (entry.takesPaths) {
            ids.append(QLatin1String(entry.id));
        }
    }
    return ids;
}

QStringList languageCodes()
{
    QStringList codes {QStringLiteral("system")};
    for (const Language& one : languages()) {
        codes.append(one.code);
    }
    return codes;
}

// "model, train or runs"
QString anyOf(QStringList names)
{
    const QString last = names.isEmpty() ? QString() : names.takeLast();
    return names.isEmpty() ? last
                           : QStringLiteral("%1 or %2").arg(names.join(QStringLiteral(", ")), last);
}

LaunchParse wrong(const QString& problem)
{
    LaunchParse result;
    result.text = QStringLiteral("error: %1; see pissarro --help\n").arg(problem);
    result.exitCode = 2;
    return result;
}

// takers: those of the pages that take any number of paths.
void addOptions(QCommandLineParser& parser, const QStringList& pages, const QStringList& takers)
{
    // The command line speaks English in every language, as pissarro-cli does.
    const auto text = [](const char* words) { return QString::fromUtf8(words); };
    parser.setApplicationDescription(
        text("A workbench for principal-component fine-tuning (PiSSA)."));
    parser.addPositionalArgument(
        QStringLiteral("MODEL"),
        text("Hugging Face folder, .gguf file, or an id of the local Hugging Face cache; with "
             "--page %1 any number of paths.")
            .arg(anyOf(takers)),
        QStringLiteral("[MODEL]"));
    const auto option = [&](const char* name, const char* words, const char* value) {
        parser.addOption({QLatin1String(name), text(words), QLatin1String(value)});
    };
    option("data", "Data to open: JSON, JSON lines, CSV, TSV or text, also packed as .gz or .zst.",
           "FILE");
    option("theme", "light or dark.", "NAME");
    parser.addOption({QStringLiteral("language"), anyOf(languageCodes()) + QLatin1Char('.'),
                      QStringLiteral("CODE")});
    parser.addOption(
        {QStringLiteral("page"), anyOf(pages) + QLatin1Char('.'), QStringLiteral("NAME")});
    option("size", "Size of the window in pixels.", "WxH");
    option("demo",
           "Train PiSSA and its LoRA twin without a person; pictures, plots, runs and a summary go "
           "to DIR.",
           "DIR");
    option("screenshots", "Pictures of every page, light and dark, go to DIR.", "DIR");
    option("steps", "Steps of the demo's run.", "N");
    option("fit",
           "Set the Train page to a run that, with its twin, takes about so many seconds here.",
           "SECONDS");
    parser.addHelpOption();
    parser.addVersionOption();
}

// A path that is there, so that run.json names it for any working folder; an id stays as it is.
QString absolute(const QString& path)
{
    return QFileInfo::exists(path) ? QFileInfo(path).absoluteFilePath() : path;
}

// Empty when all is well.
QString readValues(const QCommandLineParser& parser, const QStringList& pages,
                   LaunchOptions& options)
{
    if (parser.isSet(QStringLiteral("theme"))) {
        const QString name = parser.value(QStringLiteral("theme"));
        if (name != QLatin1String("light") && name != QLatin1String("dark")) {
            return QStringLiteral("--theme %1 is unknown (expected light or dark)").arg(name);
        }
        options.theme = name == QLatin1String("dark") ? ThemeMode::Dark : ThemeMode::Light;
    }
    if (parser.isSet(QStringLiteral("language"))) {
        options.language = parser.value(QStringLiteral("language"));
        if (!languageCodes().contains(options.language)) {
            return QStringLiteral("--language %1 is unknown (expected %2)")
                .arg(options.language, languageCodes().join(QStringLiteral(", ")));
        }
    }
    if (parser.isSet(QStringLiteral("page"))) {
        options.page = parser.value(QStringLiteral("page"));
        if (!pages.contains(options.page)) {
            return QStringLiteral("--page %1 is unknown (expected %2)")
                .arg(options.page, pages.join(QStringLiteral(", ")));
        }
    }
    if (parser.isSet(QStringLiteral("size"))) {
        static const QRegularExpression kSize(QStringLiteral("^([0-9]{3,5})x([0-9]{3,5})$"));
        const auto match = kSize.match(parser.value(QStringLiteral("size")));
        if (!match.hasMatch()) {
            return QStringLiteral("--size %1 is no size (expected WIDTHxHEIGHT, as 1440x900)")
                .arg(parser.value(QStringLiteral("size")));
        }
        options.size = QSize(match.captured(1).toInt(), match.captured(2).toInt());
    }
    if (parser.isSet(QStringLiteral("steps"))) {
        options.steps = parser.value(QStringLiteral("steps")).toInt();
        if (options.steps < 1) {
            return QStringLiteral("--steps %1 is no count (expected 1 or more)")
                .arg(parser.value(QStringLiteral("steps")));
        }
    }
    if (parser.isSet(QStringLiteral("fit"))) {
        options.fitSeconds = parser.value(QStringLiteral("fit")).toInt();
        if (options.fitSeconds < 1) {
            return QStringLiteral("--fit %1 is no time (expected seconds, 1 or more)")
                .arg(parser.value(QStringLiteral("fit")));
        }
    }
    return {};
}

} // namespace

void nameApplication()
{
    QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
    QCoreApplication::setApplicationName(QStringLiteral("pissarro"));
    QCoreApplication::setApplicationVersion(QLatin1String(core::version()));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Pissarro"));
    QGuiApplication::setDesktopFileName(QStringLiteral("pissarro"));
}

LaunchParse parseLaunch(const QStringList& arguments, std::span<const PageEntry> pages)
{
    const QStringList ids = idsOf(pages);
    QCommandLineParser parser;
    const QStringList takers = idsOfTakers(pages);
    addOptions(parser, ids, takers);
    if (!parser.parse(arguments)) {
        return wrong(parser.errorText());
    }
    LaunchParse result;
    if (parser.isSet(QStringLiteral("help"))) {
        result.text = parser.helpText();
        return result;
    }
    if (parser.isSet(QStringLiteral("version"))) {
        result.text = QStringLiteral("pissarro %1\n").arg(QLatin1String(core::version()));
        return result;
    }
    const QStringList positional = parser.positionalArguments();
    LaunchOptions options;
    options.demo = parser.value(QStringLiteral("demo"));
    options.screenshots = parser.value(QStringLiteral("screenshots"));
    const bool alone = !options.demo.isEmpty() || !options.screenshots.isEmpty();
    if (!alone && takers.contains(parser.value(QStringLiteral("page")))) {
        for (const QString& path : positional) {
            options.paths.append(absolute(path));
        }
    } else if (positional.size() > 1) {
        return wrong(QStringLiteral("one MODEL is expected, found %1").arg(positional.size()));
    } else {
        options.model = absolute(positional.value(0));
    }
    options.data = absolute(parser.value(QStringLiteral("data")));
    if (const QString problem = readValues(parser, ids, options); !problem.isEmpty()) {
        return wrong(problem);
    }
    if (alone && (options.model.isEmpty() || options.data.isEmpty())) {
        return wrong(QStringLiteral("--demo and --screenshots need MODEL and --data FILE"));
    }
    result.options = options;
    return result;
}

ThemeMode rememberedTheme()
{
    const int theme = stored(setting::kTheme);
    return static_cast<ThemeMode>(std::clamp(theme, 0, static_cast<int>(ThemeMode::Dark)));
}

void rememberTheme(ThemeMode mode)
{
    Theme::instance().setMode(mode);
    store(setting::kTheme, static_cast<int>(mode));
}

void launch(MainWindow& window, Services& services, const LaunchOptions& options)
{
    window.restoreSession();
    if (options.size) {
        window.resize(*options.size);
    }
    if (options.model.isEmpty() && options.data.isEmpty() && options.paths.isEmpty()) {
        window.offerLastSession();
    } else if (!options.model.isEmpty()) {
        window.openPath(options.model,
                        options.page.isEmpty() ? MainWindow::Shows::All
                                               : MainWindow::Shows::Nothing);
    }
    if (!options.data.isEmpty()) {
        services.data.open(options.data);
    }
    if (!options.page.isEmpty()) {
        window.showPage(options.page);
    }
    if (!options.paths.isEmpty()) {
        window.pageWidget(options.page)->take(options.paths);
    }
    services.training.attachToUnfinished();
    window.show();
}

} // namespace pissarro::ui
