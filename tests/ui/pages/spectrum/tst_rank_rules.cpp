// SPDX-License-Identifier: GPL-3.0-or-later
// What may be typed as the value of a rule for ranks, and how the field says why not.
#include "tests/ui/warning_trap.h"
#include "ui/pages/spectrum/rank_rules.h"

#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;

class TestRankRules : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void valuesOfARule_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("value");
        QTest::addColumn<bool>("good");
        const auto add = [](const char* name, RankRule::Kind kind, const char* value, bool good) {
            QTest::newRow(name) << static_cast<int>(kind) << QString::fromUtf8(value) << good;
        };
        add("percent", RankRule::Energy, "90 %", true);
        add("share", RankRule::Energy, "0,9", true);
        add("more than all", RankRule::Energy, "250 %", false);
        add("a word", RankRule::Energy, "abc", false);
        add("a size", RankRule::Budget, "10 MB", true);
        add("parameters", RankRule::Budget, "4,884,480", true);
        add("two meanings", RankRule::Budget, "2,125", false);
        add("no value", RankRule::Knee, "", true);
        add("estimated", RankRule::Threshold, "", true);
        add("noise", RankRule::Threshold, "0.02", true);
        add("noise with a unit", RankRule::Threshold, "0.02 MB", false);
        add("share of an error", RankRule::FourBits, "80 %", true);
        add("no share", RankRule::FourBits, "0", false);
    }
    void valuesOfARule()
    {
        QFETCH(int, kind);
        QFETCH(QString, value);
        QFETCH(bool, good);
        const RankRule rule {static_cast<RankRule::Kind>(kind), {}};
        QCOMPARE(valueProblem(rule, value).isEmpty(), good);
        RuleValidator validator;
        validator.setRule(rule);
        int position = 0;
        QCOMPARE(validator.validate(value, position),
                 good ? QValidator::Acceptable : QValidator::Intermediate);
    }

    // What is refused stays in the field; why is told on Return, not while one types.
    void aRefusal_isToldOnReturn()
    {
        QLineEdit edit;
        RuleValidator validator;
        validator.setRule({RankRule::Energy, {}});
        edit.setValidator(&validator);
        QSignalSpy refused(&validator, &RuleValidator::refused);
        QSignalSpy taken(&edit, &QLineEdit::returnPressed);
        QTest::keyClicks(&edit, QStringLiteral("25x"));
        QCOMPARE(edit.text(), QStringLiteral("25x"));
        QVERIFY(refused.isEmpty());
        QTest::keyClick(&edit, Qt::Key_Return);
        QVERIFY(!refused.isEmpty());
        QVERIFY2(refused[0][0].toString().contains(QStringLiteral("90 %")),
                 qPrintable(refused[0][0].toString()));
        QVERIFY(taken.isEmpty());
        QTest::keyClick(&edit, Qt::Key_Backspace);
        QTest::keyClick(&edit, Qt::Key_Return);
        QCOMPARE(taken.count(), 1);
    }
};

QTEST_MAIN(TestRankRules)
#include "tst_rank_rules.moc"
