// SPDX-License-Identifier: GPL-3.0-or-later
// PiSSA's start against PEFT's in four families. Signs of singular vectors are free: B A is compared, not the factors.
// Tolerance 1e-5: PEFT's float32 SVD on weights of about 0.02.
#include "core/adapter/adapter_tensors.h"
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/linalg/factor_cache_tensors.h"
#include "core/linalg/svd_tensors.h"
#include "core/weights/weights.h"
#include "tests/tools/golden.h"

#include <QTemporaryDir>

using namespace pissarro::core;
using namespace pissarro::tests;

class TestPissa : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsPeft_data()
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
        QTest::newRow("qwen3") << "peft-qwen3"
                               << "qwen3";
    }

    void equalsPeft()
    {
        QFETCH(QString, folder);
        QFETCH(QString, model);
        PISSARRO_NEEDS(golden() / folder.toStdString());
        const Golden want(golden() / folder.toStdString() / "pissa_init.safetensors");
        const auto files = ModelFiles::open(golden() / "tiny" / model.toStdString());
        QVERIFY(!files->linearModules().empty());
        const std::int64_t rank = want[files->linearModules()[0].name + ".lora_A"].size(0);
        AdapterOptions options;
        options.rank = rank;
        options.alpha = static_cast<double>(rank);
        for (const LinearModule& module : files->linearModules()) {
            const at::Tensor w = loadWeight(*files, module.name + ".weight");
            const PissaFactors ours = pissaFactors(w, rank, 1.0, options, 0);
            const at::Tensor a = want[module.name + ".lora_A"];
            const at::Tensor b = want[module.name + ".lora_B"];
            QVERIFY(maxDifference(at::mm(ours.b_OR, ours.a_RI), at::mm(b, a)) < 1e-5);
            const at::Tensor residual =
                subtractAdapter(w, {module.name, ours.a_RI, ours.b_OR, 1.0});
            QVERIFY(maxDifference(residual, want[module.name + ".residual"]) < 1e-5);
            // Each factor carries the square root of the singular values.
            const at::Tensor s = want[module.name + ".singular_values"].narrow(0, 0, rank);
            QVERIFY(maxDifference(ours.a_RI.square().sum(1), s) < 1e-5);
            QVERIFY(maxDifference(ours.b_OR.square().sum(0), s) < 1e-5);
        }
    }

    void scaleDividesTheFactors()
    {
        const at::Tensor w = at::randn({24, 40});
        const PissaFactors one = pissaFactors(w, 5, 1.0, {}, 0);
        const PissaFactors four = pissaFactors(w, 5, 4.0, {}, 0);
        QVERIFY(maxDifference(4.0 * at::mm(four.b_OR, four.a_RI), at::mm(one.b_OR, one.a_RI))
                < 1e-5);
    }

    // A decoder tells its adapters in the order of its blocks (latent attention: q_a, kv_a, q_b, …), a model its matrices in another.
    void plainLora_takesEachStartByItsName()
    {
        const auto made = [](const char* module) {
            return Adapter {module, at::randn({3, 8}), at::randn({6, 3}), 2.0};
        };
        const AdapterSet initial {made("q_a"), made("q_b"), made("kv_a")};
        const AdapterSet trained {made("q_a"), made("kv_a"), made("q_b")};
        const AdapterSet plain = convertToLora(trained, initial);
        QCOMPARE(plain.size(), trained.size());
        const std::size_t starts[] {0, 2, 1};
        for (std::size_t i = 0; i < plain.size(); ++i) {
            const Adapter& from = initial[starts[i]];
            QCOMPARE(plain[i].module, from.module);
            const at::Tensor wanted =
                2.0 * (at::mm(trained[i].b_OR, trained[i].a_RI) - at::mm(from.b_OR, from.a_RI));
            QVERIFY(maxDifference(2.0 * at::mm(plain[i].b_OR, plain[i].a_RI), wanted) < 1e-5);
        }
        QVERIFY_THROWS_EXCEPTION(Error,
                                 convertToLora(trained, {initial[0], initial[1], made("o")}));
    }

    void fastSvdFindsTheSameSpaceWhereTheSpectrumFalls()
    {
        const at::Tensor u = std::get<0>(at::linalg_qr(at::randn({96, 64})));
        const at::Tensor v = std::get<0>(at::linalg_qr(at::randn({64, 64})));
        const at::Tensor w = at::mm(u * at::pow(0.8, at::arange(64)), v.t());
        AdapterOptions fast;
        fast.svd.kind = SvdKind::Fast;
        fast.svd.fast.niter = 4;
        const PissaFactors a = pissaFactors(w, 12, 1.0, {}, 0);
        const PissaFactors b = pissaFactors(w, 12, 1.0, fast, 1);
        QVERIFY(relativeDifference(at::mm(b.b_OR, b.a_RI), at::mm(a.b_OR, a.a_RI)) < 1e-4);
        const PissaFactors again = pissaFactors(w, 12, 1.0, fast, 1);
        QVERIFY(at::equal(b.a_RI, again.a_RI)); // same seed, same bits
    }

    void fastSvdErrorIsEstimatedRight()
    {
        const at::Tensor w = at::randn({90, 70});
        const TruncatedSvd svd = randomizedSvd(w, {10, 1, 4, 3});
        const at::Tensor rest = (w - at::mm(svd.u_OR * svd.s_R, svd.v_IR.t())).to(at::kDouble);
        const SvdErrorEstimate estimate = estimateSvdError(w, svd, 5);
        const double spectral = at::linalg_svdvals(rest)[0].item<double>();
        QVERIFY(estimate.spectralBound >= spectral);
        QVERIFY(estimate.spectralBound < 100 * spectral);
        const double relative = (rest.norm() / w.to(at::kDouble).norm()).item<double>();
        QVERIFY(std::abs(estimate.frobenius - relative) < 1e-6);
    }

    void sliceTakesOtherTriplets()
    {
        const at::Tensor w = at::randn({40, 30});
        const auto [u, s, vh] = at::linalg_svd(w.to(at::kDouble), false);
        AdapterOptions options;
        for (const auto& [slice, first] :
             {std::pair(0.0, 0), std::pair(0.5, 13), std::pair(1.0, 26)}) {
            options.slice = slice;
            QCOMPARE(sliceStart(slice, 30, 4), std::int64_t {first});
            const PissaFactors factors = pissaFactors(w, 4, 1.0, options, 0);
            const at::Tensor want =
                at::mm(u.narrow(1, first, 4) * s.narrow(0, first, 4), vh.narrow(0, first, 4));
            QVERIFY(maxDifference(at::mm(factors.b_OR, factors.a_RI), want) < 1e-5);
        }
    }

    void cachedFactorsHaveTheSameBits()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.path().toStdString();
        const FactorCache cache(path, 10U << 20U);
        for (const auto& [rows, cols] : {std::pair(50, 30), std::pair(30, 50)}) {
            const at::Tensor w = at::randn({rows, cols});
            const TruncatedSvd plain = exactSvd(w, 7);
            cache.exactSvd(w, 3); // stores
            for (int again = 0; again < 2; ++again) {
                const TruncatedSvd cached = cache.exactSvd(w, 7); // another rank: no decomposition
                QVERIFY(at::equal(cached.u_OR, plain.u_OR));
                QVERIFY(at::equal(cached.s_R, plain.s_R));
                QVERIFY(at::equal(cached.v_IR, plain.v_IR));
            }
            const TruncatedSvd slice = cache.exactSvd(w, 5, 20);
            QVERIFY(at::equal(slice.u_OR, exactSvd(w, 5, 20).u_OR));
        }
        const auto count = [&] {
            return std::distance(std::filesystem::directory_iterator(path), {});
        };
        QCOMPARE(count(), std::ptrdiff_t {2});
        // A torn file is as good as none; the bits stay.
        const auto torn = std::filesystem::directory_iterator(path)->path();
        std::filesystem::resize_file(torn, std::filesystem::file_size(torn) - 8);
        const at::Tensor other = at::randn({20, 20});
        QVERIFY(at::equal(cache.exactSvd(other, 4).u_OR, exactSvd(other, 4).u_OR));
        // Over its bound the cache drops what was used longest ago.
        const FactorCache tight(path, 3000);
        tight.exactSvd(at::randn({16, 16}), 2);
        QVERIFY(count() <= 1 + 1);
        const FactorCache off(path / "off", 0);
        off.exactSvd(other, 4);
        QVERIFY(!std::filesystem::exists(path / "off"));
    }

    void rankDeficientAndOddMatrices_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("cols");
        QTest::addColumn<int>("trueRank");
        QTest::addColumn<int>("rank");
        QTest::newRow("one row") << 1 << 17 << 1 << 1;
        QTest::newRow("one column") << 17 << 1 << 1 << 1;
        QTest::newRow("full rank asked") << 12 << 20 << 12 << 12;
        QTest::newRow("rank-deficient") << 20 << 16 << 3 << 8;
        QTest::newRow("zero") << 8 << 8 << 0 << 4;
    }

    void rankDeficientAndOddMatrices()
    {
        QFETCH(int, rows);
        QFETCH(int, cols);
        QFETCH(int, trueRank);
        QFETCH(int, rank);
        at::Tensor w = at::zeros({rows, cols});
        if (trueRank > 0) {
            w = at::mm(at::randn({rows, trueRank}), at::randn({trueRank, cols}));
        }
        const TruncatedSvd svd = exactSvd(w, rank);
        const at::Tensor back = at::mm(svd.u_OR * svd.s_R, svd.v_IR.t());
        if (rank >= trueRank) {
            QVERIFY(maxDifference(back, w) < 1e-4);
        }
        QVERIFY(maxDifference(at::mm(svd.v_IR.t(), svd.v_IR), at::eye(rank)) < 1e-4);
        QVERIFY(maxDifference(at::mm(svd.u_OR.t(), svd.u_OR), at::eye(rank)) < 1e-4);
    }

    void refusesNan()
    {
        at::Tensor w = at::randn({8, 8});
        w[2][3] = std::numeric_limits<float>::quiet_NaN();
        QVERIFY_THROWS_EXCEPTION(Error, exactSvd(w, 2));
        QVERIFY_THROWS_EXCEPTION(Error, randomizedSvd(w, {2, 2, 2, 0}));
    }

    void loraStartsAsPeftDoes()
    {
        const LinearModule module {
            "model.layers.0.mlp.up_proj", "up_proj", 0, 40, 1024, DType::F32};
        const Adapter adapter = loraFactors(module, 16, 1.0, 3);
        const double bound = 1.0 / std::sqrt(1024.0); // Kaiming-uniform with a = sqrt(5)
        QVERIFY(adapter.a_RI.abs().max().item<double>() <= bound);
        QVERIFY(std::abs(adapter.a_RI.std().item<double>() - bound / std::sqrt(3.0))
                < 0.02 * bound);
        QCOMPARE(adapter.b_OR.abs().max().item<double>(), 0.0);
        QVERIFY(at::equal(adapter.a_RI, loraFactors(module, 16, 1.0, 3).a_RI));
        QVERIFY(!at::equal(adapter.a_RI, loraFactors(module, 16, 1.0, 4).a_RI));
    }

    void peftFolderComesBackAsWritten()
    {
        PISSARRO_NEEDS(golden());
        const auto files = ModelFiles::open(golden() / "tiny" / "llama");
        AdapterSet adapters;
        std::int64_t rank = 2;
        for (const LinearModule& module : files->linearModules()) {
            adapters.push_back(loraFactors(module, rank, 2.0, 1)); // ranks and so alphas differ
            rank = rank == 2 ? 5 : 2;
        }
        const QTemporaryDir temporary;
        const std::filesystem::path directory = temporary.path().toStdString();
        writePeftAdapter(directory, adapters, {"tiny/llama", 2, 4.0});
        const PeftAdapter back = readPeftAdapter(directory, *files);
        QCOMPARE(back.initLoraWeights, std::string("true"));
        QCOMPARE(back.adapters.size(), adapters.size());
        for (std::size_t i = 0; i < adapters.size(); ++i) {
            QVERIFY(at::equal(back.adapters[i].a_RI, adapters[i].a_RI));
            QCOMPARE(back.adapters[i].scale, adapters[i].scale);
        }
    }
};

QTEST_GUILESS_MAIN(TestPissa)
#include "tst_pissa.moc"
