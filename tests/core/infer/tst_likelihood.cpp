// SPDX-License-Identifier: GPL-3.0-or-later
// How likely what follows is: against the log-softmax of the decoder's own logits, and against the windows of
// golden/eval/perplexity.json (scripts/make_eval_perplexity.py of shared/golden, float64): 1e-5 of a mean in float32.
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/infer/engine.h"
#include "core/infer/likelihood.h"
#include "core/tasks/perplexity.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden_folder.h"

#include <ATen/ATen.h>

#include <QTest>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;

namespace {

using Ids = std::vector<std::int32_t>;

Ids someIds(std::size_t count, std::size_t which)
{
    Ids ids;
    for (std::size_t i = 0; i < count; ++i) {
        ids.push_back(static_cast<std::int32_t>((11 * i + 5 * which) % 60));
    }
    return ids;
}

std::vector<std::vector<double>> found(const session::Choir& choir,
                                       const std::vector<Continuation>& asked, std::int64_t tokens)
{
    std::vector<std::size_t> done;
    auto all = logLikelihoods(
        choir, asked, tokens,
        [&](std::size_t index, const std::vector<double>&) { done.push_back(index); },
        JobContext());
    std::vector<std::size_t> order(asked.size());
    std::iota(order.begin(), order.end(), 0);
    return done == order ? all : std::vector<std::vector<double>>();
}

} // namespace

class TestLikelihood : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::writeTinyModel(m_scratch / "model");
        tests::writeTinyTokenizer(m_scratch / "model");
        m_choir = session::choirOf(session::open(InferenceModel {(m_scratch / "model").string()},
                                                 session::Tokens::Needed, JobContext()));
    }

    // Contexts of their own, one that several have, and nothing asked: in passes of every size.
    void likelihoods_areTheLogits()
    {
        std::vector<Continuation> asked;
        for (std::size_t i = 0; i < 5; ++i) {
            asked.push_back({someIds(2 + 3 * i, i), someIds(1 + i % 3, 20 + i)});
        }
        for (std::size_t i = 0; i < 4; ++i) { // long enough to be read apart
            asked.push_back({someIds(45, 7), someIds(i, 30 + i)});
        }
        for (const std::int64_t tokens : {1, 30, 4096}) {
            const auto all = found(m_choir, asked, tokens);
            QCOMPARE(all.size(), asked.size());
            for (std::size_t i = 0; i < asked.size(); ++i) {
                QCOMPARE(all[i].size(), asked[i].ids.size());
                std::vector<std::int64_t> ids(asked[i].context.begin(), asked[i].context.end());
                ids.insert(ids.end(), asked[i].ids.begin(), asked[i].ids.end());
                const at::Tensor log_TV = at::log_softmax(
                    m_choir.decoder->logits(at::tensor(ids, at::kLong).unsqueeze(0), {})[0].to(
                        at::kDouble),
                    1);
                for (std::size_t t = 0; t < all[i].size(); ++t) {
                    const auto at = static_cast<std::int64_t>(asked[i].context.size() + t);
                    const double wanted =
                        log_TV[at - 1][ids[static_cast<std::size_t>(at)]].item<double>();
                    QVERIFY(std::abs(all[i][t] - wanted) < 1e-5);
                }
            }
        }
    }

    void windows_areThePeers()
    {
        const auto path = tests::golden() / "eval" / "perplexity.json";
        if (!std::filesystem::exists(path)) {
            QSKIP("needs shared/golden/eval/perplexity.json");
        }
        const json file = json::parse(test::readBytes(path));
        for (const json& model : file.at("real")) {
            const auto folder = tests::golden() / model.at("model").get<std::string>();
            const session::Choir choir = session::choirOf(session::open(
                InferenceModel {folder.string()}, session::Tokens::NotNeeded, JobContext()));
            const auto ids = model.at("ids").get<Ids>();
            for (const json& run : model.at("cases")) {
                WindowPlan plan;
                plan.rule =
                    parseIn(EnumNames<WindowRule>::all, "rule", run.at("rule").get<std::string>());
                plan.length = run.at("max_length").get<std::int64_t>();
                plan.stride = run.at("stride").is_null() ? 1 : run.at("stride").get<std::int64_t>();
                std::vector<Continuation> asked;
                for (const TextWindow& window :
                     windowsOf(static_cast<std::int64_t>(ids.size()), plan)) {
                    if (window.first >= window.end) {
                        continue;
                    }
                    Continuation one;
                    one.context.assign(ids.begin() + std::max<std::int64_t>(window.begin, 0),
                                       ids.begin() + window.first);
                    if (window.begin < 0) {
                        one.context.insert(one.context.begin(),
                                           model.at("bos").get<std::int32_t>());
                    }
                    one.ids.assign(ids.begin() + window.first, ids.begin() + window.end);
                    asked.push_back(std::move(one));
                }
                double nll = 0.0;
                std::int64_t scored = 0;
                for (const auto& one : found(choir, asked, 4096)) {
                    nll -= std::accumulate(one.begin(), one.end(), 0.0);
                    scored += static_cast<std::int64_t>(one.size());
                }
                QCOMPARE(scored, run.at("scored").get<std::int64_t>());
                const double wanted = run.at("mean_nll").get<double>();
                QVERIFY2(std::abs(nll / static_cast<double>(scored) - wanted) < 1e-5 * wanted,
                         run.dump().substr(0, 200).c_str());
            }
        }
    }

    // A space at the end of the context belongs to what follows; nothing before it is a token of its own.
    void texts_areSplitAsTheHarnessDoes()
    {
        const Tokenizer& tokenizer = *m_choir.voices.front().tokenizer;
        const auto [context, ids] = splitIds(tokenizer, "abc", "de", /*addSpecial=*/false);
        QVERIFY(context == tokenizer.encode("abc", false));
        QVERIFY(ids == tokenizer.encode("de", false));
        const auto [head, rest] = splitIds(tokenizer, "ab ", "cd", /*addSpecial=*/false);
        QVERIFY(head == tokenizer.encode("ab", false)); // the space goes on
        QVERIFY(rest == tokenizer.encode(" cd", false));
        QVERIFY(tokenizer.bosId() >= 0 || tokenizer.eosId() >= 0); // config.json names it
        const auto [start, all] = splitIds(tokenizer, "", "de", false);
        QCOMPARE(start, Ids {tokenizer.bosId() >= 0 ? tokenizer.bosId() : tokenizer.eosId()});
        QVERIFY(all == ids);
    }

    void aLongText_isGivenUp()
    {
        const Tokenizer& tokenizer = *m_choir.voices.front().tokenizer;
        std::stop_source stop;
        stop.request_stop();
        const JobContext stopped(stop.get_token());
        QVERIFY_THROWS_EXCEPTION(Cancelled, splitIds(tokenizer, "abc", "de", false, stopped));
        QVERIFY_THROWS_EXCEPTION(Cancelled, splitIds(tokenizer, "", "de", false, stopped));
        QVERIFY_THROWS_EXCEPTION(Cancelled,
                                 promptIds(m_choir, 0, "abc", false, "the prompt", stopped));
    }

    void refuses_aContextThatIsNone()
    {
        for (const Continuation& bad : {Continuation {{}, {1}}, Continuation {{64}, {1}},
                                        Continuation {{1}, {-1}}, Continuation {{1}, {1}, 1}}) {
            const auto error = test::errorOf([&] {
                logLikelihoods(
                    m_choir, {bad}, 10, [](std::size_t, const std::vector<double>&) {},
                    JobContext());
            });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        }
    }

private:
    test::Scratch m_scratch;
    session::Choir m_choir;
};

QTEST_GUILESS_MAIN(TestLikelihood)
#include "tst_likelihood.moc"
