// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/memory_bar.h"
#include "ui/words/format.h"

#include <QAccessible>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;

class TestMemoryBar : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBar_saysWhatItShows()
    {
        MemoryBar memory;
        auto* bar = memory.findChild<QWidget*>(QStringLiteral("train.memoryBar"));
        const QAccessibleInterface* read = QAccessible::queryAccessibleInterface(bar);
        const auto name = [read] { return read->text(QAccessible::Name); };
        QCOMPARE(read->role(), QAccessible::Graphic);
        memory.setUnknown(QStringLiteral("open a model"));
        QVERIFY(name().contains(QStringLiteral("open a model")));

        core::MemoryEstimate estimate;
        estimate.weights = 500'000'000;
        estimate.activations = 70'000'000;
        memory.setEstimate(estimate, 8'000'000'000);
        for (const std::int64_t bytes : {estimate.total(), estimate.weights, estimate.activations,
                                         std::int64_t {8'000'000'000}}) {
            QVERIFY2(name().contains(formatBytes(bytes)), qPrintable(name()));
        }
        QVERIFY(!name().contains(QStringLiteral("optimizer"))); // there is none
        estimate.optimizer = 1'000'000;
        memory.setEstimate(estimate, 0);
        QVERIFY(name().contains(QStringLiteral("optimizer ") + formatBytes(estimate.optimizer)));
        QVERIFY(!name().contains(formatBytes(8'000'000'000)));
    }
};

QTEST_MAIN(TestMemoryBar)
#include "tst_memory_bar.moc"
