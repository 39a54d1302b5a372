// SPDX-License-Identifier: GPL-3.0-or-later
// What four-bit forms leave of a matrix, by module and by rank, against LAPACK in float64: within 1e-5, where the codes are
// the very same; within 1e-3 where an adapter of float32 comes first and may flip a code in a hundred thousand.
#include "core/analysis/quant_error.h"
#include "core/analysis/quant_error_by_rank_tensors.h"
#include "core/analysis/quant_error_tensors.h"
#include "core/analysis/rank_by_quant_error.h"
#include "core/base/error.h"
#include "core/quant/quantized_tensors.h"
#include "core/weights/weights.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <limits>
#include <numeric>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

at::Tensor valuesOf(const at::Tensor& w)
{
    return at::linalg_svdvals(w.to(at::kDouble));
}

// W - deq(nf4(W)).
at::Tensor leftOf(const at::Tensor& w)
{
    return w - dequantize(quantize(w), at::kFloat);
}

// What is left of `e` behind its best approximation of rank `rank`, in the nuclear norm.
double tailOf(const at::Tensor& e, std::int64_t rank)
{
    const at::Tensor s = valuesOf(e);
    return s.narrow(0, rank, s.numel() - rank).sum().item<double>();
}

bool near(double found, double wanted, double tolerance)
{
    return std::abs(found - wanted) <= tolerance * std::abs(wanted);
}

QuantError errorOf(double nuclear)
{
    return {nuclear, nuclear / 2, nuclear / 3, nuclear / 4};
}

} // namespace

class TestQuantError : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        at::manual_seed(8);
        writeTinyModel(m_folder / "model");
        m_files = ModelFiles::open(m_folder / "model");
        m_module = m_files->linearModules()[4]; // gate_proj of the first layer
        m_w = loadWeight(*m_files, m_module.name + ".weight");
    }

    void norms_areThoseOfTheSpectrum()
    {
        const at::Tensor e = at::randn({20, 30});
        const QuantError norms = normsOf(e, JobContext());
        const at::Tensor s = valuesOf(e);
        QVERIFY(near(norms.nuclear, s.sum().item<double>(), 1e-6));
        QVERIFY(near(norms.frobenius, e.to(at::kDouble).norm().item<double>(), 1e-6));
        QVERIFY(near(norms.spectral, s[0].item<double>(), 1e-6));
        QCOMPARE(norms.largest, e.abs().max().item<double>());
        QCOMPARE(normOf(norms, ErrorNorm::Nuclear), norms.nuclear);
        QCOMPARE(normOf(norms, ErrorNorm::Frobenius), norms.frobenius);
        QCOMPARE(normOf(norms, ErrorNorm::Spectral), norms.spectral);
        QCOMPARE(normOf(norms, ErrorNorm::Largest), norms.largest);
        const QuantError none = normsOf(at::zeros({4, 4}), JobContext());
        QCOMPARE(none.nuclear + none.frobenius + none.spectral + none.largest, 0.0);
    }

    // LoftQ-1 fits W - deq(nf4(W)) by its best approximation: Eckart-Young says what is left. QPiSSA-1 quantizes what W's
    // best approximation leaves.
    void oneIteration_isTheFormula()
    {
        QuantErrorOptions options;
        options.rank = 6;
        options.iters = 1;
        options.otherTypes = true;
        std::vector<ModuleQuantError> all;
        measureQuantErrors(
            *m_files, {m_module}, options,
            [&](ModuleQuantError one) { all.push_back(std::move(one)); }, JobContext());
        QCOMPARE(all.size(), 1U);
        const ModuleQuantError& found = all.front();
        QCOMPARE(found.module, m_module.name);
        QVERIFY(near(found.nuclearNorm, valuesOf(m_w).sum().item<double>(), 1e-5));
        QVERIFY(near(found.qlora.nuclear, tailOf(leftOf(m_w), 0), 1e-5));
        QVERIFY(near(found.errors.at(methodNamed("loftq")).back().nuclear, tailOf(leftOf(m_w), 6),
                     1e-3));
        const auto [u, s, vh] = at::linalg_svd(m_w.to(at::kDouble), /*full_matrices=*/false);
        const at::Tensor leading = (u.narrow(1, 0, 6) * s.narrow(0, 0, 6)).mm(vh.narrow(0, 0, 6));
        const at::Tensor rest = (m_w.to(at::kDouble) - leading).to(at::kFloat);
        QVERIFY(near(found.errors.at(methodNamed("qpissa")).back().nuclear, tailOf(leftOf(rest), 0),
                     1e-3));
        QuantOptions fp4;
        fp4.type = QuantType::Fp4;
        QVERIFY(near(found.others.at("fp4").nuclear,
                     tailOf(m_w - dequantize(quantize(m_w, fp4), at::kFloat), 0), 1e-5));
        QVERIFY(near(found.others.at("int8").nuclear, tailOf(m_w - throughInt8(m_w), 0), 1e-5));
    }

    void eachIteration_isMeasuredOrTheLast()
    {
        QuantErrorOptions options;
        options.rank = 4;
        options.iters = 3;
        const auto measured = [&] {
            ModuleQuantError found;
            measureQuantErrors(
                *m_files, {m_module}, options,
                [&](ModuleQuantError one) { found = std::move(one); }, JobContext());
            return found.errors;
        };
        const auto each = measured();
        options.eachIteration = false;
        const auto last = measured();
        for (const Method method : measuredMethods()) {
            QCOMPARE(each.at(method).size(), 3U);
            QCOMPARE(last.at(method).size(), 1U);
            QCOMPARE(last.at(method).back().nuclear, each.at(method).back().nuclear);
        }
        options.rank = 100;
        QVERIFY_THROWS_EXCEPTION(Error, measured());
    }

    void methods_areThoseThatIterate()
    {
        QVERIFY(!measuredMethods().empty());
        for (const Method method : measuredMethods()) {
            QVERIFY(iterates(method) && isFourBit(method));
        }
        QVERIFY(isFourBit(yardstick()) && !iterates(yardstick()));
        QVERIFY(comparedMethods().front() == yardstick());
        QCOMPARE(comparedMethods().size(), measuredMethods().size() + 1);
    }

    // Two matrices of one type and one of another, by hand.
    void reductions_areMeansByType()
    {
        const Method loftq = methodNamed("loftq");
        const Method qpissa = methodNamed("qpissa");
        const auto measured = [&](const char* module, double first, double last, double other) {
            ModuleQuantError one;
            one.module = module;
            one.qlora = errorOf(10.0);
            one.errors[loftq] = {errorOf(9.0), errorOf(first)};
            one.errors[qpissa] = {errorOf(9.0), errorOf(last)};
            one.others["fp4"] = errorOf(other);
            return one;
        };
        const std::vector<ModuleQuantError> all {measured("model.layers.0.q_proj", 8.0, 6.0, 12.0),
                                                 measured("model.layers.1.q_proj", 6.0, 6.0, 14.0),
                                                 measured("model.layers.0.v_proj", 5.0, 7.0, 10.0)};
        const QuantReductions last = reductionsOf(all);
        QVERIFY(near(last.byType.at("q_proj").at(loftq), 30.0, 1e-12));
        QVERIFY(near(last.byType.at("q_proj").at(qpissa), 40.0, 1e-12));
        QVERIFY(near(last.byType.at("v_proj").at(loftq), 50.0, 1e-12));
        QVERIFY(near(last.average.at(loftq), 110.0 / 3, 1e-12));
        QVERIFY(near(last.average.at(qpissa), 110.0 / 3, 1e-12));
        QVERIFY(near(last.others.at("fp4"), -20.0, 1e-12));
        QCOMPARE(last.matrices, std::int64_t {3});
        QCOMPARE(last.ahead.at(loftq), std::int64_t {1});
        QCOMPARE(last.ahead.at(qpissa), std::int64_t {1}); // the tie is nobody's
        QVERIFY(near(reductionsOf(all, ErrorNorm::Nuclear, 1).average.at(loftq), 10.0, 1e-12));
        QCOMPARE(errorReduction(errorOf(1.0), errorOf(0.0)), 0.0);
        QVERIFY(!isBest({{loftq, 1.0}, {qpissa, 1.0}}, loftq));
        QVERIFY(isBest({{loftq, 1.5}, {qpissa, 1.0}}, loftq));
    }

    // Of LoftQ-1 the share at each rank is known from one spectrum.
    void byRank_isTheTailOfOneSpectrum()
    {
        QuantErrorByRank byRank(m_w, methodNamed("loftq"), 1, JobContext());
        const at::Tensor left = leftOf(m_w);
        const double whole = tailOf(left, 0);
        QVERIFY(!byRank.isExact());
        for (const std::int64_t rank : {1, 5, 16}) {
            QVERIFY(near(byRank.shareAt(rank, JobContext()), tailOf(left, rank) / whole, 1e-3));
        }
        for (const double share : {0.95, 0.5, 0.1}) {
            std::int64_t smallest = 1;
            while (tailOf(left, smallest) > share * whole) {
                ++smallest;
            }
            QCOMPARE(byRank.knownRank(share), smallest);
        }
        QuantErrorByRank alternating(m_w, methodNamed("loftq"), 2, JobContext());
        QCOMPARE(alternating.knownRank(0.5), std::int64_t {0});
        // Codes stand for themselves: four bits lose nothing of these.
        QuantErrorByRank exact(at::ones({8, 64}), methodNamed("loftq"), 1, JobContext());
        QVERIFY(exact.isExact());
        QCOMPARE(exact.shareAt(3, JobContext()), 0.0);
    }

    void ranks_areTheSmallestThatDo()
    {
        QuantErrorTarget target;
        target.share = 0.6;
        target.method = methodNamed("loftq");
        const std::vector<LinearModule> modules {m_files->linearModules()[0], m_module};
        const RankMap map = ranksByQuantError(*m_files, modules, target, JobContext());
        std::int64_t parameters = 0;
        for (const LinearModule& module : modules) {
            const at::Tensor left = leftOf(loadWeight(*m_files, module.name + ".weight"));
            std::int64_t smallest = 1;
            while (tailOf(left, smallest) > target.share * tailOf(left, 0)) {
                ++smallest;
            }
            QCOMPARE(map.ranks.at(module.name), smallest);
            parameters += smallest * (module.rows + module.cols);
        }
        QCOMPARE(map.parameters, parameters);
        target.bounds.highest = 2; // falls short, and says so
        const RankMap bounded = ranksByQuantError(*m_files, modules, target, JobContext());
        QCOMPARE(bounded.ranks.at(m_module.name), std::int64_t {2});
        QVERIFY2(bounded.reason.find("2 of 2 matrices fell short") != std::string::npos,
                 bounded.reason.c_str());
        QVERIFY_THROWS_EXCEPTION(Error, ranksByQuantError(*m_files, {}, target, JobContext()));
        target.share = 0.0;
        QVERIFY_THROWS_EXCEPTION(Error, ranksByQuantError(*m_files, modules, target, JobContext()));
    }

private:
    test::Scratch m_folder;
    std::shared_ptr<const ModelFiles> m_files;
    LinearModule m_module;
    at::Tensor m_w;
};

QTEST_GUILESS_MAIN(TestQuantError)
#include "tst_quant_error.moc"
