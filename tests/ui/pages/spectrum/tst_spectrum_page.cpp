// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/linalg/spectrum.h"
#include "tests/ui/pages/spectrum/spectrum_page_bench.h"
#include "ui/look/theme.h"
#include "ui/pages/spectrum/energy_card.h"
#include "ui/pages/spectrum/spectrum_page.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/qcustomplot.h"
#include "ui/services/services.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestSpectrumPage : public SpectrumPageBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests(); }
    void init() { beginTest(); }

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
