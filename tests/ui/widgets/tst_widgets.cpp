// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/segmented_control.h"

#include <QAbstractButton>
#include <QClipboard>
#include <QGuiApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestWidgets : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void segments_chooseByMouseAndArrowKeys()
    {
        QWidget window;
        auto* layout = new QVBoxLayout(&window);
        auto* control = new SegmentedControl(
            QStringLiteral("scale"), QStringLiteral("Scale"),
            {QStringLiteral("log"), QStringLiteral("linear"), QStringLiteral("off")});
        layout->addWidget(control);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, hangMs()));
        QSignalSpy changed(control, &SegmentedControl::changed);
        QCOMPARE(control->current(), 0);

        auto* second = control->findChild<QAbstractButton*>(QStringLiteral("scale.1"));
        QVERIFY(second);
        QVERIFY(!second->accessibleName().isEmpty());
        QTest::mouseClick(second, Qt::LeftButton);
        QCOMPARE(control->current(), 1);
        QCOMPARE(changed.count(), 1);

        second->setFocus();
        QTest::keyClick(second, Qt::Key_Right);
        QCOMPARE(control->current(), 2);
        QCOMPARE(changed.count(), 2);
        control->setCurrent(2);
        QCOMPARE(changed.count(), 2);
        control->setCurrent(0);
        QCOMPARE(changed.count(), 3);
        QCOMPARE(changed.last()[0].toInt(), 0);
    }

    void segments_thatAreDisabledCannotBeChosen()
    {
        SegmentedControl control(QStringLiteral("c"), QStringLiteral("C"),
                                 {QStringLiteral("a"), QStringLiteral("b")});
        control.setSegmentEnabled(1, false, QStringLiteral("not yet"));
        auto* second = control.findChild<QAbstractButton*>(QStringLiteral("c.1"));
        QTest::mouseClick(second, Qt::LeftButton);
        QCOMPARE(control.current(), 0);
        QCOMPARE(second->toolTip(), QStringLiteral("not yet"));
    }

    void choosing_movesNothing()
    {
        SegmentedControl control(QStringLiteral("c"), QStringLiteral("C"),
                                 {QStringLiteral("energy"), QStringLiteral("stable rank")});
        const QSize before = control.sizeHint();
        control.setCurrent(1);
        QCOMPARE(control.sizeHint(), before);
    }

    void banner_foldsLongMessagesAndCopies()
    {
        ErrorBanner banner;
        QVERIFY(banner.isHidden());
        const QString message = QStringLiteral("a.gguf: the header is cut short; fetch it again\n")
            + QString(400, QLatin1Char('x'));
        banner.showFailure(QStringLiteral("Could not open a.gguf"), message);
        QVERIFY(!banner.isHidden());
        auto* fold = banner.findChild<QPushButton*>(QStringLiteral("banner.fold"));
        auto* details = banner.findChild<QLabel*>(QStringLiteral("banner.details"));
        QVERIFY(!fold->isHidden());
        QVERIFY(details->isHidden());
        fold->click();
        QVERIFY(!details->isHidden());
        QCOMPARE(details->text(), message);
        banner.findChild<QPushButton*>(QStringLiteral("banner.copy"))->click();
        QCOMPARE(QGuiApplication::clipboard()->text(),
                 QStringLiteral("Could not open a.gguf\n") + message);
        banner.findChild<QToolButton*>(QStringLiteral("banner.close"))->click();
        QVERIFY(banner.isHidden());
    }

    void banner_showsShortMessagesWhole()
    {
        ErrorBanner banner;
        banner.showFailure(QStringLiteral("H"), QStringLiteral("short"));
        QVERIFY(banner.findChild<QPushButton*>(QStringLiteral("banner.fold"))->isHidden());
        QCOMPARE(banner.findChild<QLabel*>(QStringLiteral("banner.message"))->text(),
                 QStringLiteral("short"));
    }

    void emptyState_actsByItsButton()
    {
        EmptyState state(QStringLiteral("e"), QStringLiteral("model"),
                         QStringLiteral("Open a model"), QStringLiteral("Choose one."),
                         QStringLiteral("Open…"));
        QSignalSpy acted(&state, &EmptyState::acted);
        QVERIFY(state.button());
        QTest::mouseClick(state.button(), Qt::LeftButton);
        QCOMPARE(acted.count(), 1);
    }

    void figures_takeTheSameRoom()
    {
        const QFontMetrics metrics(textFont());
        QCOMPARE(figuresWidth(metrics, QStringLiteral("1,111")),
                 figuresWidth(metrics, QStringLiteral("8,888")));
        FigureLabel ones(QStringLiteral("111 %"));
        FigureLabel eights(QStringLiteral("888 %"));
        QCOMPARE(ones.sizeHint(), eights.sizeHint());
    }

    void elidedLabel_shrinksBelowItsText()
    {
        ElidedLabel label(QString(200, QLatin1Char('m')));
        QVERIFY(label.minimumSizeHint().width() < 80);
        QVERIFY(label.sizeHint().width() > 1000);
    }

    void chip_hidesWithoutAFact()
    {
        QWidget parent;
        Chip chip(QStringLiteral("chip"), QStringLiteral("Device"), &parent);
        QVERIFY(chip.isHidden());
        chip.setFact(QStringLiteral("CPU · 2 threads"));
        QVERIFY(!chip.isHidden());
        chip.setFact({});
        QVERIFY(chip.isHidden());
    }

    void icons_areThereAndFollowTheTheme()
    {
        const auto darkest = [](const QIcon& icon) {
            const QImage image = icon.pixmap(20, 20).toImage();
            int lightness = 256;
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x) {
                    if (image.pixelColor(x, y).alpha() > 200) {
                        lightness = std::min(lightness, image.pixelColor(x, y).lightness());
                    }
                }
            }
            return lightness;
        };
        for (const char* name : {"model", "spectrum", "train", "runs", "sun", "moon", "warning",
                                 "copy", "close", "open", "file"}) {
            const QIcon icon = themedIcon(QLatin1String(name));
            QVERIFY2(!icon.isNull(), name);
            Theme::instance().setMode(ThemeMode::Light);
            const int light = darkest(icon);
            Theme::instance().setMode(ThemeMode::Dark);
            const int dark = darkest(icon);
            Theme::instance().setMode(ThemeMode::Light);
            QVERIFY2(light < 150 && dark > 130, name);
        }
        QVERIFY(themedIcon(QStringLiteral("no-such-icon")).isNull());
    }

    void card_hidesAnEmptySubtitle()
    {
        Card card(QStringLiteral("Title"));
        card.setSubtitle(QStringLiteral("more"));
        const auto labels = card.findChildren<ElidedLabel*>();
        const auto subtitle =
            std::find_if(labels.cbegin(), labels.cend(), [](const ElidedLabel* label) {
                return label->text() == QLatin1String("more");
            });
        QVERIFY(subtitle != labels.cend());
        QVERIFY(!(*subtitle)->isHidden());
        card.setSubtitle({});
        QVERIFY((*subtitle)->isHidden());
    }
};

QTEST_MAIN(TestWidgets)
#include "tst_widgets.moc"
