// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/patience.h"
#include "ui/look/theme.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/sparkline.h"

#include <QImage>
#include <QPainter>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <limits>

using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// 30 layers of 7 modules with value row + column / 10, on screen at 340 × 440.
void fill(HeatMap& map)
{
    QStringList rows;
    for (int row = 0; row < 30; ++row) {
        rows.append(QString::number(row));
    }
    map.setGrid(rows, QStringLiteral("q k v o gate up down").split(u' '));
    QVector<double> values;
    for (int row = 0; row < 30; ++row) {
        for (int column = 0; column < 7; ++column) {
            values.append(row + column / 10.0);
        }
    }
    map.setValues(values);
    map.setTexts(
        [](double value) { return QString::number(value); },
        [](HeatCell cell) { return QStringLiteral("cell %1 %2").arg(cell.row).arg(cell.column); });
    map.resize(340, 440);
    map.show();
    QVERIFY(QTest::qWaitForWindowExposed(&map, hangMs()));
}

QPoint centerOf(const HeatMap& map, HeatCell cell)
{
    return map.cellRect(cell).center().toPoint();
}

} // namespace

class TestHeatMap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(
            QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
    }

    void selectsByClick_addsAndRemovesByShiftClick()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy by layer and module"));
        fill(map);
        QSignalSpy changed(&map, &HeatMap::selectionChanged);
        QTest::mouseClick(&map, Qt::LeftButton, {}, centerOf(map, {14, 0}));
        QCOMPARE(map.selection(), (QVector<HeatCell> {{14, 0}}));
        QTest::mouseClick(&map, Qt::LeftButton, Qt::ShiftModifier, centerOf(map, {29, 6}));
        QCOMPARE(map.selection(), (QVector<HeatCell> {{14, 0}, {29, 6}}));
        QTest::mouseClick(&map, Qt::LeftButton, Qt::ShiftModifier, centerOf(map, {14, 0}));
        QCOMPARE(map.selection(), (QVector<HeatCell> {{29, 6}}));
        QTest::mouseClick(&map, Qt::LeftButton, Qt::ShiftModifier, centerOf(map, {29, 6}));
        QCOMPARE(map.selection().size(), 1); // the last one stays
        QTest::mouseClick(&map, Qt::LeftButton, {}, centerOf(map, {0, 3}));
        QCOMPARE(map.selection(), (QVector<HeatCell> {{0, 3}}));
        QCOMPARE(changed.size(), 5);
        QTest::mouseClick(&map, Qt::LeftButton, {}, QPoint(3, 3)); // beside the grid
        QCOMPARE(changed.size(), 5);
    }

    void selectsByKeyboard()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy by layer and module"));
        fill(map);
        QSignalSpy changed(&map, &HeatMap::selectionChanged);
        map.setSelection({{14, 0}});
        QTest::keyClick(&map, Qt::Key_Down);
        QTest::keyClick(&map, Qt::Key_Right);
        QTest::keyClick(&map, Qt::Key_Right);
        QCOMPARE(changed.size(), 0); // moving the frame selects nothing
        QCOMPARE(map.current(), (HeatCell {15, 2}));
        QCOMPARE(map.accessibleDescription(), QStringLiteral("cell 15 2"));
        QTest::keyClick(&map, Qt::Key_Space);
        QCOMPARE(map.selection(), (QVector<HeatCell> {{15, 2}}));
        QTest::keyClick(&map, Qt::Key_Up);
        QTest::keyClick(&map, Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(map.selection(), (QVector<HeatCell> {{15, 2}, {14, 2}}));
        for (int i = 0; i < 40; ++i) {
            QTest::keyClick(&map, Qt::Key_Up);
            QTest::keyClick(&map, Qt::Key_Left);
        }
        QCOMPARE(map.current(), (HeatCell {0, 0}));
    }

    void selectsARowOrAColumnByItsLabel_andEverythingByKey()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy by layer and module"));
        fill(map);
        QSignalSpy changed(&map, &HeatMap::selectionChanged);
        QTest::mouseClick(&map, Qt::LeftButton, {}, QPoint(10, centerOf(map, {5, 0}).y()));
        QCOMPARE(map.selection().size(), 7);
        QCOMPARE(map.selection().first(), (HeatCell {5, 0}));
        QTest::mouseClick(&map, Qt::LeftButton, Qt::ShiftModifier,
                          QPoint(centerOf(map, {0, 2}).x(), 8));
        QCOMPARE(map.selection().size(), 7 + 30 - 1); // the common cell counts once
        QTest::keyClick(&map, Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(map.selection().size(), 210);
        QCOMPARE(changed.size(), 3);
    }

    void coloursByValue_andLeavesUnknownCellsEmpty()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy by layer and module"));
        fill(map);
        QVector<double> values(210, kNaN);
        values[0] = 1.0;
        values[209] = 3.0;
        const QRectF before = map.cellRect({14, 3});
        map.setValues(values);
        QCOMPARE(map.cellRect({14, 3}), before); // nothing moves
        const QImage image = map.grab().toImage();
        const auto at = [&](HeatCell cell) { return image.pixelColor(centerOf(map, cell)).name(); };
        QCOMPARE(at({0, 0}), Theme::cividis(0.0).name());
        QCOMPARE(at({29, 6}), Theme::cividis(1.0).name());
        QCOMPARE(at({14, 3}), image.pixelColor(1, 1).name()); // the background
        QVERIFY(std::isnan(map.value({14, 3})));
    }

    void theScale_leavesOutTheFewFurthestOut()
    {
        QVector<double> values; // 0 to 98, and one far above
        for (int i = 0; i < 99; ++i) {
            values.append(i);
        }
        values.append(1e6);
        values.append(kNaN);
        const HeatEnds all = heatEnds({}, values);
        QCOMPARE(all.lower, 0.0);
        QCOMPARE(all.upper, 1e6);
        const HeatEnds most = heatEnds({.beyond = 0.02}, values);
        QCOMPARE(most.lower, 2.0);
        QCOMPARE(most.upper, 97.0);
        QCOMPARE(most.least, 0.0);
        QCOMPARE(most.most, 1e6);
        const HeatEnds fixed =
            heatEnds({.lower = 0.0, .beyond = 0.02, .steps = {50.0, 100.0}}, values);
        QCOMPARE(fixed.lower, 0.0);
        QCOMPARE(fixed.upper, 100.0); // the first step that 97 is not above
        QCOMPARE(heatEnds({.steps = {50.0}}, values).upper, 1e6); // beyond the last
        QVERIFY(!heatEnds({.lower = 0.0}, {kNaN}).known());
    }

    void whatLiesBeyond_hasTheColourOfTheEnd()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy by layer and module"));
        fill(map);
        QVector<double> values(210, 0.0);
        values[0] = 50.0;
        values[209] = 1.0;
        values[208] = 1.0;
        map.setValues(values);
        const auto at = [&](HeatCell cell) {
            return map.grab().toImage().pixelColor(centerOf(map, cell)).name();
        };
        QCOMPARE(at({29, 6}), Theme::cividis(1.0 / 50.0).name()); // one takes the whole scale
        map.setScale({.lower = 0.0, .beyond = 0.01});
        QCOMPARE(map.ends().upper, 1.0);
        QCOMPARE(at({29, 6}), Theme::cividis(1.0).name());
        QCOMPARE(at({0, 0}), Theme::cividis(1.0).name());
        const QColor below(Qt::red);
        const QColor above(Qt::blue);
        map.setScale({.lower = -1.0, .upper = 1.0, .lowerColor = below, .upperColor = above});
        QCOMPARE(at({29, 6}), above.name());
        QCOMPARE(at({14, 3}), Theme::instance().colors().line.name()); // neither
    }

    void isQuietWithoutAGrid()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy by layer and module"));
        QSignalSpy changed(&map, &HeatMap::selectionChanged);
        map.resize(340, 440);
        map.show();
        QTest::mouseClick(&map, Qt::LeftButton, {}, QPoint(100, 100));
        QTest::keyClick(&map, Qt::Key_Down);
        QTest::keyClick(&map, Qt::Key_Space);
        QCOMPARE(changed.size(), 0);
    }

    void sparkline_fillsItsBoxAndSkipsWhatHasNoLogarithm()
    {
        QImage image(60, 16, QImage::Format_ARGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        std::vector<double> values;
        for (int i = 0; i < 576; ++i) {
            values.push_back(i == 575 ? 0.0 : std::pow(10.0, -i / 200.0));
        }
        paintSparkline(painter, QRectF(2, 2, 56, 12), values, Qt::black);
        QVERIFY(qGray(image.pixel(2, 2)) < 128); // starts at the top left
        QVERIFY(qGray(image.pixel(57, 13)) < 160); // ends at the bottom right
        QCOMPARE(image.pixelColor(50, 3), QColor(Qt::white));
        const QImage before = image;
        paintSparkline(painter, QRectF(2, 2, 56, 12), {0.0, 0.0}, Qt::red);
        paintSparkline(painter, QRectF(2, 2, 56, 12), {}, Qt::red);
        QCOMPARE(image, before);
    }

    // With PISSARRO_SHOTS=DIR also leaves the picture there.
    void draws()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy by layer and module"));
        fill(map);
        map.setSelection({{14, 0}, {14, 2}});
        const QString folder = qEnvironmentVariable("PISSARRO_SHOTS");
        const QImage image = map.grab().toImage();
        if (!folder.isEmpty()) {
            image.save(folder + QStringLiteral("/heat.png"));
        }
        QVERIFY(image.pixelColor(centerOf(map, {0, 0}))
                != image.pixelColor(centerOf(map, {29, 6})));
    }
};

QTEST_MAIN(TestHeatMap)
#include "tst_heat_map.moc"
