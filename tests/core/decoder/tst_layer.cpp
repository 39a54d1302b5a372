// SPDX-License-Identifier: GPL-3.0-or-later
// One layer in float64 against the published formulas, written out again here; its gradient against LibTorch's autograd of
// them. Cosines and sines are float32: a last bit of one that another library rounds otherwise is 1e-7.
#include "core/decoder/blocks/rotary_block_tensors.h"
#include "core/decoder/layer_tensors.h"
#include "core/weights/weights.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

#include <limits>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr std::int64_t kTokens = 9; // of one sequence

// LLaMA's layer: x + attention(norm(x)), then the same of the gated feed-forward part.
class Formula {
public:
    Formula(const TinyWeights& tiny, const LayerPlan& plan)
        : m_plan(plan)
        , m_theta(tiny.config().ropeTheta)
    {
        for (const std::string& module : plan.modules()) {
            m_weights[module] =
                loadWeight(*tiny.files, module + ".weight", at::kDouble).to(thisBackend().device);
        }
    }

    at::Tensor operator()(const at::Tensor& x) const
    {
        const at::Tensor middle = x + attention(norm(m_plan.before, x));
        const at::Tensor h = norm(m_plan.middle, middle);
        const at::Tensor inner = at::silu(linear(m_plan.feed.gate, h)) * linear(m_plan.feed.up, h);
        return middle + linear(m_plan.feed.down, inner);
    }

private:
    at::Tensor linear(const LinearPlan& plan, const at::Tensor& x) const
    {
        return x.mm(m_weights.at(plan.name).t());
    }
    at::Tensor norm(const NormPlan& plan, const at::Tensor& x) const
    {
        const at::Tensor mean = x.square().mean(/*dim=*/-1, /*keepdim=*/true);
        return x / (mean + plan.epsilon).sqrt() * (m_weights.at(plan.name) + plan.offset);
    }
    // [T, heads D] → [heads, T, D], turned by its position: pairs (i, i + D/2).
    at::Tensor headsOf(const at::Tensor& flat, std::int64_t heads, bool turned) const
    {
        const std::int64_t d = m_plan.attention.headDim;
        const at::Tensor h = flat.view({kTokens, heads, d}).transpose(0, 1);
        if (!turned) {
            return h;
        }
        // In float32, as transformers computes them.
        const at::Tensor frequency =
            at::pow(m_theta, at::arange(0, d, 2, at::kFloat) / static_cast<double>(d)).reciprocal();
        const at::Tensor angle = at::arange(kTokens, at::kFloat).unsqueeze(1) * frequency;
        const at::Tensor cos = angle.cos().to(at::kDouble).to(thisBackend().device);
        const at::Tensor sin = angle.sin().to(at::kDouble).to(thisBackend().device);
        const at::Tensor a = h.narrow(-1, 0, d / 2);
        const at::Tensor b = h.narrow(-1, d / 2, d / 2);
        return at::cat({a * cos - b * sin, b * cos + a * sin}, -1);
    }
    at::Tensor attention(const at::Tensor& x) const
    {
        const AttentionPlan& plan = m_plan.attention;
        const at::Tensor q = headsOf(linear(plan.query, x), plan.heads, true);
        const std::int64_t share = plan.heads / plan.kvHeads;
        const at::Tensor k =
            headsOf(linear(plan.key, x), plan.kvHeads, true).repeat_interleave(share, 0);
        const at::Tensor v =
            headsOf(linear(plan.value, x), plan.kvHeads, false).repeat_interleave(share, 0);
        const at::Tensor future = at::ones({kTokens, kTokens}, at::TensorOptions().dtype(at::kBool))
                                      .triu(1)
                                      .to(x.device());
        const at::Tensor scores =
            (q.matmul(k.transpose(-1, -2)) / std::sqrt(static_cast<double>(plan.headDim)))
                .masked_fill(future, -std::numeric_limits<double>::infinity());
        const at::Tensor mixed = scores.softmax(-1).matmul(v).transpose(0, 1).reshape(
            {kTokens, plan.heads * plan.headDim});
        return linear(plan.output, mixed);
    }

    const LayerPlan& m_plan;
    double m_theta;
    std::map<std::string, at::Tensor> m_weights;
};

} // namespace

class LayerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(12);
    }

    void models_data()
    {
        QTest::addColumn<QString>("model");
        QTest::newRow("llama") << QStringLiteral("llama");
        QTest::newRow("fewer heads for keys") << QStringLiteral("mistral-gqa");
    }

    void aLayer_isItsFormula_data() { models_data(); }
    void aLayer_isItsFormula()
    {
        QFETCH(QString, model);
        PISSARRO_NEEDS(golden() / "tiny" / model.toStdString());
        const TinyWeights tiny(model.toUtf8().constData());
        const LayerPlan plan = layerPlan(tiny.config(), 1);
        DecoderLayer layer(plan, tiny.loader, nullptr);
        RotaryBlock rotary(tiny.config(), thisBackend().device);
        const at::Tensor positions = at::arange(kTokens, at::kLong).to(thisBackend().device);
        const std::vector<Segment> segments {{0, kTokens}};
        const Pass pass {positions, segments, rotary.upTo(kTokens)};
        at::Tensor x = normal({kTokens, plan.before.width});
        DecoderLayer::Saved saved;
        const at::Tensor y = layer.forward(x, pass, nullptr, &saved);

        const Formula formula(tiny, plan);
        const at::Tensor own = x.clone().requires_grad_(true);
        const at::Tensor wanted = formula(own);
        QVERIFY2(maxDifference(y, wanted.detach()) < 1e-6,
                 qPrintable(QString::number(maxDifference(y, wanted.detach()))));
        QVERIFY(at::equal(layer.forward(x, pass, nullptr, nullptr), y));

        at::Tensor dx = normal({kTokens, plan.before.width});
        wanted.backward(dx.clone());
        layer.backward(saved, pass, dx, /*needsInput=*/true);
        QVERIFY2(maxDifference(dx, own.grad()) < 1e-6,
                 qPrintable(QString::number(maxDifference(dx, own.grad()))));
    }

    // In the order of the data; what trains are its two norms and four stacks of matrices.
    void visits_inTheOrderOfCheckpoints()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "llama");
        const TinyWeights tiny("llama");
        const LayerPlan plan = layerPlan(tiny.config(), 0);
        DecoderLayer layer(plan, tiny.loader, nullptr);
        std::vector<std::string> modules;
        layer.visit([&](auto& parameter) {
            if constexpr (std::is_same_v<std::decay_t<decltype(parameter)>, Projection>) {
                for (const auto& part : parameter.parts()) {
                    modules.push_back(part.module);
                }
            } else {
                modules.push_back(parameter.module);
            }
        });
        QVERIFY(modules == plan.modules());
        const BlockMemory memory = DecoderLayer::memory(plan);
        QVERIFY(memory.saved >= 2 * plan.before.width); // its input, and what lies in the middle
        QVERIFY(memory.temporary > 0);
    }
};

QTEST_GUILESS_MAIN(LayerTest)
#include "tst_layer.moc"
