// SPDX-License-Identifier: GPL-3.0-or-later
// What the fast SVD misses of two matrices, figured out again from the same triplets and LAPACK's in float64; and what
// fine-tuning did to a matrix, where it is known because the test did it. 1e-3 of an error that float32 can show; 1e-5 of
// what is of the size of the weights.
#include "core/analysis/svd_meter.h"
#include "core/analysis/update_spectrum.h"
#include "core/base/error.h"
#include "core/linalg/svd_tensors.h"
#include "core/weights/model_writer.h"
#include "core/weights/weights.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <algorithm>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

bool near(double found, double wanted, double tolerance)
{
    return std::abs(found - wanted) <= tolerance * std::abs(wanted);
}

struct Missed {
    double subspace = 0.0;
    double reconstruction = 0.0;
    double init = 0.0;
};

Missed missedOf(const at::Tensor& w, const RandomizedSvdOptions& options)
{
    const TruncatedSvd fast = randomizedSvd(w, options);
    const at::Tensor d = w.to(at::kDouble);
    const auto [u, s, vh] = at::linalg_svd(d, /*full_matrices=*/false);
    const std::int64_t r = options.rank;
    const auto distance = [r](const at::Tensor& a, const at::Tensor& b) {
        const at::Tensor cosines = at::linalg_svdvals(a.t().mm(b.to(at::kDouble)));
        return std::sqrt((1.0 - cosines.square()).clamp_min(0).sum().item<double>()
                         / static_cast<double>(r));
    };
    const at::Tensor found =
        (fast.u_OR * fast.s_R).to(at::kDouble).mm(fast.v_IR.to(at::kDouble).t());
    const at::Tensor best = (u.narrow(1, 0, r) * s.narrow(0, 0, r)).mm(vh.narrow(0, 0, r));
    return {std::max(distance(u.narrow(1, 0, r), fast.u_OR),
                     distance(vh.narrow(0, 0, r).t(), fast.v_IR)),
            (d - found).norm().item<double>() / (d - best).norm().item<double>() - 1.0,
            (found - best).abs().mean().item<double>()};
}

} // namespace

class TestSvdMeter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        at::manual_seed(9);
        writeTinyModel(m_folder / "model");
        m_files = ModelFiles::open(m_folder / "model");
    }

    void fastErrors_areTheMeansOverTheMatrices()
    {
        const std::vector<LinearModule> modules {m_files->linearModules()[0],
                                                 m_files->linearModules()[4]};
        MeterOptions options;
        options.niters = {1, 3};
        options.ranks = {4};
        options.oversamplings = {2};
        options.repeats = 1;
        options.seed = 3;
        const auto rows = measureFastSvd(*m_files, modules, options, JobContext());
        QCOMPARE(rows.size(), 3U); // niter by niter, then exact
        for (std::size_t i = 0; i < 2; ++i) {
            const int niter = options.niters[i];
            QVERIFY(!rows[i].exact);
            QCOMPARE(rows[i].niter, niter);
            Missed mean;
            for (const LinearModule& module : modules) {
                const Missed one = missedOf(loadWeight(*m_files, module.name + ".weight"),
                                            {4, {niter, 2}, options.seed});
                mean.subspace += one.subspace / 2;
                mean.reconstruction += one.reconstruction / 2;
                mean.init += one.init / 2;
            }
            QVERIFY(near(rows[i].subspaceError, mean.subspace, 1e-3));
            QVERIFY(std::abs(rows[i].reconstructionError - mean.reconstruction) < 1e-5);
            QVERIFY(std::abs(rows[i].initError - mean.init) < 1e-3 * mean.init + 1e-7);
        }
        QVERIFY(rows[1].subspaceError < rows[0].subspaceError); // more iterations, nearer
        QVERIFY(rows[2].exact);
        QCOMPARE(rows[2].subspaceError + rows[2].reconstructionError + rows[2].initError, 0.0);
        QVERIFY(rows[0].projectedSeconds >= rows[0].seconds); // of 14 matrices, two of them seen
        QVERIFY_THROWS_EXCEPTION(Error, measureFastSvd(*m_files, {}, options, JobContext()));
    }

    void tables_holdEveryRow()
    {
        std::vector<MeterRow> rows;
        for (const int niter : {1, 2}) {
            for (const std::int64_t rank : {8, 16}) {
                MeterRow row;
                row.niter = niter;
                row.rank = rank;
                row.oversampling = 8;
                row.initError = 0.001 * niter;
                rows.push_back(row);
            }
        }
        const std::string csv = meterToCsv(rows);
        QCOMPARE(std::count(csv.begin(), csv.end(), '\n'), std::ptrdiff_t {5}); // with a header
        const std::string text = meterToMarkdown(rows);
        for (const char* part : {"r=8 |", "r=16 |", "0.001 |", "0.002 |"}) {
            QVERIFY2(text.find(part) != std::string::npos, text.c_str());
        }
    }

    // W + 0.5 u v^T in one matrix, the others as they were.
    void anUpdate_isFoundAsItWasMade()
    {
        const LinearModule changed = m_files->linearModules()[4];
        const at::Tensor w = loadWeight(*m_files, changed.name + ".weight");
        const at::Tensor u = at::randn({changed.rows, 1});
        const at::Tensor v = at::randn({changed.cols, 1});
        const at::Tensor tuned = w + 0.5 * u.mm(v.t());
        std::filesystem::create_directories(m_folder / "tuned");
        fillModelFolder(
            *m_files, m_folder / "tuned", "float32",
            [&](const std::string& name) {
                return name == changed.name + ".weight" ? tuned : at::Tensor();
            },
            JobContext());
        std::map<std::string, UpdateSpectrum> found;
        UpdateOptions options;
        options.rank = 3;
        compareWithTuned(
            m_files, m_folder / "tuned", {changed, m_files->linearModules()[0]}, options,
            [&](UpdateSpectrum one) { found[one.module] = std::move(one); }, JobContext());
        QCOMPARE(found.size(), 2U);
        const UpdateSpectrum& update = found.at(changed.name);
        const at::Tensor delta = tuned.to(at::kDouble) - w.to(at::kDouble); // as stored
        const double norm = delta.norm().item<double>();
        QVERIFY(near(update.relativeNorm, norm / w.to(at::kDouble).norm().item<double>(), 1e-5));
        QVERIFY(near(update.delta.values[0], norm, 1e-5));
        QVERIFY(update.delta.values[1] < 1e-5 * norm); // the rounding to float32
        const auto offOf = [](const Spectrum& spectrum, const at::Tensor& of) {
            const at::Tensor exact = at::linalg_svdvals(of.to(at::kDouble));
            const at::Tensor values =
                at::tensor(at::ArrayRef<double>(spectrum.values), at::kDouble);
            return maxDifference(values, exact) / exact[0].item<double>();
        };
        QVERIFY(offOf(update.base, w) < 1e-6);
        QVERIFY(offOf(update.tuned, tuned) < 1e-6);
        // One direction: the length of its projection on W's three leading ones.
        QCOMPARE(update.outputCosines.size(), 1U);
        QCOMPARE(update.inputCosines.size(), 1U);
        const auto [left, s, right] = at::linalg_svd(w.to(at::kDouble), /*full_matrices=*/false);
        const at::Tensor ud = u.to(at::kDouble) / u.to(at::kDouble).norm();
        const at::Tensor vd = v.to(at::kDouble) / v.to(at::kDouble).norm();
        QVERIFY(std::abs(update.outputCosines[0]
                         - left.narrow(1, 0, 3).t().mm(ud).norm().item<double>())
                < 1e-4);
        QVERIFY(
            std::abs(update.inputCosines[0] - right.narrow(0, 0, 3).mm(vd).norm().item<double>())
            < 1e-4);
        const UpdateSpectrum& same = found.at(m_files->linearModules()[0].name);
        QCOMPARE(same.relativeNorm, 0.0);
        QVERIFY(same.outputCosines.empty() && same.inputCosines.empty());
    }

    void anotherModel_isRefused()
    {
        writeTinyModel(m_folder / "shallow", nullptr, 1);
        QVERIFY_THROWS_EXCEPTION(Error,
                                 compareWithTuned(
                                     m_files, m_folder / "shallow", m_files->linearModules(), {},
                                     [](const UpdateSpectrum& /*one*/) {}, JobContext()));
    }

private:
    test::Scratch m_folder;
    std::shared_ptr<const ModelFiles> m_files;
};

QTEST_GUILESS_MAIN(TestSvdMeter)
#include "tst_svd_meter.moc"
