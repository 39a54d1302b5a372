// SPDX-License-Identifier: GPL-3.0-or-later
// What the card of gradient norm, rate and pace is called, however narrow it is.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/views/loss_card.h"
#include "ui/widgets/segmented_control.h"

#include <QLabel>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestDetailCard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    // use.md 50: at 1100 × 700 the title went.
    void theTitle_isAlwaysThere()
    {
        DetailCard card(QStringLiteral("train.detail"));
        card.setMinimumWidth(170); // as the Train page does
        card.resize(420, 300);
        card.show();
        QVERIFY(QTest::qWaitForWindowExposed(&card, hangMs()));
        auto* choice = card.findChild<SegmentedControl*>(QStringLiteral("train.detail.choice"));
        QVERIFY(choice);
        const auto titled = [&card](const char* text) -> const QLabel* {
            for (const QLabel* label : card.findChildren<QLabel*>()) {
                if (label->isVisible() && label->text() == QLatin1String(text)) {
                    return label;
                }
            }
            return nullptr;
        };
        const auto top = [&card](const QWidget* widget) {
            return widget->mapTo(&card, QPoint()).y();
        };
        const QLabel* title = titled("Gradient norm");
        QVERIFY(title);
        QVERIFY(top(choice) < top(title) + title->height()); // in one row
        card.resize(178, 300);
        QTRY_VERIFY(top(choice) >= top(title) + title->height()); // under it
        QVERIFY(title->isVisible() && title->width() > 0);
        QVERIFY(choice->isVisible());
        choice->setCurrent(1);
        QVERIFY(titled("Learning rate"));
        card.resize(420, 300);
        QTRY_VERIFY(top(choice) < top(title) + title->height());
        QVERIFY(choice->isVisible());
    }
};

QTEST_MAIN(TestDetailCard)
#include "tst_detail_card.moc"
