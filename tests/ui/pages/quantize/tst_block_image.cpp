// SPDX-License-Identifier: GPL-3.0-or-later
// The picture of the blocks' errors for people who hear it or walk it by keys: block by block, and the largest of
// neighbours where there are too many.
#include "tests/tools/patience.h"
#include "tests/ui/told.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/quantize/block_image.h"
#include "ui/words/format.h"

#include <QImage>
#include <QTest>

#include <algorithm>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::Told;

namespace {

constexpr std::int64_t kBlockSize = 64;

core::BlockErrors errors(std::int64_t width, std::int64_t count)
{
    core::BlockErrors blocks;
    blocks.width = width;
    for (std::int64_t i = 0; i < count; ++i) { // no two alike, nor in order
        blocks.rms.push_back(static_cast<float>((i * 7919) % count + 1) * 1e-4F);
    }
    return blocks;
}

void show(BlockImage& image, const core::BlockErrors& blocks)
{
    image.setBlocks(blocks, 1.0, kBlockSize);
    image.resize(300, 240);
    image.show();
    image.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&image, hangMs()));
    image.setFocus(Qt::TabFocusReason);
}

QAccessibleInterface* read(QObject* object)
{
    return QAccessible::queryAccessibleInterface(object);
}

} // namespace

class TestBlockImage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void isATableOfItsBlocks()
    {
        const core::BlockErrors blocks = errors(3, 11); // the last row has two
        BlockImage image;
        show(image, blocks);
        QAccessibleInterface* whole = read(&image);
        QCOMPARE(whole->role(), QAccessible::Table);
        QCOMPARE(whole->text(QAccessible::Name), QStringLiteral("Error of each block"));
        QVERIFY2(whole->text(QAccessible::Description).startsWith(QStringLiteral("11 blocks")),
                 qPrintable(whole->text(QAccessible::Description)));
        QAccessibleTableInterface* table = whole->tableInterface();
        QVERIFY(table);
        QCOMPARE(table->rowCount(), 4);
        QCOMPARE(table->columnCount(), 3);
        for (int block = 0; block < 11; ++block) {
            const int row = block / 3;
            const int column = block % 3;
            QAccessibleInterface* cell = table->cellAt(row, column);
            const QString text = formatNumber(blocks.rms[static_cast<std::size_t>(block)], 3);
            QCOMPARE(cell->text(QAccessible::Value), text);
            QCOMPARE(cell->text(QAccessible::Name),
                     QStringLiteral("row %1, block %2: %3").arg(row).arg(column).arg(text));
            QVERIFY2(cell->text(QAccessible::Description)
                         .startsWith(QStringLiteral("block %1, values %2 to %3")
                                         .arg(block)
                                         .arg(block * kBlockSize)
                                         .arg((block + 1) * kBlockSize - 1)),
                     qPrintable(cell->text(QAccessible::Description)));
            const QPoint middle = cell->rect().center();
            QVERIFY(image.rect().contains(image.mapFromGlobal(middle)));
            QCOMPARE(whole->childAt(middle.x(), middle.y()), cell);
        }
        QCOMPARE(table->cellAt(3, 2)->text(QAccessible::Value), QStringLiteral("no block"));
        image.clear(QStringLiteral("Decomposing…"));
        QCOMPARE(whole->childCount(), 0);
        QCOMPARE(whole->text(QAccessible::Description), QStringLiteral("Decomposing…"));
    }

    void ofManyBlocks_theLargestOfNeighboursAreRead()
    {
        constexpr std::int64_t kWidth = 100;
        const core::BlockErrors blocks = errors(kWidth, 300 * kWidth);
        BlockImage image;
        show(image, blocks);
        QAccessibleTableInterface* table = read(&image)->tableInterface();
        QVERIFY(table->rowCount() <= 128 && table->columnCount() <= 64);
        QCOMPARE(table->columnDescription(1), QStringLiteral("blocks 2 to 3"));
        QCOMPARE(table->rowDescription(99), QStringLiteral("rows 297 to 299"));
        float largest = 0.0F; // of rows 3 to 5, blocks 2 and 3
        for (std::int64_t row = 3; row < 6; ++row) {
            for (std::int64_t column = 2; column < 4; ++column) {
                largest =
                    std::max(largest, blocks.rms[static_cast<std::size_t>(row * kWidth + column)]);
            }
        }
        QCOMPARE(table->cellAt(1, 1)->text(QAccessible::Value), formatNumber(largest, 3));
    }

    void keysMoveAFrame_andSayTheBlock()
    {
        const core::BlockErrors blocks = errors(3, 12);
        BlockImage image;
        show(image, blocks);
        const QImage before = image.grab().toImage();
        const Told told;
        const auto text = [&blocks](std::size_t block) {
            return formatNumber(blocks.rms[block], 3);
        };
        QTest::keyClick(&image, Qt::Key_Right);
        QCOMPARE(Told::take(),
                 QStringList {QStringLiteral("Focus: row 0, block 1: %1").arg(text(1))});
        QVERIFY(image.grab().toImage() != before);
        QTest::keyClick(&image, Qt::Key_Down);
        QCOMPARE(Told::take(),
                 QStringList {QStringLiteral("Focus: row 1, block 1: %1").arg(text(4))});
        QTest::keyClick(&image, Qt::Key_End);
        QCOMPARE(Told::take(),
                 QStringList {QStringLiteral("Focus: row 3, block 2: %1").arg(text(11))});
        QTest::keyClick(&image, Qt::Key_Down); // there is no further one
        QCOMPARE(Told::take(), QStringList());
        QCOMPARE(read(&image)->focusChild(), read(&image)->tableInterface()->cellAt(3, 2));
    }
};

QTEST_MAIN(TestBlockImage)
#include "tst_block_image.moc"
