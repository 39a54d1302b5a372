// SPDX-License-Identifier: GPL-3.0-or-later
// Values as chips, by keyboard and by mouse.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/widgets/chip_edit.h"

#include <QAbstractButton>
#include <QApplication>
#include <QLineEdit>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestChipEdit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
    }

    void init()
    {
        m_edit = std::make_unique<ChipEdit>(QStringLiteral("ranks"), QStringLiteral("Ranks"));
        m_edit->setRead([](const QString& text) {
            bool isNumber = false;
            const int number = text.toInt(&isNumber);
            return isNumber ? ChipEdit::Typed {QString::number(number), {}}
                            : ChipEdit::Typed {{}, QStringLiteral("no number")};
        });
        m_edit->setTexts({QStringLiteral("8"), QStringLiteral("16"), QStringLiteral("32")});
        m_edit->resize(260, 60);
        m_edit->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_edit.get(), hangMs()));
    }

    void cleanup()
    {
        m_edit.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void enter_adds_andBackspaceRemoves()
    {
        QSignalSpy changed(m_edit.get(), &ChipEdit::changed);
        QTest::keyClicks(m_edit->edit(), QStringLiteral("064"));
        QTest::keyClick(m_edit->edit(), Qt::Key_Return);
        QCOMPARE(texts(), QStringLiteral("8 16 32 64")); // as it is read
        QCOMPARE(changed.count(), 1);
        QVERIFY(m_edit->edit()->text().isEmpty());
        QTest::keyClick(m_edit->edit(), Qt::Key_Backspace);
        QCOMPARE(texts(), QStringLiteral("8 16 32"));
        QTest::keyClicks(m_edit->edit(), QStringLiteral("5"));
        QTest::keyClick(m_edit->edit(), Qt::Key_Backspace); // of what is typed
        QCOMPARE(texts(), QStringLiteral("8 16 32"));
        QTest::keyClick(chip(1), Qt::Key_Delete);
        QCOMPARE(texts(), QStringLiteral("8 32"));
        QCOMPARE(changed.count(), 3);
    }

    void whatIsNoValue_orThereAlready_isRefused_andStaysTyped()
    {
        QSignalSpy changed(m_edit.get(), &ChipEdit::changed);
        for (const char* typed : {"many", "16"}) {
            m_edit->edit()->clear();
            QTest::keyClicks(m_edit->edit(), QLatin1String(typed));
            QTest::keyClick(m_edit->edit(), Qt::Key_Return);
            QCOMPARE(texts(), QStringLiteral("8 16 32"));
            QCOMPARE(m_edit->edit()->text(), QLatin1String(typed));
            QVERIFY(m_edit->edit()->property("invalid").toBool());
        }
        QTest::keyClicks(m_edit->edit(), QStringLiteral("4"));
        QVERIFY(!m_edit->edit()->property("invalid").toBool());
        QVERIFY(changed.isEmpty());
    }

    void altAndArrows_order()
    {
        QTest::keyClick(chip(0), Qt::Key_Right, Qt::AltModifier);
        QCOMPARE(texts(), QStringLiteral("16 8 32"));
        QTest::keyClick(chip(2), Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(texts(), QStringLiteral("16 32 8"));
        QTest::keyClick(chip(2), Qt::Key_Right, Qt::AltModifier); // the last stays
        QCOMPARE(texts(), QStringLiteral("16 32 8"));
    }

    void dragging_orders()
    {
        QAbstractButton* first = chip(0);
        const QPoint from = first->rect().center();
        const QPoint to =
            first->mapFrom(m_edit.get(), chip(2)->mapTo(m_edit.get(), chip(2)->rect().center()));
        send(first, QEvent::MouseButtonPress, from, Qt::LeftButton);
        send(first, QEvent::MouseMove, to, Qt::LeftButton);
        send(first, QEvent::MouseButtonRelease, to, Qt::NoButton);
        QCOMPARE(texts(), QStringLiteral("16 32 8"));
    }

    void manyValues_takeMoreLines()
    {
        const int before = m_edit->heightForWidth(260);
        QStringList many;
        for (int i = 0; i < 20; ++i) {
            many.append(QString::number(1000 + i));
        }
        m_edit->setTexts(many);
        QVERIFY(m_edit->heightForWidth(260) > before);
        QVERIFY(m_edit->heightForWidth(1600) < m_edit->heightForWidth(260));
    }

private:
    QString texts() const { return m_edit->texts().join(QLatin1Char(' ')); }
    QAbstractButton* chip(int place) const
    {
        for (QAbstractButton* one : m_edit->findChildren<QAbstractButton*>()) {
            if (one->isVisibleTo(m_edit.get())
                && one->objectName() == QStringLiteral("ranks.%1").arg(place)) {
                return one; // those before it are only hidden until the event loop takes them
            }
        }
        return nullptr;
    }
    static void send(QWidget* widget, QEvent::Type type, const QPoint& at, Qt::MouseButton held)
    {
        const Qt::MouseButton button = type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton;
        QMouseEvent event(type, QPointF(at), QPointF(widget->mapToGlobal(at)), button, held,
                          Qt::NoModifier);
        QApplication::sendEvent(widget, &event);
    }

    std::unique_ptr<ChipEdit> m_edit;
};

QTEST_MAIN(TestChipEdit)
#include "tst_chip_edit.moc"
