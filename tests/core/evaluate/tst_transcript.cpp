// SPDX-License-Identifier: GPL-3.0-or-later
// A line a transcript: all of it reads back, a torn last one does not count, another broken one is named.
#include "core/base/error.h"
#include "core/evaluate/transcript.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <filesystem>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

Transcript someAnswer(std::int64_t index)
{
    Transcript one;
    one.model = "pissa";
    one.index = index;
    one.sample = 1;
    one.prompt = "What is 1 + 1?\n";
    one.output = "2 \xC3\xA9";
    one.gold = "2";
    one.verdicts = {{"paper", {"2", true}}, {"usual", {std::nullopt, false, "failed: Error"}}};
    one.tokens = 7;
    one.ending = "end";
    one.seconds = 0.1;
    return one;
}

} // namespace

class TestTranscript : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lines_readBack()
    {
        const test::Scratch scratch;
        std::string text;
        for (std::int64_t i = 0; i < 3; ++i) {
            text += toLine(someAnswer(i)) + "\n";
        }
        test::writeBytes(scratch / kTranscriptsFile, text);
        const auto all = readTranscripts(scratch.path());
        QCOMPARE(all.size(), 3U);
        for (std::int64_t i = 0; i < 3; ++i) {
            QCOMPARE(toLine(all[static_cast<std::size_t>(i)]), toLine(someAnswer(i)));
        }
        QVERIFY(all[0].isCorrect());
        QVERIFY(!all[0].verdicts[1].score.extracted);
        QCOMPARE(all[0].verdicts[1].score.verdict, std::string("failed: Error"));
    }

    // What scripts look for stands at the top.
    void lines_haveWhatScriptsRead()
    {
        const auto line = nlohmann::json::parse(toLine(someAnswer(4)));
        QCOMPARE(line["index"].get<int>(), 4);
        QCOMPARE(line["extracted"].get<std::string>(), std::string("2"));
        QVERIFY(line["correct"].get<bool>());
        QCOMPARE(line["tokens"].get<int>(), 7);
        QVERIFY(line.contains("prompt") && line.contains("output") && line.contains("gold"));
    }

    void aTornLine_isCut()
    {
        const test::Scratch scratch;
        QVERIFY(readTranscripts(scratch.path()).empty());
        const std::string whole = toLine(someAnswer(0)) + "\n";
        const std::string torn = toLine(someAnswer(1));
        for (std::size_t bytes = 1; bytes < torn.size(); bytes += 17) {
            test::writeBytes(scratch / kTranscriptsFile, whole + torn.substr(0, bytes));
            QCOMPARE(readTranscripts(scratch.path()).size(), 1U);
            QCOMPARE(readTranscripts(scratch.path(), /*cutTorn=*/true).size(), 1U);
            QCOMPARE(test::readBytes(scratch / kTranscriptsFile), whole);
        }
    }

    void aBrokenLine_isNamed_data()
    {
        QTest::addColumn<QString>("line");
        QTest::newRow("no JSON") << "{\"model\": ";
        QTest::newRow("a list") << "[1]";
        QTest::newRow("an index twice") << R"({"model": "a", "index": 5, "sample": 0, "index": 6})";
        QTest::newRow("no index") << R"({"model": "a"})";
        QTest::newRow("another kind") << R"({"model": "a", "index": "1", "sample": 0})";
    }
    void aBrokenLine_isNamed()
    {
        QFETCH(QString, line);
        const test::Scratch scratch;
        test::writeBytes(scratch / kTranscriptsFile,
                         toLine(someAnswer(0)) + "\n" + line.toStdString() + "\n"
                             + toLine(someAnswer(1)) + "\n");
        const auto error = test::errorOf([&] { readTranscripts(scratch.path()); });
        QVERIFY(error && error->kind() == ErrorKind::Format);
        QVERIFY(std::string(error->what()).find("line 2") != std::string::npos);
    }

    // Files may be of any length: they are read line by line, and left within.
    void aStop_endsTheReading()
    {
        const test::Scratch scratch;
        const std::string text = toLine(someAnswer(0)) + "\n" + "{\"torn";
        test::writeBytes(scratch / kTranscriptsFile, text);
        std::stop_source stop;
        stop.request_stop();
        const JobContext stopped(stop.get_token());
        QVERIFY_THROWS_EXCEPTION(Cancelled, readTranscripts(scratch.path(), true, stopped));
        QCOMPARE(test::readBytes(scratch / kTranscriptsFile), text); // nothing was cut off
    }

    // A sparse file may say that it has a terabyte; the line that it would be is no answer.
    void aHole_isNoTranscript()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / kTranscriptsFile, toLine(someAnswer(0)) + "\n");
        fs::resize_file(scratch / kTranscriptsFile, 1ULL << 40U);
        const auto error = test::errorOf([&] { readTranscripts(scratch.path(), true); });
        QVERIFY(error && error->kind() == ErrorKind::Format);
        QVERIFY(std::string(error->what()).find("line 2: is longer than") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestTranscript)
#include "tst_transcript.moc"
