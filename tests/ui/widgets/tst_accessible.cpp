// SPDX-License-Identifier: GPL-3.0-or-later
// What screen readers are told of labels, fields, switches and messages.
#include "tests/ui/told.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/card.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/error_banner.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/segmented_control.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QLineEdit>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

QAccessibleInterface* read(QObject* object)
{
    return QAccessible::queryAccessibleInterface(object);
}

QString nameOf(QObject* object)
{
    return read(object)->text(QAccessible::Name);
}

} // namespace

class TestAccessible : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
        installAccessible();
        installAccessible(); // any number of calls
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void aFigure_isReadWithItsCaption()
    {
        FigureLabel energy(QStringLiteral("19.2 %"));
        energy.setAccessibleName(QStringLiteral("Energy kept"));
        QCOMPARE(nameOf(&energy), QStringLiteral("Energy kept, 19.2 %"));
        QCOMPARE(read(&energy)->role(), QAccessible::StaticText);
        energy.setText(QStringLiteral("20 %"));
        QCOMPARE(nameOf(&energy), QStringLiteral("Energy kept, 20 %"));
        energy.clear();
        QCOMPARE(nameOf(&energy), QStringLiteral("Energy kept"));

        Chip device(QStringLiteral("chip"), QStringLiteral("Device"));
        device.setFact(QStringLiteral("CPU · 2 threads"));
        QCOMPARE(nameOf(&device), QStringLiteral("Device, CPU · 2 threads"));
    }

    void aLabel_isReadAsItIsSeen()
    {
        QLabel plain(QStringLiteral("a <b> c"));
        plain.setTextFormat(Qt::PlainText);
        QCOMPARE(nameOf(&plain), QStringLiteral("a <b> c"));
        QLabel rich(QStringLiteral("<span style='color:red'>■</span>&nbsp;weights"));
        rich.setTextFormat(Qt::RichText);
        QCOMPARE(nameOf(&rich), QStringLiteral("■ weights"));
        QWidget form;
        auto* caption = new QLabel(QStringLiteral("Rank"), &form);
        auto* field = new QLineEdit(&form);
        caption->setBuddy(field);
        const auto relations = read(caption)->relations(QAccessible::Labelled);
        QCOMPARE(relations.size(), 1);
        QCOMPARE(relations[0].first->object(), field);
        QCOMPARE(nameOf(field), QStringLiteral("Rank"));
    }

    void aComboBox_isNamedByWhatItIsFor()
    {
        QComboBox box;
        box.addItems({QStringLiteral("cosine"), QStringLiteral("linear")});
        box.setAccessibleName(QStringLiteral("Schedule"));
        QCOMPARE(nameOf(&box), QStringLiteral("Schedule"));
        QCOMPARE(read(&box)->role(), QAccessible::ComboBox);
        QCOMPARE(read(&box)->text(QAccessible::Value), QStringLiteral("cosine"));
        box.setCurrentIndex(1);
        QCOMPARE(read(&box)->text(QAccessible::Value), QStringLiteral("linear"));
        QCOMPARE(read(&box)->childCount(), 1);
        QCOMPARE(read(&box)->child(0)->object(), box.view());
        QCOMPARE(read(&box)->indexOfChild(read(box.view())), 0);
    }

    void segments_areOneOfSeveral()
    {
        SegmentedControl scale(QStringLiteral("scale"), QStringLiteral("Scale"),
                               {QStringLiteral("log"), QStringLiteral("linear")});
        QCOMPARE(read(&scale)->role(), QAccessible::Grouping);
        QCOMPARE(nameOf(&scale), QStringLiteral("Scale"));
        auto* second = scale.findChild<QAbstractButton*>(QStringLiteral("scale.1"));
        QCOMPARE(read(second)->role(), QAccessible::RadioButton);
        QVERIFY(!read(second)->state().checked);
        scale.setCurrent(1);
        QVERIFY(read(second)->state().checked);
        Card card(QStringLiteral("This run"));
        QCOMPARE(read(&card)->role(), QAccessible::Grouping);
        QCOMPARE(nameOf(&card), QStringLiteral("This run"));
    }

    void aMessage_isSaidWhenItComes()
    {
        ErrorBanner banner;
        const tests::Told told;
        banner.showFailure(QStringLiteral("Could not open a"), QStringLiteral("a: cut short"));
        QCOMPARE(read(&banner)->role(), QAccessible::AlertMessage);
        QVERIFY(tests::Told::take().contains(
            QStringLiteral("NameChanged: Failure: Could not open a. a: cut short")));
        banner.showNotice(QStringLiteral("Saved"), QStringLiteral("/x.png"));
        QVERIFY(tests::Told::take().contains(QStringLiteral("NameChanged: Saved. /x.png")));
        announceAs(&banner, QStringLiteral("Saved. /x.png")); // the same: nothing to say
        QVERIFY(tests::Told::take().isEmpty());
    }
};

QTEST_MAIN(TestAccessible)
#include "tst_accessible.moc"
