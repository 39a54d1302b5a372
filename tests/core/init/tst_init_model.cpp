// SPDX-License-Identifier: GPL-3.0-or-later
// Folders to train on, read back: base and adapter together are the model. W = W_res + s B A in float32 leaves 1e-6 of
// entries of size 1.
#include "core/adapter/adapter_tensors.h"
#include "core/base/error.h"
#include "core/init/init_model.h"
#include "core/init/init_quantized.h"
#include "core/quant/quantized_tensors.h"
#include "core/weights/weights.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
namespace fs = std::filesystem;

namespace {

AdapterOptions optionsOf(const char* method, std::int64_t rank)
{
    AdapterOptions options;
    options.method = methodNamed(method);
    options.rank = rank;
    options.alpha = 2.0 * static_cast<double>(rank);
    options.device = "cpu";
    return options;
}

at::Tensor termOf(const Adapter& adapter)
{
    return adapter.scale * adapter.b_OR.to(at::kDouble).mm(adapter.a_RI.to(at::kDouble));
}

double offOf(const at::Tensor& found, const at::Tensor& wanted)
{
    return maxDifference(found, wanted) / wanted.abs().max().item<double>();
}

} // namespace

class TestInitModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(m_folder / "model");
        m_files = ModelFiles::open(m_folder / "model");
    }

    // PiSSA: the adapter is W's best approximation of its rank, the base what that leaves.
    void pissa_splitsEachMatrix()
    {
        const fs::path out = m_folder / "pissa";
        const InitReport report = initModel(*m_files, optionsOf("pissa", 4), out, JobContext());
        QVERIFY(fs::equivalent(report.baseDirectory, out));
        QVERIFY(fs::equivalent(report.adapterDirectory, out / "pissa_init"));
        QCOMPARE(report.modules, kTinyModules);
        std::int64_t parameters = 0;
        const auto base = ModelFiles::open(out);
        const PeftAdapter adapter = readPeftAdapter(report.adapterDirectory, *base);
        QCOMPARE(adapter.adapters.size(), std::size_t {kTinyModules});
        for (const Adapter& one : adapter.adapters) {
            parameters += one.a_RI.numel() + one.b_OR.numel();
            QCOMPARE(one.scale, 2.0); // alpha / rank
            const at::Tensor w = loadWeight(*m_files, one.module + ".weight", at::kDouble);
            const auto [u, s, vh] = at::linalg_svd(w, /*full_matrices=*/false);
            const at::Tensor leading =
                (u.narrow(1, 0, 4) * s.narrow(0, 0, 4)).mm(vh.narrow(0, 0, 4));
            QVERIFY(offOf(termOf(one), leading) < 1e-4); // neighbours' gap of a random matrix
            const at::Tensor residual = loadWeight(*base, one.module + ".weight", at::kDouble);
            QVERIFY(offOf(residual + termOf(one), w) < 1e-6);
        }
        QCOMPARE(report.trainableParameters, parameters);
        // What has no adapter is the model's, bit for bit.
        for (const char* name : {"model.norm.weight", "model.embed_tokens.weight"}) {
            QVERIFY(at::equal(loadWeight(*base, name), loadWeight(*m_files, name)));
        }
    }

    // LoRA begins with nothing: B is zero, A within 1 / sqrt(I), and a base is written only where it is asked for.
    void lora_leavesTheModelAlone()
    {
        AdapterOptions options = optionsOf("lora", 3);
        options.targets = {"q_proj"};
        const InitReport report = initModel(*m_files, options, m_folder / "lora", JobContext());
        QVERIFY(report.baseDirectory.empty());
        QCOMPARE(report.modules, kTinyLayers);
        const PeftAdapter adapter = readPeftAdapter(report.adapterDirectory, *m_files);
        for (const Adapter& one : adapter.adapters) {
            QVERIFY(one.b_OR.eq(0).all().item<bool>());
            const double bound = 1.0 / std::sqrt(static_cast<double>(kTinyWidth));
            QVERIFY(one.a_RI.abs().max().item<double>() <= bound);
            QVERIFY(one.a_RI.abs().max().item<double>() > bound / 2);
        }
        options.copyBase = true;
        const InitReport copied = initModel(*m_files, options, m_folder / "copy", JobContext());
        const auto base = ModelFiles::open(copied.baseDirectory);
        for (const TensorView& weight : m_files->weights()) {
            QVERIFY(at::equal(loadWeight(*base, weight.name), loadWeight(*m_files, weight.name)));
        }
    }

    // Four bits under each matrix, and of the methods that fit them an adapter that brings it nearer to W.
    void fourBits_areNearerWithTheirAdapter()
    {
        for (const Method method : methodsWhere(isFourBit)) {
            QuantInitOptions options;
            options.adapters = optionsOf(std::string(methodName(method)).c_str(), 6);
            options.iters = 2;
            const fs::path out = m_folder / std::string(methodName(method));
            const InitReport report = initQuantized(*m_files, options, out, JobContext());
            QCOMPARE(report.modules, kTinyModules);
            const auto base = ModelFiles::open(out);
            const PeftAdapter adapter = readPeftAdapter(report.adapterDirectory, *base);
            for (const Adapter& one : adapter.adapters) {
                QVERIFY(base->fourBitWeight(one.module + ".weight") != nullptr);
                const at::Tensor w = loadWeight(*m_files, one.module + ".weight", at::kDouble);
                const at::Tensor stored = loadWeight(*base, one.module + ".weight", at::kDouble);
                const double left = (w - stored - termOf(one)).norm().item<double>();
                const at::Tensor plain =
                    dequantize(quantize(w.to(at::kFloat)), at::kFloat).to(at::kDouble);
                const double qlora = (w - plain).norm().item<double>();
                if (iterates(method)) {
                    QVERIFY(left < qlora);
                } else { // bfloat16 is what the folder says it is dequantized to
                    QVERIFY(one.b_OR.eq(0).all().item<bool>());
                    QVERIFY(std::abs(left / qlora - 1.0) < 0.05);
                }
            }
        }
    }

    void failures_leaveNothing()
    {
        const fs::path out = m_folder / "none";
        const auto refused = [&](const std::function<void()>& work, ErrorKind kind) {
            const auto error = test::errorOf(work);
            return error && error->kind() == kind && !fs::exists(out);
        };
        QVERIFY(refused([&] { initModel(*m_files, optionsOf("pissa", 17), out, JobContext()); },
                        ErrorKind::InvalidArgument)); // k_proj has 16 rows
        QuantInitOptions other;
        other.adapters = optionsOf("pissa", 4);
        QVERIFY(refused([&] { initQuantized(*m_files, other, out, JobContext()); },
                        ErrorKind::InvalidArgument));
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(
            Cancelled,
            initModel(*m_files, optionsOf("pissa", 4), out, JobContext(stop.get_token())));
        QVERIFY(!fs::exists(out));
        fs::create_directories(out);
        test::writeBytes(out / "thesis.txt", "x"); // somebody's
        QVERIFY(test::errorOf([&] {
                    initModel(*m_files, optionsOf("pissa", 4), out, JobContext());
                }).has_value());
        QCOMPARE(test::readBytes(out / "thesis.txt"), std::string("x"));
    }

private:
    test::Scratch m_folder;
    std::shared_ptr<const ModelFiles> m_files;
};

QTEST_GUILESS_MAIN(TestInitModel)
#include "tst_init_model.moc"
