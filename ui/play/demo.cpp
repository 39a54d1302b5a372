// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/play/demo.h"

#include "core/file/output.h"
#include "core/text/escaped_text.h"
#include "ui/pages/runs/runs_tree.h"
#include "ui/pages/train/train_form.h"
#include "ui/pages/train/train_page.h"
#include "ui/play/demo_summary.h"
#include "ui/play/fit_run.h"
#include "ui/plot/line_plot.h"
#include "ui/services/service.h"
#include "ui/services/services.h"
#include "ui/shell/guarded_application.h"
#include "ui/shell/launch.h"
#include "ui/views/loss_card.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/format.h"
#include "ui/words/model_words.h"

#include <QAbstractButton>
#include <QAction>
#include <QCoreApplication>
#include <QDialog>
#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFileInfo>
#include <QPointer>
#include <QTimer>

#include <array>
#include <cstdio>
#include <functional>
#include <stdexcept>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr QSize kLarge {1440, 900};
constexpr QSize kSmall {1100, 700};
constexpr QSize kWide {1600, 900};
constexpr QSize kWidest {2560, 1440};
constexpr int kSettleMs = 250; // plots redraw at most once a frame
constexpr int kTickMs = 50;
constexpr int kDemoSteps = 20;
constexpr int kScreenshotSteps = 6;
// Of the folder that was named for the demo, only pictures of an earlier demo are replaced.
const core::OutputRule kOwnAlone {{}, core::Overwrite::Ours};
// Pages that the plays look for by name; --screenshots takes every one that the window has.
const QString kModel = QStringLiteral("model");
const QString kSpectrum = QStringLiteral("spectrum");
const QString kQuantize = QStringLiteral("quantize");
const QString kTrain = QStringLiteral("train");
const QString kRuns = QStringLiteral("runs");
// What opens each dialog, and the dialog.
const std::array<std::pair<QString, QString>, 4> kDialogs {{
    {QStringLiteral("action.settings"), QStringLiteral("dialog.settings")},
    {QStringLiteral("spectrum.editMap"), QStringLiteral("dialog.rankMap")},
    {QStringLiteral("spectrum.meter"), QStringLiteral("dialog.meter")},
    {QStringLiteral("runs.export"), QStringLiteral("dialog.export")},
}};

struct DemoFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void say(const QString& line)
{
    std::fprintf(stderr, "%s\n", core::terminalLine(line.toStdString()).c_str());
}

// Drives the window as a person would, waiting where a person would wait.
class Player {
public:
    Player(MainWindow& window, Services& services, const QString& folder)
        : m_window(window)
        , m_services(services)
        , m_folder(folder)
    {
        services.training.setTrainsInProcess(
            false); // the demo ends with its window, and leaves no process behind
        for (Service* service : services.toldAbovePages()) {
            QObject::connect(service, &Service::stateChanged, &m_context, [this, service] {
                if (const Failed* failed = service->failure()) {
                    m_failure = failed->what + QStringLiteral(": ") + failed->why;
                }
            });
        }
        if (auto* guard = qobject_cast<GuardedApplication*>(QCoreApplication::instance())) {
            QObject::connect(guard, &GuardedApplication::caught, &m_context,
                             [this](const QString& text) { m_failure = text; });
        }
        if (!m_folder.mkpath(QStringLiteral("."))) {
            throw DemoFailure(
                QStringLiteral("%1: cannot be made (expected a folder that can be written)")
                    .arg(folder)
                    .toStdString());
        }
    }

    void waitFor(const std::function<bool()>& done)
    {
        QEventLoop loop;
        QTimer tick;
        QObject::connect(&tick, &QTimer::timeout, &loop, [&] {
            if (done() || !m_failure.isEmpty()) {
                loop.quit();
            }
        });
        tick.start(kTickMs);
        loop.exec();
        if (!m_failure.isEmpty()) {
            throw DemoFailure(m_failure.toStdString());
        }
    }

    void settle()
    {
        QElapsedTimer clock;
        clock.start();
        waitFor([&] { return clock.elapsed() >= kSettleMs && m_services.overlay.isRead(); });
    }

    void open(const LaunchOptions& options)
    {
        m_window.resize(options.size.value_or(kLarge));
        m_window.show();
        QElapsedTimer clock;
        clock.start();
        double firstCurve = 0.0;
        const auto first =
            QObject::connect(&m_services.spectra, &Spectra::arrived, &m_context, [&] {
                if (firstCurve == 0.0) {
                    firstCurve = static_cast<double>(clock.elapsed()) / 1000.0;
                }
            });
        m_services.model.open(options.model);
        m_services.data.open(options.data);
        waitFor([this] {
            return m_services.model.files()
                && m_services.spectra.all().size() == m_services.spectra.total()
                && !m_services.spectra.isRunning();
        });
        QObject::disconnect(first);
        facts.firstCurveSeconds = firstCurve;
        facts.spectraSeconds = static_cast<double>(clock.elapsed()) / 1000.0;
        facts.spectra = m_services.spectra.total();
        facts.model = QString::fromStdString(m_services.model.files()->displayName())
            + QStringLiteral(": ") + modelFact(*m_services.model.files());
        facts.device = QString::fromStdString(m_services.machine.devices().front().title);
    }

    void shoot(const QString& page, const QString& suffix = {})
    {
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            m_window.showPage(page);
            settle();
            const QString dark = mode == ThemeMode::Dark ? QStringLiteral("-dark") : QString();
            save(page + suffix + dark + QStringLiteral(".png"));
        }
        Theme::instance().setMode(ThemeMode::Light);
        settle();
    }

    // A dialog that an action or a button of the window opens; it is closed again.
    void shootDialog(const QString& opener, const QString& dialog)
    {
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            press(opener);
            QPointer<QDialog> shown;
            waitFor([&] {
                shown = m_window.findChild<QDialog*>(dialog);
                return shown != nullptr && shown->isVisible();
            });
            settle();
            const QString dark = mode == ThemeMode::Dark ? QStringLiteral("-dark") : QString();
            save(dialog + dark + QStringLiteral(".png"), *shown);
            shown->close();
            waitFor([&] { return shown.isNull(); }); // each deletes itself
        }
        Theme::instance().setMode(ThemeMode::Light);
    }

    void exportPlot(const QString& page, const QString& plotName, const QString& fileName)
    {
        m_window.showPage(page);
        settle();
        const auto* plot = m_window.pageWidget(page)->findChild<LinePlot*>(plotName);
        if (plot == nullptr) {
            throw DemoFailure(
                QStringLiteral("there is no plot named %1").arg(plotName).toStdString());
        }
        core::checkOutputFile(m_folder.filePath(fileName).toStdString(), kOwnAlone);
        const QString problem = plot->exportTo(m_folder.filePath(fileName));
        if (!problem.isEmpty()) {
            throw DemoFailure(problem.toStdString());
        }
        facts.pictures.append(fileName);
    }

    // Measures the machine; the form then holds settings that end in time.
    void fit(const LaunchOptions& options)
    {
        bool fitted = false;
        const auto fit = fitDemoRun(m_window, m_services, options);
        QObject::connect(fit.get(), &FitRun::done, &m_context, [&fitted] { fitted = true; });
        waitFor([this] { return m_services.data.tokenized() != nullptr; });
        waitFor([&fitted] { return fitted; });
    }

    // The form is filled as a person would, so that the page shows what runs. steps 0: as fit() has set it.
    void train(const LaunchOptions& options, int steps, const QString& runFolder)
    {
        auto* page = static_cast<TrainPage*>(m_window.pageWidget(kTrain));
        core::RunSpec spec = FitRun::recipe(*page->form(), m_services);
        spec.model = options.model.toStdString();
        spec.data = options.data.toStdString();
        if (steps > 0) {
            spec.batchSize = 4;
            spec.gradAccum = 1;
            spec.maxLength = 256;
            spec.steps = steps;
        }
        m_window.showPage(kTrain);
        page->form()->setSpec(spec);
        page->form()->setTwins({core::twinOf(spec.method)});
        page->form()->setTwinRateText(QStringLiteral("same"));
        m_services.data.setMaxLength(static_cast<int>(spec.maxLength));
        waitFor([this] { return m_services.data.tokenized() != nullptr; });
        settle();
        facts.spec = spec;
        m_trainClock.start();
        m_services.training.start(spec, {core::twinOf(spec.method)}, runFolder, false);
    }

    void quantize()
    {
        QuantBench* bench = &m_services.quantBench;
        m_window.showPage(kQuantize);
        bench->measure();
        waitFor([bench] { return !bench->isMeasuring() && bench->inspection() != nullptr; });
    }

    void waitForStep(std::int64_t step)
    {
        waitFor([this, step] {
            const auto& records = m_services.training.series();
            return !m_services.training.isRunning()
                || std::all_of(records.cbegin(), records.cend(), [step](const auto& one) {
                       return !one.isEmpty() && one.last().step >= step;
                   });
        });
    }

    void waitForEnd()
    {
        waitFor([this] { return !m_services.training.isRunning(); });
        facts.trainSeconds = static_cast<double>(m_trainClock.elapsed()) / 1000.0;
        facts.runs = m_services.training.runs();
        facts.records = m_services.training.series();
        for (const core::RunSummary& run : facts.runs) {
            if (!core::isComplete(run.state)) {
                throw DemoFailure(run.directory.string()
                                  + ": the run did not finish: " + run.message);
            }
        }
        m_services.library.refresh();
        waitFor([this] { return m_services.library.runs().size() >= facts.runs.size(); });
    }

    void save(const QString& name) { save(name, m_window); }

    void save(const QString& name, QWidget& shown)
    {
        const std::string path = m_folder.filePath(name).toStdString();
        core::writeOutputFile(path, pngOf(shown.grab().toImage()).toStdString(), kOwnAlone);
        facts.pictures.append(name);
    }

    DemoFacts facts;

private:
    void press(const QString& name)
    {
        if (auto* action = m_window.findChild<QAction*>(name)) {
            action->trigger();
        } else if (auto* button = m_window.findChild<QAbstractButton*>(name);
                   button != nullptr && button->isEnabled()) {
            button->click();
        } else {
            throw DemoFailure(QStringLiteral("%1 cannot be pressed").arg(name).toStdString());
        }
    }

    MainWindow& m_window;
    Services& m_services;
    QDir m_folder;
    QObject m_context;
    QString m_failure;
    QElapsedTimer m_trainClock;
};

// A run is a person's from its first step on: the demo never trains over one.
QString freeRunFolder(const QString& folder)
{
    const QString first = QDir(folder).filePath(QStringLiteral("runs/pissa-r16"));
    QString free = first;
    for (int i = 2; QFileInfo::exists(free); ++i) {
        free = first + QStringLiteral("-%1").arg(i);
    }
    return free;
}

// The offscreen platform tells what it cannot do; nobody needs that in the demo's report.
void hearQuietly(QtMsgType type, const QMessageLogContext&, const QString& text)
{
    if (type != QtDebugMsg && !text.contains(QLatin1String("This plugin does not support"))) {
        say(text);
    }
}

void shootAt(const QVector<QSize>& sizes, const QString& suffix, const QStringList& pages,
             MainWindow& window, Player& player)
{
    for (const QSize size : sizes) {
        window.resize(size);
        for (const QString& page : pages) {
            player.shoot(page,
                         suffix + QStringLiteral("-%1x%2").arg(size.width()).arg(size.height()));
        }
    }
}

int played(const std::function<void()>& play)
{
    qInstallMessageHandler(&hearQuietly);
    try {
        play();
        return 0;
    } catch (const std::exception& error) {
        say(QStringLiteral("error: ") + QString::fromUtf8(error.what()));
        return 1;
    }
}

} // namespace

int runDemo(MainWindow& window, Services& services, const LaunchOptions& options)
{
    return played([&] {
        const QString folder = QDir(options.demo).absolutePath();
        const bool fits = options.fitSeconds > 0 && options.steps == 0;
        const int steps = fits ? 0 : options.steps > 0 ? options.steps : kDemoSteps;
        Player player(window, services, folder);
        say(QStringLiteral("Opening %1").arg(options.model));
        player.open(options);
        say(QStringLiteral("%1 spectra in %2")
                .arg(player.facts.spectra)
                .arg(formatDuration(player.facts.spectraSeconds)));
        player.shoot(kModel);
        player.shoot(kSpectrum);
        player.exportPlot(kSpectrum, QStringLiteral("spectrum.sigma"),
                          QStringLiteral("spectrum-plot.png"));

        const QString runs = freeRunFolder(folder);
        if (fits) {
            player.fit(options);
        }
        player.train(options, steps, runs);
        const auto total = static_cast<int>(player.facts.spec.steps);
        say(QStringLiteral("Training PiSSA and its LoRA twin, %1 steps").arg(total));
        player.waitForStep(std::max(1, total / 2));
        window.showPage(kTrain);
        player.settle();
        player.save(QStringLiteral("train-running.png"));
        player.waitForEnd();
        player.shoot(kTrain);
        player.shoot(kRuns);
        auto* loss = static_cast<TrainPage*>(window.pageWidget(kTrain))->lossCard();
        loss->setLabelsOnLines(true); // the picture has to speak for itself
        player.exportPlot(kTrain, QStringLiteral("train.loss.plot"),
                          QStringLiteral("loss-plot.png"));
        loss->setLabelsOnLines(false);
        writeSummary(QDir(folder).filePath(QStringLiteral("summary.md")), player.facts);
        std::fputs(qPrintable(finalLosses(player.facts)), stdout);
    });
}

std::unique_ptr<FitRun> fitDemoRun(MainWindow& window, Services& services,
                                   const LaunchOptions& options)
{
    if (options.fitSeconds == 0) {
        return nullptr;
    }
    auto* page = static_cast<TrainPage*>(window.pageWidget(kTrain));
    auto fit = std::make_unique<FitRun>(*page->form(), services, options.fitSeconds);
    QObject::connect(fit.get(), &FitRun::done, fit.get(), [](const QString& line) { say(line); });
    return fit;
}

int takeScreenshots(MainWindow& window, Services& services, const LaunchOptions& options)
{
    return played([&] {
        const QString folder = QDir(options.screenshots).absolutePath();
        Player player(window, services, folder);
        window.show();
        shootAt({kLarge, kSmall}, QStringLiteral("-first"), {kModel}, window,
                player); // before a model is open
        player.open(options);
        player.train(options, options.steps > 0 ? options.steps : kScreenshotSteps,
                     freeRunFolder(folder));
        player.waitForEnd();
        player.quantize();
        shootAt({kLarge, kSmall, kWide, kWidest}, {}, window.pageIds(), window, player);
        window.showPage(kRuns);
        window.findChild<RunsTree*>(QStringLiteral("runs.table"))->selectRun(0); // to be exported
        for (const auto& [opener, dialog] : kDialogs) {
            player.shootDialog(opener, dialog);
        }
        say(QStringLiteral("%1 pictures in %2").arg(player.facts.pictures.size()).arg(folder));
    });
}

} // namespace pissarro::ui
