// SPDX-License-Identifier: GPL-3.0-or-later
// How fast the real window answers while both twins train in it: another thread posts an event every few
// milliseconds, as a mouse would, and the GUI thread notes how long each waited; "max_ms" is the longest pause of its event
// loop, which is to be below 16. Prints one JSON object.
//   bench_gui MODEL DATA RUNDIR [STEPS]        (QT_QPA_PLATFORM=offscreen where there is no
//   display)
// Or how long runs are drawn as they grow: a loss card with RUNS of STEPS steps gets a step more of each before each frame.
//   bench_gui --runs [RUNS] [STEPS]            (20 and 100,000)
// Or how long runs over one another are drawn, as the Compare page has them: made as on a worker, then every frame while one
// of them grows, the pointer reads all of them, and a person zooms.
//   bench_gui --compare [RUNS] [STEPS]         (100 and 100,000)
#include "core/base/machine_memory.h"
#include "ui/pages/pages.h"
#include "ui/plot/fixed_curve.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/qcustomplot.h"
#include "ui/services/services.h"
#include "ui/shell/main_window.h"
#include "ui/views/loss_card.h"
#include "ui/views/overlay_card.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QMouseEvent>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <optional>
#include <thread>
#include <vector>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

constexpr auto kPostEvery = std::chrono::milliseconds(4);
const auto kProbe = static_cast<QEvent::Type>(QEvent::registerEventType());

class Probe : public QEvent {
public:
    explicit Probe(qint64 nowNs)
        : QEvent(kProbe)
        , postedNs(nowNs)
    {
    }
    const qint64 postedNs;
};

// Receives the probes on the GUI thread; one is under way at a time.
class Receiver : public QObject {
public:
    explicit Receiver(const QElapsedTimer& clock)
        : m_clock(clock)
    {
    }

    std::atomic<bool> waiting = false;
    std::vector<double> delaysMs;

protected:
    void customEvent(QEvent* event) override
    {
        const auto* probe = static_cast<const Probe*>(event);
        delaysMs.push_back(static_cast<double>(m_clock.nsecsElapsed() - probe->postedNs) / 1e6);
        waiting = false;
    }

private:
    const QElapsedTimer& m_clock;
};

double quantile(std::vector<double> values, double share)
{
    if (values.empty()) {
        return 0.0;
    }
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

// Runs the event loop until `done` or for `seconds`.
template <class Done>
bool runUntil(double seconds, Done done)
{
    QElapsedTimer clock;
    clock.start();
    while (!done() && static_cast<double>(clock.elapsed()) < 1000.0 * seconds) {
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
    }
    return done();
}

core::RunSpec benchSpec(const QStringList& arguments)
{
    core::RunSpec spec;
    spec.model = arguments[1].toStdString();
    spec.data = arguments[2].toStdString();
    spec.steps = arguments.size() > 4 ? arguments[4].toInt() : 6;
    spec.maxLength = 256;
    spec.svd.kind = core::SvdKind::Fast;
    spec.svd.fast.niter = 4;
    return spec;
}

struct Opening {
    double firstCurveMs = 0.0; // from openModel() until the plot holds a spectrum
    double wholeMs = 0.0; // until every matrix has its values
};

// Requires: the Spectrum page is shown.
Opening openModel(Services& services, const QWidget& window, const QString& path)
{
    Opening opening;
    QElapsedTimer clock;
    clock.start();
    const auto* plot = window.findChild<LinePlot*>(QStringLiteral("spectrum.sigma"));
    bool arrived = false;
    const auto changed = QObject::connect(&services.spectra, &Spectra::arrived, plot, [&] {
        if (!arrived && plot->pointCount() > 0) {
            arrived = true;
            opening.firstCurveMs = static_cast<double>(clock.nsecsElapsed()) / 1e6;
        }
    });
    services.model.open(path);
    if (!runUntil(60, [&] { return arrived && !services.spectra.isRunning(); })) {
        std::fputs("error: the model did not open within a minute\n", stderr);
        std::exit(1);
    }
    opening.wholeMs = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    QObject::disconnect(changed);
    return opening;
}

// Median milliseconds of drawing every pixel anew.
template <class Draw>
double drawnInMs(const Draw& draw)
{
    std::vector<double> times;
    for (int i = 0; i < 21; ++i) {
        QElapsedTimer clock;
        clock.start();
        draw();
        times.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    return quantile(times, 0.5);
}

struct Redraws {
    int curves = 0;
    double sigmaMs = 0.0;
    double energyMs = 0.0;
    double mapMs = 0.0;
};

// With every matrix selected, by a click on the name of each column. Requires: the Spectrum page is shown.
Redraws redrawAll(const QWidget& window)
{
    auto* map = window.findChild<HeatMap*>(QStringLiteral("spectrum.map"));
    const auto* sigma = window.findChild<LinePlot*>(QStringLiteral("spectrum.sigma"));
    const auto* energy = window.findChild<LinePlot*>(QStringLiteral("spectrum.energy"));
    for (int column = 0; column < map->columnCount(); ++column) {
        const QPointF at = map->cellRect({0, column}).center() - QPointF(0, 14);
        QMouseEvent press(QEvent::MouseButtonPress, at, map->mapToGlobal(at), Qt::LeftButton,
                          Qt::LeftButton, column == 0 ? Qt::NoModifier : Qt::ShiftModifier);
        QApplication::sendEvent(map, &press);
    }
    Redraws redraws;
    redraws.curves = sigma->plot()->graphCount();
    redraws.sigmaMs = drawnInMs([&] { sigma->plot()->replot(QCustomPlot::rpImmediateRefresh); });
    redraws.energyMs = drawnInMs([&] { energy->plot()->replot(QCustomPlot::rpImmediateRefresh); });
    redraws.mapMs = drawnInMs([&] { map->repaint(); });
    return redraws;
}

int report(const Receiver& receiver, const Services& services, const Opening& cold,
           const Opening& cached, const Redraws& redraws)
{
    std::size_t steps = 0;
    for (const auto& records : services.training.series()) {
        steps += static_cast<std::size_t>(records.size());
    }
    std::printf("{\"first_curve_ms\": %.1f, \"spectra_ms\": %.1f, \"reopened_ms\": %.1f, ",
                cold.firstCurveMs, cold.wholeMs, cached.wholeMs);
    std::printf("\"curves\": %d, \"sigma_ms\": %.2f, \"energy_ms\": %.2f, \"map_ms\": %.2f, ",
                redraws.curves, redraws.sigmaMs, redraws.energyMs, redraws.mapMs);
    std::printf("\"samples\": %zu, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, "
                "\"steps\": %zu}\n",
                receiver.delaysMs.size(), quantile(receiver.delaysMs, 0.5),
                quantile(receiver.delaysMs, 0.99), quantile(receiver.delaysMs, 1.0), steps);
    return steps > 0 ? 0 : 1;
}

core::StepRecord stepOf(std::int64_t step, std::int64_t run)
{
    const auto at = static_cast<double>(step);
    core::StepRecord record;
    record.step = step;
    record.loss = 2.0 / std::sqrt(1.0 + 0.01 * at) + 0.2 * std::sin(at * (1.7 + 0.01 * run));
    record.gradNorm = 1.0 + 0.5 * std::cos(at);
    record.tokens = 512 * step;
    record.elapsedS = 0.1 * at;
    record.tokensPerS = 5000.0;
    return record;
}

// What a page does with each tick of a run, and the frame that follows. Prints one JSON object.
int drawRuns(int runs, std::int64_t steps)
{
    constexpr int kFrames = 200;
    LossCard card(QStringLiteral("bench"), QStringLiteral("Loss"));
    card.resize(1400, 500);
    card.show();
    QVector<RunCurve> curves;
    const std::int64_t before = core::processMemoryBytes();
    for (int run = 0; run < runs; ++run) {
        RunCurve curve;
        curve.label = QStringLiteral("run %1").arg(run);
        curve.color = QColor::fromHsv(run * 17 % 360, 200, 180);
        for (std::int64_t step = 1; step <= steps; ++step) {
            curve.records.append(stepOf(step, run));
        }
        curves.append(curve);
    }
    QElapsedTimer clock;
    clock.start();
    card.setCurves(curves);
    card.plot()->plot()->replot(QCustomPlot::rpImmediateRefresh);
    const double firstMs = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    std::vector<double> setMs;
    std::vector<double> frameMs;
    for (int frame = 1; frame <= kFrames; ++frame) {
        for (int run = 0; run < runs; ++run) {
            curves[run].records.append(stepOf(steps + frame, run));
        }
        clock.start();
        card.setCurves(curves);
        setMs.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        card.plot()->plot()->replot(QCustomPlot::rpImmediateRefresh);
        frameMs.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    std::printf("{\"runs\": %d, \"steps\": %lld, \"first_ms\": %.1f, \"set_p50_ms\": %.2f, ", runs,
                static_cast<long long>(steps), firstMs, quantile(setMs, 0.5));
    std::printf("\"frame_p50_ms\": %.2f, \"frame_p99_ms\": %.2f, \"frame_max_ms\": %.2f, "
                "\"bytes\": %lld}\n",
                quantile(frameMs, 0.5), quantile(frameMs, 0.99), quantile(frameMs, 1.0),
                static_cast<long long>(core::processMemoryBytes() - before));
    return 0;
}

OverlayCurve overlayCurve(int run, std::int64_t steps)
{
    std::vector<QPointF> points;
    points.reserve(static_cast<std::size_t>(steps));
    for (std::int64_t step = 1; step <= steps; ++step) {
        points.emplace_back(static_cast<double>(step), stepOf(step, run).loss);
    }
    return {{QString::number(run)},
            OverlayCurve::Part::Line,
            std::make_shared<const FixedCurve>(std::move(points), false, false)};
}

// What the Compare page does with each picture that comes, and the frame that follows. Prints one JSON object.
int drawOverlay(int runs, std::int64_t steps)
{
    constexpr int kFrames = 200;
    OverlayCard card(QStringLiteral("bench"));
    card.resize(1400, 700);
    card.show();
    const std::int64_t before = core::processMemoryBytes();
    QElapsedTimer clock;
    clock.start();
    OverlayPicture picture;
    QHash<QString, OverlayLook> looks;
    for (int run = 0; run < runs; ++run) {
        picture.curves.push_back(overlayCurve(run, steps));
        const QString path = QString::number(run);
        looks.insert(path, {path, path, runStroke(Qt::blue, run)});
    }
    const double madeMs = static_cast<double>(clock.nsecsElapsed()) / 1e6;
    std::vector<double> setMs;
    std::vector<double> frameMs;
    std::vector<double> readMs;
    for (int frame = 0; frame < kFrames; ++frame) {
        const int grown = frame % runs;
        picture.curves[static_cast<std::size_t>(grown)] = overlayCurve(grown, steps + frame);
        clock.start();
        card.showPicture(picture, looks);
        setMs.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        QCustomPlot* plot = card.plot()->plot();
        card.plot()->setXView(1.0, static_cast<double>(steps) / (1 + frame % 7));
        plot->replot(QCustomPlot::rpImmediateRefresh);
        frameMs.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
        clock.start();
        const QPointF at(plot->width() * (0.2 + 0.003 * frame), plot->height() / 2.0);
        QMouseEvent move(QEvent::MouseMove, at, plot->mapToGlobal(at), Qt::NoButton, Qt::NoButton,
                         Qt::NoModifier);
        QApplication::sendEvent(plot, &move);
        readMs.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    std::printf("{\"runs\": %d, \"steps\": %lld, \"made_ms\": %.1f, \"set_p50_ms\": %.2f, ", runs,
                static_cast<long long>(steps), madeMs, quantile(setMs, 0.5));
    std::printf("\"frame_p50_ms\": %.2f, \"frame_p99_ms\": %.2f, \"frame_max_ms\": %.2f, ",
                quantile(frameMs, 0.5), quantile(frameMs, 0.99), quantile(frameMs, 1.0));
    std::printf("\"read_out_p99_ms\": %.2f, \"bytes\": %lld}\n", quantile(readMs, 0.99),
                static_cast<long long>(core::processMemoryBytes() - before));
    return 0;
}

// What needs no model: unset where none of it was asked for.
std::optional<int> drawAlone(const QStringList& arguments)
{
    const qlonglong steps = arguments.value(3, QStringLiteral("100000")).toLongLong();
    if (arguments.value(1) == QLatin1String("--runs")) {
        return drawRuns(arguments.value(2, QStringLiteral("20")).toInt(), steps);
    }
    if (arguments.value(1) == QLatin1String("--compare")) {
        return drawOverlay(arguments.value(2, QStringLiteral("100")).toInt(), steps);
    }
    return std::nullopt;
}

} // namespace

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    const QStringList arguments = QApplication::arguments();
    if (const auto alone = drawAlone(arguments)) {
        return *alone;
    }
    if (arguments.size() < 4) {
        std::fputs("usage: bench_gui MODEL DATA RUNDIR [STEPS]\n"
                   "       bench_gui --runs [RUNS] [STEPS]\n"
                   "       bench_gui --compare [RUNS] [STEPS]\n",
                   stderr);
        return 2;
    }
    Services services;
    const auto tell = [](const QString& headline, const QString& message) {
        std::fprintf(stderr, "error: %s: %s\n", qPrintable(headline), qPrintable(message));
    };
    for (const Service* service : services.toldAbovePages()) {
        QObject::connect(service, &Service::stateChanged, &app, [service, tell] {
            if (const Failed* failed = service->failure()) {
                tell(failed->what, failed->why);
            }
        });
    }
    MainWindow window(services, allPages());
    window.resize(1440, 900);
    window.show();
    window.showPage(QStringLiteral("spectrum"));
    const Opening cold = openModel(services, window, arguments[1]);
    const Opening cached = openModel(services, window, arguments[1]);
    const Redraws redraws = redrawAll(window);
    window.showPage(QStringLiteral("train"));
    services.training.setTrainsInProcess(false); // in this window: it has the most to do then
    services.training.start(benchSpec(arguments), {core::methodNamed("lora")}, arguments[3],
                            /*resume=*/false);
    runUntil(60, [&] {
        return !services.training.series().isEmpty() && !services.training.series()[0].isEmpty();
    });

    QElapsedTimer clock;
    clock.start();
    Receiver receiver(clock);
    std::jthread poster([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(kPostEvery);
            if (!receiver.waiting.exchange(true)) {
                QApplication::postEvent(&receiver, new Probe(clock.nsecsElapsed()));
            }
        }
    });
    runUntil(600, [&] { return !services.training.isRunning(); });
    poster.request_stop();
    poster.join();
    QApplication::removePostedEvents(&receiver);
    return report(receiver, services, cold, cached, redraws);
}
