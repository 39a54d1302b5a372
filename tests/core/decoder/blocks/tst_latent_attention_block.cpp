// SPDX-License-Identifier: GPL-3.0-or-later
// Latent attention against its formula, head by head, without the zeros that fill heads up.
#include "core/decoder/blocks/attend_tensors.h"
#include "core/decoder/blocks/latent_attention_block_tensors.h"
#include "core/decoder/blocks/rotary_block_tensors.h"
#include "core/weights/weights.h"
#include "tests/core/decoder/blocks/finite_differences.h"
#include "tests/core/decoder/family_models.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

struct OneAttention {
    explicit OneAttention(const char* title)
        : form(
            *std::find_if(familyForms().begin(), familyForms().end(),
                          [&](const FamilyForm& one) { return std::string(one.title) == title; }))
        , model(form.modelType, form.settings)
        , plan(layerPlan(model.config(), 0).attention)
        , loader(model.files(), at::TensorOptions().dtype(at::kDouble).device(thisBackend().device),
                 job, weights)
        , block(plan, loader, nullptr)
        , rotary(model.config(), thisBackend().device)
    {
    }
    Pass pass() { return {positions, segments, rotary.upTo(9)}; }
    at::Tensor rows(std::int64_t width) const { return normal({13, width}); }
    at::Tensor times(const LinearPlan& linear, const at::Tensor& x) const
    {
        at::Tensor y =
            at::mm(x, loadWeight(*model.files(), linear.name + ".weight", at::kDouble).t());
        return linear.bias ? y + loadWeight(*model.files(), linear.name + ".bias", at::kDouble) : y;
    }
    at::Tensor normed(const NormPlan& norm, const at::Tensor& x) const
    {
        const at::Tensor w = loadWeight(*model.files(), norm.name + ".weight", at::kDouble);
        return x * (x.square().mean(-1, true) + 1e-6).rsqrt() * w;
    }
    // Pairs side by side, as both families turn.
    at::Tensor turned(const at::Tensor& x, const RotaryTable& table) const
    {
        const at::Tensor c = table.cos_TH.cpu().index_select(0, positions.cpu()).to(at::kDouble);
        const at::Tensor s = table.sin_TH.cpu().index_select(0, positions.cpu()).to(at::kDouble);
        const at::Tensor pairs = x.unflatten(1, {-1, 2});
        const at::Tensor a = pairs.select(2, 0);
        const at::Tensor b = pairs.select(2, 1);
        return at::stack({a * c - b * s, b * c + a * s}, 2).flatten(1);
    }
    at::Tensor writtenOut(const at::Tensor& x)
    {
        const LatentPlan& latent = plan.latent;
        const RotaryTable& table = rotary.upTo(9);
        const at::Tensor query = latent.queryDown.exists()
            ? times(plan.query, normed(latent.queryNorm, times(latent.queryDown, x)))
            : times(plan.query, x);
        const at::Tensor down = times(latent.down, x);
        const at::Tensor up =
            times(latent.up, normed(latent.norm, down.narrow(1, 0, latent.rank())));
        const at::Tensor shared = turned(down.narrow(1, latent.rank(), latent.turnedDim), table);
        const std::int64_t queryDim = latent.plainDim + latent.turnedDim;
        const std::int64_t upDim = latent.plainDim + latent.valueDim;
        std::vector<at::Tensor> heads;
        for (std::int64_t head = 0; head < plan.heads; ++head) {
            const at::Tensor q = query.narrow(1, head * queryDim, queryDim);
            const at::Tensor kv = up.narrow(1, head * upDim, upDim);
            const at::Tensor scores =
                at::mm(q.narrow(1, 0, latent.plainDim), kv.narrow(1, 0, latent.plainDim).t())
                + at::mm(turned(q.narrow(1, latent.plainDim, latent.turnedDim), table), shared.t());
            std::vector<at::Tensor> rows;
            for (const Segment& one : segments) {
                at::Tensor s =
                    scores.narrow(0, one.offset, one.length).narrow(1, one.offset, one.length)
                    * plan.scale;
                s = s.masked_fill(at::ones(s.sizes(), at::kBool).triu(1),
                                  -std::numeric_limits<double>::infinity());
                rows.push_back(at::mm(at::softmax(s, 1),
                                      kv.narrow(1, latent.plainDim, latent.valueDim)
                                          .narrow(0, one.offset, one.length)));
            }
            heads.push_back(at::cat(rows));
        }
        return times(plan.output, at::cat(heads, 1));
    }

    FamilyForm form;
    FamilyModel model;
    AttentionPlan plan;
    JobContext job;
    WeightPlan weights = thisBackend().plan();
    WeightLoader loader;
    LatentAttentionBlock block;
    RotaryBlock rotary;
    std::vector<Segment> segments {{0, 9}, {9, 4}};
    at::Tensor positions =
        at::cat({at::arange(9, at::kLong), at::arange(4, at::kLong)}).to(thisBackend().device);
};

} // namespace

class LatentAttentionBlockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase() { at::set_num_threads(1); } // tiny tensors: a second thread would only wait
    void init() { at::manual_seed(17); }

    void forms_data()
    {
        QTest::addColumn<QString>("form");
        QTest::newRow("queries of x, values padded to keys") << QStringLiteral("deepseek_v2");
        QTest::newRow("narrow queries, biases") << QStringLiteral("deepseek_v3");
    }

    void isItsFormula_data() { forms_data(); }
    void isItsFormula()
    {
        QFETCH(QString, form);
        OneAttention one(form.toUtf8().constData());
        const at::Tensor x = one.rows(one.model.config().width);
        const at::Tensor y = one.block.forward(x, x, one.pass(), nullptr, nullptr);
        QVERIFY(maxDifference(y.cpu(), one.writtenOut(x.cpu()) + x.cpu()) < 1e-6); // float32 tables
    }

    void scores_areStretchedByYarn()
    {
        const OneAttention plain("deepseek_v3");
        QVERIFY(std::abs(plain.plan.scale - 1.0 / std::sqrt(14.0)) < 1e-12);
        const OneAttention stretched("deepseek_v2");
        const double once = 0.1 * 0.7 * std::log(4.0) + 1.0;
        QVERIFY(std::abs(stretched.plan.scale - once * once / std::sqrt(10.0)) < 1e-12);
    }

    // A pass that decodes keeps what a pass over the whole text attends to.
    void attend_keepsWhatItIsFed()
    {
        const AttentionShape shape {2, 2, 4};
        const Ops& ops = theseOps();
        const at::Tensor qkv = normal({5, 24});
        const std::vector<Segment> all {{0, 5}};
        const at::Tensor none;
        const RotaryTable table;
        const at::Tensor whole = attentionOfPass(ops, qkv, {none, all, table}, nullptr, shape).y_NC;
        KvLayer kept;
        for (const auto& [first, count] : {std::pair {0, 3}, std::pair {3, 1}, std::pair {4, 1}}) {
            const NewTokens added({std::vector<std::int32_t>(static_cast<std::size_t>(count), 1)},
                                  {first}, at::kDouble, thisBackend().device, ops);
            Pass pass {added.positions_N, added.segments, table};
            pass.added = &added;
            const at::Tensor y =
                attentionOfPass(ops, qkv.narrow(0, first, count).contiguous(), pass, &kept, shape)
                    .y_NC;
            QVERIFY(maxDifference(y, whole.narrow(0, first, count)) < 1e-12);
        }
    }
};

QTEST_GUILESS_MAIN(LatentAttentionBlockTest)
#include "tst_latent_attention_block.moc"
