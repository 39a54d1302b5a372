// SPDX-License-Identifier: GPL-3.0-or-later
// What stands beside the first layer of DeBERTa v2, and the vectors of distances that its layers share: gradients against
// central differences. In whole models: core.encoders.
#include "core/decoder/blocks/convolution_block_tensors.h"
#include "core/decoder/blocks/relative_scores_tensors.h"
#include "core/decoder/blocks/rotary_block_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"
#include "tests/core/decoder/family_models.h"

#include <ATen/Parallel.h>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr const char* kSettings =
    R"({"relative_attention": true, "position_buckets": 4, "pos_att_type": "c2p|p2c", "norm_rel_ebd": "layer_norm",
        "conv_kernel_size": 3, "conv_act": "tanh", "conv_groups": 2, "max_position_embeddings": 64})";

struct Weights {
    Weights()
        : model("deberta-v2", kSettings)
        , loader(model.files(), at::TensorOptions().dtype(at::kDouble).device(thisBackend().device),
                 job, plan)
        , rotary(model.config(), thisBackend().device)
    {
    }
    Pass pass() { return {positions, segments, rotary.upTo(6)}; }

    FamilyModel model;
    JobContext job;
    WeightPlan plan = thisBackend().plan();
    WeightLoader loader;
    RotaryBlock rotary;
    std::vector<Segment> segments {{0, 6}, {6, 3}};
    at::Tensor positions = whole({0, 1, 2, 3, 4, 5, 0, 1, 2});
};

} // namespace

class ConvolutionBlockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase() { at::set_num_threads(1); } // tiny tensors: a second thread would only wait
    void init() { at::manual_seed(11); }

    void convolution_hasItsGradients()
    {
        Weights of;
        ConvolutionBlock block(convolutionPlan(of.model.config()), of.loader);
        const auto trained = trainWhole(block);
        at::Tensor x = normal({9, 24});
        at::Tensor y = normal({9, 24});
        const at::Tensor dout = normal({9, 24});
        const Pass pass = of.pass();
        const auto f = [&] { return (block.forward(x, y, pass) * dout).sum().item<double>(); };
        at::Tensor dy = dout.clone();
        at::Tensor dx = at::zeros_like(x);
        block.backward(x, y, pass, dy, dx);
        QVERIFY(worst(x, dx, f) < kBlockLimit);
        QVERIFY(worst(y, dy, f) < kBlockLimit);
        checkTrained(block, trained, 4, f); // weight, bias, and the norm's
    }

    // Texts stand side by side and know nothing of one another; padding is as if it were not there.
    void texts_doNotTouch()
    {
        Weights of;
        const ConvolutionBlock block(convolutionPlan(of.model.config()), of.loader);
        const at::Tensor x = normal({9, 24});
        const at::Tensor y = normal({9, 24});
        const at::Tensor both = block.forward(x, y, of.pass());
        of.segments = {{0, 3}};
        const at::Tensor alone = block.forward(x.narrow(0, 6, 3), y.narrow(0, 6, 3), of.pass());
        QVERIFY(maxDifference(both.narrow(0, 6, 3), alone) < 1e-12);
        of.segments = {{0, 9}};
        Pass padded = of.pass();
        padded.keyMask_T = whole({1, 1, 1, 1, 1, 1, 0, 0, 0});
        QVERIFY(maxDifference(block.forward(x, y, padded).narrow(0, 0, 6), both.narrow(0, 0, 6))
                < 1e-12);
    }

    void table_hasItsGradients()
    {
        Weights of;
        RelativeTable table(relativeTablePlan(of.model.config()), of.loader);
        const auto trained = trainWhole(table);
        const at::Tensor dout = normal({8, 24});
        const auto f = [&] { return (table.forward() * dout).sum().item<double>(); };
        table.backward(dout);
        checkTrained(table, trained, 3, f); // rows, and the norm's weight and bias
    }
};

QTEST_GUILESS_MAIN(ConvolutionBlockTest)
#include "tst_convolution_block.moc"
