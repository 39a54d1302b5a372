// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/linalg/spectrum.h"
#include "ui/pages/spectrum/spectrum_page.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/qcustomplot.h"
#include "ui/shell/theme.h"
#include "ui/shell/workbench.h"
#include "ui/widgets/segmented_control.h"

#include <QDir>
#include <QLabel>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

#include <memory>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

constexpr int kPatienceMs = 120'000; // for the sweep, on a busy machine

QString demoModel()
{
    const QDir folder(QStringLiteral(PISSARRO_DEPS "/model"));
    const QStringList files = folder.entryList({QStringLiteral("*.gguf")});
    return files.isEmpty() ? QString() : folder.filePath(files.first());
}

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
    void pick(HeatCell cell, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::mouseClick(find<HeatMap>("spectrum.map"), Qt::LeftButton, modifiers,
                          find<HeatMap>("spectrum.map")->cellRect(cell).center().toPoint());
    }
    int ready() const { return find<LinePlot>("spectrum.sigma")->pointCount(); }

    std::unique_ptr<Workbench> m_workbench;
    std::unique_ptr<SpectrumPage> m_page;

private Q_SLOTS:
    void initTestCase()
    {
        if (demoModel().isEmpty()) {
            QSKIP("SmolLM2 is not there: run ./dev setup");
        }
        Theme::instance().setMode(ThemeMode::Light);
        m_workbench = std::make_unique<Workbench>();
        m_page = std::make_unique<SpectrumPage>(*m_workbench);
        m_page->resize(1328, 796);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        QSignalSpy asked(m_page.get(), &SpectrumPage::openModelRequested);
        QCOMPARE(m_page->currentIndex(), 0); // nothing open: one sentence and the button
        QTest::mouseClick(find<QPushButton>("spectrum.empty.button"), Qt::LeftButton);
        QCOMPARE(asked.size(), 1);

        QSignalSpy opened(m_workbench.get(), &Workbench::modelOpened);
        m_workbench->openModel(demoModel());
        QVERIFY(opened.wait(kPatienceMs));
        QCOMPARE(m_page->currentIndex(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(ready(), 576 + 192 + 576,
                                  kPatienceMs); // the selected ones come first
    }

    void init()
    {
        QTest::failOnWarning(QRegularExpression(
            QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
        m_workbench->setRank(16);
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

    void dragsOneCursorInEitherPlot()
    {
        for (const char* name : {"spectrum.sigma", "spectrum.energy"}) {
            m_workbench->setRank(16);
            auto* plot = find<LinePlot>(name);
            const auto at = [plot](int rank) {
                return QPoint(qRound(plot->plot()->xAxis->coordToPixel(rank)),
                              plot->plot()->axisRect()->center().y());
            };
            const QString before = text("spectrum.kept");
            QTest::mousePress(plot->plot(), Qt::LeftButton, {}, at(16));
            QTest::mouseMove(plot->plot(), at(90));
            QTest::mouseRelease(plot->plot(), Qt::LeftButton, {}, at(90));
            QVERIFY(std::abs(m_workbench->rank() - 90) <= 1);
            QCOMPARE(find<LinePlot>("spectrum.sigma")->cursor(), m_workbench->rank());
            QCOMPARE(find<LinePlot>("spectrum.energy")->cursor(), m_workbench->rank());
            QCOMPARE(find<QSpinBox>("spectrum.rank")->value(), m_workbench->rank());
            QVERIFY(text("spectrum.kept") != before);
        }
    }

    void takesATypedRankAndArrowKeys()
    {
        auto* field = find<QSpinBox>("spectrum.rank");
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, QStringLiteral("64"));
        QCOMPARE(m_workbench->rank(), 64);
        QCOMPARE(text("spectrum.parameters"), QStringLiteral("19,537,920"));
        QTest::keyClick(find<LinePlot>("spectrum.energy"), Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(m_workbench->rank(), 74);
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
        QCOMPARE(sigma->plot()->graph(0)->pen().color().name(), Theme::instance().series(0).name());
        pick({14, 0}, Qt::ShiftModifier); // leaves: the others keep their colours
        QCOMPARE(sigma->plot()->graph(0)->pen().color().name(), Theme::instance().series(1).name());
        pick({14, 0}, Qt::ShiftModifier);
    }

    void followsTheAdvice()
    {
        pick({14, 0});
        auto* byEnergy = find<QPushButton>("spectrum.adviceEnergy");
        const core::Spectrum& q =
            m_workbench->spectra()[QStringLiteral("model.layers.14.self_attn.q_proj")].spectrum;
        QTest::mouseClick(byEnergy, Qt::LeftButton);
        QCOMPARE(m_workbench->rank(), static_cast<int>(core::rankForEnergy(q, 0.9)));
        QVERIFY(byEnergy->text().endsWith(QString::number(m_workbench->rank())));
        QVERIFY(byEnergy->toolTip().contains(QStringLiteral("90 %")));
        QTest::mouseClick(find<QPushButton>("spectrum.adviceKnee"), Qt::LeftButton);
        QCOMPARE(m_workbench->rank(), static_cast<int>(core::kneeRank(q)));
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
        m_workbench->setRank(100);
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

    void trainsOnlyWithARankThatEveryMatrixHas()
    {
        QSignalSpy asked(m_page.get(), &SpectrumPage::trainRequested);
        auto* train = find<QPushButton>("spectrum.train");
        QTest::mouseClick(train, Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
        m_workbench->setRank(193);
        QVERIFY(!train->isEnabled());
        QVERIFY2(train->toolTip().contains(QStringLiteral("192")), qPrintable(train->toolTip()));
        m_workbench->setRank(192);
        QTest::keyClick(train, Qt::Key_Space);
        QCOMPARE(asked.size(), 2);
    }

    void switchesTheMeasureOfTheMap()
    {
        auto* map = find<HeatMap>("spectrum.map");
        const core::Spectrum& q =
            m_workbench->spectra()[QStringLiteral("model.layers.14.self_attn.q_proj")].spectrum;
        QCOMPARE(map->value({14, 0}), core::keptEnergy(q, 16));
        QTest::mouseClick(find<QWidget>("spectrum.measure.1"), Qt::LeftButton);
        QCOMPARE(map->value({14, 0}), core::stableRank(q));
        QTest::mouseClick(find<QWidget>("spectrum.measure.2"), Qt::LeftButton);
        QCOMPARE(map->value({14, 0}), core::effectiveRank(q));
        QTest::mouseClick(find<QWidget>("spectrum.measure.0"), Qt::LeftButton);
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
            QTRY_VERIFY_WITH_TIMEOUT(!m_workbench->sweepRunning(), kPatienceMs);
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
    }
};

QTEST_MAIN(TestSpectrumPage)
#include "tst_spectrum_page.moc"
