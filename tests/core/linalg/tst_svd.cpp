// SPDX-License-Identifier: GPL-3.0-or-later
// Gram matrices and singular triplets of float32 matrices against LibTorch's in float64. What float32 leaves of 24 bits bounds
// the errors: 1e-5 of the largest singular value, which is a hundred times its rounding.
#include "core/linalg/cache_files.h"
#include "core/linalg/gram_tensors.h"
#include "core/linalg/svd_tensors.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <cstring>
#include <limits>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

// [O, I] with the singular values 1, fall, fall², …, float32.
at::Tensor falling(std::int64_t rows, std::int64_t cols, double fall)
{
    const std::int64_t k = std::min(rows, cols);
    const auto options = at::TensorOptions().dtype(at::kDouble);
    const at::Tensor u = std::get<0>(at::linalg_qr(at::randn({rows, k}, options)));
    const at::Tensor v = std::get<0>(at::linalg_qr(at::randn({cols, k}, options)));
    const at::Tensor s = at::pow(at::full({k}, fall, options), at::arange(k, options));
    return (u * s).mm(v.t()).to(at::kFloat);
}

at::Tensor product(const TruncatedSvd& svd)
{
    return (svd.u_OR * svd.s_R).mm(svd.v_IR.t()).to(at::kDouble);
}

// The triplets [first, first + rank) as LAPACK has them in float64, multiplied out.
at::Tensor wanted(const at::Tensor& w, std::int64_t first, std::int64_t rank)
{
    const auto [u, s, vh] = at::linalg_svd(w.to(at::kDouble), /*full_matrices=*/false);
    return (u.narrow(1, first, rank) * s.narrow(0, first, rank)).mm(vh.narrow(0, first, rank));
}

double offUnit(const at::Tensor& columns)
{
    const at::Tensor gram = columns.to(at::kDouble).t().mm(columns.to(at::kDouble));
    return maxDifference(gram, at::eye(gram.size(0), at::kDouble));
}

Spectrum spectrumOf(std::vector<double> values, double squaredNorm)
{
    Spectrum spectrum;
    spectrum.values = std::move(values);
    spectrum.squaredNorm = squaredNorm;
    return spectrum;
}

at::Tensor principalCosinesOf(const at::Tensor& a, const at::Tensor& b)
{
    return at::tensor(principalCosines(a, b), at::kDouble);
}

} // namespace

class TestSvd : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::manual_seed(29); }

    void shapes_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("cols");
        QTest::newRow("wide") << 24 << 70;
        QTest::newRow("tall") << 70 << 24;
        QTest::newRow("square") << 33 << 33;
        QTest::newRow("a row") << 1 << 9;
        QTest::newRow("more than a panel") << 1100 << 130; // of 1,024, and blocks of 64
    }

    // Against LAPACK on the product itself, in float64; also where the factors are wider than the matrix.
    void products_areNotMade()
    {
        for (const std::int64_t rank : {1, 5, 40}) {
            const at::Tensor b_OR = at::randn({30, rank}, at::kDouble);
            const at::Tensor a_RI = at::randn({rank, 24}, at::kDouble);
            const at::Tensor product = b_OR.mm(a_RI);
            const TruncatedSvd svd = svdOfProduct(b_OR, a_RI);
            const at::Tensor again = (svd.u_OR * svd.s_R).mm(svd.v_IR.t());
            const double largest = svd.s_R[0].item<double>();
            QVERIFY((again - product).abs().max().item<double>() < 1e-12 * largest);
            const at::Tensor values = at::linalg_svdvals(product);
            const std::int64_t count = std::min<std::int64_t>(values.size(0), svd.s_R.size(0));
            QVERIFY((svd.s_R.narrow(0, 0, count) - values.narrow(0, 0, count))
                        .abs()
                        .max()
                        .item<double>()
                    < 1e-12 * largest);
        }
    }

    void cosines_areOfPrincipalAngles()
    {
        const at::Tensor all = std::get<0>(at::linalg_qr(at::randn({12, 6}, at::kDouble)));
        const at::Tensor shared = principalCosinesOf(all.narrow(1, 0, 3), all.narrow(1, 1, 4));
        QVERIFY((shared - at::tensor({1.0, 1.0, 0.0}, at::kDouble)).abs().max().item<double>()
                < 1e-7);
    }

    // The lower triangle of the smaller side's Gram matrix; in float64 nothing but its rounding is left.
    void gram_isOfTheSmallerSide_data() { shapes_data(); }
    void gram_isOfTheSmallerSide()
    {
        QFETCH(int, rows);
        QFETCH(int, cols);
        const at::Tensor w = at::randn({rows, cols});
        const at::Tensor d = w.to(at::kDouble);
        const at::Tensor whole = rows <= cols ? d.mm(d.t()) : d.t().mm(d);
        const at::Tensor found = lowerGram(w);
        QCOMPARE(found.size(0), std::int64_t {std::min(rows, cols)});
        const double scale = whole.abs().max().item<double>();
        QVERIFY(maxDifference(at::tril(found), at::tril(whole)) < 1e-13 * scale);
        QVERIFY(maxDifference(at::tril(lowerGram(w, at::kFloat)), at::tril(whole)) < 1e-5 * scale);
        const double norm = d.square().sum().item<double>();
        QVERIFY(std::abs(squaredNorm(w) / norm - 1.0) < 1e-13);
    }

    void gram_stopsBetweenPanels()
    {
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(
            Cancelled, lowerGram(at::randn({8, 8}), at::kDouble, JobContext(stop.get_token())));
    }

    void exact_isLapacks_data() { shapes_data(); }
    void exact_isLapacks()
    {
        QFETCH(int, rows);
        QFETCH(int, cols);
        const at::Tensor w = falling(rows, cols, 0.9);
        const std::int64_t k = std::min(rows, cols);
        for (const std::int64_t rank : {std::int64_t {1}, (k + 1) / 2, k}) {
            const std::int64_t first = k - rank; // the last ones, and with rank = k all
            const TruncatedSvd svd = exactSvd(w, rank, first);
            QVERIFY(maxDifference(product(svd), wanted(w, first, rank)) < 1e-5);
            QVERIFY(offUnit(svd.u_OR) < 1e-4);
            QVERIFY(offUnit(svd.v_IR) < 1e-4);
            QVERIFY(svd.s_R.ge(0).all().item<bool>());
            QVERIFY(rank == 1 || svd.s_R.diff().le(0).all().item<bool>());
            QVERIFY(svd.u_OR.scalar_type() == at::kFloat);
        }
        QVERIFY(maxDifference(svdFactors(w).s_K, at::linalg_svdvals(w.to(at::kDouble))) < 1e-6);
    }

    // One decomposition serves every rank, with the bits of a call of its own.
    void factors_serveEveryRank()
    {
        const at::Tensor w = falling(40, 30, 0.9);
        const SvdFactors factors = svdFactors(w);
        for (const std::int64_t rank : {1, 7, 30}) {
            const TruncatedSvd taken = takeTriplets(w, factors, rank, 0);
            const TruncatedSvd own = exactSvd(w, rank);
            QVERIFY(at::equal(taken.u_OR, own.u_OR) && at::equal(taken.s_R, own.s_R)
                    && at::equal(taken.v_IR, own.v_IR));
        }
        QVERIFY_THROWS_EXCEPTION(Error, takeTriplets(w, factors, 31, 0));
        QVERIFY_THROWS_EXCEPTION(Error, takeTriplets(w, factors, 0, 0));
        QVERIFY_THROWS_EXCEPTION(Error, takeTriplets(w, factors, 20, 11));
    }

    // Values that the Gram matrix would drown: orthonormal columns all the same.
    void nearlySingular_staysHonest()
    {
        const at::Tensor w = falling(40, 30, 0.4); // the last is 0.4^29 = 3e-12
        const TruncatedSvd svd = exactSvd(w, 30);
        QVERIFY(offUnit(svd.u_OR) < 1e-4);
        QVERIFY(offUnit(svd.v_IR) < 1e-4);
        QVERIFY(maxDifference(product(svd), w) < 1e-6);
    }

    void refuses_whatIsNoMatrix()
    {
        QVERIFY_THROWS_EXCEPTION(Error, svdFactors(at::randn({5})));
        QVERIFY_THROWS_EXCEPTION(Error, svdFactors(at::empty({0, 4})));
        at::Tensor w = at::randn({6, 5});
        w[3][2] = std::numeric_limits<float>::quiet_NaN();
        try {
            svdFactors(w);
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::Numeric);
        }
    }

    // A spectrum that falls is found nearly exactly; the estimates hold and say so.
    void randomized_isNearTheExact()
    {
        const at::Tensor w = falling(90, 60, 0.8);
        RandomizedSvdOptions options;
        options.rank = 8;
        options.fast = {4, 8};
        options.seed = 5;
        const TruncatedSvd svd = randomizedSvd(w, options);
        QVERIFY(maxDifference(product(svd), wanted(w, 0, 8)) < 1e-4);
        const TruncatedSvd again = randomizedSvd(w, options);
        QVERIFY(at::equal(svd.u_OR, again.u_OR) && at::equal(svd.s_R, again.s_R));
        const at::Tensor rest = w.to(at::kDouble) - product(svd);
        const SvdErrorEstimate estimate = estimateSvdError(w, svd, 1);
        const double share = rest.norm().item<double>() / w.to(at::kDouble).norm().item<double>();
        QVERIFY(std::abs(estimate.frobenius / share - 1.0) < 1e-3);
        QVERIFY(estimate.spectralBound
                >= at::linalg_svdvals(rest)[0].item<double>() * (1.0 - 1e-6));
        QCOMPARE(tripletResidual(w, svd), estimate.tripletResidual);
        const at::Tensor exact = at::linalg_svdvals(w.to(at::kDouble));
        for (std::int64_t i = 0; i < 8; ++i) { // Weyl
            const double off = (exact - svd.s_R[i].item<double>()).abs().min().item<double>();
            QVERIFY(off <= estimate.tripletResidual + 1e-6);
        }
    }

    // The cache gives back what was put there, and nothing of what no matrix has.
    void spectra_readBackOrAreNoSpectra()
    {
        const test::Scratch scratch;
        const auto path = scratch / "spectra.safetensors";
        QVERIFY(readSpectrumEntries(path).empty());
        const double inf = std::numeric_limits<double>::infinity();
        writeSpectrumEntries(path,
                             {{"right", spectrumOf({2.0, 1.0, 0.0}, 5.0)},
                              {"rising", spectrumOf({1.0, 2.0}, 5.0)},
                              {"below zero", spectrumOf({2.0, -1.0}, 5.0)},
                              {"no number", spectrumOf({inf, 1.0}, inf)},
                              {"another norm", spectrumOf({2.0, 1.0}, 5.1)}});
        const SpectrumEntries found = readSpectrumEntries(path);
        QCOMPARE(found.size(), 1U);
        const std::vector<double> values {2.0, 1.0, 0.0};
        QVERIFY(found.at("right").values == values);
        QCOMPARE(found.at("right").squaredNorm, 5.0);
        const std::string bytes = test::readBytes(path);
        test::writeBytes(path, bytes.substr(0, bytes.size() / 2));
        QVERIFY(readSpectrumEntries(path).empty());
    }

    void factorFiles_areWholeOrNotThere()
    {
        const test::Scratch scratch;
        const auto path = scratch / "factors.safetensors";
        const at::Tensor values = at::tensor({3.0, 2.0, 1.0}, at::kDouble);
        const at::Tensor vectors = at::randn({3, 2});
        SafetensorsWriter writer(
            path, {{"singular_values", DType::F64, {3}}, {"vectors", DType::F32, {3, 2}}},
            factorMetadata(values.const_data_ptr(), values.nbytes(), vectors.const_data_ptr(),
                           vectors.nbytes()));
        writer.append(values.const_data_ptr(), values.nbytes());
        writer.append(vectors.const_data_ptr(), vectors.nbytes());
        writer.commit();
        const auto found = openFactorFile(path, 3, 2);
        QVERIFY(found.has_value());
        QCOMPARE(std::memcmp(found->vectors.data, vectors.const_data_ptr(), vectors.nbytes()), 0);
        QVERIFY(!openFactorFile(path, 3, 3).has_value()); // more than it has
        QVERIFY(!openFactorFile(path, 4, 2).has_value()); // of another matrix
        std::string bytes = test::readBytes(path);
        bytes.back() = static_cast<char>(bytes.back() ^ 1);
        test::writeBytes(path, bytes); // a torn page
        QVERIFY(!openFactorFile(path, 3, 2).has_value());
    }
};

QTEST_GUILESS_MAIN(TestSvd)
#include "tst_svd.moc"
