// SPDX-License-Identifier: GPL-3.0-or-later
// What may be typed as the value of a rule for ranks, and how the field says why not.
#include "tests/ui/warning_trap.h"
#include "ui/pages/spectrum/rank_rules.h"

#include <QComboBox>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>

using namespace pissarro;
using namespace pissarro::ui;

class TestRankRules : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void valuesOfARule_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QString>("value");
        QTest::addColumn<bool>("good");
        const auto add = [](const char* name, const char* rule, const char* value, bool good) {
            QTest::newRow(name) << QByteArray(rule) << QString::fromUtf8(value) << good;
        };
        add("percent", "energy", "90 %", true);
        add("share", "energy", "0,9", true);
        add("more than all", "energy", "250 %", false);
        add("a word", "energy", "abc", false);
        add("a size", "budget", "10 MB", true);
        add("parameters", "budget", "4,884,480", true);
        add("two meanings", "budget", "2,125", false);
        add("no value", "knee", "", true);
        add("estimated", "threshold", "", true);
        add("noise", "threshold", "0.02", true);
        add("noise with a unit", "threshold", "0.02 MB", false);
        add("share of an error", "quant-error", "80 %", true);
        add("no share", "quant-error", "0", false);
    }
    void valuesOfARule()
    {
        QFETCH(QByteArray, rule);
        QFETCH(QString, value);
        QFETCH(bool, good);
        const RankRule asked {core::rankRuleNamed(rule.toStdString()), {}};
        QCOMPARE(valueProblem(asked, value).isEmpty(), good);
        RuleValidator validator;
        validator.setRule(asked);
        int position = 0;
        QCOMPARE(validator.validate(value, position),
                 good ? QValidator::Acceptable : QValidator::Intermediate);
    }

    // Core's list is what is offered, each with words of its own; one that quantizes once for each method.
    void everyRule_isOffered()
    {
        QComboBox box;
        addRules(&box);
        QStringList titles;
        for (int i = 0; i < box.count(); ++i) {
            titles.append(box.itemText(i));
            QVERIFY(!box.itemText(i).contains(u'%') && !titles[i].isEmpty());
        }
        titles.removeDuplicates();
        QCOMPARE(titles.size(), box.count());
        for (const core::RankRule one : core::allRankRules()) {
            QVERIFY(std::any_of(allRules().begin(), allRules().end(),
                                [&](const RankRule& rule) { return rule.info == one; }));
        }
        for (const RankRule& rule : allRules()) {
            QVERIFY(valueProblem(rule, ruleDefault(rule)).isEmpty());
            QVERIFY(!isLong(rule) || core::iterates(rule.method));
        }
    }

    // What is refused stays in the field; why is told on Return, not while one types.
    void aRefusal_isToldOnReturn()
    {
        QLineEdit edit;
        RuleValidator validator;
        validator.setRule({core::rankRuleNamed("energy"), {}});
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
