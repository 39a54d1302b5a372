// SPDX-License-Identifier: GPL-3.0-or-later
// Where the fields of the training form are: groups, columns, the order of Tab.
#include "tests/tools/patience.h"
#include "tests/ui/pages/train/train_form_bench.h"
#include "ui/pages/train/train_form.h"

#include <QLineEdit>
#include <QSpinBox>
#include <QTest>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestTrainFormLayout : public TrainFormBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests(); }
    void cleanup() { endTest(); }

    // What · Data · How long · Where: once for what every run has its own of, once for the rest.
    void theBasicSettings_areInFourGroups_andFitALowWindow()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        form.setTight(true);
        // What a window of 1100 × 700 leaves, and the switch, which the page has beside its title.
        const int room = 451 + form.advancedSwitch()->sizeHint().height() + 6;
        form.resize(280, room);
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form, hangMs()));
        int last = -1;
        for (const char* name : {"train.group.what", "train.method", "train.group.data",
                                 "train.data", "train.group.howLong", "train.rate",
                                 "train.group.where", "train.device", "train.directory"}) {
            const auto* widget = child<QWidget>(form, name);
            const int top = widget->mapTo(&form, QPoint(0, 0)).y();
            QVERIFY2(widget->isVisible() && top > last, name);
            QVERIFY2(top + widget->height() <= form.height(), name);
            last = top;
        }
        QVERIFY2(form.minimumSizeHint().height() <= room,
                 qPrintable(QString::number(form.minimumSizeHint().height())));
        QVERIFY(!child<QWidget>(form, "train.clip")->isVisible());
    }

    void theAdvancedSettings_haveAPlaceOfTheirOwn()
    {
        TrainForm form;
        form.setModel(m_model);
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form, hangMs()));
        const auto* basic = child<QWidget>(form, "train.rate");
        const auto* advanced = child<QWidget>(form, "train.clip");
        QVERIFY(basic->isVisible() && !advanced->isVisible());
        form.advancedSwitch()->click();
        QVERIFY(!basic->isVisible() && advanced->isVisible());
        form.advancedSwitch()->click();
        QVERIFY(basic->isVisible() && !advanced->isVisible());
        form.setSideBySide(true);
        QVERIFY(basic->isVisible() && advanced->isVisible() && !form.advancedSwitch()->isVisible());
        QVERIFY(advanced->mapTo(&form, QPoint(0, 0)).x() > basic->mapTo(&form, QPoint(0, 0)).x());
        form.setSideBySide(false);
        // A person who goes back to the others is not sent here again by what was wrong all the time.
        child<QLineEdit>(form, "train.clip")->setText(QStringLiteral("-3"));
        QVERIFY(advanced->isVisible());
        form.advancedSwitch()->click();
        child<QLineEdit>(form, "train.alpha")->setText(QStringLiteral("8"));
        QVERIFY(basic->isVisible());
    }

    void tabOrderFollowsTheEye_data()
    {
        QTest::addColumn<bool>("advanced");
        QTest::newRow("basic") << false;
        QTest::newRow("advanced") << true;
    }

    void tabOrderFollowsTheEye()
    {
        TrainForm form;
        form.resize(300, 1200);
        QFETCH(bool, advanced);
        form.advancedSwitch()->setChecked(advanced);
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form, hangMs()));
        QWidget* first = form.advancedSwitch();
        int lowest = -1;
        int visited = 0;
        QWidget* widget = first;
        do {
            const bool stops = widget->isVisible() && (widget->focusPolicy() & Qt::TabFocus) != 0
                && widget->focusProxy() == nullptr && form.isAncestorOf(widget);
            if (stops) {
                const int top = widget->mapTo(&form, QPoint(0, 0)).y();
                QVERIFY2(top >= lowest - 4, qPrintable(widget->objectName()));
                lowest = std::max(lowest, top);
                ++visited;
            }
            widget = widget->nextInFocusChain();
        } while (widget != first);
        QVERIFY(visited >= (advanced ? 12 : 16));
    }

    void wheelDoesNotChangeWhatIsScrolledPast()
    {
        TrainForm form;
        form.show();
        auto* rank = child<QSpinBox>(form, "train.rank");
        const int before = rank->value();
        QWheelEvent wheel(QPointF(5, 5), rank->mapToGlobal(QPointF(5, 5)), {}, QPoint(0, 120),
                          Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(rank, &wheel);
        QCOMPARE(rank->value(), before);
    }
};

QTEST_MAIN(TestTrainFormLayout)
#include "tst_train_form_layout.moc"
