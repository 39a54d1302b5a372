// SPDX-License-Identifier: GPL-3.0-or-later
// What the inspector shows of one matrix, against planted data, brute force and LAPACK in float64.
#include "core/analysis/matrix_inspection.h"
#include "core/analysis/quant_error_probe.h"
#include "core/base/error.h"
#include "core/quant/quantized_tensors.h"
#include "core/weights/weights.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <QtTest/QtTest>

#include <random>

using namespace pissarro::core;
using namespace pissarro::tests;

class TestInspection : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void student_findsWhatWasPlanted_data()
    {
        QTest::addColumn<double>("freedom");
        QTest::newRow("heavy tails") << 3.0;
        QTest::newRow("like trained weights") << 7.0;
        QTest::newRow("nearly normal") << 30.0;
    }
    void student_findsWhatWasPlanted()
    {
        QFETCH(const double, freedom);
        std::mt19937_64 random(7);
        std::student_t_distribution<double> planted(freedom);
        std::vector<float> values(200'000);
        for (float& value : values) {
            value = static_cast<float>(0.01 + 0.05 * planted(random));
        }
        const StudentFit fit = fitStudent(values);
        // Standard errors at 200,000 samples are below a third of these.
        QVERIFY2(std::abs(fit.freedom / freedom - 1.0) < 0.15,
                 qPrintable(QString::number(fit.freedom)));
        QVERIFY2(std::abs(fit.scale / 0.05 - 1.0) < 0.01, qPrintable(QString::number(fit.scale)));
        QVERIFY(std::abs(fit.location - 0.01) < 1e-3);
        // The likelihood is no higher beside it.
        const auto likelihood = [&](StudentFit one) {
            double sum = 0.0;
            for (const float value : values) {
                sum += std::log(one.density(value));
            }
            return sum;
        };
        const double best = likelihood(fit);
        for (const double factor : {0.9, 1.1}) {
            StudentFit other = fit;
            other.freedom *= factor;
            QVERIFY(likelihood(other) < best);
            other = fit;
            other.scale *= factor;
            QVERIFY(likelihood(other) < best);
        }
    }

    void student_ofANormalIsNormal()
    {
        std::mt19937_64 random(3);
        std::normal_distribution<double> planted(0.0, 2.0);
        std::vector<float> values(50'000);
        for (float& value : values) {
            value = static_cast<float>(planted(random));
        }
        const StudentFit fit = fitStudent(values);
        QVERIFY2(fit.freedom > 60.0, qPrintable(QString::number(fit.freedom)));
        QVERIFY(std::abs(fit.scale / 2.0 - 1.0) < 0.02);
    }

    void matrix()
    {
        PISSARRO_NEEDS(golden());
        const auto files = ModelFiles::open(golden() / "tiny" / "llama");
        const LinearModule module = files->linearModules()[6]; // down_proj
        QuantErrorOptions options;
        options.rank = 4;
        options.iters = 2;
        const MatrixInspection seen = inspectMatrix(*files, module, options, JobContext());
        const at::Tensor w = loadWeight(*files, module.name + ".weight", at::kFloat);
        const at::Tensor error = w - dequantize(quantize(w), at::kFloat);

        const auto off = [](const std::vector<double>& values, const at::Tensor& of) {
            const at::Tensor exact = std::get<1>(at::linalg_svd(of.to(at::kDouble), false));
            const at::Tensor found = at::tensor(at::ArrayRef<double>(values), at::kDouble);
            return ((found - exact).abs().max() / exact[0]).item<double>();
        };
        QVERIFY(off(seen.weightSpectrum, w) < 1e-5);
        QVERIFY(off(seen.qlora.spectrum, error) < 1e-5);
        // The same errors as the table's.
        ModuleQuantError measured;
        measureQuantErrors(
            *files, {module}, options, [&](ModuleQuantError one) { measured = std::move(one); },
            JobContext());
        const auto sum = [](const std::vector<double>& values) {
            return std::accumulate(values.begin(), values.end(), 0.0);
        };
        QCOMPARE(seen.errors.size(), measuredMethods().size());
        for (const auto& [method, view] : seen.errors) {
            const double wanted = measured.errors.at(method).back().nuclear;
            QVERIFY(std::abs(sum(view.spectrum) / wanted - 1.0) < 1e-5);
        }

        const at::Tensor flat = error.flatten();
        const auto blocks = static_cast<std::int64_t>(seen.qlora.blocks.rms.size());
        QCOMPARE(blocks, (flat.numel() + 63) / 64);
        for (std::int64_t block = 0; block < blocks; ++block) {
            double squares = 0.0;
            for (std::int64_t i = block * 64; i < std::min(flat.numel(), block * 64 + 64); ++i) {
                squares += std::pow(flat[i].item<double>(), 2);
            }
            const double rms = seen.qlora.blocks.rms[static_cast<std::size_t>(block)];
            QVERIFY(std::abs(rms - std::sqrt(squares / 64)) < 1e-7);
        }

        const EntryDistribution& entries = seen.weight;
        double inside = 0.0;
        for (const double density : entries.density) {
            inside += density * (entries.upper - entries.lower)
                / static_cast<double>(entries.density.size());
        }
        const at::Tensor within = w.ge(entries.lower).logical_and_(w.le(entries.upper));
        QVERIFY(std::abs(inside - within.to(at::kDouble).mean().item<double>()) < 1e-3);
        QVERIFY(std::abs(entries.deviation / w.std(/*unbiased=*/false).item<double>() - 1.0)
                < 1e-5);
        QVERIFY(seen.residual.deviation < entries.deviation);
    }

    // At any rank what the table measures, whatever was asked before.
    void probe()
    {
        PISSARRO_NEEDS(golden());
        const auto files = ModelFiles::open(golden() / "tiny" / "llama");
        QuantErrorProbe probe(files, methodNamed("qpissa"), 1);
        const auto& modules = files->linearModules();
        for (const std::int64_t rank : {4, 1, 12}) {
            const std::vector<QuantErrorProbe::Question> asked {
                {modules[6], rank}, {modules[0], rank + 1}, {modules[6], rank + 2}};
            const std::vector<double> shares = probe.sharesAt(asked, JobContext());
            for (std::size_t i = 0; i < asked.size(); ++i) {
                QuantErrorOptions options;
                options.rank = asked[i].rank;
                options.iters = 1;
                measureQuantErrors(
                    *files, {asked[i].module}, options,
                    [&](const ModuleQuantError& one) {
                        const double wanted =
                            one.errors.at(methodNamed("qpissa")).back().nuclear / one.qlora.nuclear;
                        QVERIFY(std::abs(shares[i] / wanted - 1.0) < 1e-6);
                    },
                    JobContext());
            }
        }
        QVERIFY_THROWS_EXCEPTION(Error, probe.sharesAt({{modules[0], 100'000}}, JobContext()));
        std::stop_source stopped;
        stopped.request_stop();
        QVERIFY_THROWS_EXCEPTION(
            Cancelled, probe.sharesAt({{modules[1], 2}}, JobContext(stopped.get_token())));
        QVERIFY(probe.sharesAt({{modules[1], 2}}, JobContext()).front() < 1.0);
    }
};

QTEST_GUILESS_MAIN(TestInspection)
#include "tst_inspection.moc"
