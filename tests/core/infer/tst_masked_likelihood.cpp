// SPDX-License-Identifier: GPL-3.0-or-later
// What an encoder makes of a text: each token hidden behind the mask, all others seen.
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/infer/likelihood.h"
#include "core/infer/masked_likelihood_p.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/core/decoder/family_models.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>

using namespace pissarro::core;
using namespace pissarro::tests;
using nlohmann::json;

namespace {

json special(int id, const char* content)
{
    return {{"id", id}, {"content", content}, {"special", true}};
}

std::string tokenizerText(bool hasMask)
{
    json added = json::array({special(1, "[PAD]"), special(2, "[CLS]"), special(3, "[SEP]")});
    json vocabulary {{"[UNK]", 0}, {"[PAD]", 1}, {"[CLS]", 2}, {"[SEP]", 3}};
    if (hasMask) {
        added.push_back(special(4, "[MASK]"));
        vocabulary["[MASK]"] = 4;
    }
    for (int i = 5; i < 30; ++i) {
        vocabulary["w" + std::to_string(i)] = i;
    }
    return json {{"added_tokens", added},
                 {"normalizer", nullptr},
                 {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                 {"post_processor", nullptr},
                 {"decoder", nullptr},
                 {"model", {{"type", "WordLevel"}, {"unk_token", "[UNK]"}, {"vocab", vocabulary}}}}
        .dump();
}

std::shared_ptr<const Tokenizer> tokenizerIn(const pissarro::test::Scratch& folder, bool hasMask)
{
    pissarro::test::writeBytes(folder / "tokenizer.json", tokenizerText(hasMask));
    json config = json::object();
    if (hasMask) {
        config["mask_token"] = "[MASK]";
    }
    pissarro::test::writeBytes(folder / "tokenizer_config.json", config.dump());
    return openTokenizer(folder.path());
}

session::Choir choirOf(const FamilyModel& model, const std::shared_ptr<const Tokenizer>& tokenizer)
{
    session::Choir choir;
    choir.files = model.files();
    choir.decoder = std::make_shared<Decoder>(model.files(), at::kFloat, at::kCPU, JobContext());
    choir.voices = {session::Choir::Voice {{}, tokenizer}};
    choir.threads = 1;
    return choir;
}

} // namespace

class MaskedLikelihoodTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(9); }

    void eachToken_isFoundAmongTheOthers()
    {
        const pissarro::test::Scratch folder;
        const FamilyModel model("bert", R"({"max_position_embeddings": 32})");
        const session::Choir choir = choirOf(model, tokenizerIn(folder, true));
        const std::vector<std::int64_t> text {2, 7, 9, 8, 3};
        const Continuation asked {{2}, {7, 9, 8, 3}};
        // All at once, and one at a time.
        for (const std::int64_t tokensAtOnce : {4096, 1}) {
            int told = 0;
            const auto found = logLikelihoods(
                choir, {asked}, tokensAtOnce,
                [&](std::size_t index, const std::vector<double>& one) {
                    told += index == 0 && one.size() == 3 ? 1 : 0;
                },
                JobContext());
            QCOMPARE(told, 1);
            QCOMPARE(found.front().size(), std::size_t {3}); // the last is a special token
            for (std::size_t i = 0; i < 3; ++i) {
                std::vector<std::int64_t> hidden = text;
                hidden[i + 1] = 4;
                const at::Tensor logits =
                    choir.decoder->logits(at::tensor(hidden, at::kLong).unsqueeze(0), {});
                const double want =
                    at::log_softmax(logits[0][static_cast<std::int64_t>(i) + 1].to(at::kDouble),
                                    -1)[text[i + 1]]
                        .item<double>();
                QVERIFY(std::abs(found.front()[i] - want) < 1e-5);
            }
        }
    }

    void withoutAMaskOrAHead_itIsRefused()
    {
        const pissarro::test::Scratch folder;
        const auto refuses = [&](const char* settings, bool hasMask) {
            const FamilyModel model("bert", settings);
            const session::Choir choir = choirOf(model, tokenizerIn(folder, hasMask));
            const auto error = pissarro::test::errorOf([&] {
                maskedLikelihoods(choir, {{2}, {7}}, 64, JobContext());
            });
            return error && error->kind() == ErrorKind::InvalidArgument;
        };
        QVERIFY(refuses("{}", false));
        QVERIFY(refuses(R"({"architectures": ["BertModel"]})", true));
        QVERIFY(!refuses("{}", true));
    }
};

QTEST_GUILESS_MAIN(MaskedLikelihoodTest)
#include "tst_masked_likelihood.moc"
