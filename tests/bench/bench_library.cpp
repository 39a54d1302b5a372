// SPDX-License-Identifier: GPL-3.0-or-later
// How long a library of runs takes: made run folders, listed for the first time and again, and shown by the Runs page; the
// aim is 300 ms to the first rows of 1,000. Prints one JSON object; fails nothing.
//   bench_library [RUNS] [STEPS]        (1,000 of 2,000; QT_QPA_PLATFORM=offscreen where there is no display)
#include "core/run/run_list.h"
#include "core/train/memory_estimate.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/services/services.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>

#include <cmath>
#include <cstdio>
#include <fstream>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

constexpr int kAgain = 20; // looks at runs that did not change
constexpr double kPatienceMs = 60'000.0;

double msOf(const QElapsedTimer& clock)
{
    return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

// Of one length, so that the logs are written from one text.
std::string stepsText(int steps)
{
    std::string text;
    for (int step = 1; step <= steps; ++step) {
        core::StepRecord record;
        record.step = step;
        record.loss = 2.0 / std::sqrt(1.0 + 0.01 * step);
        record.gradNorm = 1.0;
        record.learningRate = 2e-4;
        record.tokens = 512LL * step;
        record.elapsedS = 0.1 * step;
        record.tokensPerS = 5120.0;
        record.memoryBytes = 1LL << 30;
        record.batchHash = "0123456789abcdef";
        text += record.toJson() + "\n";
    }
    return text;
}

void makeRuns(const std::filesystem::path& root, int runs, const std::string& steps, int planned)
{
    const auto methods = core::allMethods();
    for (int i = 0; i < runs; ++i) {
        core::RunSummary run;
        // As sweeps lie: a hundred a folder.
        run.directory = root / ("sweep-" + QString::number(i / 100).toStdString()) / "runs"
            / ("run-" + QString::number(i).toStdString());
        std::filesystem::create_directories(run.directory / "checkpoints");
        run.spec.model = "/models/SmolLM2-135M-Instruct";
        run.spec.data = "/data/gsm8k_train.jsonl";
        run.spec.method = methods[static_cast<std::size_t>(i) % methods.size()];
        run.spec.rank = 1 << (i % 8);
        run.spec.seed = static_cast<std::uint64_t>(i);
        run.startedAt = "2026-11-24T10:00:00Z";
        run.steps = planned;
        run.state = core::RunState::Finished;
        core::writeRun(run);
        std::ofstream(run.directory / core::kMetricsFile, std::ios::binary) << steps;
    }
    for (int i = 0; i * 100 < runs; ++i) {
        std::ofstream(root / ("sweep-" + QString::number(i).toStdString()) / "sweep.json") << "{}";
    }
}

struct Listing {
    double firstMs = 0.0;
    double allMs = 0.0;
    double againMs = 0.0; // mean
    std::int64_t bytes = 0; // of the list
};

Listing listRuns(const std::filesystem::path& root)
{
    Listing listing;
    core::RunLister lister;
    const std::int64_t before = core::processMemoryBytes();
    QElapsedTimer clock;
    clock.start();
    core::RunList list = lister.look({root}, {}, [&](const core::ListedRuns&) {
        listing.firstMs = listing.firstMs > 0.0 ? listing.firstMs : msOf(clock);
    });
    listing.allMs = msOf(clock);
    listing.bytes = core::processMemoryBytes() - before;
    clock.start();
    for (int i = 0; i < kAgain; ++i) {
        list = lister.look({root}, {});
    }
    listing.againMs = msOf(clock) / kAgain;
    return listing;
}

struct Shown {
    double firstMs = 0.0; // from the wish until rows stand in the list
    double allMs = 0.0;
    double redrawMs = 0.0; // of a page that is told of all of them again
};

Shown showRuns(const QString& root, int runs)
{
    Services services;
    RunsPage page(services);
    page.resize(1440, 900);
    page.show();
    Shown shown;
    QElapsedTimer clock;
    clock.start();
    services.library.addFolder(root);
    while (shown.allMs == 0.0 && msOf(clock) < kPatienceMs) {
        QApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
        const auto rows = page.model()->shownRows().size();
        shown.firstMs = shown.firstMs == 0.0 && rows > 0 ? msOf(clock) : shown.firstMs;
        shown.allMs = rows >= runs ? msOf(clock) : 0.0;
    }
    clock.start();
    Q_EMIT services.library.changed();
    page.repaint();
    shown.redrawMs = msOf(clock);
    return shown;
}

} // namespace

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
    QCoreApplication::setApplicationName(QStringLiteral("bench_library"));
    const QStringList arguments = QApplication::arguments();
    const int runs = arguments.value(1, QStringLiteral("1000")).toInt();
    const int steps = arguments.value(2, QStringLiteral("2000")).toInt();
    const QTemporaryDir folder;
    qputenv("XDG_DATA_HOME", QFile::encodeName(folder.filePath(QStringLiteral("data"))));
    qputenv("XDG_CONFIG_HOME", QFile::encodeName(folder.filePath(QStringLiteral("config"))));
    const QString root = folder.filePath(QStringLiteral("runs"));
    makeRuns(root.toStdString(), runs, stepsText(steps), steps);
    const Listing listing = listRuns(root.toStdString());
    const Shown shown = showRuns(root, runs);
    std::printf("{\"runs\": %d, \"steps\": %d, \"list_first_ms\": %.1f, \"list_all_ms\": %.1f, "
                "\"list_again_ms\": %.2f, \"list_bytes\": %lld, ",
                runs, steps, listing.firstMs, listing.allMs, listing.againMs,
                static_cast<long long>(listing.bytes));
    std::printf("\"page_first_ms\": %.1f, \"page_all_ms\": %.1f, \"page_again_ms\": %.2f}\n",
                shown.firstMs, shown.allMs, shown.redrawMs);
    return 0;
}
