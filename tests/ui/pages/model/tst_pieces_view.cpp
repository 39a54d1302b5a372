// SPDX-License-Identifier: GPL-3.0-or-later
// The pieces of a text for people who hear them or walk them by keys.
#include "tests/tools/patience.h"
#include "tests/ui/told.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/model/tokenizer_card.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::Told;

class TestPiecesView : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void isATableOfTokens_walkedByKeys()
    {
        PiecesView view;
        view.setPieces(
            {{QStringLiteral("Mia"), QStringLiteral("Mia"), 17, false, {}, 0},
             {QStringLiteral("·packs"), QStringLiteral("Ġpacks"), 1234, false, {}, 0},
             {QStringLiteral("E2 82"), QStringLiteral("âĤ"), 5, false, QStringLiteral("₁"), 2}});
        view.resize(200, 120);
        view.show();
        view.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&view, hangMs()));
        view.setFocus(Qt::TabFocusReason);
        QAccessibleInterface* whole = QAccessible::queryAccessibleInterface(&view);
        QAccessibleTableInterface* table = whole->tableInterface();
        QVERIFY(table);
        QCOMPARE(table->rowCount(), 3);
        QCOMPARE(table->columnCount(), 2);
        QCOMPARE(table->cellAt(1, 0)->text(QAccessible::Name),
                 QStringLiteral("token 2, text: ·packs"));
        QCOMPARE(table->cellAt(1, 1)->text(QAccessible::Value), QStringLiteral("1234"));
        QCOMPARE(table->cellAt(1, 0)->text(QAccessible::Description),
                 QStringLiteral("Ġpacks, id 1234"));
        QCOMPARE(table->cellAt(2, 0)->text(QAccessible::Description),
                 QStringLiteral("bytes E2 82 of ₁, id 5"));
        for (int row = 0; row < 3; ++row) {
            for (int column = 0; column < 2; ++column) {
                QAccessibleInterface* cell = table->cellAt(row, column);
                const QPoint middle = cell->rect().center();
                QVERIFY(view.rect().contains(view.mapFromGlobal(middle)));
                QCOMPARE(whole->childAt(middle.x(), middle.y()), cell);
            }
        }
        const Told told;
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(Told::take(), QStringList {QStringLiteral("Focus: token 2, text: ·packs")});
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(Told::take(), QStringList {QStringLiteral("Focus: token 2, id: 1234")});
        QTest::keyClick(&view, Qt::Key_End);
        QCOMPARE(Told::take(), QStringList {QStringLiteral("Focus: token 3, id: 5")});
        view.setPieces({}); // nothing is left to be current
        QCOMPARE(whole->focusChild(), nullptr);
        QCOMPARE(whole->childCount(), 0);
    }
};

QTEST_MAIN(TestPiecesView)
#include "tst_pieces_view.moc"
