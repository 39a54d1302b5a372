// SPDX-License-Identifier: GPL-3.0-or-later
// Text and logits of a tiny model, each against the other: a greedy token is the largest of the logits that a file of ids
// gives, and these are the decoder's own. 1e-5 of logits of size 1 is what sums in another order leave in float32.
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/infer/generate.h"
#include "core/infer/inference.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

const std::function<void(std::string_view)> kNobody;

} // namespace

class TestInference : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(m_folder / "model");
        writeTinyTokenizer(m_folder / "model");
        m_model.model = (m_folder / "model").string();
        m_session = session::open(m_model, session::Tokens::Needed, JobContext());
    }

    void logits_areTheDecoders()
    {
        const at::Tensor ids = at::tensor({3, 1, 4, 1, 5, 9}, at::kLong).view({2, 3});
        test::writeBytes(m_folder / "ids.json", "[[3, 1, 4], [1, 5, 9]]");
        const at::Tensor written = logitsOf("ids.json");
        QVERIFY(maxDifference(written, m_session.decoder->logits(ids, {})) < 1e-5);
        // The same ids as tensors, of which a mask hides the first.
        SafetensorsWriter writer(
            m_folder / "ids.safetensors",
            {{"input_ids", DType::I64, {2, 3}}, {"attention_mask", DType::I64, {2, 3}}});
        const at::Tensor mask = at::tensor({0, 1, 1, 1, 1, 1}, at::kLong).view({2, 3});
        writer.append(ids.const_data_ptr(), ids.nbytes());
        writer.append(mask.const_data_ptr(), mask.nbytes());
        writer.commit();
        const at::Tensor masked = logitsOf("ids.safetensors");
        QVERIFY(maxDifference(masked, m_session.decoder->logits(ids, mask)) < 1e-5);
        QVERIFY(maxDifference(masked[1], written[1]) < 1e-5);
        QVERIFY(maxDifference(masked[0][2], written[0][2]) > 1e-4); // the hidden token is missed
    }

    void ids_areLookedAt_data()
    {
        QTest::addColumn<QString>("ids");
        QTest::addColumn<QString>("says");
        QTest::newRow("beyond the vocabulary") << "[[3, 64]]"
                                               << "0 to 63";
        QTest::newRow("below zero") << "[[-1]]"
                                    << "0 to 63";
        QTest::newRow("of different length") << "[[1], [1, 2]]"
                                             << "rows of different length";
        QTest::newRow("no number") << "[[\"a\"]]"
                                   << "no token id";
        QTest::newRow("nothing") << "[]"
                                 << "not a list of lists";
    }
    void ids_areLookedAt()
    {
        QFETCH(QString, ids);
        QFETCH(QString, says);
        test::writeBytes(m_folder / "bad.json", ids.toStdString());
        const auto error = test::errorOf([&] { logitsOf("bad.json"); });
        QCOMPARE(test::complaint(error, m_folder / "bad.json", says.toStdString()), QString());
        QVERIFY(!std::filesystem::exists(m_folder / "out.safetensors"));
    }

    // Token by token the largest logit behind what is there.
    void greedy_isTheLargestLogit()
    {
        GenerateOptions options;
        options.greedy = true;
        options.maxNewTokens = 5;
        std::string streamed;
        const GenerateResult result = generate(
            m_session, "abc", options, [&](std::string_view text) { streamed += text; },
            JobContext());
        const std::vector<std::int32_t> prompt {0, 1, 2};
        QVERIFY(result.promptIds == prompt);
        QCOMPARE(streamed, result.text);
        std::vector<std::int64_t> ids(prompt.begin(), prompt.end());
        for (const std::int32_t id : result.newIds) {
            const at::Tensor row =
                at::tensor(ids, at::kLong).view({1, static_cast<std::int64_t>(ids.size())});
            const at::Tensor last = m_session.decoder->logits(row, {})[0][row.size(1) - 1];
            const double largest = last.max().item<double>();
            // Two that are as large as float32 can tell apart may change places with the height of a product.
            QVERIFY(largest - last[id].item<double>() <= 1e-5 * std::abs(largest));
            ids.push_back(id);
        }
        QVERIFY(!result.newIds.empty() && result.newIds.size() <= 5);
    }

    void aSeed_drawsTheSame()
    {
        GenerateOptions options;
        options.maxNewTokens = 8;
        options.seed = 7;
        const auto drawn = [&] {
            return generate(m_session, "abc", options, kNobody, JobContext()).newIds;
        };
        const auto first = drawn();
        QVERIFY(drawn() == first);
        bool differs = false;
        for (std::uint64_t seed = 8; seed < 20; ++seed) {
            options.seed = seed;
            differs = differs || drawn() != first;
        }
        QVERIFY(differs);
    }

    // Whatever the batch: a prompt's text is its own.
    void manyPrompts_areAsEachAlone()
    {
        GenerateOptions options;
        options.greedy = true;
        options.maxNewTokens = 4;
        const std::vector<std::string> prompts {"a", "hello", "xyz"};
        std::vector<std::size_t> done;
        const auto all = generateAll(
            m_session, prompts, options, 2, [&](std::size_t count) { done.push_back(count); },
            JobContext());
        QCOMPARE(all.size(), 3U);
        QCOMPARE(done.back(), 3U);
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            const auto alone = generate(m_session, prompts[i], options, kNobody, JobContext());
            QVERIFY(all[i].newIds == alone.newIds);
            QVERIFY(all[i].promptIds == alone.promptIds);
        }
        const auto error = test::errorOf([&] {
            generateAll(
                m_session, {"a", ""}, options, 2, [](std::size_t) {}, JobContext());
        });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
    }

private:
    at::Tensor logitsOf(const char* ids) const
    {
        const auto out = m_folder / "out.safetensors";
        std::filesystem::remove(out);
        writeLogits(m_model, m_folder / ids, out, Overwrite::Never, JobContext());
        const at::Tensor logits = Golden(out)["logits"];
        std::filesystem::remove(out);
        return logits;
    }

    test::Scratch m_folder;
    InferenceModel m_model;
    session::Session m_session;
};

QTEST_GUILESS_MAIN(TestInference)
#include "tst_inference.moc"
