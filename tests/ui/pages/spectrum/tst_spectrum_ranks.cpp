// SPDX-License-Identifier: GPL-3.0-or-later
// Ranks on the Spectrum page: one for all, a map of them by rules and by hand, a slice, and the map of what they keep.
#include "core/linalg/spectrum.h"
#include "tests/ui/pages/spectrum/spectrum_page_bench.h"
#include "ui/pages/spectrum/spectrum_page.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/qcustomplot.h"
#include "ui/services/services.h"
#include "ui/words/format.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestSpectrumRanks : public SpectrumPageBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests(); }
    void init() { beginTest(); }

    void trainsOnlyWithARankThatEveryMatrixHas()
    {
        QSignalSpy asked(m_page.get(), &Page::go);
        auto* train = find<QPushButton>("spectrum.train");
        QTest::mouseClick(train, Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
        m_services->ranks.setRank(193);
        QVERIFY(!train->isEnabled());
        QVERIFY2(train->toolTip().contains(QStringLiteral("192")), qPrintable(train->toolTip()));
        m_services->ranks.setRank(192);
        QTest::keyClick(train, Qt::Key_Space);
        QCOMPARE(asked.size(), 2);
    }

    void switchesTheMeasureOfTheMap()
    {
        auto* map = find<HeatMap>("spectrum.map");
        auto* measure = find<QComboBox>("spectrum.measure");
        const core::Spectrum& q =
            m_services->spectra.all()[QStringLiteral("model.layers.14.self_attn.q_proj")]->spectrum;
        QCOMPARE(map->value({14, 0}), core::keptEnergy(q, 16));
        for (int i = 0; i < 7; ++i) { // the measures of one spectrum
            measure->setCurrentIndex(i);
            const double wanted =
                core::measureOf(q, static_cast<core::Measure>(measure->currentData().toInt()), 16);
            const double shown = map->value({14, 0});
            QCOMPARE(i == 5 ? std::pow(10.0, shown) : shown, wanted);
        }
        measure->setCurrentIndex(7);
        QCOMPARE(map->value({14, 0}), 16.0);
        measure->setCurrentIndex(8); // nothing to compare with
        QVERIFY(std::isnan(map->value({14, 0})));
        measure->setCurrentIndex(0);
    }

    void mapsRanksByARuleAndByHand()
    {
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->spectra.isRunning(), kPatienceMs);
        QTest::mouseClick(find<QWidget>("spectrum.rankKind.1"), Qt::LeftButton);
        const auto& map = m_services->ranks.map();
        QCOMPARE(map.ranks.size(), std::size_t {210}); // the rank that stood there, to begin with
        for (const auto& [module, rank] : map.ranks) {
            QCOMPARE(rank, std::int64_t {16});
        }
        QCOMPARE(text("spectrum.parameters"), QStringLiteral("4,884,480"));
        find<QComboBox>("spectrum.rule")->setCurrentIndex(0);
        Q_EMIT find<QComboBox>("spectrum.rule")->activated(0); // 90 % of the energy
        const core::Spectrum& q =
            m_services->spectra.all()[QStringLiteral("model.layers.14.self_attn.q_proj")]->spectrum;
        QCOMPARE(map.ranks.at("model.layers.14.self_attn.q_proj"), core::rankForEnergy(q, 0.9));
        auto* rule = find<QComboBox>("spectrum.rule");
        rule->setCurrentIndex(1);
        Q_EMIT rule->activated(1);
        QVERIFY(4 * map.parameters <= 10'000'000 && 4 * map.parameters > 9'900'000);
        QCOMPARE(text("spectrum.parameters"), formatCount(map.parameters));
        auto* value = find<QLineEdit>("spectrum.ruleValue");
        value->setFocus();
        value->selectAll();
        QTest::keyClicks(value, QStringLiteral("nonsense"));
        QTest::keyClick(value, Qt::Key_Return);
        QVERIFY(value->property("invalid").toBool());
        QVERIFY(4 * map.parameters > 9'900'000); // the map stays
        value->selectAll();
        QTest::keyClicks(value, QStringLiteral("1,000,000"));
        QTest::keyClick(value, Qt::Key_Return);
        QVERIFY(!value->property("invalid").toBool());
        QVERIFY(map.parameters <= 1'000'000 && map.parameters > 990'000);

        QTest::mouseClick(find<QPushButton>("spectrum.copyPattern"), Qt::LeftButton);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("\"rank_pattern\"")));
        QTest::mouseClick(find<QPushButton>("spectrum.editMap"), Qt::LeftButton);
        auto* table = find<QTableView>("rankMap.table");
        QCOMPARE(table->model()->rowCount(), 30);
        table->selectColumn(2); // v in every layer: one number typed for all
        const QModelIndex cell = table->model()->index(3, 2);
        QVERIFY(table->model()->setData(cell, 500, Qt::EditRole));
        for (int layer = 0; layer < 30; ++layer) {
            QCOMPARE(map.ranks.at("model.layers." + std::to_string(layer) + ".self_attn.v_proj"),
                     std::int64_t {192}); // cut to what the matrix has
        }
        QVERIFY(!table->model()->setData(cell, QStringLiteral("x"), Qt::EditRole));
        cancelsAndFinishesASearch();
        QTest::mouseClick(find<QPushButton>("rankMap.close"), Qt::LeftButton);
        const auto byHand = map.ranks;
        QTest::mouseClick(find<QWidget>("spectrum.rankKind.0"), Qt::LeftButton);
        QVERIFY(m_services->ranks.map().ranks.empty());
        QCOMPARE(text("spectrum.parameters"), QStringLiteral("4,884,480"));
        QTest::mouseClick(find<QWidget>("spectrum.rankKind.1"), Qt::LeftButton);
        QVERIFY(m_services->ranks.map().ranks == byHand); // it was not thrown away
        QTest::mouseClick(find<QWidget>("spectrum.rankKind.0"), Qt::LeftButton);
        m_services->undoStack.undo();
        QVERIFY(m_services->ranks.map().ranks == byHand);
        m_services->undoStack.redo();
        QVERIFY(m_services->ranks.map().ranks.empty());
    }

    void openingTheEditor_changesNothing()
    {
        QVERIFY(m_services->ranks.map().ranks.empty());
        QSignalSpy changed(&m_services->ranks, &RankChoice::mapChanged);
        trigger("spectrum.editMap");
        auto* table = find<QTableView>("rankMap.table");
        QCOMPARE(table->model()->index(3, 0).data().toString(), QStringLiteral("16"));
        QTest::keyClick(find<QDialog>("dialog.rankMap"), Qt::Key_Escape);
        QTRY_VERIFY(m_page->findChild<QDialog*>(QStringLiteral("dialog.rankMap")) == nullptr);
        QCOMPARE(changed.count(), 0);

        trigger("spectrum.editMap"); // and Cancel takes back what was typed
        table = find<QTableView>("rankMap.table");
        QVERIFY(table->model()->setData(table->model()->index(3, 0), 7, Qt::EditRole));
        QCOMPARE(m_services->ranks.map().ranks.size(), std::size_t {210});
        QTest::mouseClick(find<QPushButton>("rankMap.cancel"), Qt::LeftButton);
        QVERIFY(m_services->ranks.map().ranks.empty());
        QTRY_VERIFY(m_page->findChild<QDialog*>(QStringLiteral("dialog.rankMap")) == nullptr);
    }

    // use.md 19: a digit that leads beyond the largest was swallowed, and 60 taken.
    void takesTheRankThatIsTyped()
    {
        auto* rank = find<QSpinBox>("spectrum.rank");
        rank->setFocus();
        rank->selectAll();
        QTest::keyClicks(rank, QStringLiteral("600"));
        QCOMPARE(rank->value(), 600);
        QVERIFY(rank->property("invalid").toBool());
        QVERIFY(!find<QPushButton>("spectrum.train")->isEnabled());
        QVERIFY(shows(QStringLiteral("must be at most 576, found 600")));
        QTest::keyClick(rank, Qt::Key_Tab);
        QCOMPARE(rank->text(), QStringLiteral("600"));
        rank->setFocus();
        rank->selectAll();
        QTest::keyClicks(rank, QStringLiteral("24"));
        QCOMPARE(m_services->ranks.rank(), 24);
        QVERIFY(!rank->property("invalid").toBool());
        QVERIFY(find<QPushButton>("spectrum.train")->isEnabled());
    }

    // use.md 23: what keeps more is brighter, whatever the others keep.
    void theScaleOfShares_stands()
    {
        auto* map = find<HeatMap>("spectrum.map");
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->spectra.isRunning(), kPatienceMs);
        const QPoint cell = map->cellRect({14, 0}).center().toPoint();
        const auto lightness = [&] { return qGray(map->grab().toImage().pixel(cell)); };
        pick({20, 4}); // no frame on the cell that is looked at
        int last = lightness();
        for (const int rank : {64, 160, 320, 570}) {
            m_services->ranks.setRank(rank);
            const int now = lightness();
            QVERIFY2(
                now > last,
                qPrintable(QStringLiteral("rank %1: %2, before %3").arg(rank).arg(now).arg(last)));
            last = now;
        }
        QVERIFY(map->dataRange().has_value());
        // Few that keep much leave the others their colours: the bar ends at a round figure, and says what is beyond.
        m_services->ranks.setRank(16);
        QCOMPARE(map->ends().lower, 0.0);
        QVERIFY(map->ends().upper < map->ends().most);
        QVERIFY((QVector<double> {0.1, 0.25, 0.5}).contains(map->ends().upper));
    }

    void takesASliceOfTheSpectrum()
    {
        pick({14, 0});
        auto* slice = find<QSlider>("spectrum.slice");
        slice->setValue(100);
        QCOMPARE(m_services->ranks.slice(), 1.0);
        QVERIFY(text("spectrum.sliceText").contains(QStringLiteral("561 to 576")));
        slice->setValue(50);
        QVERIFY(text("spectrum.sliceText").startsWith(QStringLiteral("middle")));
        auto* sigma = find<LinePlot>("spectrum.sigma");
        const double first = sigma->plot()->graph(0)->dataMainValue(0);
        QTest::mouseClick(find<QWidget>("spectrum.content.1"), Qt::LeftButton);
        QCOMPARE(sigma->plot()->graph(1)->dataCount(), 576 - 16);
        QCOMPARE(sigma->plot()->graph(1)->dataMainValue(0), first); // the principal ones stay
        QTest::mouseClick(find<QWidget>("spectrum.content.0"), Qt::LeftButton);
        slice->setValue(0);
    }

private:
    // The rule by LoftQ's error in the open editor: stopped once, then to its end.
    void cancelsAndFinishesASearch()
    {
        const auto before = m_services->ranks.map().ranks;
        auto* apply = find<QPushButton>("rankMap.apply");
        auto* value = find<QLineEdit>("rankMap.value");
        find<QComboBox>("rankMap.rule")->setCurrentIndex(5);
        value->setText(QStringLiteral("nonsense"));
        QTest::mouseClick(apply, Qt::LeftButton);
        QVERIFY(!m_services->rankSearch.isRunning());
        value->setText(QStringLiteral("100 %")); // which rank 1 meets
        QSignalSpy progressed(&m_services->rankSearch, &RankSearch::stateChanged);
        QTest::mouseClick(apply, Qt::LeftButton);
        QCOMPARE(apply->text(), QStringLiteral("Cancel"));
        QVERIFY(progressed.wait(kPatienceMs));
        QTest::mouseClick(apply, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(apply->text(), QStringLiteral("Apply"), kPatienceMs);
        QVERIFY(m_services->ranks.map().ranks == before);
        QTest::mouseClick(apply, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_services->rankSearch.isRunning(), kPatienceMs);
        QCOMPARE(m_services->ranks.map().parameters, 4'884'480 / 16); // rank 1 everywhere
        QVERIFY(text("rankMap.line").contains(QStringLiteral("LoftQ with T = 1")));
    }
};

QTEST_MAIN(TestSpectrumRanks)
#include "tst_spectrum_ranks.moc"
