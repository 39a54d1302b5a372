// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/words/method_look.h"

#include <QApplication>
#include <QIcon>
#include <QLabel>
#include <QSet>
#include <QSignalSpy>
#include <QTest>
#include <QToolTip>

#include <algorithm>
#include <cmath>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

double channel(double c)
{
    return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& c)
{
    return 0.2126 * channel(c.redF()) + 0.7152 * channel(c.greenF()) + 0.0722 * channel(c.blueF());
}

// WCAG 2: from 1 to 21.
double contrast(const QColor& a, const QColor& b)
{
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

// Counts changes of the application's palette.
class PaletteCounter : public QObject {
public:
    int heard = 0;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        heard += watched == qApp && event->type() == QEvent::ApplicationPaletteChange ? 1 : 0;
        return QObject::eventFilter(watched, event);
    }
};

} // namespace

class TestTheme : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void texts_areReadable()
    {
        for (const bool dark : {false, true}) {
            const Colors c = Theme::colorsFor(dark);
            for (const QColor& text : {c.text, c.muted, c.accent, c.good, c.bad, c.warn}) {
                QVERIFY2(contrast(text, c.card) >= 4.5, qPrintable(text.name()));
            }
            QVERIFY(contrast(c.text, c.page) >= 4.5);
            QVERIFY(contrast(c.muted, c.page) >= 4.5);
            QVERIFY(contrast(c.accent, c.tint) >= 4.5);
            QVERIFY(contrast(dark ? c.page : QColor(Qt::white), c.accent) >= 4.5); // primary button
        }
    }

    void colours_areThoseOfTheDesign()
    {
        const Colors light = Theme::colorsFor(false);
        QCOMPARE(light.page.name(), QStringLiteral("#f6f6f4"));
        QCOMPARE(light.line.name(), QStringLiteral("#e3e3df"));
        QCOMPARE(light.accent.name(), QStringLiteral("#0072b2"));
        const Colors dark = Theme::colorsFor(true);
        QCOMPARE(dark.card.name(), QStringLiteral("#24272b"));
        QCOMPARE(dark.accent.name(), QStringLiteral("#56b4e9"));
    }

    // What a person chose for the whole desktop holds here too, and outlines stay.
    void highContrast_isTheSystems()
    {
        QPalette plain; // as Fusion has it
        plain.setColor(QPalette::Window, QColor(0xef, 0xef, 0xef));
        plain.setColor(QPalette::WindowText, Qt::black);
        QVERIFY(!Theme::isHighContrast(plain));
        QCOMPARE(Theme::colorsFor(plain), Theme::colorsFor(false));
        plain.setColor(QPalette::Window, QColor(0x2a, 0x2a, 0x2a));
        plain.setColor(QPalette::WindowText, QColor(0xee, 0xee, 0xee));
        QCOMPARE(Theme::colorsFor(plain), Theme::colorsFor(true));

        for (const bool dark : {false, true}) {
            for (const QColor& highlight : {QColor(0x00, 0x50, 0xa0), QColor(0xff, 0xff, 0x00)}) {
                QPalette strong;
                strong.setColor(QPalette::Window, dark ? Qt::black : Qt::white);
                strong.setColor(QPalette::WindowText, dark ? Qt::white : Qt::black);
                strong.setColor(QPalette::Highlight, highlight);
                QVERIFY(Theme::isHighContrast(strong));
                const Colors c = Theme::colorsFor(strong);
                QCOMPARE(c.page, strong.color(QPalette::Window));
                QCOMPARE(c.card, c.page);
                QCOMPARE(c.line, c.text); // outlines
                QVERIFY(contrast(c.line, c.card) >= 20);
                for (const QColor& text :
                     {c.text, c.muted, c.accent, c.good, c.bad, c.warn, c.grip}) {
                    QVERIFY2(contrast(text, c.card) >= 4.5, qPrintable(text.name()));
                }
                QVERIFY(contrast(c.accent, c.tint) >= 4.5);
                QVERIFY(contrast(dark ? c.page : QColor(Qt::white), c.accent) >= 4.5);
            }
        }
    }

    void switching_setsPaletteAndTells()
    {
        Theme& theme = Theme::instance();
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setMode(ThemeMode::Dark);
        QVERIFY(theme.isDark());
        QCOMPARE(QApplication::palette().color(QPalette::Window), theme.colors().page);
        QCOMPARE(methodColor(core::methodNamed("lora")).name(), QStringLiteral("#e69f00"));
        theme.setMode(ThemeMode::Light);
        QVERIFY(!theme.isDark());
        QCOMPARE(QApplication::palette().color(QPalette::Window), theme.colors().page);
        QCOMPARE(methodColor(core::methodNamed("pissa")).name(), QStringLiteral("#0072b2"));
        QCOMPARE(methodColor(core::methodNamed("lora")).name(), QStringLiteral("#d55e00"));
        QCOMPARE(changed.count(), 2);
    }

    // One colour, one meaning: what is no method has none of their colours, and is seen as a thin line.
    void whatIsNoMethod_isGrey()
    {
        for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            const QColor card = Theme::instance().colors().card;
            for (int i = 0; i <= 10; ++i) {
                const QColor grey = Theme::instance().neutral(i / 10.0);
                QVERIFY2(contrast(grey, card) >= 3.0, qPrintable(grey.name()));
                QVERIFY2(grey.hsvSaturationF() < 0.25F, qPrintable(grey.name()));
            }
        }
        Theme::instance().setMode(ThemeMode::Light);
    }

    void everyMethodHasALook()
    {
        QSet<QString> colors;
        QSet<QString> sentences;
        for (const core::Method method : core::allMethods()) {
            colors.insert(methodColor(method).name());
            sentences.insert(methodSentence(method));
        }
        const auto methods = static_cast<qsizetype>(core::allMethods().size());
        QCOMPARE(colors.size(), methods);
        QCOMPARE(sentences.size(), methods);
        QVERIFY(!sentences.contains(QString()));
    }

    void styleSheet_isWhole()
    {
        Theme::instance().setMode(ThemeMode::Light);
        const QString sheet = qApp->styleSheet();
        QVERIFY(sheet.contains(QLatin1String("QPushButton")));
        QVERIFY2(!sheet.contains(QLatin1Char('@')), "a colour name was not filled in");
    }

    // The name of a model, of a folder or of a tensor comes from a download: it is shown, not obeyed.
    void labels_showMarkupAsText()
    {
        Theme::instance().setMode(ThemeMode::Light);
        const QString hostile = QStringLiteral("<img src=x><b>bold</b>");
        QLabel label(hostile);
        label.show();
        QCOMPARE(label.textFormat(), Qt::PlainText);
        QLabel meant; // one that escapes what it is given says so
        meant.setTextFormat(Qt::RichText);
        meant.show();
        QCOMPARE(meant.textFormat(), Qt::RichText);
        QToolTip::showText(QPoint(5, 5), hostile, &label);
        const auto tips = QApplication::topLevelWidgets();
        const auto tip = std::find_if(tips.begin(), tips.end(), [](const QWidget* widget) {
            return widget->inherits("QTipLabel");
        });
        QVERIFY(tip != tips.end());
        QCOMPARE(qobject_cast<QLabel*>(*tip)->text(), hostile);
        QCOMPARE(qobject_cast<QLabel*>(*tip)->textFormat(), Qt::PlainText);
        QToolTip::hideText();
    }

    // Of a curve, say: one colour means one run.
    void aPicture_keepsItsColourInAChosenRow()
    {
        QPixmap sample(8, 8);
        sample.fill(QColor(0xd5, 0x5e, 0x00));
        const QIcon icon(sample);
        QCOMPARE(icon.pixmap(QSize(8, 8), QIcon::Selected).toImage().pixelColor(4, 4),
                 QColor(0xd5, 0x5e, 0x00));
        QVERIFY(icon.pixmap(QSize(8, 8), QIcon::Disabled).toImage().pixelColor(4, 4)
                != QColor(0xd5, 0x5e, 0x00));
    }

    void following_goesBackToTheSystem()
    {
        Theme& theme = Theme::instance();
        theme.setMode(ThemeMode::Dark);
        theme.setMode(ThemeMode::System);
        QVERIFY(!theme.isDark()); // the offscreen platform is light
        QCOMPARE(QApplication::palette().color(QPalette::Window), theme.colors().page);
    }

    void following_isQuiet()
    {
        Theme::instance().setMode(ThemeMode::System);
        QTest::qWait(50);
        PaletteCounter counter;
        qApp->installEventFilter(&counter);
        QTest::qWait(200);
        QVERIFY2(counter.heard <= 2,
                 "looking at the system's palette must not look like a change of it");
    }

    void cividis_endsWhereMatplotlibsDoes()
    {
        const auto near = [](const QColor& a, const QColor& b) {
            return std::abs(a.red() - b.red()) <= 6 && std::abs(a.green() - b.green()) <= 6
                && std::abs(a.blue() - b.blue()) <= 16;
        };
        QVERIFY(near(Theme::cividis(0.0), QColor(0, 34, 78)));
        QVERIFY(near(Theme::cividis(0.5), QColor(124, 123, 120)));
        QVERIFY(near(Theme::cividis(1.0), QColor(254, 232, 56)));
        QCOMPARE(Theme::cividis(-3.0), Theme::cividis(0.0));
        QCOMPARE(Theme::cividis(std::nan("")), Theme::cividis(0.0));
        double before = -1.0;
        for (int i = 0; i <= 20; ++i) { // lightness rises all along
            const double now = luminance(Theme::cividis(i / 20.0));
            QVERIFY(now > before);
            before = now;
        }
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
