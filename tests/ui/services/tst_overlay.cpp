// SPDX-License-Identifier: GPL-3.0-or-later
// Runs over one another, from files that the test writes and those of shared/data/runs: what is drawn of them against sums
// made here one by one, and how it follows files that grow.
#include "core/history/history.h"
#include "core/run/run_directory.h"
#include "core/stats/curve.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/overlay.h"

#include <QDir>
#include <QFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <functional>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

using Part = OverlayCurve::Part;
const QString kShared = QStringLiteral(PISSARRO_SHARED "/data/runs");

double lossOf(int run, std::int64_t step)
{
    return 2.0 / std::sqrt(static_cast<double>(step)) + 0.1 * std::sin(1.7 * run + 0.3 * step);
}

std::vector<QPointF> pointsOf(const OverlayCurve& curve)
{
    std::vector<QPointF> points;
    for (qsizetype i = 0; i < curve.points->size(); ++i) {
        points.emplace_back(curve.points->x(i), curve.points->y(i));
    }
    return points;
}

const OverlayCurve* find(const OverlayPicture& picture, Part part, const QString& run)
{
    for (const OverlayCurve& curve : picture.curves) {
        if (curve.part == part && curve.runs.contains(run)) {
            return &curve;
        }
    }
    return nullptr;
}

bool isNear(double a, double b)
{
    return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b));
}

} // namespace

class TestOverlay : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_overlay"));
    }
    void init()
    {
        QSettings().clear();
        m_folder = std::make_unique<QTemporaryDir>();
        m_overlay = std::make_unique<Overlay>();
    }
    void cleanup()
    {
        m_overlay.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void whatWasTold_isDrawn_rawAndSmoothed()
    {
        const OverlayRun run = writeRun("a", 1, 300);
        OverlayWish wish;
        wish.smoothing = 0.9;
        QVERIFY(m_overlay->isRead()); // of no runs
        m_overlay->setRuns({run});
        QVERIFY(!m_overlay->isRead()); // or a page would say that nothing is told
        draw({run}, wish);
        QVERIFY(m_overlay->isRead());
        const OverlayPicture& picture = m_overlay->picture();
        QCOMPARE(picture.curves.size(), std::size_t {2});
        const auto raw = pointsOf(*find(picture, Part::Raw, run.path));
        const auto line = pointsOf(*find(picture, Part::Line, run.path));
        QCOMPARE(raw.size(), std::size_t {300});
        QCOMPARE(line.size(), std::size_t {300});
        for (std::size_t i = 0; i < raw.size(); ++i) {
            const auto step = static_cast<std::int64_t>(i) + 1;
            QCOMPARE(raw[i], QPointF(static_cast<double>(step), lossOf(1, step)));
            double sum = 0.0; // TensorBoard's: weights 0.9^k, the newest first, that add up to one
            double weights = 0.0;
            for (std::int64_t back = 0; back < step; ++back) {
                const double weight = std::pow(0.9, static_cast<double>(back));
                sum += weight * lossOf(1, step - back);
                weights += weight;
            }
            QVERIFY2(std::abs(line[i].y() - sum / weights) < 1e-9,
                     qPrintable(QString::number(step)));
        }
        QCOMPARE(picture.facts.value(run.path).step, qint64 {300});
        QCOMPARE(picture.facts.value(run.path).last, lossOf(1, 300));
        QVERIFY(picture.facts.value(run.path).metrics.contains(QStringLiteral("grad_norm")));
    }

    void anyAxisAndUnit_placesTheSteps()
    {
        OverlayRun run = writeRun("a", 1, 20);
        run.flopsPerToken = 6.0;
        const auto places = [&](core::HistoryAxis axis, double unit, double perStep) {
            OverlayWish wish;
            wish.axis = axis;
            wish.xUnit = unit;
            draw({run}, wish);
            const auto line = pointsOf(*find(m_overlay->picture(), Part::Line, run.path));
            QCOMPARE(line.size(), std::size_t {20});
            for (std::size_t i = 0; i < line.size(); ++i) {
                QVERIFY(isNear(line[i].x(), perStep * static_cast<double>(i + 1)));
            }
        };
        places(core::HistoryAxis::Tokens, 1.0, 100.0);
        places(core::HistoryAxis::Epoch, 1.0, 0.5);
        places(core::HistoryAxis::Time, 60.0, 2.0 / 60.0);
        places(core::HistoryAxis::Flops, 1.0, 600.0);
        OverlayWish wish;
        wish.metric = QStringLiteral("memory_bytes");
        wish.yUnit = 1e9;
        draw({run}, wish);
        QCOMPARE(pointsOf(*find(m_overlay->picture(), Part::Line, run.path)).back().y(), 3.0);
        QCOMPARE(m_overlay->picture().facts.value(run.path).last, 3e9); // as it was told
    }

    void theDifferenceToABaseline_isStepByStep()
    {
        const OverlayRun a = writeRun("a", 1, 30);
        const OverlayRun b = writeRun("b", 2, 20);
        OverlayWish wish;
        wish.baseline = a.path;
        draw({a, b}, wish);
        const auto own = pointsOf(*find(m_overlay->picture(), Part::Line, a.path));
        const auto other = pointsOf(*find(m_overlay->picture(), Part::Line, b.path));
        QCOMPARE(own.size(), std::size_t {30});
        QCOMPARE(other.size(), std::size_t {20});
        for (std::size_t i = 0; i < own.size(); ++i) {
            QCOMPARE(own[i].y(), 0.0);
        }
        for (std::size_t i = 0; i < other.size(); ++i) {
            const auto step = static_cast<std::int64_t>(i) + 1;
            QCOMPARE(other[i].y(), lossOf(2, step) - lossOf(1, step));
        }
    }

    // Against core/stats over the runs as they were written, for a run that ended early too; over tokens where those of a
    // step stand on average.
    void seeds_areABand()
    {
        QVector<OverlayRun> runs {writeRun("s1", 1, 30), writeRun("s2", 2, 30),
                                  writeRun("s3", 3, 12), writeRun("other", 4, 30)};
        for (int i = 0; i < 3; ++i) {
            runs[i].recipe = QStringLiteral("recipe");
        }
        runs[3].recipe = QStringLiteral("another");
        for (const core::HistoryAxis axis : {core::HistoryAxis::Step, core::HistoryAxis::Tokens}) {
            OverlayWish wish;
            wish.bands = true;
            wish.axis = axis;
            draw(runs, wish);
            const OverlayPicture& picture = m_overlay->picture();
            QCOMPARE(picture.curves.size(), std::size_t {4}); // a band of three, and a line
            QVERIFY(find(picture, Part::Line, runs[3].path) != nullptr);
            const OverlayCurve* mean = find(picture, Part::Mean, runs[0].path);
            QVERIFY(mean != nullptr);
            QCOMPARE(mean->runs.size(), qsizetype {3});
            std::vector<std::vector<core::CurvePoint>> curves(3);
            for (int run = 1; run <= 3; ++run) {
                for (std::int64_t step = 1; step <= (run == 3 ? 12 : 30); ++step) {
                    curves[static_cast<std::size_t>(run) - 1].push_back(
                        {static_cast<double>(step), lossOf(run, step)});
                }
            }
            const auto band = core::bandOver(curves);
            const auto means = pointsOf(*mean);
            const auto lowest = pointsOf(*find(picture, Part::Lowest, runs[0].path));
            const auto highest = pointsOf(*find(picture, Part::Highest, runs[0].path));
            QCOMPARE(means.size(), band.size());
            const double perStep = axis == core::HistoryAxis::Step ? 1.0 : 100.0;
            for (std::size_t i = 0; i < band.size(); ++i) {
                QVERIFY(isNear(means[i].x(), perStep * band[i].x));
                QVERIFY(isNear(means[i].y(), band[i].summary.mean));
                QCOMPARE(lowest[i].y(), band[i].summary.lowest);
                QCOMPARE(highest[i].y(), band[i].summary.highest);
            }
        }
        runs = {runs[0], runs[3]}; // one seed is no band
        OverlayWish wish;
        wish.bands = true;
        draw(runs, wish);
        QVERIFY(find(m_overlay->picture(), Part::Mean, runs[0].path) == nullptr);
        QCOMPARE(m_overlay->picture().curves.size(), std::size_t {2});
    }

    void filesThatGrow_areFollowed_andTheOthersKeepTheirCurves()
    {
        const OverlayRun a = writeRun("a", 1, 10);
        const OverlayRun b = writeRun("b", 2, 10);
        draw({a, b}, {});
        const QByteArray before =
            find(m_overlay->picture(), Part::Line, b.path)->points->identity();
        m_overlay->setFollowing(true);
        appendStep(a.log, 1, 11);
        QTRY_COMPARE_WITH_TIMEOUT(find(m_overlay->picture(), Part::Line, a.path)->points->size(),
                                  qsizetype {11}, hangMs());
        QCOMPARE(find(m_overlay->picture(), Part::Line, b.path)->points->identity(), before);
        QVERIFY(std::holds_alternative<Ready>(m_overlay->state()));
    }

    void aRunWithoutSteps_isYoung_aFileThatIsNone_saysSo()
    {
        OverlayRun young;
        young.path = m_folder->filePath(QStringLiteral("young"));
        young.log = young.path + QStringLiteral("/metrics.jsonl");
        OverlayRun broken;
        broken.path = m_folder->filePath(QStringLiteral("trainer_state.json"));
        write(broken.path, "{\"log_history\": 7}");
        OverlayRun gone;
        gone.path = m_folder->filePath(QStringLiteral("gone"));
        const OverlayRun good = writeRun("good", 1, 5);
        draw({young, broken, gone, good}, {});
        const auto& facts = m_overlay->picture().facts;
        QVERIFY(facts.value(young.path).problem.isEmpty());
        QVERIFY(facts.value(broken.path).problem.contains(QLatin1String("log_history")));
        QVERIFY(facts.value(gone.path).problem.contains(QLatin1String("no such file")));
        QCOMPARE(m_overlay->picture().curves.size(), std::size_t {1});
        QVERIFY(m_overlay->failure() == nullptr);
        QVERIFY(QDir().mkpath(young.path)); // its first step comes
        appendStep(young.log, 1, 1);
        m_overlay->refresh();
        QTRY_COMPARE_WITH_TIMEOUT(m_overlay->picture().curves.size(), std::size_t {2}, hangMs());
    }

    void theTrainersOfOthers_areReadAsCoreReadsThem()
    {
        if (!QDir(kShared).exists()) {
            QSKIP("shared/data is not there");
        }
        QVector<OverlayRun> runs;
        for (const char* name : {"hf_trainer/tinyllama-lora", "hf_trainer/t5-small-tensorboard",
                                 "llamafactory/mistral-translator", "made_here/trainer_nan"}) {
            OverlayRun run;
            run.path = kShared + QLatin1Char('/') + QLatin1String(name);
            runs.append(run);
        }
        draw(runs, {});
        for (const OverlayRun& run : runs) {
            const core::History history = core::readHistory(run.path.toStdString());
            const core::MetricSeries* loss = history.find("loss");
            const OverlayFacts facts = m_overlay->picture().facts.value(run.path);
            QVERIFY2(facts.problem.isEmpty(), qPrintable(facts.problem));
            QCOMPARE(facts.trainer, QString::fromStdString(history.title));
            const OverlayCurve* line = find(m_overlay->picture(), Part::Line, run.path);
            QCOMPARE(line != nullptr, loss != nullptr);
            if (loss != nullptr) {
                const auto points = pointsOf(*line);
                QCOMPARE(points.size(), loss->steps.size());
                for (std::size_t i = 0; i < points.size(); ++i) {
                    QCOMPARE(points[i].x(), static_cast<double>(loss->steps[i]));
                    QVERIFY(points[i].y() == loss->values[i]
                            || (std::isnan(points[i].y()) && std::isnan(loss->values[i])));
                }
            }
        }
    }

    void manyRuns_comeInParts_andAreGivenUp()
    {
        QVector<OverlayRun> runs;
        for (int i = 0; i < 40; ++i) {
            runs.append(writeRun(qPrintable(QStringLiteral("r%1").arg(i)), i, 50));
        }
        OverlayWish wish;
        wish.smoothing = 0.5;
        draw(runs, wish);
        QCOMPARE(m_overlay->picture().curves.size(), std::size_t {40}); // so many without raw ones
        m_overlay->setFollowing(true);
        wish.metric = QStringLiteral("lr");
        m_overlay->setWish(wish);
        m_overlay->cancel();
        QTRY_VERIFY_WITH_TIMEOUT(!m_overlay->isRunning(), hangMs());
        wish.metric = QStringLiteral("loss"); // something is wanted again
        wish.smoothing = 0.7;
        m_overlay->setWish(wish);
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(m_overlay->state())
                                     && m_overlay->picture().wish == wish,
                                 hangMs());
        QCOMPARE(m_overlay->picture().curves.size(), std::size_t {40});
    }

    void others_areRememberedOnce()
    {
        m_overlay->addOthers({QStringLiteral("/a"), QStringLiteral("/b")});
        m_overlay->addOthers({QStringLiteral("/a")});
        QCOMPARE(Overlay().others(), (QStringList {QStringLiteral("/b"), QStringLiteral("/a")}));
        m_overlay->removeOther(QStringLiteral("/b"));
        QCOMPARE(Overlay().others(), QStringList {QStringLiteral("/a")});
    }

private:
    void draw(const QVector<OverlayRun>& runs, const OverlayWish& wish)
    {
        m_overlay->setRuns(runs);
        m_overlay->setWish(wish);
        m_overlay->refresh();
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(m_overlay->state())
                                     && m_overlay->picture().wish == wish
                                     && m_overlay->picture().facts.size() == runs.size(),
                                 hangMs());
    }

    static void write(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Append));
        file.write(bytes);
    }

    static void appendStep(const QString& log, int run, std::int64_t step)
    {
        core::StepRecord record;
        record.step = step;
        record.loss = lossOf(run, step);
        record.epoch = 0.5 * static_cast<double>(step);
        record.learningRate = 1e-4;
        record.tokens = 100 * step;
        record.elapsedS = 2.0 * static_cast<double>(step);
        record.memoryBytes = 3'000'000'000;
        write(log, QByteArray::fromStdString(record.toJson()) + '\n');
    }

    OverlayRun writeRun(const char* name, int number, std::int64_t steps)
    {
        OverlayRun run;
        run.path = m_folder->filePath(QLatin1String(name));
        run.log = run.path + QStringLiteral("/metrics.jsonl");
        QDir().mkpath(run.path);
        for (std::int64_t step = 1; step <= steps; ++step) {
            appendStep(run.log, number, step);
        }
        return run;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Overlay> m_overlay;
};

QTEST_GUILESS_MAIN(TestOverlay)
#include "tst_overlay.moc"
