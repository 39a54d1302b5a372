// SPDX-License-Identifier: GPL-3.0-or-later
// Sizes in proportion to the text of who reads it.
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/segmented_control.h"

#include <QApplication>
#include <QComboBox>
#include <QFontMetrics>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QVBoxLayout>

using namespace pissarro::ui;

class TestMetrics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { setTextPercent(100); }
    void cleanupTestCase()
    {
        setTextPercent(100);
        Theme::instance().setMode(ThemeMode::Light);
    }

    void sizes_followTheText()
    {
        QCOMPARE(scaled(28), 28); // nobody's desktop here: as drawn
        QCOMPARE(textFont().pixelSize(), kDrawnText);
        setTextPercent(200);
        QCOMPARE(scaled(28), 56);
        QCOMPARE(textFont().pixelSize(), 2 * kDrawnText);
        QCOMPARE(sized(QFont(), 11).pixelSize(), 22);
        setTextPercent(75);
        QCOMPARE(scaled(0.5), 1); // drawn, so to be seen
        QCOMPARE(scaled(0), 0);
        setTextPercent(1); // by hand
        QCOMPARE(scaled(100), kLeastText);
        setTextPercent(100'000);
        QCOMPARE(scaled(100), kMostText);
    }

    void theSheet_followsToo_butItsHairlines()
    {
        setTextPercent(150);
        QCOMPARE(scaledSheet(QStringLiteral("a { padding: 4u 12u; border: 1px solid #12u3; }")),
                 QStringLiteral("a { padding: 6px 18px; border: 1px solid #12u3; }"));
        Theme::instance().setMode(ThemeMode::Light);
        const QString sheet = qApp->styleSheet();
        QVERIFY(sheet.contains(QStringLiteral("font-size: 18px"))); // 12 drawn
        QVERIFY(!QRegularExpression(QStringLiteral("[0-9]u\\b")).match(sheet).hasMatch());
        QCOMPARE(QApplication::font().pixelSize(), scaled(kDrawnText));
    }

    // A window that is open: what its widgets took before is of the new text at once, and back again to the pixel.
    void anOpenWindow_followsAtOnce()
    {
        Theme::instance().setMode(ThemeMode::Light);
        QWidget window;
        window.setMinimumSize(300, 200); // of the screen, not of the text
        auto* column = new QVBoxLayout(&window);
        auto* edit = new QLineEdit(QStringLiteral("Ågj"));
        auto* tall = new QWidget; // a button's least height is the style sheet's
        tall->setMinimumHeight(scaled(37));
        auto* bar = new QWidget;
        bar->setFixedHeight(scaled(5));
        auto* large = new QLabel(QStringLiteral("16"));
        large->setFont(sized(large->font(), 27));
        auto* plain = new QLabel(QStringLiteral("muted"));
        plain->setProperty("role", QByteArray("muted"));
        for (QWidget* widget : std::initializer_list<QWidget*> {edit, tall, bar, large, plain}) {
            column->addWidget(widget);
        }
        window.show();
        QCoreApplication::processEvents();
        const int before = edit->sizeHint().height();
        const int font = plain->font().pixelSize();
        QSignalSpy changed(&Theme::instance(), &Theme::changed);
        Theme::instance().setText(150);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(tall->minimumHeight(), scaled(37));
        QCOMPARE(bar->minimumHeight(), scaled(5));
        QCOMPARE(bar->maximumHeight(), scaled(5));
        QCOMPARE(large->font().pixelSize(), scaled(27));
        QCOMPARE(plain->font().pixelSize(), scaled(12));
        QVERIFY(edit->sizeHint().height() > before);
        QCOMPARE(window.minimumSize(), QSize(300, 200));
        for (const int percent : {75, 133, 250, 110, 100}) {
            Theme::instance().setText(percent);
        }
        QCOMPARE(tall->minimumHeight(), 37);
        QCOMPARE(bar->maximumHeight(), 5);
        QCOMPARE(large->font().pixelSize(), 27);
        QCOMPARE(plain->font().pixelSize(), font);
        QCOMPARE(edit->sizeHint().height(), before);
        Theme::instance().setText(100); // nothing new
        QCOMPARE(changed.size(), 6);
    }

    void nothingIsCutOff_data()
    {
        QTest::addColumn<int>("percent");
        for (const int percent : {75, 100, 150, 200, 250}) {
            QTest::addRow("%d %%", percent) << percent;
        }
    }
    // Texts, fields and switches are as high as their letters, at every size.
    void nothingIsCutOff()
    {
        QFETCH(int, percent);
        setTextPercent(percent);
        Theme::instance().setMode(ThemeMode::Light);
        Card card(QStringLiteral("Title"));
        auto* edit = new QLineEdit(QStringLiteral("Ågj"));
        auto* chip = new Chip(QStringLiteral("chip"), QStringLiteral("Device"));
        auto* scale = new SegmentedControl(QStringLiteral("scale"), QStringLiteral("Scale"),
                                           {QStringLiteral("log"), QStringLiteral("linear")});
        auto* button = new QPushButton(QStringLiteral("Ågj"));
        auto* box = new QComboBox;
        box->addItem(QStringLiteral("Ågj"));
        card.addTitleWidget(scale);
        card.body()->addWidget(new FormField(QStringLiteral("Run folder"), {edit}));
        for (QWidget* widget : std::initializer_list<QWidget*> {chip, button, box}) {
            card.body()->addWidget(widget);
        }
        chip->setFact(QStringLiteral("Ågj"));
        card.resize(card.sizeHint());
        card.show();
        QCoreApplication::processEvents();
        for (const QWidget* widget : card.findChildren<QWidget*>()) {
            if (!widget->isVisible() || widget->layout() != nullptr) {
                continue;
            }
            const int letters = QFontMetrics(widget->font()).height();
            QVERIFY2(widget->height() >= letters,
                     qPrintable(QStringLiteral("%1 %2: %3 px for letters of %4")
                                    .arg(QLatin1String(widget->metaObject()->className()),
                                         widget->objectName(), QString::number(widget->height()),
                                         QString::number(letters))));
        }
        for (const QLabel* label : card.findChildren<QLabel*>()) {
            if (label->text() == QLatin1String("Run folder")) {
                QVERIFY(label->width() >= label->fontMetrics().horizontalAdvance(label->text()));
            }
        }
    }
};

QTEST_MAIN(TestMetrics)
#include "tst_metrics.moc"
