// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/warning_trap.h"
#include "ui/services/rank_choice.h"

#include <QSignalSpy>
#include <QTest>

#include <string>

using namespace pissarro;
using namespace pissarro::ui;

class TestRankChoice : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void tells_whatIsNewAlone()
    {
        RankChoice choice;
        QSignalSpy rank(&choice, &RankChoice::rankChanged);
        QSignalSpy slice(&choice, &RankChoice::sliceChanged);
        choice.setRank(choice.rank());
        choice.setRank(0); // is no rank
        choice.setSlice(choice.slice());
        QVERIFY(rank.isEmpty() && slice.isEmpty());
        choice.setRank(8);
        choice.setSlice(1.0);
        QCOMPARE(rank.value(0).value(0).toInt(), 8);
        QCOMPARE(slice.count(), 1);
    }

    void patterns_areThoseOfTheMap()
    {
        RankChoice choice;
        QVERIFY(choice.patterns().ranks.empty());
        choice.setMap(threeForQ());
        const core::RankPatterns patterns = choice.patterns();
        QCOMPARE(patterns.ranks.size(), std::size_t {1});
        QCOMPARE(patterns.ranks.at(0).first, std::string("q"));
        QCOMPARE(patterns.ranks.at(0).second, std::int64_t {3});
        QCOMPARE(patterns.alphas.at(0).second, 3.0);
    }

    // Rank and slice are a person's; the map is of matrices that another model has not.
    void aMap_endsWithItsModel()
    {
        RankChoice choice;
        choice.setRank(8);
        choice.setMap(threeForQ());
        QSignalSpy map(&choice, &RankChoice::mapChanged);
        choice.takeModel({});
        QVERIFY(choice.map().ranks.empty());
        QVERIFY(map.isEmpty()); // before it is asked
        choice.tellWhatIsGone();
        choice.tellWhatIsGone();
        QCOMPARE(map.count(), 1);
        QCOMPARE(choice.rank(), 8);
    }

private:
    static core::RankMap threeForQ()
    {
        core::RankMap map;
        map.ranks["q"] = 3;
        map.reason = "by hand";
        return map;
    }
};

QTEST_GUILESS_MAIN(TestRankChoice)
#include "tst_rank_choice.moc"
