// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/weight_names.h"

#include <QTest>

#include <algorithm>

using namespace pissarro;
using Names = std::vector<std::string>;

namespace {

core::TensorView one(const std::string& name, std::size_t dimensions = 1)
{
    return {name, core::DType::F32, std::vector<std::int64_t>(dimensions, 1), nullptr, 4};
}

// The names as they are mended, in order, and what is said of it.
std::pair<Names, Names> mended(const Names& names)
{
    std::vector<core::TensorView> weights;
    for (const std::string& name : names) {
        weights.push_back(one(name));
    }
    Names notes = core::mendNames(weights, core::ModelConfig {});
    Names out;
    for (const core::TensorView& weight : weights) {
        out.push_back(weight.name);
    }
    return {out, notes};
}

const Names kRight {"model.embed_tokens.weight", "model.layers.0.mlp.up_proj.weight",
                    "model.norm.weight", "lm_head.weight"};

} // namespace

class WeightNamesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keeps_rightNames()
    {
        QVERIFY((mended(kRight) == std::pair {kRight, Names {}}));
        Names more = kRight;
        const std::string head = "v_head.summary.weight";
        more.push_back(head);
        QVERIFY(mended(more).first == more);
    }

    void mends_wholeModels()
    {
        Names compiled = kRight;
        for (std::string& name : compiled) {
            name = "_orig_mod." + name;
        }
        QVERIFY(mended(compiled).first == kRight);
        QVERIFY(mended({"embed_tokens.weight", "layers.0.mlp.up_proj.weight", "norm.weight",
                        "lm_head.weight"})
                    .first
                == kRight);
        const Names buffers {"embed_tokens.weight", "layers.0.self_attn.rotary_emb.inv_freq"};
        QVERIFY((mended(buffers).first
                 == Names {"model.embed_tokens.weight",
                           "model.layers.0.self_attn.rotary_emb.inv_freq"}));
    }

    void takes_theTextModel_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("head");
        QTest::newRow("published") << "language_model.model."
                                   << "language_model.lm_head.";
        QTest::newRow("transformers 5") << "model.language_model."
                                        << "lm_head.";
        QTest::newRow("both") << "model.language_model.model."
                              << "model.language_model.lm_head.";
        QTest::newRow("idefics") << "model.text_model."
                                 << "lm_head.";
        QTest::newRow("bare") << "language_model."
                              << "lm_head.";
    }

    void takes_theTextModel()
    {
        QFETCH(QString, text);
        QFETCH(QString, head);
        const std::string prefix = text.toStdString();
        const Names names {prefix + "embed_tokens.weight",
                           "model.vision_tower.layers.0.weight",
                           prefix + "layers.0.mlp.up_proj.weight",
                           "multi_modal_projector.weight",
                           prefix + "norm.weight",
                           head.toStdString() + "weight"};
        const auto [got, notes] = mended(names);
        QVERIFY(got == kRight);
        QCOMPARE(notes.size(), 1U);
        QCOMPARE(notes.front(),
                 std::string("only the text model of the folder is used; not "
                             "'model.vision_tower.layers.0.weight' and 1 more"));
    }

    void knows_whatIsNotRead()
    {
        QVERIFY(core::isBuffer(one("model.layers.3.self_attn.rotary_emb.inv_freq")));
        QVERIFY(core::isBuffer(one("h.0.attn.bias"))
                && core::isBuffer(one("m.k_proj.input_scale")));
        QVERIFY(core::isBuffer(one("h.0.attn.inner.bias", 4))); // a causal mask
        QVERIFY(!core::isBuffer(one("model.layers.0.self_attn.q_proj.bias")));
        const core::ModuleNames names;
        QVERIFY(core::isBesideDecoder("v_head.summary.bias", names));
        for (const std::string& name : kRight) {
            QVERIFY2(!core::isBesideDecoder(name, names) && !core::isBuffer(one(name)),
                     name.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(WeightNamesTest)
#include "tst_weight_names.moc"
