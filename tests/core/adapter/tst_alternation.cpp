// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of QPiSSA and LoftQ, one by one, against their formulas in float64. Entries are of size 1: 1e-5 is what float32
// sums of some ten of them leave.
#include "core/adapter/alternation_tensors.h"
#include "core/base/error.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

StartInput inputOf(const at::Tensor& w, std::int64_t rank, int iters)
{
    StartInput input;
    input.module.name = "m";
    input.module.rows = w.size(0);
    input.module.cols = w.size(1);
    input.weight = [w] { return w; };
    input.rank = rank;
    input.scale = 2.0;
    input.how.device = "cpu";
    input.iters = iters;
    return input;
}

// The best approximation of rank `rank`, as LAPACK has it in float64.
at::Tensor best(const at::Tensor& w, std::int64_t rank)
{
    const auto [u, s, vh] = at::linalg_svd(w.to(at::kDouble), /*full_matrices=*/false);
    return (u.narrow(1, 0, rank) * s.narrow(0, 0, rank)).mm(vh.narrow(0, 0, rank));
}

at::Tensor term(const MethodStart& start, double scale)
{
    return scale * start.b_OR.to(at::kDouble).mm(start.a_RI.to(at::kDouble));
}

} // namespace

class TestAlternation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::manual_seed(6); }

    void aFit_isTheBestOfItsRank()
    {
        const at::Tensor w = at::randn({24, 16});
        const StartInput input = inputOf(w, 5, 1);
        const JobContext job;
        Alternation state(input, job);
        QVERIFY(at::equal(state.weight(), w));
        const at::Tensor rest = at::randn({24, 16});
        state.fit(rest, 1);
        QVERIFY(maxDifference(term(state.start(), 2.0), best(rest, 5)) < 1e-5);
        // A and B share the singular values evenly: sqrt(s / scale) each.
        const at::Tensor s = at::linalg_svdvals(rest.to(at::kDouble)).narrow(0, 0, 5);
        const at::Tensor norms = state.start().a_RI.to(at::kDouble).norm(2, 1);
        QVERIFY(maxDifference(norms, (s / 2.0).sqrt()) < 1e-5);
    }

    void theRest_isQuantized()
    {
        const at::Tensor w = at::randn({24, 16});
        const StartInput input = inputOf(w, 3, 1);
        const JobContext job;
        Alternation state(input, job);
        state.quantizeRest(); // before a fit W itself
        QVERIFY(at::equal(state.start().base.codes_H, quantize(w).codes_H));
        QVERIFY(maxDifference(state.unquantized(), w - dequantize(quantize(w), at::kFloat)) == 0.0);
        state.fit(w, 1);
        state.quantizeRest();
        const at::Tensor rest = (w.to(at::kDouble) - term(state.start(), 2.0)).to(at::kFloat);
        const at::Tensor deq = dequantize(state.start().base, at::kFloat);
        // Both are nf4 of the same matrix but for float32's last bits: a flipped code is as far off as its neighbour.
        const at::Tensor off = deq - dequantize(quantize(rest), at::kFloat);
        QVERIFY(off.abs().gt(1e-4).sum().item<std::int64_t>() <= 2);
        const at::Tensor left = w.to(at::kDouble) - deq.to(at::kDouble) - term(state.start(), 2.0);
        QVERIFY(maxDifference(quantResidual(w, state.start(), 2.0), left) < 1e-5);
    }

    // Without factors what is left is W - deq(Q).
    void withoutFactors_aResidualIsOfTheBaseAlone()
    {
        const at::Tensor w = at::randn({8, 16});
        MethodStart start;
        start.base = quantize(w);
        QVERIFY(at::equal(quantResidual(w, start, 7.0), w - dequantize(start.base, at::kFloat)));
    }

    void aKnownDecomposition_givesTheSameBits()
    {
        const at::Tensor w = at::randn({24, 16});
        StartInput input = inputOf(w, 4, 2);
        const JobContext job;
        Alternation own(input, job);
        own.fit(w, 1);
        const SvdFactors factors = svdFactors(w);
        input.firstFit = &factors;
        Alternation known(input, job);
        known.fit(w, 1);
        QVERIFY(at::equal(own.start().a_RI, known.start().a_RI));
        QVERIFY(at::equal(own.start().b_OR, known.start().b_OR));
        // It is of the first alone.
        const at::Tensor other = at::randn({24, 16});
        known.fit(other, 2);
        QVERIFY(maxDifference(term(known.start(), 2.0), best(other, 4)) < 1e-5);
    }

    void tells_eachIteration()
    {
        const at::Tensor w = at::randn({8, 16});
        StartInput input = inputOf(w, 2, 3);
        std::vector<int> told;
        input.each = [&](int iteration, const MethodStart& start) {
            told.push_back(start.a_RI.defined() ? iteration : -iteration);
        };
        const JobContext job;
        Alternation state(input, job);
        state.tell(1);
        state.fit(w, 1);
        state.tell(2);
        const std::vector<int> wanted {-1, 2};
        QVERIFY(told == wanted);
    }

    void refuses_whatHasNoLowRankPart_data()
    {
        QTest::addColumn<int>("rank");
        QTest::addColumn<int>("iters");
        QTest::newRow("no iteration") << 4 << 0;
        QTest::newRow("no rank") << 0 << 1;
        QTest::newRow("above the smaller side") << 17 << 1;
    }
    void refuses_whatHasNoLowRankPart()
    {
        QFETCH(int, rank);
        QFETCH(int, iters);
        const StartInput input = inputOf(at::randn({24, 16}), rank, iters);
        try {
            const JobContext job;
            Alternation state(input, job);
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::InvalidArgument);
        }
    }
};

QTEST_GUILESS_MAIN(TestAlternation)
#include "tst_alternation.moc"
