// SPDX-License-Identifier: GPL-3.0-or-later
// Every form of layer, embedding and head that the families have (family_models.h), in float64: gradients against central
// differences, decoding against the whole text at once, and memory against what is saved.
#include "core/decoder/blocks/rotary_block_tensors.h"
#include "core/decoder/decoder_tensors.h"
#include "core/decoder/layer_tensors.h"
#include "core/model/families/family.h"
#include "tests/core/decoder/blocks/finite_differences.h"
#include "tests/core/decoder/family_models.h"

#include <ATen/Parallel.h>

#include <set>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr std::int64_t kTokens = 13; // of two sequences, of 9 and 4
using Ids = std::vector<std::int32_t>;

Ids someIds(std::size_t count, std::size_t which)
{
    Ids ids;
    for (std::size_t i = 0; i < count; ++i) {
        ids.push_back(static_cast<std::int32_t>((7 * i + 11 * which) % 29 + 1));
    }
    return ids;
}

// A layer of a model, and a batch for it.
struct OneLayer {
    OneLayer(const FamilyModel& model, std::int64_t index)
        : plan(layerPlan(model.config(), index))
        , loader(model.files(), at::TensorOptions().dtype(at::kDouble).device(thisBackend().device),
                 job, weights)
        , layer(plan, loader, nullptr)
        , rotary(model.config(), thisBackend().device)
        , windowRotary(model.config(), thisBackend().device,
                       model.config().windowRopeTheta > 0.0 ? Turning::Window : Turning::All)
        , width(model.config().width)
    {
    }
    Pass pass()
    {
        Pass one {positions, segments, rotary.upTo(9)};
        one.windowRotary = &windowRotary.upTo(9);
        return one;
    }
    at::Tensor rows() const { return normal({kTokens, width}); }

    LayerPlan plan;
    JobContext job;
    WeightPlan weights = thisBackend().plan();
    WeightLoader loader;
    DecoderLayer layer;
    RotaryBlock rotary;
    RotaryBlock windowRotary;
    std::int64_t width;
    std::vector<Segment> segments {{0, 9}, {9, 4}};
    at::Tensor positions =
        at::cat({at::arange(9, at::kLong), at::arange(4, at::kLong)}).to(thisBackend().device);
};

Decoder decoderOf(const FamilyModel& model)
{
    return Decoder(model.files(), at::kDouble, thisBackend().device, {}, thisBackend().plan());
}

at::Tensor logitsOf(const Decoder& decoder, const Ids& ids)
{
    const std::vector<std::int64_t> wide(ids.begin(), ids.end());
    return decoder.logits(at::tensor(wide, at::kLong).unsqueeze(0), {})[0];
}

std::int64_t elementsOf(const at::Tensor& t)
{
    return !t.defined()                ? 0
        : t.scalar_type() == at::kBool ? (t.numel() + 1) / 2 // a byte beside bfloat16
                                       : t.numel();
}

} // namespace

class FamilyFormsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() // the first and the last: the others are tried block by block
    {
        QTest::addColumn<int>("backend");
        const auto& all = presentBackends();
        QTest::newRow(all.front().name.c_str()) << 0;
        if (all.size() > 1) {
            QTest::newRow(all.back().name.c_str()) << static_cast<int>(all.size() - 1);
        }
    }
    void initTestCase() { at::set_num_threads(1); } // tiny tensors: a second thread would only wait
    void init() { at::manual_seed(3); }

    void forms_data()
    {
        QTest::addColumn<int>("form");
        for (std::size_t i = 0; i < familyForms().size(); ++i) {
            QTest::newRow(familyForms()[i].title) << static_cast<int>(i);
        }
    }

    void layers_haveTheirGradients_data() { forms_data(); }
    void layers_haveTheirGradients()
    {
        QFETCH(int, form);
        const FamilyForm& of = familyForms()[static_cast<std::size_t>(form)];
        const FamilyModel model(of.modelType, of.settings);
        for (const std::int64_t index : {0, 1}) {
            OneLayer one(model, index);
            const auto trained = trainWhole(one.layer);
            at::Tensor x = one.rows();
            const at::Tensor dy = one.rows();
            const Pass pass = one.pass();
            const auto f = [&] {
                return (one.layer.forward(x, pass, nullptr, nullptr) * dy).sum().item<double>();
            };
            DecoderLayer::Saved saved;
            const at::Tensor y = one.layer.forward(x, pass, nullptr, &saved);
            QVERIFY(at::equal(y, one.layer.forward(x, pass, nullptr, nullptr)));
            at::Tensor dx = dy.clone();
            one.layer.backward(saved, pass, dx, true);
            QVERIFY2(worst(x, dx, f) < kBlockLimit, of.title);
            checkTrained(one.layer, trained, trained.size(), f);
            std::set<std::string> linears;
            for (const LinearPlan& linear : one.plan.linears()) {
                linears.insert(linear.name);
            }
            std::size_t weights = linears.size() * 3; // and two factors each
            for (const std::string& module : one.plan.modules()) {
                weights += model.files()->find(module + ".bias") != nullptr ? 1 : 0;
                weights += linears.contains(module) ? 0 : 1; // norms, routers, gates
            }
            QCOMPARE(trained.size(), weights);
        }
    }

    // Embedding, layers and head together, of every weight some numbers.
    void models_haveTheirGradients_data() { forms_data(); }
    void models_haveTheirGradients()
    {
        QFETCH(int, form);
        const FamilyForm& of = familyForms()[static_cast<std::size_t>(form)];
        const FamilyModel model(of.modelType, of.settings);
        Decoder decoder = decoderOf(model);
        decoder.trainWeights([](const std::string& module) {
            return module.find("layers.") == std::string::npos
                && module.find(".h.") == std::string::npos; // those are tried above
        });
        decoder.refresh();
        const std::vector<Ids> ids {someIds(9, 1), someIds(4, 2)};
        const FlatBatch batch = flatten(ids, {someIds(9, 3), someIds(4, 4)}, {}, decoder.device());
        decoder.lossAndGradients(batch, 1.0, {});
        const std::vector<Trainable*> trained = decoder.trainables();
        QVERIFY(trained.size() >= 1);
        for (const Trainable* one : trained) {
            const auto f = [&] {
                decoder.refresh();
                return decoder.loss(batch);
            };
            const double off = worst(one->value, one->gradient, f);
            QVERIFY2(off < 1e-5, (one->name + ": " + std::to_string(off)).c_str());
        }
    }

    // Fed in pieces, beyond the length where some positions turn otherwise.
    // But a base that grows with the text: keys that are kept stay as they turned, as in transformers.
    void whatIsFed_isTheWholeText_data()
    {
        QTest::addColumn<int>("form");
        for (std::size_t i = 0; i < familyForms().size(); ++i) {
            if (std::string(familyForms()[i].settings).find("dynamic") == std::string::npos) {
                QTest::newRow(familyForms()[i].title) << static_cast<int>(i);
            }
        }
    }
    void whatIsFed_isTheWholeText()
    {
        QFETCH(int, form);
        const FamilyForm& of = familyForms()[static_cast<std::size_t>(form)];
        const FamilyModel model(of.modelType, of.settings);
        const Decoder decoder = decoderOf(model);
        KvCache cache;
        std::vector<Ids> texts {{}, {}};
        const std::vector<std::vector<std::size_t>> steps {{4, 2}, {1, 1}, {1, 1}, {3, 2},
                                                           {1, 1}, {4, 1}, {1, 1}};
        for (const std::vector<std::size_t>& step : steps) {
            std::vector<Ids> next;
            for (std::size_t row = 0; row < texts.size(); ++row) {
                next.push_back(someIds(step[row], texts[row].size() + row));
                texts[row].insert(texts[row].end(), next[row].begin(), next[row].end());
            }
            const at::Tensor logits_BV = decoder.feed(next, cache);
            const bool alike = model.config().ropeScaling.kind != RopeScalingKind::LongRope;
            for (std::size_t row = 0; row < (alike ? texts.size() : 1); ++row) {
                const at::Tensor want = logitsOf(decoder, texts[row])[-1];
                const double off = maxDifference(logits_BV[static_cast<std::int64_t>(row)], want);
                QVERIFY2(off < 1e-5, std::to_string(off).c_str()); // logits() gives float32
            }
        }
    }

    void memory_isWhatIsSaved_data() { forms_data(); }
    void memory_isWhatIsSaved()
    {
        QFETCH(int, form);
        const FamilyForm& of = familyForms()[static_cast<std::size_t>(form)];
        const FamilyModel model(of.modelType, of.settings);
        OneLayer one(model, 1);
        DecoderLayer::Saved saved;
        one.layer.forward(one.rows(), one.pass(), nullptr, &saved);
        std::int64_t held = 0;
        for (const at::Tensor& t :
             {saved.x_ND, saved.middle_ND, saved.attended_ND, saved.fed_ND, saved.attention.qkv_NC,
              saved.attention.attended.y_NC, saved.attention.clipped_NC, saved.attention.query.x_RD,
              saved.attention.key.x_RD, saved.feed.gateUp_N2F, saved.latent.down_NC,
              saved.latent.qkv_NC, saved.latent.attended.y_NC, saved.mixture.shared.gateUp_N2F}) {
            held += elementsOf(t);
        }
        for (const FeedForwardBlock::Saved& expert : saved.mixture.experts) {
            held += elementsOf(expert.gateUp_N2F);
        }
        held += 2 * elementsOf(saved.mixture.routed.scores_NE) // float32
            + 4 * elementsOf(saved.mixture.routed.chosen_NK); // 64 bits
        for (const HeadNorms::Saved* heads : {&saved.attention.query, &saved.attention.key}) {
            held += 2 * (elementsOf(heads->rstd_R) + elementsOf(heads->mean_R)); // float32
        }
        QCOMPARE(held, DecoderLayer::memory(one.plan).saved * kTokens);
    }
};

QTEST_GUILESS_MAIN(FamilyFormsTest)
#include "tst_family_forms.moc"
