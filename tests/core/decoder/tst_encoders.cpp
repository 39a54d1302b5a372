// SPDX-License-Identifier: GPL-3.0-or-later
// Encoders of every family with random weights: gradients of each weight and of adapters against central differences in
// float64, padding, heads, memory. What the numbers must be is said by the peers (tests/parity/tiny2_parity.py).
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/decoder/layer_tensors.h"
#include "core/model/families/family.h"
#include "tests/core/decoder/blocks/finite_differences.h"
#include "tests/core/decoder/family_models.h"

#include <ATen/Parallel.h>

#include <algorithm>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

using Ids = std::vector<std::int32_t>;

constexpr const char* kVersion2 =
    R"({"relative_attention": true, "position_buckets": 4, "pos_att_type": "c2p|p2c", "norm_rel_ebd": "layer_norm",
        "share_att_key": false, "position_biased_input": true, "type_vocab_size": 2, "conv_kernel_size": 3,
        "conv_act": "gelu", "max_position_embeddings": 64)";
constexpr const char* kVersion3 =
    R"({"relative_attention": true, "position_buckets": 4, "pos_att_type": ["p2c", "c2p"], "norm_rel_ebd": "layer_norm",
        "share_att_key": true, "position_biased_input": false, "max_position_embeddings": 64)";

struct EncoderForm {
    const char* title;
    const char* modelType;
    const char* settings; // without its closing brace
};
const std::vector<EncoderForm> kForms {
    {"bert", "bert", R"({"max_position_embeddings": 32)"},
    {"roberta", "roberta", R"({"max_position_embeddings": 32, "pad_token_id": 1)"},
    {"distilbert", "distilbert", R"({"max_position_embeddings": 32)"},
    {"deberta v2", "deberta-v2", kVersion2},
    {"deberta v3", "deberta-v2", kVersion3},
};

constexpr const char* kClasses =
    R"(, "architectures": ["XForSequenceClassification"], "id2label": {"0": "a", "1": "b", "2": "c"}})";
constexpr const char* kNumber =
    R"(, "architectures": ["XForSequenceClassification"], "id2label": {"0": "a"}})";

FamilyModel modelOf(int form, const char* head)
{
    const EncoderForm& of = kForms[static_cast<std::size_t>(form)];
    return FamilyModel(of.modelType, std::string(of.settings) + head);
}

Decoder decoderOf(const FamilyModel& model)
{
    return Decoder(model.files(), at::kDouble, thisBackend().device, {}, thisBackend().plan());
}

Ids someIds(std::size_t count, std::size_t which)
{
    Ids ids;
    for (std::size_t i = 0; i < count; ++i) {
        ids.push_back(static_cast<std::int32_t>((7 * i + 11 * which) % 27 + 2)); // 1 is padding
    }
    return ids;
}

// Two rows of 9 and 5 tokens, padded to 9, of two texts each.
Batch someRows(bool regression)
{
    Batch batch;
    batch.rows = 2;
    batch.length = 9;
    batch.labels.assign(18, kIgnoreLabel);
    for (std::size_t row = 0; row < 2; ++row) {
        const Ids ids = someIds(9, row);
        for (std::size_t t = 0; t < 9; ++t) {
            const bool seen = row == 0 || t < 5;
            batch.ids.push_back(seen ? ids[t] : 1);
            batch.mask.push_back(seen ? 1 : 0);
            batch.types.push_back(t > 2 && seen ? 1 : 0);
        }
    }
    batch.regression = regression;
    batch.targets = regression ? std::vector {0.7, -1.3} : std::vector {2.0, 0.0};
    return batch;
}

void checkGradients(Decoder& decoder, const FlatBatch& batch)
{
    decoder.refresh();
    decoder.lossAndGradients(batch, 1.0, {});
    const std::vector<Trainable*> trained = decoder.trainables();
    QVERIFY(trained.size() >= 2);
    double largest = 0.0;
    for (const Trainable* one : trained) {
        QVERIFY2(one->gradient.defined(), one->name.c_str());
        largest = std::max(largest, one->gradient.abs().max().item<double>());
    }
    for (const Trainable* one : trained) {
        const auto f = [&] {
            decoder.refresh();
            return decoder.loss(batch);
        };
        const double off = worst(one->value, one->gradient, f, 1e-4 * largest);
        QVERIFY2(off < 1e-5, (one->name + ": " + std::to_string(off)).c_str());
    }
}

} // namespace

class EncodersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data()
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
        for (std::size_t i = 0; i < kForms.size(); ++i) {
            QTest::newRow(kForms[i].title) << static_cast<int>(i);
        }
    }

    void hiddenTokens_haveTheirGradients_data() { forms_data(); }
    void hiddenTokens_haveTheirGradients()
    {
        QFETCH(int, form);
        const FamilyModel model = modelOf(form, "}");
        QVERIFY(model.config().head.kind == HeadKind::Masked);
        Decoder decoder = decoderOf(model);
        decoder.trainWeights([](const std::string& /*module*/) { return true; });
        Ids labels = someIds(9, 5);
        labels[0] = labels[4] = labels[8] = kIgnoreLabel;
        FlatBatch batch =
            flatten({someIds(9, 1), someIds(5, 2)}, {labels, someIds(5, 6)}, {}, decoder.device());
        batch.types_N = whole({0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1});
        checkGradients(decoder, batch);
    }

    void texts_haveTheirGradients_data()
    {
        QTest::addColumn<int>("form");
        QTest::addColumn<bool>("regression");
        for (std::size_t i = 0; i < kForms.size(); ++i) {
            for (const bool regression : {false, true}) {
                QTest::newRow(
                    (std::string(kForms[i].title) + (regression ? ", a number" : ", classes"))
                        .c_str())
                    << static_cast<int>(i) << regression;
            }
        }
    }
    void texts_haveTheirGradients()
    {
        QFETCH(int, form);
        QFETCH(bool, regression);
        const FamilyModel model = modelOf(form, regression ? kNumber : kClasses);
        QVERIFY(model.config().head.kind == HeadKind::Sequence);
        QCOMPARE(model.config().head.labels, std::int64_t {regression ? 1 : 3});
        Decoder decoder = decoderOf(model);
        decoder.trainWeights([](const std::string& /*module*/) { return true; });
        checkGradients(decoder, flatten(someRows(regression), decoder.device()));
    }

    // Factors on every matrix, of distances too, which share those of queries and keys; beside them the head trains.
    void adapters_haveTheirGradients_data() { forms_data(); }
    void adapters_haveTheirGradients()
    {
        QFETCH(int, form);
        const FamilyModel model = modelOf(form, kClasses);
        Decoder decoder = decoderOf(model);
        AdapterSet adapters;
        for (const LinearModule& module : model.files()->linearModules()) {
            adapters.push_back(
                {module.name, normal({2, module.cols}) * 0.3, normal({module.rows, 2}) * 0.3, 0.5});
        }
        decoder.attach(adapters);
        const std::vector<std::string> head = savedModules(model.config());
        QVERIFY(!head.empty());
        decoder.trainWeights([&](const std::string& module) {
            return std::find(head.begin(), head.end(), module) != head.end();
        });
        checkGradients(decoder, flatten(someRows(false), decoder.device()));
        decoder.setCheckpointing(true);
        std::vector<at::Tensor> before;
        for (Trainable* one : decoder.trainables()) {
            before.push_back(one->gradient.clone());
            one->gradient.zero_();
        }
        decoder.refresh();
        decoder.lossAndGradients(flatten(someRows(false), decoder.device()), 1.0, {});
        for (std::size_t i = 0; i < before.size(); ++i) {
            QVERIFY(maxDifference(decoder.trainables()[i]->gradient, before[i]) < 1e-12);
        }
    }

    // A row is what it is alone, whatever stands behind it; and each token of a row sees all others.
    void padding_changesNothing_data() { forms_data(); }
    void padding_changesNothing()
    {
        QFETCH(int, form);
        for (const char* const head : {"}", kClasses}) {
            const FamilyModel model = modelOf(form, head);
            const Decoder decoder = decoderOf(model);
            const Batch rows = someRows(false);
            const at::Tensor ids_BT = at::tensor(rows.ids, at::kLong).view({2, 9});
            const at::Tensor mask_BT = at::tensor(rows.mask, at::kLong).view({2, 9});
            const at::Tensor types_BT = at::tensor(rows.types, at::kLong).view({2, 9});
            const at::Tensor both = decoder.logits(ids_BT, mask_BT, {}, types_BT);
            const at::Tensor alone = decoder.logits(ids_BT.narrow(0, 1, 1).narrow(1, 0, 5), {}, {},
                                                    types_BT.narrow(0, 1, 1).narrow(1, 0, 5));
            const at::Tensor padded = both.dim() == 3 ? both[1].narrow(0, 0, 5) : both[1];
            QVERIFY(maxDifference(padded, alone[0]) < 1e-5); // logits() gives float32
            at::Tensor changed = ids_BT.clone();
            changed[0][8] = 3;
            const at::Tensor other = decoder.logits(changed, mask_BT, {}, types_BT);
            const at::Tensor first = both.dim() == 3 ? both[0][0] : both[0];
            QVERIFY(maxDifference(first, other.dim() == 3 ? other[0][0] : other[0]) > 1e-4);
        }
    }

    void itWrites_noText()
    {
        const FamilyModel model = modelOf(0, "}");
        const Decoder decoder = decoderOf(model);
        KvCache cache;
        const auto error = pissarro::test::errorOf([&] { decoder.feed({someIds(3, 1)}, cache); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        QVERIFY(std::string(error->what()).find("encoder") != std::string::npos);
    }

    void aTextLongerThanItsPositions_isRefused()
    {
        const FamilyModel model = modelOf(1, "}"); // of 32 rows the first two are not for texts
        const Decoder decoder = decoderOf(model);
        const Ids ids = someIds(31, 1);
        const std::vector<std::int64_t> wide(ids.begin(), ids.end());
        const at::Tensor ids_BT = at::tensor(wide, at::kLong).unsqueeze(0);
        QVERIFY(!pissarro::test::errorOf([&] { decoder.logits(ids_BT.narrow(1, 0, 30), {}); }));
        const auto error = pissarro::test::errorOf([&] { decoder.logits(ids_BT, {}); });
        QVERIFY(error && error->kind() == ErrorKind::Format);
    }

    void memory_isWhatIsSaved()
    {
        const FamilyModel model = modelOf(0, "}");
        const LayerPlan plan = layerPlan(model.config(), 0);
        const JobContext job;
        const WeightPlan weights = thisBackend().plan();
        const WeightLoader loader(
            model.files(), at::TensorOptions().dtype(at::kDouble).device(thisBackend().device), job,
            weights);
        const DecoderLayer layer(plan, loader, nullptr);
        RotaryBlock rotary(model.config(), thisBackend().device);
        const std::vector<Segment> segments {{0, 9}, {9, 4}};
        const at::Tensor positions =
            at::cat({at::arange(9, at::kLong), at::arange(4, at::kLong)}).to(thisBackend().device);
        const Pass pass {positions, segments, rotary.upTo(9)};
        DecoderLayer::Saved saved;
        layer.forward(normal({13, model.config().width}), pass, nullptr, &saved);
        std::int64_t held = 0;
        for (const at::Tensor& t :
             {saved.x_ND, saved.attended_ND, saved.fed_ND, saved.attention.qkv_NC,
              saved.attention.attended.y_NC, saved.feed.gateUp_N2F}) {
            held += t.numel();
        }
        QVERIFY(!saved.middle_ND.defined());
        QCOMPARE(held, DecoderLayer::memory(plan).saved * 13);
    }
};

QTEST_GUILESS_MAIN(EncodersTest)
#include "tst_encoders.moc"
