// SPDX-License-Identifier: GPL-3.0-or-later
// What trainings one after the other share: read once, and the runs have the bits that they have alone.
#include "core/file/output_marker.h"
#include "core/train/scratch_folder.h"
#include "core/train/shared_inputs.h"
#include "core/train/trainer.h"
#include "core/train/training_data.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <QtTest/QtTest>

#include <cmath>
#include <csignal>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
namespace fs = std::filesystem;

namespace {

std::uint64_t inodeOf(const fs::path& file)
{
    struct ::stat status { };
    return ::stat(file.c_str(), &status) == 0 ? status.st_ino : 0;
}

// The numbers of a run: what of its metrics does not depend on the clock.
std::vector<double> numbersOf(const fs::path& run)
{
    std::vector<double> numbers;
    for (const StepRecord& record : MetricsTail(run).poll()) {
        numbers.insert(numbers.end(), {record.loss, record.gradNorm, record.learningRate});
        if (record.evalLoss == record.evalLoss) {
            numbers.insert(numbers.end(),
                           {record.evalLoss, record.evalChoosing, record.evalReported});
        }
    }
    return numbers;
}

} // namespace

class TestSharedInputs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<test::Scratch>();
        writeTinyModel(*m_folder / "model");
        writeTinyTokenizer(*m_folder / "model");
        test::writeBytes(*m_folder / "model" / "tokenizer_config.json",
                         "{\"eos_token\": \"</s>\"}");
        writeTinyBatches(*m_folder / "batches.safetensors", 4);
        m_spec = RunSpec();
        m_spec.model = (*m_folder / "model").string();
        m_spec.batches = (*m_folder / "batches.safetensors").string();
        m_spec.method = methodNamed("pissa");
        m_spec.rank = 4;
        m_spec.alpha = 4;
        m_spec.iters = 1;
        m_spec.steps = 3;
        m_spec.dtype = BaseDType::Float32;
        m_spec.device = "cpu";
        m_spec.threads = 1;
    }

    void runs_haveTheBitsThatTheyHaveAlone_data()
    {
        QTest::addColumn<QString>("method");
        for (const char* method : {"pissa", "lora", "qpissa", "full"}) {
            QTest::newRow(method) << method;
        }
    }
    void runs_haveTheBitsThatTheyHaveAlone()
    {
        QFETCH(QString, method);
        m_spec.method = methodNamed(method.toStdString());
        const auto shared = std::make_shared<SharedInputs>();
        train("first", shared);
        train("second", shared);
        train("alone", nullptr);
        QCOMPARE(numbersOf(*m_folder / "first").size(), std::size_t {9});
        QCOMPARE(numbersOf(*m_folder / "first"), numbersOf(*m_folder / "alone"));
        QCOMPARE(numbersOf(*m_folder / "second"), numbersOf(*m_folder / "alone"));
        QCOMPARE(readRun(*m_folder / "second").inputs.weights.size(),
                 readRun(*m_folder / "alone").inputs.weights.size());
        QVERIFY(!foreignIn(*m_folder / "second"));
    }

    void aFourBitBase_isMadeOnce()
    {
        m_spec.method = methodNamed("qpissa");
        const auto shared = std::make_shared<SharedInputs>();
        train("first", shared);
        m_spec.learningRate = 1e-3; // no part of the base
        train("second", shared);
        m_spec.iters = 2; // a part of it
        train("third", shared);
        const auto weights = [&](const char* run) {
            return inodeOf(*m_folder / run / "base" / "model.safetensors");
        };
        QVERIFY(weights("first") != 0);
        QCOMPARE(weights("second"), weights("first"));
        QVERIFY(weights("third") != weights("first"));
        QVERIFY(!foreignIn(*m_folder / "second" / "base"));
    }

    void rows_areTokenizedOnce_andReadAgainWhenTheyChange()
    {
        const fs::path data = *m_folder / "data.jsonl";
        const auto write = [&](int rows) {
            std::string text;
            for (int i = 0; i < rows; ++i) {
                text += "{\"instruction\": \"say" + std::string(1, static_cast<char>('a' + i))
                    + "\", \"output\": \"yes\"}\n";
            }
            test::writeBytes(data, text);
        };
        write(4);
        m_spec.batches.clear();
        m_spec.data = data.string();
        m_spec.promptTemplate = PromptTemplate::Plain;
        SharedInputs shared;
        const auto files = shared.files(m_spec.model);
        QCOMPARE(shared.files(m_spec.model).get(), files.get());
        const auto first = shared.data(m_spec, *files, JobContext());
        QCOMPARE(shared.data(m_spec, *files, JobContext()).rows.get(), first.rows.get());
        QCOMPARE(first.rows->examples.size(), std::size_t {4});
        write(5);
        QCOMPARE(shared.data(m_spec, *files, JobContext()).rows->examples.size(), std::size_t {5});
        m_spec.maxLength = 8;
        QVERIFY(shared.data(m_spec, *files, JobContext()).rows.get() != first.rows.get());
    }

    void theTwoHalves_makeUpTheHeldOutLoss()
    {
        std::string text;
        for (int i = 0; i < 24; ++i) {
            text += "{\"instruction\": \"say" + std::string(1, static_cast<char>('a' + i))
                + "\", \"output\": \"yes\"}\n";
        }
        test::writeBytes(*m_folder / "data.jsonl", text);
        m_spec.batches.clear();
        m_spec.data = (*m_folder / "data.jsonl").string();
        m_spec.promptTemplate = PromptTemplate::Plain;
        m_spec.batchSize = 2;
        m_spec.evalRatio = 0.5;
        m_spec.evalEvery = 1;
        train("run", nullptr);
        const auto records = MetricsTail(*m_folder / "run").poll();
        QCOMPARE(records.size(), std::size_t {3});
        for (const StepRecord& record : records) { // six micro-batches of as many tokens each
            QVERIFY(record.evalChoosing != record.evalReported);
            QVERIFY(std::abs((record.evalChoosing + record.evalReported) / 2.0 - record.evalLoss)
                    < 1e-5);
        }
        m_spec.batchSize = 12; // one micro-batch has no halves
        train("one", nullptr);
        const auto whole = MetricsTail(*m_folder / "one").poll();
        QVERIFY(whole.back().evalLoss > 0.0);
        QVERIFY(std::isnan(whole.back().evalChoosing) && std::isnan(whole.back().evalReported));
    }

    void aRateOfItsOwn_takesThePlaceOfTheSchedule()
    {
        TrainRequest request = requestOf("run", nullptr);
        request.rate = [](std::int64_t step) { return 1e-4 * static_cast<double>(step); };
        TrainObserver silent;
        core::train(request, silent, JobContext());
        const auto records = MetricsTail(*m_folder / "run").poll();
        QCOMPARE(records[0].learningRate, 1e-4);
        QCOMPARE(records[2].learningRate, 3e-4);
    }

    void aTwin_mayHaveItsOwnRate_andKeepsIt()
    {
        TrainRequest request = requestOf("twins", nullptr);
        request.twins = {methodNamed("lora")};
        request.twinRates = {{methodNamed("lora"), 5e-4}};
        TrainObserver silent;
        core::train(request, silent, JobContext());
        const auto rateOf = [&](const char* method) {
            return readRun(*m_folder / "twins" / method).spec.learningRate;
        };
        QCOMPARE(rateOf("pissa"), m_spec.learningRate);
        QCOMPARE(rateOf("lora"), 5e-4);
        m_spec.method = methodNamed("lora");
        m_spec.learningRate = 5e-4;
        train("lora-alone", nullptr);
        QCOMPARE(numbersOf(*m_folder / "twins" / "lora"), numbersOf(*m_folder / "lora-alone"));
        request.resume = true; // nobody names the rate again
        request.twinRates.clear();
        request.spec.steps = 5;
        core::train(request, silent, JobContext());
        QCOMPARE(rateOf("lora"), 5e-4);
        request.twinRates = {{methodNamed("olora"), 1e-4}};
        QVERIFY(test::errorOf([&] { core::train(request, silent, JobContext()); }));
    }

    void aScratchFolder_goesWithItsUse()
    {
        fs::path path;
        {
            const ScratchFolder folder("test");
            path = folder.path();
            test::writeBytes(path / "x", "y");
        }
        QVERIFY(!path.empty() && !fs::exists(path));
    }

    // A second Ctrl-C ends the program at once, wherever it is: what it left goes with the next.
    void aScratchFolder_goesAfterItsProgramWasKilled()
    {
        const test::Scratch place;
        const QByteArray before = qgetenv("TMPDIR");
        qputenv("TMPDIR", QByteArray::fromStdString(place.path().string()));
        const pid_t child = ::fork();
        if (child == 0) {
            ::alarm(60);
            const ScratchFolder folder("test");
            test::writeBytes(folder.path() / "x", "y");
            for (;;) {
                ::pause();
            }
        }
        const auto left = [&] {
            std::vector<fs::path> found;
            for (const auto& entry : fs::directory_iterator(place.path())) {
                found.push_back(entry.path());
            }
            return found;
        };
        QTRY_VERIFY_WITH_TIMEOUT(left().size() == 1 && fs::exists(left().front() / "x"), 60'000);
        const fs::path dead = left().front();
        removeDeadScratch();
        QVERIFY(fs::exists(dead / "x")); // its program lives
        QCOMPARE(::kill(child, SIGKILL), 0);
        QCOMPARE(::waitpid(child, nullptr, 0), child);
        QVERIFY(fs::exists(dead / "x"));
        for (const char* kept : {"pissarro-notes", "pissarro-ramp-1-notes", "pissarro-a-b-XXXXXX",
                                 "other-ramp-1-XXXXXX"}) { // a person's, by their names
            fs::create_directory(place / kept);
        }
        test::writeBytes(place / "pissarro-ramp-1-XXXXXX", "a file");
        {
            const ScratchFolder next("test");
            QVERIFY(!fs::exists(dead));
            removeDeadScratch();
            QVERIFY(fs::exists(next.path())); // one's own is not a dead one's
        }
        QCOMPARE(left().size(), std::size_t {5});
        before.isNull() ? qunsetenv("TMPDIR") : qputenv("TMPDIR", before);
    }

private:
    TrainRequest requestOf(const char* run, const std::shared_ptr<SharedInputs>& shared) const
    {
        TrainRequest request;
        request.spec = m_spec;
        request.runDirectory = *m_folder / run;
        request.shared = shared;
        return request;
    }
    void train(const char* run, const std::shared_ptr<SharedInputs>& shared) const
    {
        TrainObserver silent;
        core::train(requestOf(run, shared), silent, JobContext());
    }

    std::unique_ptr<test::Scratch> m_folder;
    RunSpec m_spec;
};

QTEST_GUILESS_MAIN(TestSharedInputs)
#include "tst_shared_inputs.moc"
