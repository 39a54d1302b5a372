// SPDX-License-Identifier: GPL-3.0-or-later
// The maps of where two updates went, on runs that were trained for real: the numbers are core's, one scale, one selection.
#include "core/compare/update_table.h"
#include "tests/tools/patience.h"
#include "tests/ui/pages/compare/pair_runs.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/compare/matrix_plots.h"
#include "ui/pages/compare/update_maps_card.h"
#include "ui/plot/line_plot.h"
#include "ui/services/run_pair.h"

#include <QAbstractButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestUpdateMaps : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
        m_runs = std::make_unique<tests::PairRuns>();
    }

    void init()
    {
        m_pair = std::make_unique<RunPair>();
        m_card = std::make_unique<UpdateMapsCard>();
        connect(m_pair.get(), &RunPair::changed, m_card.get(), [this] { m_card->show(*m_pair); });
        m_card->setLooks({UpdateMapsCard::Look {QStringLiteral("PiSSA r4"), Qt::blue},
                          UpdateMapsCard::Look {QStringLiteral("LoRA r4"), Qt::red}});
        m_card->resize(760, 520);
        m_card->QWidget::show();
        QVERIFY(QTest::qWaitForWindowExposed(m_card.get(), hangMs()));
        m_pair->compare(m_runs->pissa(), m_runs->lora(), {});
        QVERIFY(m_pair->isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(m_pair->state()), hangMs());
        QVERIFY2(m_pair->side(0).problem.isEmpty(), qPrintable(m_pair->side(0).problem));
    }

    void cleanup()
    {
        m_card.reset();
        m_pair.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void theCells_areCoresNumbers_onOneScale()
    {
        for (int side = 0; side < 2; ++side) {
            const auto run =
                core::readRun((side == 0 ? m_runs->pissa() : m_runs->lora()).toStdString());
            const core::RunUpdate update = core::updateOfRun(run, {}, core::JobContext());
            const core::StateUpdate& usual = update.usual();
            QCOMPARE(m_card->step(), usual.step);
            const auto change = core::layerTable(usual, core::UpdateMeasure::RelativeNorm);
            const auto rank = core::layerTable(usual, core::UpdateMeasure::EffectiveRank);
            QCOMPARE(m_card->map(0, side)->rowCount(), int(change.layers.size()));
            QCOMPARE(m_card->map(0, side)->columnCount(), int(change.types.size()));
            for (std::size_t i = 0; i < change.values.size(); ++i) {
                const HeatCell cell {int(i / change.types.size()), int(i % change.types.size())};
                QVERIFY(change.values[i] > 0.0);
                QCOMPARE(m_card->map(0, side)->value(cell), change.values[i]);
                QCOMPARE(m_card->map(1, side)->value(cell), rank.values[i]);
            }
        }
        for (int measure = 0; measure < 2; ++measure) {
            QCOMPARE(m_card->map(measure, 0)->ends().lower, m_card->map(measure, 1)->ends().lower);
            QCOMPARE(m_card->map(measure, 0)->ends().upper, m_card->map(measure, 1)->ends().upper);
        }
    }

    // Side by side the maps have the card's height, and cells as wide in each.
    void theMaps_haveTheRoom()
    {
        const HeatMap* a = m_card->map(0, 0);
        const HeatMap* b = m_card->map(0, 1);
        QVERIFY2(5 * a->height() > 2 * m_card->height(), qPrintable(QString::number(a->height())));
        QVERIFY(std::abs(a->cellRect({0, 0}).width() - b->cellRect({0, 0}).width()) <= 3.0);
        QCOMPARE(a->columnName(0), QStringLiteral("q")); // a letter a type
        m_card->resize(500, 700); // one measure above the other
        QCOMPARE(m_card->width(), 500);
        QTRY_VERIFY_WITH_TIMEOUT(m_card->map(1, 0)->y() > a->geometry().bottom(), hangMs());
        QVERIFY(std::abs(a->height() - m_card->map(1, 0)->height()) <= 4);
    }

    void clickAndArrows_choose_inAllMaps()
    {
        QSignalSpy chosen(m_card.get(), &UpdateMapsCard::matrixChosen);
        HeatMap* map = m_card->map(1, 1);
        const QPoint at = map->cellRect({1, 2}).center().toPoint();
        QTest::mouseClick(map, Qt::LeftButton, Qt::NoModifier, at);
        QCOMPARE(chosen.count(), 1);
        QVERIFY2(m_card->module().startsWith(QStringLiteral("model.layers.1.")),
                 qPrintable(m_card->module()));
        QTest::keyClick(map, Qt::Key_Up);
        QCOMPARE(chosen.count(), 2);
        QVERIFY(m_card->module().startsWith(QStringLiteral("model.layers.0.")));
        QTest::keyClick(map, Qt::Key_Up); // at the edge
        QCOMPARE(chosen.count(), 2);
        for (int measure = 0; measure < 2; ++measure) {
            for (int side = 0; side < 2; ++side) {
                QCOMPARE(m_card->map(measure, side)->selection(),
                         (QVector<HeatCell> {HeatCell {0, 2}}));
            }
        }
        const QString read = m_card->map(1, 0)->cellDetails({0, 2}); // what hovering says, read out
        QVERIFY2(read.contains(m_card->module()) && read.contains(QStringLiteral("of rank 4")),
                 qPrintable(read));
    }

    // Earlier checkpoints have changed less; the cells are of the same matrices.
    void time_isWalked()
    {
        QSignalSpy chosen(m_card.get(), &UpdateMapsCard::stepChosen);
        const double last = m_card->map(0, 0)->value({0, 0});
        QCOMPARE(m_card->step(), std::int64_t {4});
        m_card->moveStep(-1);
        QCOMPARE(m_card->step(), std::int64_t {2});
        QCOMPARE(chosen.count(), 1);
        QVERIFY(m_card->map(0, 0)->value({0, 0}) < last);
        m_card->moveStep(-5); // there is no earlier one
        QCOMPARE(m_card->step(), std::int64_t {2});
        m_card->moveStep(1);
        QCOMPARE(m_card->map(0, 0)->value({0, 0}), last);
    }

    void differences_areAMinusB()
    {
        const double a = m_card->map(0, 0)->value({1, 3});
        const double b = m_card->map(0, 1)->value({1, 3});
        m_card->findChild<QAbstractButton*>(QStringLiteral("pair.maps.which.1"))->click();
        QCOMPARE(m_card->map(0, 0)->value({1, 3}), a - b);
        QVERIFY(!m_card->map(0, 1)->isVisible());
        QCOMPARE(m_card->map(0, 0)->ends().lower, -m_card->map(0, 0)->ends().upper);
        m_card->findChild<QAbstractButton*>(QStringLiteral("pair.maps.which.0"))->click();
        QCOMPARE(m_card->map(0, 0)->value({1, 3}), a);
        QVERIFY(m_card->map(0, 1)->isVisible());
    }

    void theProposal_isOffered()
    {
        QSignalSpy wanted(m_card.get(), &UpdateMapsCard::ranksWanted);
        auto* use = m_card->findChild<QAbstractButton*>(QStringLiteral("pair.use.b"));
        QVERIFY2(use->isVisible() && use->text().contains(QStringLiteral("LoRA r4")),
                 qPrintable(use->text()));
        use->click();
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted[0][0].toInt(), 1);
        QCOMPARE(m_pair->side(1).proposal->ranks.size(), std::size_t(tests::kTinyModules));
    }

    // The two plots: angles at once, spectra once they are computed; of LoRA no start among the outputs.
    void oneMatrix_isLookedAtClosely()
    {
        AnglesCard angles;
        PairSpectraCard spectra;
        const QString module = m_card->module();
        angles.show(*m_pair, module, m_card->step());
        QStringList names;
        for (int row = 0; row < angles.plot()->tableRows(); ++row) {
            names << angles.plot()->rowName(row);
        }
        QCOMPARE(names,
                 (QStringList {QStringLiteral("A, W"), QStringLiteral("A, its start"),
                               QStringLiteral("B, W")}));
        QSignalSpy looked(m_pair.get(), &RunPair::matrixChanged);
        m_pair->look(module, m_card->step());
        QTRY_VERIFY_WITH_TIMEOUT(m_pair->matrix() != nullptr, hangMs());
        QVERIFY(m_pair->matrixProblem().isEmpty());
        spectra.show(*m_pair, module);
        angles.show(*m_pair, module, m_card->step());
        QCOMPARE(spectra.plot()->tableRows(), 5); // W, and of each run after and change
        QCOMPARE(angles.plot()->tableRows(), 4); // A, B beside them
        angles.findChild<QAbstractButton*>(QStringLiteral("pair.angles.side.1"))->click();
        QCOMPARE(angles.plot()->tableRows(), 5); // LoRA's A has a start
    }

private:
    std::unique_ptr<tests::PairRuns> m_runs;
    std::unique_ptr<RunPair> m_pair;
    std::unique_ptr<UpdateMapsCard> m_card;
};

QTEST_MAIN(TestUpdateMaps)
#include "tst_update_maps.moc"
