// SPDX-License-Identifier: GPL-3.0-or-later
// A tiny model beside itself, beside what is no model, and when another one is opened.
#include "tests/tools/patience.h"
#include "tests/ui/tiny_models.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/comparison.h"

#include <QSignalSpy>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {
const QString kTiny = tests::tinyPath();
constexpr int kRank = 2;
} // namespace

class TestComparison : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        if (!tests::hasTinyModels()) {
            QSKIP("shared/golden is not there");
        }
        m_model = tests::openTiny();
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void isReady_whenEveryMatrixIsThere()
    {
        Comparison comparison;
        comparison.start(kTiny, kRank);
        QVERIFY(!comparison.isRunning()); // no model is open
        comparison.takeModel({m_model});
        comparison.start(kTiny, kRank);
        QVERIFY(comparison.isRunning());
        QCOMPARE(comparison.with(), kTiny);
        QTRY_VERIFY_WITH_TIMEOUT(!comparison.isRunning(), hangMs());
        QVERIFY(std::holds_alternative<Ready>(comparison.state()));
        QCOMPARE(comparison.updates().size(), qsizetype(m_model->linearModules().size()));
        comparison.end();
        QVERIFY(std::holds_alternative<Idle>(comparison.state()));
        QVERIFY(comparison.with().isEmpty() && comparison.updates().isEmpty());
    }

    void fails_withTheFileAndWhy()
    {
        const QString none = QStringLiteral("/nowhere/tuned");
        Comparison comparison;
        comparison.takeModel({m_model});
        bool runsStill = true; // when it last told of a change
        connect(&comparison, &Comparison::changed, this,
                [&] { runsStill = comparison.isRunning(); });
        comparison.start(none, kRank);
        QTRY_VERIFY_WITH_TIMEOUT(comparison.failure() != nullptr && !runsStill, hangMs());
        QCOMPARE(comparison.failure()->what, QStringLiteral("Could not compare with tuned"));
        QCOMPARE(comparison.failure()->file, none);
        QVERIFY2(comparison.failure()->why.contains(none), qPrintable(comparison.failure()->why));
        QVERIFY(comparison.with().isEmpty());
    }

    // The model is told of before what it took away.
    void endsWithItsModel_andTellsWhenItIsAsked()
    {
        Comparison comparison;
        comparison.takeModel({m_model});
        comparison.start(kTiny, kRank);
        QSignalSpy changed(&comparison, &Comparison::changed);
        QSignalSpy state(&comparison, &Comparison::stateChanged);
        comparison.takeModel({tests::openTiny()});
        QVERIFY(comparison.with().isEmpty());
        QVERIFY(changed.isEmpty() && state.isEmpty());
        comparison.tellWhatIsGone();
        QCOMPARE(changed.count(), 1);
        QVERIFY(std::holds_alternative<Idle>(comparison.state()));
        comparison.tellWhatIsGone(); // once
        QCOMPARE(changed.count(), 1);
    }

private:
    std::shared_ptr<const core::ModelFiles> m_model;
};

QTEST_GUILESS_MAIN(TestComparison)
#include "tst_comparison.moc"
