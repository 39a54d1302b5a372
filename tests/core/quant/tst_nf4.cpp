// SPDX-License-Identifier: GPL-3.0-or-later
// Four bits against bitsandbytes' own: codes, absmax, nested state and values bit for bit, for normal
// and heavy-tailed matrices, zeros, sizes that fill no block or byte, bfloat16, code points and the
// halves between them; every instruction set's kernels against the plain ones.
#include "core/base/error.h"
#include "core/kernels/table.h"
#include "core/quant/quantized_gpu_tensors.h"
#include "tests/tools/golden.h"

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

const char* const kNames[] {"normal",
                            "heavy",
                            "decaying",
                            "zero-row",
                            "odd-7x37",
                            "odd-30x50",
                            "one-block",
                            "tall-1024x65",
                            "normal-bf16",
                            "heavy-bf16",
                            "codepoints-and-midpoints"};

bool same(const at::Tensor& a, const at::Tensor& b)
{
    return at::equal(a.flatten(), b.flatten());
}

} // namespace

class TestNf4 : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        PISSARRO_NEEDS(golden() / "nf4/nf4.safetensors");
        m_file = std::make_unique<Golden>(golden() / "nf4/nf4.safetensors");
    }

    void tables()
    {
        QVERIFY(same(at::tensor(at::ArrayRef<float>(quantCode(QuantType::Nf4))),
                     (*m_file)["nf4_code"]));
        QVERIFY(same(at::tensor(at::ArrayRef<float>(dynamicMap())), (*m_file)["dynamic_code"]));
    }

    void matrices_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : kNames) {
            QTest::newRow(name) << QString(name);
        }
    }
    void matrices()
    {
        QFETCH(const QString, name);
        const auto of = [&](const char* part) {
            return (*m_file)[name.toStdString() + "." + part];
        };
        const at::Tensor w = of("W");
        const QuantizedMatrix q = quantize(w);
        QVERIFY(same(q.codes_H, of("codes")));
        QVERIFY(same(q.absmax_K, of("absmax")));
        QVERIFY(same(dequantize(q, w.scalar_type()), of("dequant")));

        QuantOptions options;
        options.doubleQuant = true;
        const QuantizedMatrix d = quantize(w, options);
        QVERIFY(same(d.codes_H, of("codes")));
        QVERIFY(same(d.absmax_K, of("dq.absmax_q")));
        QVERIFY(same(d.nestedAbsmax_G, of("dq.absmax2")));
        QCOMPARE(d.offset, of("dq.offset").item<float>());
        QVERIFY(same(dequantize(d, w.scalar_type()), of("dq.dequant")));
        for (const QuantizedMatrix* one : {&q, &d}) { // the way of a GPU
            at::Tensor out = at::empty_like(w);
            dequantizeByLibTorch(*one, out);
            QVERIFY(same(out, dequantize(*one, w.scalar_type())));
        }
    }

    void bytes()
    {
        const at::Tensor w = at::randn({576, 1536});
        const double plain = static_cast<double>(quantize(w).bytes());
        QuantOptions options;
        options.doubleQuant = true;
        const double nested = static_cast<double>(quantize(w, options).bytes());
        const double half = 2.0 * 576 * 1536;
        QVERIFY(plain / half < 0.2813);
        QVERIFY(nested / half < 0.2589);
    }

    void largerBlocks()
    {
        const at::Tensor w = at::randn({48, 100}); // 4,800 values: 18 blocks of 256 and a short one
        QuantOptions options;
        options.blockSize = 256;
        const QuantizedMatrix q = quantize(w, options);
        QCOMPARE(q.absmax_K.numel(), 19);
        const at::Tensor back = dequantize(q, at::kFloat).flatten();
        const at::Tensor values = w.flatten();
        for (std::int64_t block = 0; block < 19; ++block) {
            const std::int64_t size = std::min<std::int64_t>(256, 4800 - block * 256);
            const at::Tensor x = values.narrow(0, block * 256, size);
            QCOMPARE(x.abs().max().item<float>(), q.absmax_K[block].item<float>());
            const at::Tensor off = (x - back.narrow(0, block * 256, size)).abs();
            QVERIFY((off.max() / x.abs().max()).item<float>() < 0.1520F); // half the widest gap
        }
        options.blockSize = 96;
        QVERIFY_THROWS_EXCEPTION(Error, quantize(w, options));
    }

    // Each value of a block is one of the code's, and none lies nearer.
    void fp4()
    {
        QuantOptions options;
        options.type = QuantType::Fp4;
        const at::Tensor w = at::randn({64, 64});
        const QuantizedMatrix q = quantize(w, options);
        const at::Tensor code = at::tensor(at::ArrayRef<float>(quantCode(QuantType::Fp4)));
        const at::Tensor scaled = w.view({64, 64}) / q.absmax_K.unsqueeze(1);
        const at::Tensor nearest =
            std::get<0>((scaled.unsqueeze(2) - code).abs().min(2)) * q.absmax_K.unsqueeze(1);
        const at::Tensor off = (dequantize(q, at::kFloat) - w).abs();
        QVERIFY((off - nearest).abs().max().item<float>() < 1e-6F);
    }

    void int8()
    {
        const at::Tensor w = at::randn({16, 40});
        w[3].zero_();
        const at::Tensor off = (throughInt8(w) - w).abs();
        const at::Tensor limit = w.abs().amax(1, true) / 127.0 * 0.5001;
        QVERIFY((off <= limit).all().item<bool>());
    }

    void everyInstructionSet()
    {
        const kernels::FourBit format = fourBit(QuantType::Nf4, 128);
        const at::Tensor x = at::randn({1 << 15}) * at::rand({1 << 15});
        const std::int64_t blocks = x.numel() / 128;
        struct Result {
            at::Tensor codes, absmax, floats, halves;
        };
        const auto run = [&](const kernels::FourBitFunctions& functions) {
            Result r {at::empty({x.numel() / 2}, at::kByte), at::empty({blocks}),
                      at::empty({x.numel()}), at::empty({x.numel()}, at::kBFloat16)};
            auto* codes = r.codes.mutable_data_ptr<std::uint8_t>();
            auto* absmax = r.absmax.mutable_data_ptr<float>();
            functions.quantize(format, x.const_data_ptr<float>(), codes, absmax, 0, blocks);
            functions.toFloat(format, codes, absmax, r.floats.mutable_data_ptr<float>(), 0, blocks);
            functions.toBf16(format, codes, absmax,
                             static_cast<kernels::Bf16*>(r.halves.mutable_data_ptr()), 0, blocks);
            return r;
        };
        const Result plain = run(kernels::tableOf(kernels::Operations::Plain).fourBit);
        QVERIFY(at::equal(plain.halves, plain.floats.to(at::kBFloat16)));
        for (const kernels::Operations one : kernels::presentOperations()) {
            const Result other = run(kernels::tableOf(one).fourBit);
            QVERIFY(at::equal(other.codes, plain.codes));
            QVERIFY(at::equal(other.absmax, plain.absmax));
            QVERIFY(at::equal(other.floats, plain.floats));
            QVERIFY(at::equal(other.halves, plain.halves));
        }
    }

private:
    std::unique_ptr<Golden> m_file;
};

QTEST_GUILESS_MAIN(TestNf4)
#include "tst_nf4.moc"
