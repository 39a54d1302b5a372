// SPDX-License-Identifier: GPL-3.0-or-later
// How a run ends that is told to, or that something unforeseen ends: what was learned is kept, the state is right.
#include "core/base/error.h"
#include "core/run/run_directory.h"
#include "core/train/trainer.h"
#include "tests/cli/tiny_model.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <tuple>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

// Calls `act` after a step of run 0.
class At : public TrainObserver {
public:
    At(std::int64_t step, std::function<void()> act)
        : m_step(step)
        , m_act(std::move(act))
    {
    }
    void stepDone(int run, const StepRecord& record) override
    {
        if (run == 0 && record.step == m_step) {
            m_act();
        }
    }

private:
    std::int64_t m_step;
    std::function<void()> m_act;
};

} // namespace

class TestSalvage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(path("tiny"));
        writeTinyBatches(path("batches.safetensors"), 4);
    }

    void anyException_endsItInOrder()
    {
        const TrainRequest request = requestOf("thrown");
        At observer(3, [] { throw std::out_of_range("a fault"); });
        QString text;
        try {
            train(request, observer, {});
        } catch (const Error& e) {
            QCOMPARE(e.kind(), ErrorKind::Internal);
            text = QString::fromUtf8(e.what());
        }
        QVERIFY2(text.contains("std::out_of_range"), qPrintable(text));
        const RunSummary run = readRun(request.runDirectory);
        QCOMPARE(run.state, RunState::Failed);
        QVERIFY(QString::fromStdString(run.message).contains("out_of_range"));
        QVERIFY(std::filesystem::exists(request.runDirectory / "adapter/adapter_config.json"));
    }

    // Neither a folder that cannot be written nor an observer that throws keeps the first error from coming out.
    void salvage_cannotThrow()
    {
        const TrainRequest request = requestOf("twice");
        At fault(3, [&] {
            std::filesystem::remove_all(request.runDirectory / "adapter");
            std::ofstream(request.runDirectory / "adapter") << "a file in the way";
            throw std::length_error("the first fault");
        });
        class Deaf : public TrainObserver {
        public:
            explicit Deaf(At& inner)
                : m_inner(inner)
            {
            }
            void stepDone(int run, const StepRecord& record) override
            {
                m_deaf = record.step == 3;
                m_inner.stepDone(run, record);
            }
            void message(std::string_view) override
            {
                if (m_deaf) {
                    throw std::runtime_error("nobody listens");
                }
            }

        private:
            At& m_inner;
            bool m_deaf = false;
        } deaf(fault);
        QString text;
        try {
            train(request, deaf, {});
        } catch (const Error& e) {
            text = QString::fromUtf8(e.what());
        }
        QVERIFY2(text.contains("the first fault"), qPrintable(text));
    }

    void toldBeforeItBegins_itLeavesNothing_data()
    {
        QTest::addColumn<bool>("cancelled"); // or told to stop and keep
        QTest::addColumn<bool>("folderIsThere");
        QTest::newRow("cancelled") << true << false;
        QTest::newRow("stopped") << false << false;
        QTest::newRow("stopped, an empty folder") << false << true;
    }

    void toldBeforeItBegins_itLeavesNothing()
    {
        QFETCH(bool, cancelled);
        QFETCH(bool, folderIsThere);
        TrainRequest request = requestOf("early");
        request.twins = {methodNamed("lora")};
        if (folderIsThere) {
            std::filesystem::create_directories(request.runDirectory);
        }
        std::stop_source stop;
        // In the middle of the preparation: the first run is ready, its twin is not.
        class Teller : public TrainObserver {
        public:
            explicit Teller(std::function<void()> tell)
                : m_tell(std::move(tell))
            {
            }
            void runPrepared(int, const RunSummary&) override { m_tell(); }

        private:
            std::function<void()> m_tell;
        } teller([&] { cancelled ? (void)stop.request_stop() : request.control->stopAndKeep(); });
        QVERIFY_THROWS_EXCEPTION(Cancelled, train(request, teller, JobContext(stop.get_token())));
        QCOMPARE(std::filesystem::exists(request.runDirectory), folderIsThere);
        if (folderIsThere) {
            QVERIFY(std::filesystem::is_empty(request.runDirectory));
        }
        std::filesystem::remove_all(request.runDirectory);
    }

    void aStoppedRun_goesOnToTheSameNumbers()
    {
        TrainRequest whole = requestOf("whole");
        At silent(0, [] {});
        train(whole, silent, {});
        TrainRequest parts = requestOf("parts");
        At teller(2, [&] { parts.control->stopAndKeep(); });
        QCOMPARE(train(parts, teller, {}).front().state, RunState::Stopped);
        QCOMPARE(numbersOf(parts.runDirectory).size(), std::size_t(2));
        parts.control = std::make_shared<TrainControl>();
        parts.resume = true;
        QCOMPARE(train(parts, silent, {}).front().state, RunState::Finished);
        QVERIFY(numbersOf(parts.runDirectory) == numbersOf(whole.runDirectory));
    }

    void auto_isStoredAsWhatItIs()
    {
        TrainRequest request = requestOf("device");
        request.spec.device = "auto";
        At silent(0, [] {});
        QCOMPARE(train(request, silent, {}).front().spec.device, std::string("cpu"));
        QCOMPARE(readRun(request.runDirectory).spec.device, std::string("cpu"));
    }

private:
    std::filesystem::path path(const char* name) const
    {
        return m_folder.filePath(name).toStdString();
    }

    TrainRequest requestOf(const char* name) const
    {
        TrainRequest request;
        request.spec.model = path("tiny").string();
        request.spec.batches = path("batches.safetensors").string();
        request.spec.method = methodNamed("pissa");
        request.spec.rank = 4;
        request.spec.alpha = 4;
        request.spec.dtype = BaseDType::Float32;
        request.spec.threads = 2;
        request.spec.steps = 6;
        request.spec.gradAccum = 2;
        request.runDirectory = path(name);
        request.control = std::make_shared<TrainControl>();
        return request;
    }

    // Loss, norm and batch of each step.
    static std::vector<std::tuple<double, double, std::string>>
    numbersOf(const std::filesystem::path& run)
    {
        std::vector<std::tuple<double, double, std::string>> numbers;
        for (const StepRecord& record : MetricsTail(run).poll()) {
            numbers.emplace_back(record.loss, record.gradNorm, record.batchHash);
        }
        return numbers;
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestSalvage)
#include "tst_salvage.moc"
