// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/rotary_block_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

#include <cmath>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

RotaryBlock small()
{
    ModelConfig config;
    config.headDim = 8;
    return RotaryBlock(config, thisBackend().device);
}

} // namespace

class RotaryBlockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(5);
    }

    void gradients()
    {
        RotaryBlock block = small();
        const RotaryTable& table = block.upTo(40);
        const at::Tensor positions = whole({0, 3, 17, 39});
        at::Tensor x = normal({4, 24}); // two heads turn, the third stays
        const at::Tensor dy = normal({4, 24});
        const auto f = [&] {
            at::Tensor y = x.clone();
            theseOps().rotate(y, positions, table, 2, 1.0);
            return (y * dy).sum().item<double>();
        };
        at::Tensor dx = dy.clone();
        theseOps().rotate(dx, positions, table, 2, -1.0);
        QVERIFY(worst(x, dx, f) < kLimit);
    }

    // A part of each head, as halves or as pairs: what turns together keeps its length, and a quarter turn is known.
    void partsAndPairs_turn()
    {
        for (const bool pairs : {false, true}) {
            RotaryTable table;
            table.cos_TH = at::zeros({2, 2}, at::kFloat).to(thisBackend().device);
            table.sin_TH = at::ones({2, 2}, at::kFloat).to(thisBackend().device);
            table.headDim = 6;
            table.pairs = pairs;
            at::Tensor x = at::arange(12, at::kDouble).view({1, 12}).to(thisBackend().device);
            theseOps().rotate(x, whole({1}), table, 2, 1.0);
            const std::vector<double> want = pairs
                ? std::vector<double> {-1, 0, -3, 2, 4, 5, -7, 6, -9, 8, 10, 11}
                : std::vector<double> {-2, -3, 0, 1, 4, 5, -8, -9, 6, 7, 10, 11};
            QVERIFY(maxDifference(x.view(-1), at::tensor(want).to(x.device())) < 1e-12);
            theseOps().rotate(x, whole({1}), table, 2, -1.0);
            QVERIFY(maxDifference(x.view(-1), at::arange(12, at::kDouble).to(x.device())) < 1e-12);
        }
    }

    // Longer texts make a longer table with the same beginning.
    void theTable_grows()
    {
        RotaryBlock block = small();
        const RotaryTable first = block.upTo(3);
        QVERIFY(first.cos_TH.size(0) >= 3);
        const std::int64_t rows = first.cos_TH.size(0);
        const RotaryTable more = block.upTo(rows + 1);
        QVERIFY(more.cos_TH.size(0) > rows);
        QVERIFY(at::equal(more.cos_TH.narrow(0, 0, rows), first.cos_TH));
        QVERIFY(at::equal(more.sin_TH.narrow(0, 0, rows), first.sin_TH));
        QVERIFY(block.upTo(2).cos_TH.is_same(more.cos_TH)); // and stays
        // The second pair of a head of 8 turns by theta^(-2/8) a position.
        QVERIFY(std::abs(more.sin_TH[1][1].item<double>() - std::sin(std::pow(10000.0, -0.25)))
                < 1e-6);
    }
};

QTEST_GUILESS_MAIN(RotaryBlockTest)
#include "tst_rotary_block.moc"
