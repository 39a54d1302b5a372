// SPDX-License-Identifier: GPL-3.0-or-later
// Heat maps and line plots for people who hear them or walk them by keys: the table that a screen reader is given has the
// values that are drawn.
#include "tests/tools/patience.h"
#include "tests/ui/told.h"
#include "ui/look/theme.h"
#include "ui/plot/heat_map.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/plot_source.h"
#include "ui/plot/qcustomplot.h"
#include "ui/words/format.h"

#include <QImage>
#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <limits>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::Told;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kRows = 3;
constexpr int kColumns = 4;

QString percent(double value)
{
    return QStringLiteral("%1 %").arg(value);
}

void fill(HeatMap& map)
{
    map.setRowTitle(QStringLiteral("Layer"));
    map.setGrid(QStringLiteral("0 1 2").split(u' '), QStringLiteral("q k v o").split(u' '));
    QVector<double> values;
    for (int i = 0; i < kRows * kColumns; ++i) {
        values.append(i == 5 ? kNaN : 1.5 * i);
    }
    map.setValues(values);
    map.setTexts(percent, [](HeatCell cell) {
        return QStringLiteral("cell %1 %2").arg(cell.row).arg(cell.column);
    });
    map.resize(340, 300);
    map.show();
    map.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&map, hangMs()));
    map.setFocus(Qt::TabFocusReason);
}

PlotSeries curve(const QString& label, int count, double factor)
{
    PlotSeries series;
    series.label = label;
    series.color = Qt::darkBlue;
    for (int i = 1; i <= count; ++i) {
        series.x.append(i);
        series.y.append(factor * i);
    }
    return series;
}

// A loss that grows at its end.
class LongCurve : public PlotSource {
public:
    QByteArray identity() const override { return "long"; }
    qsizetype size() const override { return 100'000; }
    double x(qsizetype i) const override { return static_cast<double>(i + 1); }
    double y(qsizetype i) const override { return 3.0 - static_cast<double>(i % 7) / 10.0; }
};

void show(LinePlot& plot, const QVector<PlotSeries>& series)
{
    plot.resize(600, 300);
    plot.setAxisTitles(QStringLiteral("step"), QStringLiteral("loss"));
    plot.setSeries(series);
    plot.show();
    plot.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&plot, hangMs()));
    plot.setFocus(Qt::TabFocusReason);
    plot.plot()->replot();
}

QAccessibleInterface* read(QObject* object)
{
    return QAccessible::queryAccessibleInterface(object);
}

QString cellOf(LinePlot& plot, int row, int column)
{
    return read(&plot)->tableInterface()->cellAt(row, column)->text(QAccessible::Name);
}

} // namespace

class TestReading : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aHeatMap_isATableOfTheValuesDrawn()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy"));
        fill(map);
        QAccessibleInterface* whole = read(&map);
        QCOMPARE(whole->role(), QAccessible::Table);
        QCOMPARE(whole->text(QAccessible::Name), QStringLiteral("Energy"));
        QCOMPARE(whole->text(QAccessible::Description), QStringLiteral("from 0 % to 16.5 %"));
        QAccessibleTableInterface* table = whole->tableInterface();
        QVERIFY(table);
        QCOMPARE(table->rowCount(), kRows);
        QCOMPARE(table->columnCount(), kColumns);
        QCOMPARE(table->rowDescription(2), QStringLiteral("Layer 2"));
        QCOMPARE(table->columnDescription(3), QStringLiteral("o"));
        for (int row = 0; row < kRows; ++row) {
            for (int column = 0; column < kColumns; ++column) {
                QAccessibleInterface* cell = table->cellAt(row, column);
                const double value = map.value({row, column});
                const QString text =
                    std::isnan(value) ? QStringLiteral("no value yet") : percent(value);
                QCOMPARE(cell->text(QAccessible::Value), text);
                QCOMPARE(cell->text(QAccessible::Name),
                         QStringLiteral("Layer %1, %2: %3")
                             .arg(QString::number(row), table->columnDescription(column), text));
                QCOMPARE(cell->text(QAccessible::Description),
                         QStringLiteral("cell %1 %2").arg(row).arg(column));
                QCOMPARE(cell->role(), QAccessible::Cell);
                QCOMPARE(cell->parent(), whole);
                QCOMPARE(whole->child(whole->indexOfChild(cell)), cell);
                const QPoint middle =
                    map.mapToGlobal(map.cellRect({row, column}).center().toPoint());
                QVERIFY(cell->rect().contains(middle));
                QCOMPARE(whole->childAt(middle.x(), middle.y()), cell);
                QAccessibleTableCellInterface* place = cell->tableCellInterface();
                QCOMPARE(place->rowIndex(), row);
                QCOMPARE(place->columnIndex(), column);
                QCOMPARE(place->rowHeaderCells().at(0)->text(QAccessible::Name),
                         table->rowDescription(row));
                QCOMPARE(place->columnHeaderCells().at(0)->text(QAccessible::Name),
                         table->columnDescription(column));
            }
        }
        QCOMPARE(whole->childCount(), (kRows + 1) * (kColumns + 1));
        QCOMPARE(whole->child(0)->role(), QAccessible::Whitespace);
        QCOMPARE(whole->child(1)->role(), QAccessible::ColumnHeader);
        QCOMPARE(whole->child(kColumns + 1)->role(), QAccessible::RowHeader);
        QCOMPARE(table->cellAt(kRows, 0), nullptr);
        QCOMPARE(whole->child(whole->childCount()), nullptr);
    }

    void aHeatMap_tellsAndTakesTheSelection()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy"));
        fill(map);
        QAccessibleTableInterface* table = read(&map)->tableInterface();
        map.setSelection({{1, 0}, {1, 1}, {1, 2}, {1, 3}, {2, 3}});
        QCOMPARE(table->selectedCellCount(), 5);
        QCOMPARE(table->selectedRows(), QList<int> {1});
        QVERIFY(table->selectedColumns().isEmpty());
        QVERIFY(table->cellAt(2, 3)->state().selected);
        QVERIFY(!table->cellAt(0, 3)->state().selected);
        QSignalSpy changed(&map, &HeatMap::selectionChanged);
        table->cellAt(0, 2)->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QCOMPARE(map.selection(), (QVector<HeatCell> {{0, 2}}));
        QCOMPARE(changed.size(), 1);
    }

    void aHeatMap_saysTheCellThatKeysComeTo()
    {
        HeatMap map(QStringLiteral("heat"), QStringLiteral("Energy"));
        fill(map);
        const Told told;
        QTest::keyClick(&map, Qt::Key_Right);
        QCOMPARE(Told::take(), QStringList {QStringLiteral("Focus: Layer 0, k: 1.5 %")});
        QTest::keyClick(&map, Qt::Key_Down);
        QCOMPARE(Told::take(), QStringList {QStringLiteral("Focus: Layer 1, k: no value yet")});
        QVERIFY(read(&map)->focusChild()->state().focused);
        QAccessibleInterface* cell = read(&map)->tableInterface()->cellAt(2, 3);
        QVERIFY(cell->isValid());
        map.setGrid({QStringLiteral("0")}, {QStringLiteral("q")}); // other cells
        QCOMPARE(read(&map)->tableInterface()->rowCount(), 1);
        QCOMPARE(read(&map)->tableInterface()->cellAt(2, 3), nullptr);
        QCOMPARE(read(&map)->childCount(), 4);
        map.setGrid({}, {});
        QCOMPARE(read(&map)->childCount(), 0);
        QCOMPARE(read(&map)->focusChild(), nullptr);
    }

    void aPlot_isATableOfTheValuesDrawn()
    {
        LinePlot plot(QStringLiteral("loss"), QStringLiteral("Loss"));
        plot.setYSuffix(QStringLiteral(" %"));
        PlotSeries second = curve(QStringLiteral("LoRA"), 8, -0.25);
        second.y[2] = kNaN;
        const QVector<PlotSeries> all {curve(QStringLiteral("PiSSA"), 10, 0.5), second,
                                       curve({}, 10, 2.0)};
        show(plot, all);
        QAccessibleInterface* whole = read(&plot);
        QCOMPARE(whole->role(), QAccessible::Chart);
        QAccessibleTableInterface* table = whole->tableInterface();
        QVERIFY(table);
        QCOMPARE(table->rowCount(), 3);
        QCOMPARE(table->columnCount(), 10);
        QCOMPARE(table->rowDescription(1), QStringLiteral("LoRA"));
        QCOMPARE(table->rowDescription(2), QStringLiteral("curve 3"));
        QCOMPARE(table->columnDescription(6), QStringLiteral("step = 7"));
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 10; ++column) {
                const double value = all[row].y.value(column, kNaN);
                QCOMPARE(table->cellAt(row, column)->text(QAccessible::Value),
                         std::isnan(value) ? QStringLiteral("no point")
                                           : formatNumber(value) + QStringLiteral(" %"));
            }
        }
        QCOMPARE(cellOf(plot, 1, 0), QStringLiteral("LoRA, step = 1: −0.25 %"));
        const QPoint drawn =
            plot.plot()->mapTo(&plot,
                               QPoint(qRound(plot.plot()->xAxis->coordToPixel(4)),
                                      qRound(plot.plot()->yAxis->coordToPixel(2.0))));
        QVERIFY(table->cellAt(0, 3)->rect().contains(plot.mapToGlobal(drawn)));
        QVERIFY(whole->text(QAccessible::Description).contains(QStringLiteral("step = 10")));
        plot.setXView(3, 6); // what is in sight, no more
        QCOMPARE(table->columnCount(), 4);
        QCOMPARE(cellOf(plot, 0, 3), QStringLiteral("PiSSA, step = 6: 3 %"));
        plot.setSeries({});
        QCOMPARE(read(&plot)->childCount(), 0);
    }

    void aLongCurve_isReadInAFewHundredPoints()
    {
        LinePlot plot(QStringLiteral("loss"), QStringLiteral("Loss"));
        PlotSeries series;
        series.label = QStringLiteral("PiSSA");
        series.color = Qt::darkBlue;
        series.source = std::make_shared<LongCurve>();
        show(plot, {series});
        QAccessibleTableInterface* table = read(&plot)->tableInterface();
        QVERIFY(table->columnCount() > 100 && table->columnCount() <= 500);
        QCOMPARE(table->columnDescription(0), QStringLiteral("step = 1"));
        QCOMPARE(table->columnDescription(table->columnCount() - 1),
                 QStringLiteral("step = 100,000"));
        for (int column = 0; column < table->columnCount(); ++column) {
            const qint64 step = table->columnDescription(column)
                                    .section(QLatin1String(" = "), 1)
                                    .remove(QLatin1Char(','))
                                    .toLongLong();
            QCOMPARE(table->cellAt(0, column)->text(QAccessible::Value),
                     formatNumber(series.source->y(step - 1)));
        }
        plot.setXView(20'000, 20'010); // and all of them where a person looks closely
        QCOMPARE(table->columnCount(), 11);
        QCOMPARE(table->columnDescription(0), QStringLiteral("step = 20,000"));
    }

    void theCursor_isAValue()
    {
        LinePlot plot(QStringLiteral("sigma"), QStringLiteral("Singular values"));
        show(plot, {curve(QStringLiteral("q"), 50, 1.0)});
        QVERIFY(!read(&plot)->valueInterface());
        plot.enableCursor(1, 50, QStringLiteral("r = "));
        plot.setCursor(16);
        QAccessibleValueInterface* value = read(&plot)->valueInterface();
        QVERIFY(value);
        QCOMPARE(value->currentValue().toInt(), 16);
        QCOMPARE(value->minimumValue().toInt(), 1);
        QCOMPARE(value->maximumValue().toInt(), 50);
        QSignalSpy moved(&plot, &LinePlot::cursorMoved);
        value->setCurrentValue(20);
        QCOMPARE(plot.cursor(), 20);
        value->setCurrentValue(1e300);
        QCOMPARE(plot.cursor(), 50);
        QCOMPARE(moved.size(), 2);
        const Told told;
        QTest::keyClick(&plot, Qt::Key_Left);
        QCOMPARE(Told::take(), QStringList {QStringLiteral("ValueChanged: 49")});
    }

    void keys_readTheCurves()
    {
        LinePlot plot(QStringLiteral("loss"), QStringLiteral("Loss"));
        PlotSeries second = curve(QStringLiteral("LoRA"), 10, 1.0);
        second.y[1] = kNaN;
        show(plot, {curve(QStringLiteral("PiSSA"), 10, 0.5), second});
        const QImage before = plot.grab().toImage();
        const Told told;
        const auto said = [] { return Told::take().filter(QStringLiteral("Focus: ")); };
        const auto focus = [](const char* cell) {
            return QStringList {QStringLiteral("Focus: ") + QLatin1String(cell)};
        };
        QTest::keyClick(&plot, Qt::Key_Right);
        QCOMPARE(said(), focus("PiSSA, step = 1: 0.5"));
        QVERIFY(plot.grab().toImage() != before); // and shown
        QTest::keyClick(&plot, Qt::Key_Right);
        QCOMPARE(said(), focus("PiSSA, step = 2: 1"));
        QCOMPARE(plot.accessibleDescription(), QStringLiteral("PiSSA, step = 2: 1"));
        QTest::keyClick(&plot, Qt::Key_Down); // its curve has no point there: the nearest
        QCOMPARE(said(), focus("LoRA, step = 1: 1"));
        QTest::keyClick(&plot, Qt::Key_Right); // over the gap
        QCOMPARE(said(), focus("LoRA, step = 3: 3"));
        QTest::keyClick(&plot, Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(said(), focus("LoRA, step = 10: 10"));
        QTest::keyClick(&plot, Qt::Key_Down); // there is no third
        QCOMPARE(said(), QStringList());
        QTest::keyClick(&plot, Qt::Key_Up);
        QCOMPARE(said(), focus("PiSSA, step = 10: 5"));
        plot.enableCursor(1, 10, QStringLiteral("r = "));
        plot.setCursor(4);
        QTest::keyClick(&plot, Qt::Key_Left); // the cursor has the arrows now
        QCOMPARE(plot.cursor(), 3);
        QCOMPARE(said(), QStringList());
        QTest::keyClick(&plot, Qt::Key_Left, Qt::ControlModifier);
        QCOMPARE(said(), focus("PiSSA, step = 9: 4.5"));
        QCOMPARE(plot.cursor(), 3);
    }

    // use.md 51: axes from 0 to 1 with nothing in them looked like data that failed. What has come stands where it stood.
    void anEmptyPlot_hasNoNumbers()
    {
        LinePlot plot(QStringLiteral("loss"), QStringLiteral("Loss"));
        plot.setEmptyText(QStringLiteral("No step yet"));
        show(plot, {});
        const QRect before = plot.plot()->axisRect()->rect();
        QVERIFY(!plot.plot()->xAxis->tickLabels() && !plot.plot()->yAxis->tickLabels());
        QVERIFY(!plot.plot()->yAxis->grid()->visible());
        plot.setSeries({curve(QStringLiteral("PiSSA"), 10, 0.5)});
        plot.plot()->replot();
        QVERIFY(plot.plot()->xAxis->tickLabels() && plot.plot()->yAxis->tickLabels());
        QVERIFY(plot.plot()->yAxis->grid()->visible());
        QCOMPARE(plot.plot()->axisRect()->rect(), before);
    }

    void keys_panWhatIsZoomed()
    {
        LinePlot plot(QStringLiteral("loss"), QStringLiteral("Loss"));
        show(plot, {curve(QStringLiteral("PiSSA"), 100, 0.5)});
        plot.setXView(1, 41);
        QSignalSpy seen(&plot, &LinePlot::xViewChanged);
        QTest::keyClick(&plot, Qt::Key_PageDown);
        QCOMPARE(seen.size(), 1);
        QCOMPARE(seen[0][0].toDouble(), 21.0);
        QCOMPARE(seen[0][1].toDouble(), 61.0);
        for (int i = 0; i < 5; ++i) {
            QTest::keyClick(&plot, Qt::Key_PageDown);
        }
        QCOMPARE(seen.last()[1].toDouble(), 100.0); // the end of the data
        QTest::keyClick(&plot, Qt::Key_PageUp);
        QCOMPARE(seen.last()[1].toDouble(), 80.0);
    }
};

QTEST_MAIN(TestReading)
#include "tst_reading.moc"
