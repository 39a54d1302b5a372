// SPDX-License-Identifier: GPL-3.0-or-later
// Singular values against float64 (golden/peft-*: torch.linalg.svdvals of the float64 matrix): each within 1e-4 of
// max(s_i, 1e-3 s_1). The Gram matrix in float64 loses half of its digits: s_i is right to about 1e-8 s_1.
#include "core/base/job_context.h"
#include "core/linalg/spectrum.h"
#include "core/model/model_files.h"
#include "core/weights/weights.h"
#include "tests/core/linalg/spectrum_of.h"
#include "tests/tools/golden.h"

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

double worst(const std::vector<double>& found, const at::Tensor& want)
{
    double largest = 0.0;
    const double first = want[0].item<double>();
    for (std::size_t i = 0; i < found.size(); ++i) {
        const double w = want[static_cast<std::int64_t>(i)].item<double>();
        largest = std::max(largest, std::abs(found[i] - w) / std::max(w, 1e-3 * first));
    }
    return largest;
}

} // namespace

class TestSpectrum : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsFloat64_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("model");
        QTest::newRow("llama") << "peft-llama"
                               << "llama";
        QTest::newRow("mistral") << "peft-mistral-gqa"
                                 << "mistral-gqa";
        QTest::newRow("gemma") << "peft-gemma"
                               << "gemma";
        QTest::newRow("qwen2") << "peft-qwen2"
                               << "qwen2";
    }

    void equalsFloat64()
    {
        PISSARRO_NEEDS(golden());
        QFETCH(QString, folder);
        QFETCH(QString, model);
        const Golden want(golden() / folder.toStdString() / "pissa_init.safetensors");
        const auto files = ModelFiles::open(golden() / "tiny" / model.toStdString());
        for (const LinearModule& module : files->linearModules()) {
            const at::Tensor values = want[module.name + ".singular_values"];
            const Spectrum spectrum =
                computeSpectrum(loadWeight(*files, module.name + ".weight"), {}, JobContext());
            QCOMPARE(static_cast<std::int64_t>(spectrum.values.size()), module.smallerSide());
            QVERIFY(worst(spectrum.values, values) < 1e-4);
            QVERIFY(std::abs(spectrum.squaredNorm / values.square().sum().item<double>() - 1)
                    < 1e-6);
        }
    }

    void equalsFloat64OnSmolLM2()
    {
        const std::filesystem::path deps = PISSARRO_DEPS;
        std::filesystem::path gguf;
        if (std::filesystem::exists(deps / "model")) {
            for (const auto& entry : std::filesystem::directory_iterator(deps / "model")) {
                gguf = entry.path().extension() == ".gguf" ? entry.path() : gguf;
            }
        }
        PISSARRO_NEEDS(gguf);
        const auto files = ModelFiles::open(gguf);
        for (const char* name : {"model.layers.0.self_attn.q_proj", "model.layers.14.mlp.down_proj",
                                 "model.layers.29.self_attn.v_proj"}) {
            const at::Tensor w = loadWeight(*files, std::string(name) + ".weight");
            const at::Tensor want = at::linalg_svdvals(w.to(at::kDouble));
            QVERIFY(worst(computeSpectrum(w, {}, JobContext()).values, want) < 1e-4);
        }
    }

    void smallValuesStayHonest()
    {
        // Ten orders of magnitude: float32 in, the squared problem in float64.
        const at::Tensor u = std::get<0>(at::linalg_qr(at::randn({80, 50}, at::kDouble)));
        const at::Tensor v = std::get<0>(at::linalg_qr(at::randn({50, 50}, at::kDouble)));
        const at::Tensor s = at::pow(10.0, at::linspace(0, -10, 50, at::kDouble));
        const Spectrum spectrum = computeSpectrum(at::mm(u * s, v.t()), {}, JobContext());
        QVERIFY(worst(spectrum.values, s) < 1e-4);
    }

    void oddMatrices()
    {
        const Spectrum row = computeSpectrum(at::full({1, 9}, 2.0F), {}, JobContext());
        QCOMPARE(row.values.size(), std::size_t {1});
        QVERIFY(std::abs(row.values[0] - 6.0) < 1e-6);
        const Spectrum zero = computeSpectrum(at::zeros({5, 4}), {}, JobContext());
        QCOMPARE(zero.values, std::vector<double>(4, 0.0));
        QCOMPARE(keptEnergy(zero, 0), 1.0);
        QCOMPARE(stableRank(zero), 0.0);
        QCOMPARE(effectiveRank(zero), 0.0);
        at::Tensor bad = at::randn({6, 6});
        bad[1][1] = std::numeric_limits<float>::infinity();
        QVERIFY_THROWS_EXCEPTION(Error, computeSpectrum(bad, {}, JobContext()));
        QVERIFY_THROWS_EXCEPTION(Error, computeSpectrum(at::randn({6}), {}, JobContext()));
    }

    void measures()
    {
        const Spectrum s = spectrumOf({4.0, 2.0, 2.0, 1.0});
        QCOMPARE(keptEnergy(s, 1), 16.0 / 25.0);
        QCOMPARE(keptEnergy(s, 4), 1.0);
        QVERIFY_THROWS_EXCEPTION(Error, keptEnergy(s, 5));
        QCOMPARE(cumulativeEnergy(s),
                 (std::vector<double> {0.0, 16.0 / 25, 20.0 / 25, 24.0 / 25, 1.0}));
        QCOMPARE(stableRank(s), 25.0 / 16.0);
        QCOMPARE(rankForEnergy(s, 0.9), std::int64_t {3});
        QCOMPARE(rankForEnergy(s, 0.0), std::int64_t {0});
        QCOMPARE(rankForEnergy(s, 1.0), std::int64_t {4});
        QVERIFY(std::abs(effectiveRank(spectrumOf({3.0, 3.0, 3.0, 3.0, 3.0})) - 5.0) < 1e-12);
        // Falls steeply for five values, then slowly: the knee is where it turns.
        std::vector<double> bent;
        for (int i = 0; i < 40; ++i) {
            bent.push_back(i < 5 ? std::pow(10.0, 3 - 0.5 * i)
                                 : std::pow(10.0, 0.5 - 0.01 * (i - 5)));
        }
        QCOMPARE(kneeRank(spectrumOf(bent)), std::int64_t {6});
    }

    void moreMeasures()
    {
        const Spectrum s = spectrumOf({4.0, 2.0, 2.0, 1.0});
        QCOMPARE(nuclearShare(s, 1), 4.0 / 9.0);
        QCOMPARE(nuclearShare(s, 0), 0.0);
        QCOMPARE(residualNorm(s, 1), 3.0);
        QCOMPARE(residualNorm(s, 4), 0.0);
        QCOMPARE(conditionNumber(s), 4.0);
        QVERIFY(std::isinf(conditionNumber(spectrumOf({2.0, 0.0}))));
        std::vector<double> law; // 3 i^-0.7
        for (int i = 1; i <= 200; ++i) {
            law.push_back(3.0 * std::pow(i, -0.7));
        }
        const DecayFit fit = decayFit(spectrumOf(law));
        QVERIFY(std::abs(fit.exponent - 0.7) < 1e-12);
        QVERIFY(std::abs(fit.scale - 3.0) < 1e-11);
        QVERIFY(std::abs(fit.rSquared - 1.0) < 1e-12);
        Spectrum cut = s;
        cut.values.pop_back(); // only the leading ones are known
        QVERIFY_THROWS_EXCEPTION(Error, nuclearShare(cut, 1));
        QVERIFY_THROWS_EXCEPTION(Error, conditionNumber(cut));
        QVERIFY(std::abs(residualNorm(cut, 3) - 1.0) < 1e-12);
        QCOMPARE(measureOf(s, Measure::Energy, 99), 1.0); // cut to what the matrix has
    }

    void fastValuesEqualTheExactOnes()
    {
        const at::Tensor u = std::get<0>(at::linalg_qr(at::randn({90, 60})));
        const at::Tensor v = std::get<0>(at::linalg_qr(at::randn({60, 60})));
        const at::Tensor s = at::pow(0.85, at::arange(60));
        SpectrumOptions options;
        options.rank = 10;
        options.fast.niter = 4;
        const Spectrum fast = computeSpectrum(at::mm(u * s, v.t()), options, JobContext());
        QCOMPARE(fast.values.size(), std::size_t {10});
        QVERIFY(worst(fast.values, s) < 1e-4);
        // The estimate made without knowing the exact values holds, and is no idle bound.
        options.fast.niter = 1;
        const at::Tensor hard = at::randn({120, 100});
        const Spectrum rough = computeSpectrum(hard, options, JobContext());
        const at::Tensor exact = at::linalg_svdvals(hard.to(at::kDouble));
        for (const double value : rough.values) {
            QVERIFY((exact - value).abs().min().item<double>() <= rough.error);
        }
        QVERIFY(rough.error < exact[0].item<double>());
    }
};

QTEST_GUILESS_MAIN(TestSpectrum)
#include "tst_spectrum.moc"
