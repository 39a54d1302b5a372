// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/memory_estimate.h"
#include "ui/services/largest_batch.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;

class TestLargestBatch : public QObject {
    Q_OBJECT

private:
    static std::shared_ptr<const core::TokenizedData> rows(int count)
    {
        core::TokenizedData data;
        for (int i = 0; i < count; ++i) {
            data.summary.lengths.push_back(10 + i % 37);
        }
        return std::make_shared<const core::TokenizedData>(std::move(data));
    }

private Q_SLOTS:
    // The Spectrum page asks with the first settings, the Train page with its form's, at every pixel of a dragged rank.
    void shufflesOnce_howeverTheAskersTurn()
    {
        const auto data = rows(500);
        core::RunSpec first;
        core::RunSpec second;
        second.batchSize = 4;
        LargestBatch batches;
        for (int rank = 1; rank <= 200; ++rank) {
            first.rank = second.rank = rank;
            first.maxLength = 256 + rank; // the lengths are known: it plays no part
            QCOMPARE(batches.tokens(data, first), core::largestMicroBatch(&data->summary, first));
            QCOMPARE(batches.tokens(data, second), core::largestMicroBatch(&data->summary, second));
        }
        QCOMPARE(batches.shuffles(), 2);
    }

    void forgets_whatBelongsToOtherRows()
    {
        LargestBatch batches;
        core::RunSpec spec;
        spec.batchSize = 500;
        const auto few = rows(20);
        const auto many = rows(400);
        QCOMPARE(batches.tokens(few, spec), core::largestMicroBatch(&few->summary, spec));
        QCOMPARE(batches.tokens(many, spec), core::largestMicroBatch(&many->summary, spec));
        spec.batchSize = 8;
        QCOMPARE(batches.tokens(many, spec), core::largestMicroBatch(&many->summary, spec));
        QCOMPARE(batches.tokens(nullptr, spec), spec.batchSize * spec.maxLength);
        QCOMPARE(batches.shuffles(), 3);
    }
};

QTEST_GUILESS_MAIN(TestLargestBatch)
#include "tst_largest_batch.moc"
