// SPDX-License-Identifier: GPL-3.0-or-later
// Stacked matrices with low-rank terms against the formulas, one matrix after the other. In float64 a rounding of 1e-12 is
// left; float32 loses 1e-5 of the largest entry on sums of a dozen.
#include "core/base/error.h"
#include "core/decoder/blocks/block_memory.h"
#include "core/decoder/blocks/pass_tensors.h"
#include "core/decoder/blocks/projection_tensors.h"
#include "core/decoder/blocks/whole_weight_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr std::int64_t kIn = 6;

std::vector<Projection::Part> twoParts()
{
    std::vector<Projection::Part> parts(2);
    parts[0].module = "a";
    parts[0].rows = 5;
    parts[1].module = "b";
    parts[1].rows = 3;
    return parts;
}

at::TensorOptions optionsOf(at::ScalarType type)
{
    return at::TensorOptions().dtype(type).device(thisBackend().device);
}

Adapter adapterOf(const char* module, std::int64_t rank, std::int64_t rows, double scale)
{
    return {module, normal({rank, kIn}), normal({rows, rank}), scale};
}

// A projection of two matrices with biases and an adapter on each, and what it is made of in float64.
struct Both {
    explicit Both(at::ScalarType type)
        : projection(twoParts(), kIn, optionsOf(type), theseOps())
    {
        projection.allocateBias();
        for (std::size_t i = 0; i < 2; ++i) {
            projection.heldWeight(i).copy_(weights[i]);
            projection.biasOf(i).copy_(biases[i]);
            projection.attach(i, adapters[i]);
        }
        projection.refresh();
    }
    at::Tensor whole(std::size_t i) const
    {
        return weights[i] + adapters[i].scale * adapters[i].b_OR.mm(adapters[i].a_RI);
    }
    at::Tensor forward(const at::Tensor& x) const
    {
        return at::cat({x.mm(whole(0).t()) + biases[0], x.mm(whole(1).t()) + biases[1]}, 1);
    }

    std::vector<at::Tensor> weights {normal({5, kIn}), normal({3, kIn})};
    std::vector<at::Tensor> biases {normal({5}), normal({3})};
    AdapterSet adapters {adapterOf("a", 2, 5, 0.5), adapterOf("b", 3, 3, 2.0)};
    Projection projection;
};

} // namespace

class ProjectionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(5);
    }

    void types_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("limit"); // of the largest entry
        QTest::newRow("float64") << static_cast<int>(at::kDouble) << 1e-12;
        QTest::newRow("float32") << static_cast<int>(at::kFloat) << 1e-5;
    }

    void forward_isTheSumOfItsTerms_data() { types_data(); }
    void forward_isTheSumOfItsTerms()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto scalar = static_cast<at::ScalarType>(type);
        const Both both(scalar);
        const at::Tensor x = normal({7, kIn});
        const at::Tensor add = normal({7, 8});
        at::Tensor xa;
        const at::Tensor y = both.projection.forward(x.to(scalar), add.to(scalar), &xa);
        const at::Tensor wanted = both.forward(x) + add;
        QVERIFY(maxDifference(y, wanted) < limit * wanted.abs().max().item<double>());
        const at::Tensor lowRank =
            at::cat({x.mm(both.adapters[0].a_RI.t()), x.mm(both.adapters[1].a_RI.t())}, 1);
        QVERIFY(maxDifference(xa.narrow(1, 0, 5), lowRank)
                < limit * lowRank.abs().max().item<double>());
        QVERIFY(maxDifference(both.projection.forward(x.to(scalar)), both.forward(x))
                < limit * wanted.abs().max().item<double>());
    }

    // dx = dy (W + s B A), dA = s B^T dy^T x, dB = s dy^T (x A^T).
    void backward_isTheGradient_data() { types_data(); }
    void backward_isTheGradient()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto scalar = static_cast<at::ScalarType>(type);
        Both both(scalar);
        const at::Tensor x = normal({7, kIn});
        const at::Tensor dy = normal({7, 8});
        at::Tensor xa;
        both.projection.forward(x.to(scalar), {}, &xa);
        const auto gradient = both.projection.inputGradient(dy.to(scalar), true);
        both.projection.addGradients(dy.to(scalar), x.to(scalar), xa, gradient.ds_NR);
        const at::Tensor dx =
            dy.narrow(1, 0, 5).mm(both.whole(0)) + dy.narrow(1, 5, 3).mm(both.whole(1));
        const auto isNear = [&](const at::Tensor& found, const at::Tensor& wanted) {
            return maxDifference(found, wanted) < limit * wanted.abs().max().item<double>();
        };
        QVERIFY(isNear(gradient.dx_NI, dx));
        std::vector<Trainable*> trained;
        both.projection.collect(trained);
        QCOMPARE(trained.size(), 4U);
        for (std::size_t i = 0; i < 2; ++i) {
            const Adapter& adapter = both.adapters[i];
            const at::Tensor part = i == 0 ? dy.narrow(1, 0, 5) : dy.narrow(1, 5, 3);
            const at::Tensor da = adapter.scale * adapter.b_OR.t().mm(part.t()).mm(x);
            const at::Tensor db = adapter.scale * part.t().mm(x.mm(adapter.a_RI.t()));
            QCOMPARE(trained[2 * i]->name, adapter.module + ".lora_A");
            QCOMPARE(trained[2 * i + 1]->name, adapter.module + ".lora_B");
            QVERIFY(isNear(trained[2 * i]->gradient, da));
            QVERIFY(isNear(trained[2 * i + 1]->gradient, db));
        }
        QVERIFY(!both.projection.inputGradient(dy.to(scalar), false).dx_NI.defined());
    }

    // y = (m / |W + s B A|) (W + s B A) x, of one part of two; dm by that quotient, all else as if it were a constant.
    void aMagnitude_scalesRows_data() { types_data(); }
    void aMagnitude_scalesRows()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto scalar = static_cast<at::ScalarType>(type);
        Both both(scalar);
        both.adapters[0].kind = &adapterKindNamed("dora");
        both.adapters[0].magnitude_O = normal({5}).abs() + 0.5;
        both.projection.detachAll();
        both.projection.attach(0, both.adapters[0]);
        both.projection.attach(1, both.adapters[1]);
        both.projection.refresh();
        const at::Tensor norm = both.whole(0).square().sum(1).sqrt();
        const at::Tensor gain = both.adapters[0].magnitude_O / norm;
        const at::Tensor x = normal({7, kIn});
        const at::Tensor dy = normal({7, 8});
        const at::Tensor add = normal({7, 8});
        const at::Tensor sum = x.mm(both.whole(0).t());
        const at::Tensor wanted =
            at::cat({sum * gain + both.biases[0], x.mm(both.whole(1).t()) + both.biases[1]}, 1)
            + add;
        const auto isNear = [&](const at::Tensor& found, const at::Tensor& right) {
            return maxDifference(found, right) < limit * right.abs().max().item<double>();
        };
        at::Tensor xa;
        QVERIFY(isNear(both.projection.forward(x.to(scalar), add.to(scalar), &xa), wanted));
        const auto gradient = both.projection.inputGradient(dy.to(scalar), true);
        both.projection.addGradients(dy.to(scalar), x.to(scalar), xa, gradient.ds_NR);
        const at::Tensor scaled = dy.narrow(1, 0, 5) * gain;
        QVERIFY(isNear(gradient.dx_NI,
                       scaled.mm(both.whole(0)) + dy.narrow(1, 5, 3).mm(both.whole(1))));
        std::vector<Trainable*> trained;
        both.projection.collect(trained);
        QCOMPARE(trained.size(), 5U);
        QCOMPARE(trained[2]->name, std::string("a.lora_magnitude_vector"));
        const Adapter& own = both.adapters[0];
        QVERIFY(isNear(trained[0]->gradient, own.scale * own.b_OR.t().mm(scaled.t()).mm(x)));
        QVERIFY(isNear(trained[1]->gradient, own.scale * scaled.t().mm(x.mm(own.a_RI.t()))));
        QVERIFY(isNear(trained[2]->gradient, (dy.narrow(1, 0, 5) * sum).sum(0) / norm));
        // After a step of the optimizer the lengths below the line are those of the weight as it is now.
        trained[1]->value.mul_(2.0);
        both.adapters[0].b_OR = both.adapters[0].b_OR * 2.0;
        both.projection.refresh();
        const at::Tensor longer =
            both.adapters[0].magnitude_O / both.whole(0).square().sum(1).sqrt();
        QVERIFY(isNear(both.projection.forward(x.to(scalar)).narrow(1, 0, 5),
                       x.mm(both.whole(0).t()) * longer + both.biases[0]));
    }

    // Without a magnitude of its own it begins at the length of each row, and changes nothing but by its factors.
    void aMagnitude_beginsAsTheRowsAre()
    {
        const Both both(at::kDouble);
        Projection other = Projection::sharing(both.projection, theseOps());
        const Adapter taken = adapterOf("a", 2, 5, 3.0); // given back by another run's completion
        other.complete(0, taken);
        Adapter fresh = adapterOf("a", 2, 5, 0.5);
        fresh.kind = &adapterKindNamed("dora");
        other.attach(0, fresh);
        other.refresh();
        const at::Tensor whole =
            both.weights[0] + 3.0 * taken.b_OR.mm(taken.a_RI) + 0.5 * fresh.b_OR.mm(fresh.a_RI);
        QVERIFY(maxDifference(other.adapters().front().magnitude_O, whole.square().sum(1).sqrt())
                < 1e-12);
        const at::Tensor x = normal({4, kIn});
        const at::Tensor wanted = x.mm(whole.t()) + both.biases[0];
        QVERIFY(maxDifference(other.forward(x).narrow(1, 0, 5), wanted)
                < 1e-12 * wanted.abs().max().item<double>());
    }

    // A row takes the length that its own adapter gives it.
    void voices_haveTheirOwnMagnitude()
    {
        Both both(at::kDouble);
        Adapter dora = adapterOf("a", 3, 5, 1.5);
        dora.kind = &adapterKindNamed("dora");
        dora.magnitude_O = normal({5}).abs() + 0.5;
        both.projection.attachVoices({{0, 0, &both.adapters[0]}, {0, 1, &dora}}, 3);
        const at::Tensor x = normal({3, kIn});
        const at::Tensor voices_N = at::tensor({1, 0, 2}, at::kLong).to(thisBackend().device);
        const at::Tensor y =
            both.projection.forward(x, {}, nullptr, voices_N).narrow(1, 0, 5) - both.biases[0];
        const at::Tensor whole = both.weights[0] + 1.5 * dora.b_OR.mm(dora.a_RI);
        const at::Tensor long_OI =
            whole * (dora.magnitude_O / whole.square().sum(1).sqrt()).unsqueeze(1);
        const auto isNear = [&](std::int64_t row, const at::Tensor& w) {
            const at::Tensor wanted = x.narrow(0, row, 1).mm(w.t());
            return maxDifference(y.narrow(0, row, 1), wanted)
                < 1e-12 * wanted.abs().max().item<double>();
        };
        QVERIFY(isNear(0, long_OI) && isNear(1, both.whole(0)) && isNear(2, both.weights[0]));
    }

    // Weights that train themselves beside the adapters: dW = dy^T x, db = sum of dy.
    void wholeParts_trainToo()
    {
        Both both(at::kDouble);
        both.projection.trainWeights([](const std::string& module) { return module == "b"; });
        const at::Tensor x = normal({7, kIn});
        const at::Tensor dy = normal({7, 8});
        at::Tensor xa;
        both.projection.forward(x, {}, &xa);
        const auto gradient = both.projection.inputGradient(dy, false);
        both.projection.addGradients(dy, x, xa, gradient.ds_NR);
        std::vector<Trainable*> trained;
        both.projection.collect(trained);
        QCOMPARE(trained.size(), 6U);
        QCOMPARE(trained[4]->name, std::string("b.weight"));
        QCOMPARE(trained[5]->name, std::string("b.bias"));
        const at::Tensor part = dy.narrow(1, 5, 3);
        QVERIFY(maxDifference(trained[4]->gradient, part.t().mm(x)) < 1e-12);
        QVERIFY(maxDifference(trained[5]->gradient, part.sum(0)) < 1e-12);
    }

    // A weight that is made at each use gives the bits of one that is held, and cannot be written.
    void aMadeWeight_isAsOneThatIsHeld()
    {
        const at::Tensor w = normal({8, kIn});
        std::vector<Projection::Part> parts = twoParts();
        int made = 0;
        parts[0].make = [&](at::Tensor& out) {
            ++made;
            out.copy_(w.narrow(0, 0, 5));
        };
        parts[1].make = [&](at::Tensor& out) { out.copy_(w.narrow(0, 5, 3)); };
        const Projection projection(parts, kIn, optionsOf(at::kDouble), theseOps());
        QVERIFY(!projection.isHeld());
        const at::Tensor x = normal({4, kIn});
        QVERIFY(maxDifference(projection.forward(x), x.mm(w.t())) < 1e-12);
        QVERIFY(maxDifference(projection.inputGradient(normal({4, 8}) * 0.0, true).dx_NI,
                              at::zeros({4, kIn}, optionsOf(at::kDouble)))
                == 0.0);
        QCOMPARE(made, 2); // once a product
        QVERIFY(at::equal(projection.weightOf(1), w.narrow(0, 5, 3)));
        QVERIFY_THROWS_EXCEPTION(Error, projection.heldWeight(0));
    }

    // W + s B A of another run, without a second W.
    void aCompletion_isPartOfTheWeight()
    {
        const Both both(at::kDouble);
        Projection other = Projection::sharing(both.projection, theseOps());
        QVERIFY(other.adapters().empty());
        QCOMPARE(other.heldWeight(0).data_ptr(), both.projection.heldWeight(0).data_ptr());
        const Adapter term = adapterOf("a", 2, 5, 3.0);
        other.complete(0, term);
        other.refresh();
        const at::Tensor x = normal({4, kIn});
        const at::Tensor w = both.weights[0] + 3.0 * term.b_OR.mm(term.a_RI);
        const at::Tensor wanted =
            at::cat({x.mm(w.t()) + both.biases[0], x.mm(both.weights[1].t()) + both.biases[1]}, 1);
        QVERIFY(maxDifference(other.forward(x), wanted)
                < 1e-12 * wanted.abs().max().item<double>());
        std::vector<Trainable*> trained;
        other.collect(trained);
        QVERIFY(trained.empty()); // it does not train
        other.detachAll();
        other.refresh();
        QVERIFY(maxDifference(other.forward(x), wanted)
                < 1e-12 * wanted.abs().max().item<double>());
    }

    // Rows of several adapters at once: each row as a projection with its own adapter alone, or with none.
    void voices_actOnTheirOwnRows_data() { types_data(); }
    void voices_actOnTheirOwnRows()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto scalar = static_cast<at::ScalarType>(type);
        Both both(scalar);
        const AdapterSet others {adapterOf("a", 3, 5, 1.5), adapterOf("b", 2, 3, 0.25)};
        both.projection.attachVoices({{0, 0, &both.adapters[0]},
                                      {1, 0, &both.adapters[1]},
                                      {0, 2, &others[0]},
                                      {1, 2, &others[1]}},
                                     3);
        const at::Tensor x = normal({7, kIn});
        const at::Tensor voices_N =
            at::tensor({2, 0, 1, 1, 2, 0, 2}, at::kLong).to(thisBackend().device);
        const at::Tensor y = both.projection.forward(x.to(scalar), {}, nullptr, voices_N);
        const auto whole = [&](std::size_t part, std::int64_t voice) {
            const Adapter& own = voice == 0 ? both.adapters[part] : others[part];
            return voice == 1 ? both.weights[part]
                              : both.weights[part] + own.scale * own.b_OR.mm(own.a_RI);
        };
        for (std::int64_t row = 0; row < x.size(0); ++row) {
            const auto voice = voices_N[row].item<std::int64_t>();
            const at::Tensor one = x.narrow(0, row, 1);
            const at::Tensor wanted = at::cat({one.mm(whole(0, voice).t()) + both.biases[0],
                                               one.mm(whole(1, voice).t()) + both.biases[1]},
                                              1);
            QVERIFY(maxDifference(y.narrow(0, row, 1), wanted)
                    < limit * wanted.abs().max().item<double>());
        }
        QVERIFY(maxDifference(both.projection.forward(x.to(scalar)), both.forward(x))
                < limit * y.abs().max().item<double>()); // the first one's, where none is named
        std::vector<Trainable*> trained;
        both.projection.collect(trained);
        QVERIFY(trained.empty());
        both.projection.attachVoices({}, 2);
        QVERIFY(maxDifference(both.projection.forward(x.to(scalar), {}, nullptr, {}),
                              at::cat({x.mm(both.weights[0].t()) + both.biases[0],
                                       x.mm(both.weights[1].t()) + both.biases[1]},
                                      1))
                < limit * y.abs().max().item<double>());
        QVERIFY_THROWS_EXCEPTION(Error, both.projection.attachVoices({{1, 0, &others[0]}}, 1));
    }

    void anAdapterOfAnotherShape_isRefused()
    {
        Projection projection(twoParts(), kIn, optionsOf(at::kDouble), theseOps());
        QVERIFY_THROWS_EXCEPTION(Error, projection.attach(0, adapterOf("a", 2, 4, 1.0)));
        QVERIFY_THROWS_EXCEPTION(Error, projection.complete(1, adapterOf("b", 2, 5, 1.0)));
    }

    // Frozen until it is wanted; then master and weight are one memory in float32.
    void aWholeWeight_trainsOrNot()
    {
        WholeWeight weight {"model.norm", at::rand({4}), {}};
        std::vector<Trainable*> trained;
        weight.trainWeights([](const std::string& /*module*/) { return false; });
        weight.collect(trained);
        QVERIFY(!weight.trains() && trained.empty());
        weight.trainWeights([](const std::string& module) { return module == "model.norm"; });
        weight.collect(trained);
        QVERIFY(weight.trains());
        QCOMPARE(trained.size(), 1U);
        QCOMPARE(trained[0]->name, std::string("model.norm.weight"));
        trained[0]->value.fill_(3.0);
        weight.refresh();
        QVERIFY(weight.value.eq(3.0).all().item<bool>());
        // A bfloat16 weight is the rounded half of a float32 master.
        WholeWeight half {"model.norm", at::rand({4}).to(at::kBFloat16), {}};
        half.trainWeights([](const std::string& /*module*/) { return true; });
        QVERIFY(half.trained.masterType() == at::kFloat);
        QVERIFY(half.trained.low.defined());
    }

    // Of three sequences: 3 new ones of the first, 1 behind five kept, 2 of the third.
    void newTokens_goWhereTheirSequenceEnds()
    {
        const NewTokens added({{7, 8, 9}, {4}, {1, 2}}, {0, 5, 0}, at::kFloat, thisBackend().device,
                              theseOps());
        const auto listed = [](const at::Tensor& t) {
            const at::Tensor flat = t.cpu().contiguous();
            const auto* values = flat.const_data_ptr<std::int64_t>();
            return std::vector<std::int64_t>(values, values + flat.numel());
        };
        using Whole = std::vector<std::int64_t>;
        QCOMPARE(added.count, std::int64_t {6});
        QCOMPARE(added.padding, std::int64_t {0});
        QVERIFY((listed(added.ids_N) == Whole {7, 8, 9, 4, 1, 2}));
        QVERIFY((listed(added.positions_N) == Whole {0, 1, 2, 5, 0, 1}));
        QVERIFY((listed(added.rows_R) == Whole {0, 0, 0, 1, 2, 2}));
        QVERIFY((listed(added.last_B) == Whole {2, 3, 5}));
        QVERIFY((added.lengths == Whole {3, 6, 2}));
        QCOMPARE(added.longest, std::int64_t {6});
        QVERIFY(!added.fresh && !added.single);
        QCOMPARE(added.segments[2].offset, std::int64_t {4});
        const NewTokens next({{7}, {4}}, {3, 6}, at::kFloat, thisBackend().device, theseOps());
        QVERIFY(next.single && !next.fresh);
        QVERIFY(NewTokens({{7, 8}}, {0}, at::kFloat, thisBackend().device, theseOps()).fresh);
    }

    void memory_addsUp()
    {
        const BlockMemory sum = BlockMemory {3, 10} + BlockMemory {4, 20};
        QCOMPARE(sum.saved, std::int64_t {7});
        QCOMPARE(sum.temporary, std::int64_t {30});
    }
};

QTEST_GUILESS_MAIN(ProjectionTest)
#include "tst_projection.moc"
