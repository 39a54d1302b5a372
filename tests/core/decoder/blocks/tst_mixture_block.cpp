// SPDX-License-Identifier: GPL-3.0-or-later
// A layer of experts against the same sum written out: every expert of every token, by weights that are worked out one by one.
#include "core/decoder/blocks/mixture_block_tensors.h"
#include "core/weights/weights.h"
#include "tests/core/decoder/blocks/finite_differences.h"
#include "tests/core/decoder/family_models.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

// The block of layer 1 of a form of family_models.h.
struct OneMixture {
    explicit OneMixture(const char* title, at::ScalarType type = at::kDouble)
        : form(
            *std::find_if(familyForms().begin(), familyForms().end(),
                          [&](const FamilyForm& one) { return std::string(one.title) == title; }))
        , model(form.modelType, form.settings)
        , plan(layerPlan(model.config(), 1).mixture)
        , loader(model.files(), at::TensorOptions().dtype(type).device(thisBackend().device), job,
                 weights)
        , block(plan, loader, nullptr)
        , width(model.config().width)
    {
    }
    Pass pass() const { return {positions, segments, table}; }
    at::Tensor weight(const std::string& name) const
    {
        return loadWeight(*model.files(), name, at::kDouble);
    }

    FamilyForm form;
    FamilyModel model;
    MixturePlan plan;
    JobContext job;
    WeightPlan weights = thisBackend().plan();
    WeightLoader loader;
    MixtureBlock block;
    std::int64_t width;
    at::Tensor positions;
    std::vector<Segment> segments;
    RotaryTable table;
};

std::vector<double> numbersOf(const at::Tensor& t)
{
    const at::Tensor here = t.to(at::kCPU, at::kDouble).contiguous();
    const auto* const first = here.const_data_ptr<double>();
    return {first, first + here.numel()};
}

at::Tensor fed(const OneMixture& one, const FeedForwardPlan& plan, const at::Tensor& x_D)
{
    const auto times = [&](const LinearPlan& linear, const at::Tensor& x) {
        return at::mv(one.weight(linear.name + ".weight"), x);
    };
    return times(plan.down, at::silu(times(plan.gate, x_D)) * times(plan.up, x_D));
}

// The weight of each expert for one token, 0 where it is not chosen.
std::vector<double> weightsOf(const OneMixture& one, const at::Tensor& x_D)
{
    const Mixture& how = one.plan.routing;
    const at::Tensor logits = at::mv(one.weight(one.plan.router + ".weight"), x_D);
    const std::vector<double> scores =
        numbersOf(how.score == RouterScore::Softmax ? at::softmax(logits, 0) : at::sigmoid(logits));
    std::vector<double> choice = scores;
    if (how.correction) {
        const std::vector<double> correction = numbersOf(one.weight(one.plan.correction));
        std::transform(choice.begin(), choice.end(), correction.begin(), choice.begin(),
                       std::plus<>());
    }
    const auto ofGroup = static_cast<std::size_t>(how.experts / how.groups);
    std::vector<std::pair<double, std::size_t>> groups;
    for (std::size_t group = 0; group < static_cast<std::size_t>(how.groups); ++group) {
        std::vector<double> inside(choice.begin() + static_cast<std::ptrdiff_t>(group * ofGroup),
                                   choice.begin()
                                       + static_cast<std::ptrdiff_t>((group + 1) * ofGroup));
        std::sort(inside.rbegin(), inside.rend());
        groups.emplace_back(std::accumulate(inside.begin(), inside.begin() + how.groupBest, 0.0),
                            group);
    }
    std::sort(groups.rbegin(), groups.rend());
    std::vector<std::pair<double, std::size_t>> experts;
    for (std::size_t i = 0; i < static_cast<std::size_t>(how.chosenGroups); ++i) {
        for (std::size_t e = 0; e < ofGroup; ++e) {
            const std::size_t expert = groups[i].second * ofGroup + e;
            experts.emplace_back(choice[expert], expert);
        }
    }
    std::sort(experts.rbegin(), experts.rend());
    experts.resize(static_cast<std::size_t>(how.chosen));
    double sum = 0.0;
    for (const auto& [best, expert] : experts) {
        sum += scores[expert];
    }
    std::vector<double> weights(choice.size(), 0.0);
    for (const auto& [best, expert] : experts) {
        weights[expert] = how.scale * scores[expert] / (how.normalized ? sum : 1.0);
    }
    return weights;
}

at::Tensor writtenOut(const OneMixture& one, const at::Tensor& x_ND)
{
    std::vector<at::Tensor> rows;
    for (std::int64_t n = 0; n < x_ND.size(0); ++n) {
        const at::Tensor x_D = x_ND[n].to(at::kCPU);
        const std::vector<double> weights = weightsOf(one, x_D);
        at::Tensor y_D = at::zeros_like(x_D);
        for (std::size_t expert = 0; expert < weights.size(); ++expert) {
            y_D.add_(fed(one, one.plan.experts[expert], x_D), weights[expert]);
        }
        if (one.plan.shared.exists()) {
            const double share = one.plan.sharedGate.empty()
                ? 1.0
                : at::sigmoid(at::mv(one.weight(one.plan.sharedGate + ".weight"), x_D))
                      .item<double>();
            y_D.add_(fed(one, one.plan.shared, x_D), share);
        }
        rows.push_back(y_D);
    }
    return at::stack(rows);
}

} // namespace

class MixtureBlockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase() { at::set_num_threads(1); } // tiny tensors: a second thread would only wait
    void init() { at::manual_seed(11); }

    void forms_data()
    {
        QTest::addColumn<QString>("form");
        for (const char* const form : {"mixtral", "qwen2_moe", "qwen3_moe, balanced", "deepseek",
                                       "deepseek_v2", "deepseek_v3"}) {
            QTest::newRow(form) << QString::fromLatin1(form);
        }
    }

    void isTheSumWrittenOut_data() { forms_data(); }
    void isTheSumWrittenOut()
    {
        QFETCH(QString, form);
        const OneMixture one(form.toUtf8().constData());
        const at::Tensor x = normal({17, one.width});
        const at::Tensor residual = normal({17, one.width});
        const at::Tensor y = one.block.forward(x, residual, one.pass(), nullptr);
        QVERIFY(maxDifference(y.cpu(), writtenOut(one, x) + residual.cpu()) < 1e-10);
    }

    // Also where nothing of the block trains: what lies below learns through the router too.
    void gradients_data() { forms_data(); }
    void gradients()
    {
        QFETCH(QString, form);
        OneMixture one(form.toUtf8().constData());
        at::Tensor x = normal({9, one.width});
        const at::Tensor dy = normal({9, one.width});
        const auto f = [&] {
            return (one.block.forward(x, {}, one.pass(), nullptr) * dy).sum().item<double>();
        };
        MixtureBlock::Saved saved;
        one.block.forward(x, {}, one.pass(), &saved);
        QVERIFY(worst(x, one.block.backward(dy, x, one.pass(), saved), f) < kBlockLimit);
    }

    void anExpertWithoutTokens_computesNothing()
    {
        const OneMixture one("mixtral");
        MixtureBlock::Saved saved;
        one.block.forward(normal({1, one.width}), {}, one.pass(), &saved);
        std::size_t rows = 0;
        for (const FeedForwardBlock::Saved& expert : saved.experts) {
            rows += expert.gateUp_N2F.defined()
                ? static_cast<std::size_t>(expert.gateUp_N2F.size(0))
                : 0;
        }
        QCOMPARE(rows, std::size_t {2});
    }

    // Ops::productRows() asks for more rows in bfloat16: tokens together teach what they teach one by one.
    void whatFillsUpRows_countsForNothing()
    {
        OneMixture one("mixtral", at::kBFloat16);
        const std::vector<Trainable*> trained = trainWholeOf(one.block);
        const at::Tensor x = (normal({3, one.width})).to(at::kBFloat16);
        const at::Tensor dy = (normal({3, one.width})).to(at::kBFloat16);
        const auto teach = [&](std::int64_t first, std::int64_t count) {
            const at::Tensor rows = x.narrow(0, first, count).contiguous();
            MixtureBlock::Saved saved;
            one.block.forward(rows, {}, one.pass(), &saved);
            one.block.backward(dy.narrow(0, first, count).contiguous(), rows, one.pass(), saved);
        };
        teach(0, 3);
        std::vector<at::Tensor> together;
        for (Trainable* const weight : trained) {
            together.push_back(weight->sum().clone());
            weight->sum().zero_();
        }
        for (std::int64_t n = 0; n < 3; ++n) {
            teach(n, 1);
        }
        for (std::size_t i = 0; i < trained.size(); ++i) {
            const double size = 1e-3 + together[i].norm().item<double>();
            const double off = (trained[i]->sum() - together[i]).norm().item<double>();
            QVERIFY2(off < 0.05 * size, trained[i]->name.c_str());
        }
    }

    // transformers 5.23: load_balancing_loss_func((sin(3n + 5e), cos(2n + 7e)), 4, 2, mask) in float64, e of 4 experts, n of 7
    // tokens, of which the mask leaves 6.
    void theLoadBalancingLoss_isTransformers()
    {
        const OneMixture one("mixtral");
        const RouterBlock router(one.plan, one.loader);
        const auto options = at::TensorOptions().dtype(at::kDouble).device(thisBackend().device);
        const at::Tensor n = at::arange(7, options).unsqueeze(1);
        const at::Tensor e = at::arange(4, options).unsqueeze(0);
        RoutingSums sums {6};
        for (const at::Tensor& logits : {at::sin(3 * n + 5 * e), at::cos(2 * n + 7 * e)}) {
            const at::Tensor scores = at::softmax(logits, 1);
            router.count({scores, std::get<1>(scores.topk(2, 1))}, sums);
        }
        QVERIFY(std::abs(sums.loss() - kTransformers) < 1e-6); // there sums are in float32
        QCOMPARE(sums.rows, 12.0);
    }

private:
    static constexpr double kTransformers = 2.040426254272461;

    // Every weight, without factors.
    static std::vector<Trainable*> trainWholeOf(MixtureBlock& block)
    {
        std::vector<Trainable*> all;
        block.visit([&](auto& parameter) {
            parameter.trainWeights([](const std::string& /*module*/) { return true; });
            parameter.refresh();
            parameter.collect(all);
        });
        return all;
    }
};

QTEST_GUILESS_MAIN(MixtureBlockTest)
#include "tst_mixture_block.moc"
