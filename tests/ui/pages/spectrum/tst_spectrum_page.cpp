// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/linalg/spectrum.h"
#include "tests/tools/demo_model.h"
#include "tests/tools/patience.h"
#include "ui/look/theme.h"
#include "ui/pages/spectrum/energy_card.h"
#include "ui/pages/spectrum/spectrum_page.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/qcustomplot.h"
#include "ui/services/services.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/format.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <memory>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

const int kPatienceMs = hangMs();

} // namespace

// With the real SmolLM2: 30 layers of 7 matrices.
class TestSpectrumPage : public QObject {
    Q_OBJECT

private:
    template <class Widget>
    Widget* find(const char* name) const
    {
        auto* widget = m_page->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT(widget);
        return widget;
    }
    QString text(const char* name) const { return find<QLabel>(name)->text(); }
    void trigger(const char* name) const { find<QAction>(name)->trigger(); }
    bool shows(const QString& words) const
    {
        const auto labels = m_page->findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
            return label->isVisible() && label->text().contains(words);
        });
    }
    void pick(HeatCell cell, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::mouseClick(find<HeatMap>("spectrum.map"), Qt::LeftButton, modifiers,
                          find<HeatMap>("spectrum.map")->cellRect(cell).center().toPoint());
    }
    int ready() const { return find<LinePlot>("spectrum.sigma")->pointCount(); }

    std::unique_ptr<Services> m_services;
    std::unique_ptr<SpectrumPage> m_page;

private Q_SLOTS:
    void initTestCase()
    {
        if (demoModel().isEmpty()) {
            QSKIP("SmolLM2 is not there: run ./dev setup");
        }
        Theme::instance().setMode(ThemeMode::Light);
        m_services = std::make_unique<Services>();
        m_page = std::make_unique<SpectrumPage>(*m_services);
        m_page->resize(1328, 796);
        QSignalSpy opened(&m_services->model, &Model::opened);
        m_services->model.open(demoModel());
        QVERIFY(opened.wait(kPatienceMs));
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get(), hangMs()));
        QTRY_COMPARE_WITH_TIMEOUT(ready(), 576 + 192 + 576,
                                  kPatienceMs); // the selected ones come first
    }

    void init()
    {
        QTest::failOnWarning(QRegularExpression(
            QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
        m_services->ranks.setRank(16);
        find<LinePlot>("spectrum.sigma")->resetView();
    }

    void opensWithTheMiddleLayer()
    {
        const QVector<HeatCell> middle {{14, 0}, {14, 2}, {14, 6}}; // q, v, down
        QCOMPARE(find<HeatMap>("spectrum.map")->selection(), middle);
        QCOMPARE(find<HeatMap>("spectrum.map")->rowCount(), 30);
        QCOMPARE(find<HeatMap>("spectrum.map")->columnCount(), 7);
        QCOMPARE(find<LinePlot>("spectrum.sigma")->plot()->graphCount(), 3);
        QCOMPARE(text("spectrum.parameters"), QStringLiteral("4,884,480"));
        QCOMPARE(text("spectrum.share"), QStringLiteral("3.6 %"));
    }

    void tellsTheErrorInFourBits()
    {
        auto* four = find<QLabel>("spectrum.fourBits"); // tst_quant_error_meter has the numbers
        QTRY_VERIFY_WITH_TIMEOUT(four->text().endsWith(u'%'), kPatienceMs);
        const QString before = four->text();
        m_services->ranks.setRank(64);
        QCOMPARE(four->text(), QStringLiteral("measuring…"));
        QTRY_VERIFY_WITH_TIMEOUT(four->text().endsWith(u'%'), kPatienceMs);
        QVERIFY(four->text() != before);
    }

    void dragsOneCursorInEitherPlot()
    {
        for (const char* name : {"spectrum.sigma", "spectrum.energy"}) {
            m_services->ranks.setRank(16);
            auto* plot = find<LinePlot>(name);
            const auto at = [plot](int rank) {
                return QPoint(qRound(plot->plot()->xAxis->coordToPixel(rank)),
                              plot->plot()->axisRect()->center().y());
            };
            const QString before = text("spectrum.kept");
            QTest::mousePress(plot->plot(), Qt::LeftButton, {}, at(16));
            QTest::mouseMove(plot->plot(), at(90));
            QTest::mouseRelease(plot->plot(), Qt::LeftButton, {}, at(90));
            QVERIFY(std::abs(m_services->ranks.rank() - 90) <= 1);
            QCOMPARE(find<LinePlot>("spectrum.sigma")->cursor(), m_services->ranks.rank());
            QCOMPARE(find<LinePlot>("spectrum.energy")->cursor(), m_services->ranks.rank());
            QCOMPARE(find<QSpinBox>("spectrum.rank")->value(), m_services->ranks.rank());
            QVERIFY(text("spectrum.kept") != before);
        }
    }

    void takesATypedRankAndArrowKeys()
    {
        auto* field = find<QSpinBox>("spectrum.rank");
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, QStringLiteral("64"));
        QCOMPARE(m_services->ranks.rank(), 64);
        QCOMPARE(text("spectrum.parameters"), QStringLiteral("19,537,920"));
        QTest::keyClick(find<LinePlot>("spectrum.energy"), Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(m_services->ranks.rank(), 74);
        QCOMPARE(field->value(), 74);
    }

    void selectsMatricesByMouseAndKeyboard()
    {
        auto* sigma = find<LinePlot>("spectrum.sigma");
        pick({14, 0});
        QCOMPARE(sigma->plot()->graphCount(), 1);
        QCOMPARE(sigma->pointCount(), 576);
        pick({14, 2}, Qt::ShiftModifier);
        QCOMPARE(sigma->plot()->graphCount(), 2);
        auto* map = find<HeatMap>("spectrum.map");
        for (int i = 0; i < 4; ++i) {
            QTest::keyClick(map, Qt::Key_Right);
        }
        QTest::keyClick(map, Qt::Key_Space, Qt::ShiftModifier); // down
        QCOMPARE(sigma->plot()->graphCount(), 3);
        QCOMPARE(sigma->pointCount(), 576 + 192 + 576);
        QCOMPARE(sigma->plot()->graph(0)->pen().color().name(),
                 Theme::instance().neutral(0.0).name());
        pick({14, 0}, Qt::ShiftModifier); // leaves: the others keep their colours
        QCOMPARE(sigma->plot()->graph(0)->pen().color().name(),
                 Theme::instance().neutral(1.0).name());
        pick({14, 0}, Qt::ShiftModifier);
    }

    void followsTheAdvice()
    {
        pick({14, 0});
        auto* byEnergy = find<QPushButton>("spectrum.adviceEnergy");
        const core::Spectrum& q =
            m_services->spectra.all()[QStringLiteral("model.layers.14.self_attn.q_proj")]->spectrum;
        QTest::mouseClick(byEnergy, Qt::LeftButton);
        QCOMPARE(m_services->ranks.rank(), static_cast<int>(core::rankForEnergy(q, 0.9)));
        QVERIFY(byEnergy->text().endsWith(QString::number(m_services->ranks.rank())));
        QVERIFY(byEnergy->toolTip().contains(QStringLiteral("90 %")));
        QTest::mouseClick(find<QPushButton>("spectrum.adviceKnee"), Qt::LeftButton);
        QCOMPARE(m_services->ranks.rank(), static_cast<int>(core::kneeRank(q)));
        pick({14, 2}, Qt::ShiftModifier);
        pick({14, 6}, Qt::ShiftModifier);
        QTest::mouseClick(byEnergy, Qt::LeftButton); // of several: on average
        const QString kept = text("spectrum.kept");
        QVERIFY2(kept.startsWith(QStringLiteral("90")), qPrintable(kept));
    }

    void showsTheResidualAsTheShiftedList()
    {
        pick({14, 0});
        auto* sigma = find<LinePlot>("spectrum.sigma");
        const double seventeenth = sigma->plot()->graph(0)->dataMainValue(16);
        QTest::mouseClick(find<QWidget>("spectrum.content.1"), Qt::LeftButton);
        QCOMPARE(sigma->plot()->graphCount(), 2); // σ stays behind, pale
        QCOMPARE(sigma->plot()->graph(1)->dataCount(), 576 - 16);
        QCOMPARE(sigma->plot()->graph(1)->dataMainKey(0), 1.0);
        QCOMPARE(sigma->plot()->graph(1)->dataMainValue(0), seventeenth);
        m_services->ranks.setRank(100);
        QCOMPARE(sigma->plot()->graph(1)->dataCount(), 476);
        QTest::mouseClick(find<QWidget>("spectrum.content.0"), Qt::LeftButton);
        QCOMPARE(sigma->plot()->graphCount(), 1);
    }

    void sharesTheRangeOfX()
    {
        auto* sigma = find<LinePlot>("spectrum.sigma");
        auto* energy = find<LinePlot>("spectrum.energy");
        QCOMPARE(sigma->plot()->axisRect()->left(),
                 energy->plot()->axisRect()->left()); // the axes line up
        QTest::keyClick(energy, Qt::Key_Plus);
        QVERIFY(sigma->plot()->xAxis->range().size() < 500);
        QCOMPARE(sigma->plot()->xAxis->range(), energy->plot()->xAxis->range());
        QTest::keyClick(sigma, Qt::Key_Home);
        QCOMPARE(energy->plot()->xAxis->range().lower, 0.0);
        QVERIFY(energy->plot()->xAxis->range().upper > 576.0);
        QCOMPARE(energy->plot()->yAxis->range().upper, 101.0); // Home shows everything in both
    }

    void putsBothPlotsOnALogIndex()
    {
        auto* sigma = find<LinePlot>("spectrum.sigma");
        auto* energy = find<LinePlot>("spectrum.energy");
        auto* cycle = m_page->findChild<QAction*>(QStringLiteral("spectrum.toggleScale"));
        cycle->trigger(); // linear
        cycle->trigger();
        for (const LinePlot* plot : {sigma, energy}) {
            QCOMPARE(plot->plot()->xAxis->scaleType(), QCPAxis::stLogarithmic);
            QCOMPARE(plot->plot()->xAxis->range().lower, 1.0);
        }
        QCOMPARE(sigma->plot()->yAxis->scaleType(), QCPAxis::stLogarithmic);
        QTest::keyClick(energy, Qt::Key_Plus);
        QCOMPARE(sigma->plot()->xAxis->range(), energy->plot()->xAxis->range());
        QTest::keyClick(energy, Qt::Key_Home);
        EnergyCard card;
        card.setLogRank(true);
        card.showAngles(true); // few: their axis stays linear
        QCOMPARE(card.plot()->plot()->xAxis->scaleType(), QCPAxis::stLinear);
        card.showAngles(false);
        QCOMPARE(card.plot()->plot()->xAxis->scaleType(), QCPAxis::stLogarithmic);
        cycle->trigger();
        QCOMPARE(sigma->plot()->xAxis->scaleType(), QCPAxis::stLinear);
        QCOMPARE(energy->plot()->xAxis->scaleType(), QCPAxis::stLinear);
    }

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
        QVERIFY(4 * map.parameters <= 10'000'000);
        QVERIFY(4 * map.parameters > 9'900'000);
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

    void measuresTheFastSvd()
    {
        pick({14, 2});
        for (QAction* action : m_page->actions()) {
            if (action->objectName() == QLatin1String("spectrum.meter")) {
                action->trigger();
            }
        }
        find<QLineEdit>("meter.ranks")->setText(QStringLiteral("4, 8"));
        find<QLineEdit>("meter.niters")->setText(QStringLiteral("x"));
        QTest::mouseClick(find<QPushButton>("meter.start"), Qt::LeftButton);
        QVERIFY(!m_services->fastSvd.isRunning());
        QVERIFY(find<QLineEdit>("meter.niters")->property("invalid").toBool());
        find<QLineEdit>("meter.niters")->setText(QStringLiteral("0, 4"));
        QTest::mouseClick(find<QPushButton>("meter.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("meter.save")->isEnabled(), kPatienceMs);
        auto* table = find<QTableWidget>("meter.table");
        QCOMPARE(table->rowCount(), 2);
        QCOMPARE(table->columnCount(), 2);
        QVERIFY(table->item(0, 0)->text().toDouble() > table->item(1, 0)->text().toDouble());
        QTest::mouseClick(find<QPushButton>("meter.copy"), Qt::LeftButton);
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("| exact |")));
        QTest::mouseClick(find<QPushButton>("meter.close"), Qt::LeftButton);
    }

    void namesEveryControl()
    {
        for (const QWidget* widget : m_page->findChildren<QWidget*>()) {
            if (widget->focusPolicy() != Qt::NoFocus && widget->isVisible()
                && !widget->objectName().startsWith(QLatin1String("qt_"))) {
                QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
                const auto* button = qobject_cast<const QPushButton*>(widget);
                QVERIFY2(!widget->accessibleName().isEmpty()
                             || (button && !button->text().isEmpty()),
                         qPrintable(widget->objectName()));
            }
        }
    }

    // With PISSARRO_SHOTS=DIR also leaves the pictures there, with the whole model computed.
    void staysWholeInEverySizeAndTheme()
    {
        const QString folder = qEnvironmentVariable("PISSARRO_SHOTS");
        if (!folder.isEmpty()) {
            QTRY_VERIFY_WITH_TIMEOUT(!m_services->spectra.isRunning(), kPatienceMs);
        }
        pick({14, 0});
        pick({14, 2}, Qt::ShiftModifier);
        pick({14, 6}, Qt::ShiftModifier);
        for (const QSize& size :
             {QSize(1328, 796), QSize(988, 572)}) { // windows of 1440 × 900 and 1100 × 700
            for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
                Theme::instance().setMode(mode);
                m_page->resize(size);
                QTest::qWait(50);
                QCOMPARE(m_page->size(), size); // nothing demands more room
                if (!folder.isEmpty()) {
                    m_page->grab().save(QStringLiteral("%1/spectrum-%2-%3.png")
                                            .arg(folder)
                                            .arg(size.width())
                                            .arg(mode == ThemeMode::Dark
                                                     ? QStringLiteral("dark")
                                                     : QStringLiteral("light")));
                }
            }
        }
        Theme::instance().setMode(ThemeMode::Light);
        if (!folder.isEmpty()) {
            takePictures(folder);
        }
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

    // What opens only on demand: rank map, its editor, the meter and, with PISSARRO_TUNED=PATH, the change by fine-tuning.
    void takePictures(const QString& folder)
    {
        const auto shoot = [&](QWidget* widget, const char* name) {
            QTest::qWait(80);
            QTRY_VERIFY_WITH_TIMEOUT(!text("spectrum.fourBits").startsWith(u'm'), kPatienceMs);
            widget->grab().save(QStringLiteral("%1/%2.png").arg(folder, QLatin1String(name)));
        };
        const auto* map = find<HeatMap>("spectrum.map");
        const QPoint name = map->cellRect({0, 0}).center().toPoint() - QPoint(0, 14);
        QTest::mouseClick(find<HeatMap>("spectrum.map"), Qt::LeftButton, {}, name); // all of q
        QTest::mouseClick(find<QWidget>("spectrum.scale.2"), Qt::LeftButton);
        m_page->resize(988, 572);
        shoot(m_page.get(), "spectrum-fan-small");
        m_page->resize(1328, 796);
        Theme::instance().setMode(ThemeMode::Dark);
        shoot(m_page.get(), "spectrum-fan-dark");
        Theme::instance().setMode(ThemeMode::Light);
        for (int column = 1; column < map->columnCount(); ++column) {
            QTest::mouseClick(find<HeatMap>("spectrum.map"), Qt::LeftButton, Qt::ShiftModifier,
                              map->cellRect({0, column}).center().toPoint() - QPoint(0, 14));
        }
        QTest::mouseClick(find<QWidget>("spectrum.scale.0"), Qt::LeftButton);
        shoot(m_page.get(), "spectrum-all");
        pick({14, 0});
        QTest::mouseClick(find<QWidget>("spectrum.rankKind.1"), Qt::LeftButton);
        auto* rule = find<QComboBox>("spectrum.rule");
        rule->setCurrentIndex(1);
        Q_EMIT rule->activated(1);
        find<QComboBox>("spectrum.measure")->setCurrentIndex(7);
        shoot(m_page.get(), "spectrum-map");
        QTest::mouseClick(find<QPushButton>("spectrum.editMap"), Qt::LeftButton);
        shoot(find<QWidget>("dialog.rankMap"), "rank-map-dialog");
        QTest::mouseClick(find<QPushButton>("rankMap.close"), Qt::LeftButton);
        QTest::mouseClick(find<QWidget>("spectrum.rankKind.0"), Qt::LeftButton);
        m_page->findChild<QAction*>(QStringLiteral("spectrum.meter"))->trigger();
        QTest::mouseClick(find<QPushButton>("meter.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("meter.save")->isEnabled(), kPatienceMs);
        shoot(find<QWidget>("dialog.meter"), "meter-dialog");
        QTest::mouseClick(find<QPushButton>("meter.close"), Qt::LeftButton);
        const QString tuned = qEnvironmentVariable("PISSARRO_TUNED");
        if (!tuned.isEmpty()) {
            m_services->comparison.start(tuned, m_services->ranks.rank());
            QTest::mouseClick(find<QWidget>("spectrum.content.2"), Qt::LeftButton);
            QTRY_VERIFY_WITH_TIMEOUT(!m_services->comparison.isRunning(), kPatienceMs);
            find<QComboBox>("spectrum.measure")->setCurrentIndex(8);
            shoot(m_page.get(), "spectrum-change");
            Theme::instance().setMode(ThemeMode::Dark);
            m_page->resize(988, 572);
            shoot(m_page.get(), "spectrum-change-small-dark");
            Theme::instance().setMode(ThemeMode::Light);
        }
    }
};

QTEST_MAIN(TestSpectrumPage)
#include "tst_spectrum_page.moc"
