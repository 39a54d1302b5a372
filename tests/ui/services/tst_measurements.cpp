// SPDX-License-Identifier: GPL-3.0-or-later
// The fast SVD's meter and the search for ranks on a tiny model: what each says of itself, and that nothing of a model
// outlives it.
#include "tests/tools/patience.h"
#include "tests/ui/tiny_models.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/measurements.h"

#include <QSignalSpy>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::openTiny;

namespace {

core::MeterOptions fewOptions()
{
    core::MeterOptions options;
    options.ranks = {2};
    options.niters = {0, 1};
    return options;
}

} // namespace

class TestMeasurements : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        if (!tests::hasTinyModels()) {
            QSKIP("shared/golden is not there");
        }
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void measures_andKeepsTheRows()
    {
        const auto model = openTiny("llama");
        const QStringList modules {QString::fromStdString(model->linearModules().front().name)};
        FastSvdMeter meter;
        meter.measure(modules, fewOptions());
        QVERIFY(!meter.isRunning()); // of no model
        meter.takeModel({model});
        meter.measure(modules, fewOptions());
        QVERIFY(meter.isRunning());
        meter.measure({}, fewOptions()); // one at a time
        QCOMPARE(meter.measurement().modules, modules);
        QTRY_VERIFY_WITH_TIMEOUT(!meter.isRunning(), hangMs());
        QVERIFY(std::holds_alternative<Ready>(meter.state()));
        QVERIFY(!meter.measurement().rows.empty());
        meter.takeModel({openTiny("qwen2")});
        QVERIFY(meter.measurement().modules.isEmpty() && meter.measurement().rows.empty());
    }

    void cancelled_orOfAModelThatIsGone_itIsIdle()
    {
        const auto model = openTiny("llama");
        const QStringList modules {QString::fromStdString(model->linearModules().front().name)};
        FastSvdMeter meter;
        meter.takeModel({model});
        meter.measure(modules, fewOptions());
        meter.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Idle>(meter.state()), hangMs());
        meter.measure(modules, fewOptions());
        meter.takeModel({openTiny("qwen2")});
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Idle>(meter.state()), hangMs());
        QVERIFY(meter.measurement().rows.empty());
    }

    void findsRanks_ofTheOpenModelAlone()
    {
        const RankQuestion question {core::rankRuleNamed("quant-error"), 0.9,
                                     core::methodNamed("qpissa")};
        RankSearch search;
        QSignalSpy found(&search, &RankSearch::found);
        search.takeModel({openTiny("llama")});
        search.find(question);
        QVERIFY(search.isRunning());
        search.takeModel({openTiny("qwen2")});
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Idle>(search.state()), hangMs());
        QVERIFY(found.isEmpty());
        search.find(question);
        QTRY_VERIFY_WITH_TIMEOUT(!search.isRunning(), hangMs());
        QCOMPARE(found.count(), 1);
        QVERIFY(std::holds_alternative<Ready>(search.state()));
    }
};

QTEST_GUILESS_MAIN(TestMeasurements)
#include "tst_measurements.moc"
