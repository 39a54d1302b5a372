// SPDX-License-Identifier: GPL-3.0-or-later
// SWEEP.json: what it may hold, and how it is refused.
#include "core/sweep/sweep_spec.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QtTest/QtTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using tests::smallSweep;
using tests::sweepOf;

class TestSweepSpec : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void axes_comeInTheOrderOfTheTable()
    {
        const SweepSpec spec = smallSweep("'axes': {'seed': [1, 0], 'learning_rate': [2e-5], "
                                          "'rank': [8, 4], 'method': ['lora']}");
        QCOMPARE(spec.axes.size(), std::size_t {4});
        QCOMPARE(spec.axes[0].key, std::string("method"));
        QCOMPARE(spec.axes[1].key, std::string("rank"));
        QCOMPARE(spec.axes[2].key, std::string("learning_rate"));
        QCOMPARE(spec.axes[3].key, std::string("seed"));
        QCOMPARE(std::get<std::int64_t>(spec.axes[1].values[0]),
                 std::int64_t {8}); // as they are named
        QCOMPARE(std::get<std::int64_t>(spec.axes[1].values[1]), std::int64_t {4});
    }

    void aSingleValue_isAList_alsoOfTargets()
    {
        const SweepSpec spec =
            smallSweep("'axes': {'rank': 8, 'targets': [['q_proj'], ['q_proj', 'v_proj']]}");
        QCOMPARE(spec.axes[0].values.size(), std::size_t {1});
        QCOMPARE(spec.axes[1].values.size(), std::size_t {2});
        const SweepSpec one = smallSweep("'axes': {'targets': ['q_proj', 'v_proj']}");
        QCOMPARE(one.axes[0].values.size(), std::size_t {1});
        QCOMPARE(std::get<std::vector<std::string>>(one.axes[0].values[0]).size(), std::size_t {2});
    }

    void alpha_followsTheRank()
    {
        const auto base = [](const std::string& more) {
            return sweepOf("{'base': {'model': 'm', 'data': 'd.jsonl'" + more
                           + "}, 'pair_alpha_with_rank': true}")
                .base.alpha;
        };
        QCOMPARE(base(", 'rank': 8"), 8.0); // nobody named an alpha
        QCOMPARE(base(", 'rank': 8, 'alpha': 16"), 16.0); // alpha / rank stays 2
    }

    void itsOwnJson_isReadBack()
    {
        const SweepSpec spec = smallSweep(
            "'axes': {'method': ['pissa', 'lora'], 'learning_rate': [0.00017]}, "
            "'twins': {'lora': {'learning_rate': [1e-4, 2e-4]}}, 'runs': [{'method': 'full'}], "
            "'pair_alpha_with_rank': true, 'stop': {'rule': 'halving', 'first': 2, 'keep_one_of': "
            "2}, "
            "'workers': 3");
        const std::string text = sweepToJson(spec).dump();
        const SweepSpec again = sweepFromJson(text);
        QCOMPARE(sweepToJson(again).dump(), text);
        QCOMPARE(sweepDifference(spec, again), std::string());
        QCOMPARE(spec.workers, 3);
        QVERIFY(!nlohmann::json::parse(text).contains("workers")); // no part of what is asked
    }

    void differences_areNamed()
    {
        const SweepSpec a = smallSweep("'axes': {'rank': [4, 8]}");
        const SweepSpec b = smallSweep("'axes': {'rank': [4, 16]}");
        QVERIFY(sweepDifference(a, b).find("axes") == 0);
        SweepSpec c = a;
        c.base.learningRate = 0.5;
        QVERIFY(sweepDifference(a, c).find("learning_rate") != std::string::npos);
    }

    void refuses_whatItCannotRead_data()
    {
        QTest::addColumn<QString>("more");
        QTest::addColumn<QString>("says");
        QTest::newRow("key") << "'axis': {}"
                             << "unknown key";
        QTest::newRow("setting") << "'axes': {'ranks': [4]}"
                                 << "ranks";
        QTest::newRow("range") << "'axes': {'rank': [4, 0]}"
                               << "rank must be";
        QTest::newRow("kind") << "'axes': {'rank': ['four']}"
                              << "rank must be a whole number";
        QStringList many; // each is compared with those before it
        for (int seed = 0; seed <= 10'000; ++seed) {
            many.append(QString::number(seed));
        }
        QTest::newRow("many values") << "'axes': {'seed': [" + many.join(", ") + "]}"
                                     << "seed has 10001 values (expected at most 10000)";
        QTest::newRow("method") << "'axes': {'method': ['pizza']}"
                                << "pizza";
        QTest::newRow("empty") << "'axes': {'rank': []}"
                               << "rank is an empty list";
        QTest::newRow("twice") << "'axes': {'rank': [4, 4]}"
                               << "twice";
        QTest::newRow("key twice") << "'axes': {'rank': [4], 'seed': [1], 'rank': [8]}"
                                   << "'axes.rank' stands twice";
        QTest::newRow("list") << "'axes': []"
                              << "axes: is a list";
        QTest::newRow("twin") << "'twins': {'pizza': {}}"
                              << "pizza";
        QTest::newRow("twin's method") << "'twins': {'lora': {'method': 'full'}}"
                                       << "method already";
        QTest::newRow("two values") << "'runs': [{'rank': [4, 8]}]"
                                    << "several values";
        QTest::newRow("rule") << "'stop': {'rule': 'luck', 'first': 1}"
                              << "rule must be one of";
        QTest::newRow("first") << "'stop': {'rule': 'halving'}"
                               << "first is missing";
        QTest::newRow("every") << "'stop': {'rule': 'median', 'first': 4}"
                               << "every is missing";
        QTest::newRow("within") << "'stop': {'rule': 'halving', 'first': 4, 'within': ['x']}"
                                << "'x'";
        QTest::newRow("workers") << "'workers': 0"
                                 << "workers is 0";
        QTest::newRow("alpha") << "'pair_alpha_with_rank': true, 'axes': {'alpha': [4]}"
                               << "one of the two";
        QTest::newRow("eval") << "'eval': {}"
                              << "eval: task is missing";
    }
    void refuses_whatItCannotRead()
    {
        QFETCH(QString, more);
        QFETCH(QString, says);
        const auto error = test::errorOf([&] { smallSweep(more.toStdString()); });
        QVERIFY(error);
        const QString text = error->what();
        QVERIFY2(text.contains(says), qPrintable(text));
        QVERIFY2(!text.contains('\n') && text.size() < 390, qPrintable(text));
    }

    void refuses_whatIsNoSweep()
    {
        QVERIFY(test::errorOf([] { sweepFromJson("[1]"); }));
        QVERIFY(test::errorOf([] { sweepFromJson("{"); }));
        QVERIFY(test::errorOf([] { sweepFromJson("{}"); })); // no base
    }
};

QTEST_GUILESS_MAIN(TestSweepSpec)
#include "tst_sweep_spec.moc"
