// SPDX-License-Identifier: GPL-3.0-or-later
// What a table of runs says of two methods, on tables made so that the answer is known.
#include "core/stats/conclusion.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;

namespace {

constexpr double kApart[] {0.0, 0.1, -0.1, 0.05, -0.05, 0.02}; // of seeds

// Runs of `seeds` seeds about `score`, on both halves.
void add(std::vector<TriedRun>& runs, const char* method, double rate, double score, int seeds,
         double turned = 1.0)
{
    for (int seed = 0; seed < seeds; ++seed) {
        const double value = score + turned * kApart[seed];
        runs.push_back({method, "rank 16", rate, seed, value, value, {}});
    }
}

const ConclusionOptions kTwo {{"PiSSA", "LoRA"}, false, true};

Conclusion only(const std::vector<TriedRun>& runs, const ConclusionOptions& options = kTwo)
{
    return concludeFrom(runs, options).at(0);
}

QString head(const Conclusion& conclusion)
{
    return QString::fromStdString(conclusion.sentences.at(0).text());
}
QString all(const Conclusion& conclusion)
{
    QString out;
    for (const Said& one : conclusion.sentences) {
        out += QString::fromStdString(one.text()) + QLatin1Char('\n');
    }
    return out;
}

std::vector<bool> solved(int first, int last)
{
    std::vector<bool> out(100, false);
    std::fill(out.begin() + first, out.begin() + last, true);
    return out;
}

} // namespace

class TestConclusion : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fiveSeeds_showWhoIsAhead()
    {
        std::vector<TriedRun> runs;
        add(runs, "PiSSA", 2e-5, 50.0, 5);
        add(runs, "PiSSA", 5e-4, 53.0, 5);
        add(runs, "LoRA", 2e-5, 48.0, 5, -1.0);
        add(runs, "LoRA", 2e-2, 51.0, 5, -1.0);
        const Conclusion found = only(runs);
        QVERIFY(found.outcome == Outcome::FirstAhead && found.verdict == Verdict::Shows);
        QCOMPARE(head(found),
                 QStringLiteral("PiSSA is ahead of LoRA, each at its best learning rate."));
        QCOMPARE(found.atBestRates->rateA, 5e-4);
        QCOMPARE(found.atBestRates->rateB, 2e-2);
        QVERIFY(found.atBestRates->claim.test == ClaimTest::PairedT);
        QVERIFY(found.atSameRates.size() == 1 && found.atSameRates[0].rateA == 2e-5);
        QVERIFY(all(found).contains(
            QStringLiteral("53 against 51 at rate 5e-4 / 2e-2, a difference of 2, between ")));
        QVERIFY(
            all(found).contains(QStringLiteral("Holm's correction (claims shown: 2; seeds: 5)")));
        QVERIFY(found.atBestRates->evidence.text() == found.sentences.at(1).text());
        QVERIFY(found.atSameRates[0].evidence.text().starts_with("50 against 48 at rate 2e-5, "));
        // The other way round for losses.
        const Conclusion losses = only(runs, {{"PiSSA", "LoRA"}, true, true});
        QVERIFY(losses.outcome == Outcome::SecondAhead);
        QCOMPARE(losses.atBestRates->rateA, 2e-5);
    }

    void fewerSeeds_onlySuggest()
    {
        std::vector<TriedRun> runs;
        add(runs, "PiSSA", 5e-4, 53.0, 4);
        add(runs, "LoRA", 2e-2, 51.0, 3, -1.0); // other seeds: not paired
        const Conclusion found = only(runs);
        QVERIFY(found.outcome == Outcome::FirstAhead && found.verdict == Verdict::Suggests);
        QVERIFY(found.atBestRates->claim.test == ClaimTest::WelchT && found.atSameRates.empty());
        QVERIFY(head(found).startsWith(
            QStringLiteral("The runs suggest, and do not show, that PiSSA")));
        QVERIFY(all(found).contains(QStringLiteral("Fewer than five seeds")));
    }

    void oneSeed_tellsNothing()
    {
        std::vector<TriedRun> runs;
        add(runs, "PiSSA", 5e-4, 60.0, 1);
        add(runs, "LoRA", 5e-4, 40.0, 1);
        const Conclusion found = only(runs);
        QVERIFY(found.outcome == Outcome::NoDifference && found.verdict == Verdict::NoDifference);
        QVERIFY(head(found).startsWith(
            QStringLiteral("No difference between PiSSA and LoRA can be told")));
        QVERIFY(
            all(found).contains(QStringLiteral("60 against 40 at rate 5e-4; no test can be made")));
    }

    // The table of the issue: PiSSA ahead at two rates, LoRA's best of all at a third.
    void oppositeClaims_dependOnTheRate()
    {
        std::vector<TriedRun> runs;
        add(runs, "PiSSA", 2e-5, 2.0, 5);
        add(runs, "PiSSA", 5e-4, 1.6, 5);
        add(runs, "PiSSA", 2e-2, 7.0, 5);
        add(runs, "LoRA", 2e-5, 3.0, 5, -1.0);
        add(runs, "LoRA", 5e-4, 2.6, 5, -1.0);
        add(runs, "LoRA", 2e-2, 1.1, 5, -1.0);
        const Conclusion found = only(runs, {{"PiSSA", "LoRA"}, true, true});
        QVERIFY(found.outcome == Outcome::DependsOnRate && found.verdict == Verdict::Shows);
        QVERIFY(found.atBestRates->claim.better == Better::B && found.atSameRates.size() == 3);
        QVERIFY(head(found).startsWith(
            QStringLiteral("Which is ahead depends on the learning rate: PiSSA at ")));
    }

    // A lead at one same rate that is gone at the best ones is told, and is no lead.
    void aLeadAtOneRate_isNoLead()
    {
        std::vector<TriedRun> runs;
        add(runs, "PiSSA", 2e-5, 50.0, 5);
        add(runs, "PiSSA", 5e-4, 53.0, 5);
        add(runs, "LoRA", 2e-5, 40.0, 5, -1.0);
        add(runs, "LoRA", 2e-2, 53.0, 5, -1.0);
        const Conclusion found = only(runs);
        QVERIFY(found.outcome == Outcome::NoDifference);
        QVERIFY(all(found).contains(QStringLiteral("At the same rate of 2e-5 PiSSA is ahead.")));
    }

    // Rates are chosen by the one half, told by the other; the same rows for both are said.
    void rates_areChosenByTheirOwnRows()
    {
        std::vector<TriedRun> runs;
        for (int seed = 0; seed < 5; ++seed) {
            runs.push_back({"PiSSA", "", 1e-4, seed, 9.0, 1.0 + kApart[seed], {}});
            runs.push_back({"PiSSA", "", 1e-3, seed, 8.0, 7.0 + kApart[seed], {}});
            runs.push_back({"LoRA", "", 1e-4, seed, 5.0, 3.0 - kApart[seed], {}});
        }
        const Conclusion found = only(runs);
        QCOMPARE(found.atBestRates->rateA, 1e-4);
        QVERIFY(found.outcome == Outcome::SecondAhead);
        // The best rates are the same rate: one claim, not two.
        QCOMPARE(found.atBestRates->claim.adjustedP, *found.atBestRates->claim.p);
        QVERIFY(!found.atBestRates->claim.pickedAfterwards);
        const Conclusion same = only(runs, {{"PiSSA", "LoRA"}, false, false});
        QVERIFY(same.atBestRates->claim.pickedAfterwards);
        QVERIFY(all(same).contains(QStringLiteral("the very rows")));
    }

    void aRateThatDiverged_isNeverTheBest()
    {
        std::vector<TriedRun> runs;
        add(runs, "PiSSA", 1e-4, 50.0, 3);
        add(runs, "PiSSA", 1e-1, 90.0, 3);
        runs.back().choosing = std::nan("");
        add(runs, "LoRA", 1e-4, 50.0, 3, -1.0);
        QCOMPARE(only(runs).atBestRates->rateA, 1e-4);
        for (TriedRun& run : runs) {
            run.choosing = run.method == "LoRA" ? std::nan("") : run.choosing;
        }
        const Conclusion found = only(runs);
        QVERIFY(found.outcome == Outcome::NothingToCompare && !found.atBestRates);
        QVERIFY(head(found).contains(QStringLiteral("cannot be compared")));
        QVERIFY(concludeFrom({}, kTwo).empty());
    }

    void fewSeedsWithAnswers_areComparedOverQuestions()
    {
        std::vector<TriedRun> runs {{"PiSSA", "", 1e-4, 3, 0.5, 0.6, solved(0, 60)},
                                    {"LoRA", "", 1e-3, 3, 0.4, 0.3, solved(30, 60)}};
        const Conclusion found = only(runs);
        QVERIFY(found.outcome == Outcome::FirstAhead && found.verdict == Verdict::Shows);
        QVERIFY(*found.atBestRates->answers == (PairedAnswers {30, 30, 0, 40}));
        QVERIFY(all(found).contains(
            QStringLiteral("Solved by PiSSA alone: 30, by LoRA alone: 0 (questions: 100)")));
        QVERIFY(all(found).contains(QStringLiteral("the two runs of seed 3")));
        runs[1].seed = 4; // no seed in common: nothing to pair
        QVERIFY(!only(runs).atBestRates->answers);
        runs[1].seed = 3;
        runs[1].solved.pop_back();
        QVERIFY(errorOf([&] { only(runs); }));
    }

    // One family: every pair of methods in every setting pays for all.
    void allClaims_areOneFamily()
    {
        std::vector<TriedRun> runs;
        for (const char* const method : {"PiSSA", "LoRA", "OLoRA"}) {
            add(runs, method, 1e-4, method[0] == 'P' ? 52.0 : 50.0, 5,
                method[0] == 'O' ? 0.5 : 1.0);
        }
        const std::size_t half = runs.size();
        for (std::size_t i = 0; i < half; ++i) {
            runs.push_back(runs[i]);
            runs.back().setting = "rank 4";
        }
        const auto found = concludeFrom(runs, {{"PiSSA", "LoRA", "OLoRA"}, false, true});
        QCOMPARE(found.size(), std::size_t {6});
        QVERIFY(found[0].setting == "rank 16" && found[3].setting == "rank 4");
        QVERIFY(found[1].first == "PiSSA" && found[1].second == "OLoRA");
        QVERIFY(all(found[1]).contains(QStringLiteral("claims shown: 6")));
        // LoRA repeats PiSSA's seeds two points below: nothing varies, and that is said.
        QVERIFY(found[0].atBestRates->claim.nothingVaries);
        QVERIFY(all(found[0]).contains(QStringLiteral("repeat each other")));
    }

    void aRunThatIsThereTwice_isNamed()
    {
        std::vector<TriedRun> runs;
        add(runs, "PiSSA", 5e-4, 53.0, 2);
        runs.push_back(runs.back());
        const auto error = errorOf([&] { only(runs); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        QCOMPARE(QString::fromLatin1(error->what()),
                 QStringLiteral("the run of 'PiSSA', 'rank 16' at rate 5e-4, seed 1 is there "
                                "twice; leave one out"));
    }

    void choosingHalf_isHalf()
    {
        for (const std::size_t count : {0U, 1U, 2U, 7U, 1000U}) {
            const std::vector<bool> half = choosingHalf(count);
            QCOMPARE(half.size(), count);
            QCOMPARE(static_cast<std::size_t>(std::count(half.begin(), half.end(), true)),
                     count / 2);
            QVERIFY(half == choosingHalf(count));
        }
        QVERIFY(choosingHalf(1000, 1) != choosingHalf(1000, 2));
        const std::vector<bool> half = choosingHalf(1000);
        const auto early = std::count(half.begin(), half.begin() + 500, true);
        QVERIFY(early > 200 && early < 300); // drawn over all rows
    }
};

QTEST_GUILESS_MAIN(TestConclusion)
#include "tst_conclusion.moc"
