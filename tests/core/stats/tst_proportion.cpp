// SPDX-License-Identifier: GPL-3.0-or-later
// Shares of questions solved: intervals of golden/eval, pass@k and Agresti & Min's interval of tests/tools/make_stats_fixtures.py.
#include "core/stats/proportion.h"
#include "tests/core/file/test_files.h"
#include "tests/core/stats/stats_fixture.h"

#include <QTest>

#include <functional>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;
using test::errorOf;

class TestProportion : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void intervals_areThePeers()
    {
        for (const json& row : tests::statsGolden("proportions")) {
            const std::int64_t k = row.at("k");
            const std::int64_t n = row.at("n");
            const Interval wilson = wilsonInterval(k, n, row.at("level"));
            const Interval exact = clopperPearsonInterval(k, n, row.at("level"));
            VERIFY_CLOSE(wilson.low, row.at("wilson")[0], 1e-9, row);
            VERIFY_CLOSE(wilson.high, row.at("wilson")[1], 1e-9, row);
            // scipy looks for its ends to 1e-12.
            VERIFY_CLOSE(exact.low, row.at("clopper_pearson")[0], 1e-9, row, 1e-12);
            VERIFY_CLOSE(exact.high, row.at("clopper_pearson")[1], 1e-9, row, 1e-12);
            QVERIFY(k > 0 || (wilson.low == 0.0 && exact.low == 0.0));
            QVERIFY(k < n || (wilson.high == 1.0 && exact.high == 1.0));
        }
    }

    // One right of n: the lower end solves 1 - (1 - p)^n = 0.025.
    void clopperPearson_isTheClosedFormOfOne()
    {
        for (const std::int64_t n : {2, 164, 5000, 1000000}) {
            const double wanted = -std::expm1(std::log1p(-0.025) / static_cast<double>(n));
            VERIFY_CLOSE(clopperPearsonInterval(1, n).low, wanted, 1e-12, json(n));
        }
    }

    void noQuestions_sayNothing()
    {
        QVERIFY(wilsonInterval(0, 0) == (Interval {0.0, 1.0}));
        QVERIFY(clopperPearsonInterval(0, 0) == (Interval {0.0, 1.0}));
        QVERIFY(differenceInterval({}) == (Interval {-1.0, 1.0}));
        QCOMPARE(PairedAnswers {}.difference(), 0.0);
    }

    void pairs_areCounted()
    {
        const PairedAnswers pairs =
            countPairs({true, true, false, false, true}, {true, false, true, false, false});
        QVERIFY(pairs == (PairedAnswers {1, 2, 1, 1}));
        QCOMPARE(pairs.questions(), std::int64_t {5});
        QCOMPARE(pairs.difference(), 0.2);
        const auto error = errorOf([] { countPairs({true}, {true, false}); });
        QVERIFY(error && QString::fromLatin1(error->what()).contains("1 questions, the other 2"));
    }

    void differenceInterval_isAgrestiAndMins()
    {
        for (const json& row : tests::statsFixture("agresti_min")) {
            const Interval found = differenceInterval({row[0], row[1], row[2], row[3]});
            VERIFY_CLOSE(found.low, row[4], 1e-12, row);
            VERIFY_CLOSE(found.high, row[5], 1e-12, row);
        }
    }

    void passAtK_isTheExactFraction()
    {
        for (const json& row : tests::statsFixture("pass_at_k")) {
            const std::optional<double> found = passAtK(row[0], row[1], row[2]);
            QCOMPARE(found.has_value(), !row[3].is_null());
            if (found) {
                VERIFY_CLOSE(*found, row[3], 1e-12, row, 1e-15);
            }
        }
        // Of golden/eval/code.json, where it is there.
        const auto path = tests::golden() / "eval" / "code.json";
        const json code = std::filesystem::exists(path) ? tests::jsonAt(path) : json::object();
        for (const json& row : code.value("pass_at_k", json::array())) {
            VERIFY_CLOSE(*passAtK(row[0], row[1], row[2]), row[3], 1e-12, row, 1e-15);
        }
        for (const json& group : code.value("pass_at_k_groups", json::array())) {
            const std::vector<std::pair<std::int64_t, std::int64_t>> problems =
                group.at("problems");
            for (const auto& [name, wanted] : group.at("expected").items()) {
                VERIFY_CLOSE(*meanPassAtK(problems, std::stoll(name.substr(5))), wanted, 1e-12,
                             group);
            }
        }
    }

    void meanPassAtK_wantsEnoughSamplesOfEach()
    {
        using Problems = std::vector<std::pair<std::int64_t, std::int64_t>>;
        QCOMPARE(*meanPassAtK(Problems {{2, 1}, {4, 4}}, 1), 0.75);
        QVERIFY(!meanPassAtK(Problems {{2, 1}, {4, 4}}, 3));
        QVERIFY(!meanPassAtK(Problems {}, 1));
    }

    void refuses_countsThatCannotBe()
    {
        for (const auto& call : std::vector<std::function<void()>> {
                 [] { wilsonInterval(2, 1); }, [] { wilsonInterval(-1, 1); },
                 [] { wilsonInterval(1, 2, 1.0); }, [] { clopperPearsonInterval(1, 2, 0.0); },
                 [] { clopperPearsonInterval(0, -1); }, [] { differenceInterval({}, 2.0); },
                 [] { passAtK(1, 2, 1); }, [] { passAtK(1, 1, 0); }}) {
            const auto error = errorOf([&] { call(); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        }
    }
};

QTEST_GUILESS_MAIN(TestProportion)
#include "tst_proportion.moc"
