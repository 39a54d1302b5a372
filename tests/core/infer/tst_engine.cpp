// SPDX-License-Identifier: GPL-3.0-or-later
// Prompts that go on together: each says what it says alone, whoever comes and goes beside it, and whichever adapter is its own.
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/infer/engine.h"
#include "core/infer/generate.h"
#include "core/init/init_quantized.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <ATen/ATen.h>

#include <QTest>

#include <set>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

using Ids = std::vector<std::int32_t>;

Sampling greedy()
{
    Sampling how;
    how.greedy = true;
    return how;
}

Ids promptOf(std::size_t length, std::size_t which)
{
    Ids ids;
    for (std::size_t i = 0; i < length; ++i) {
        ids.push_back(static_cast<std::int32_t>((7 * i + 13 * which) % 60));
    }
    return ids;
}

std::vector<Request> someRequests(const Sampling& how)
{
    std::vector<Request> requests;
    for (std::size_t i = 0; i < 11; ++i) {
        Request request;
        request.prompt = promptOf(3 + (5 * i) % 17, i);
        request.sampling = how;
        request.sampling.seed = 100 + i;
        request.maxNewTokens = 3 + static_cast<std::int64_t>((3 * i) % 10);
        requests.push_back(request);
    }
    return requests;
}

std::vector<Answer> answersOf(const session::Choir& choir, const std::vector<Request>& requests,
                              const EngineOptions& options)
{
    return answerAll(
        choir, requests, options, [](std::size_t, const Answer&) {}, JobContext());
}

} // namespace

class TestEngine : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::writeTinyModel(model());
        tests::writeTinyTokenizer(model());
        m_session =
            session::open(InferenceModel {model().string()}, session::Tokens::Needed, JobContext());
        m_choir = session::choirOf(m_session);
    }

    // In batches of every size, greedy and drawn: what each says alone.
    void theBatch_changesNothing_data()
    {
        QTest::addColumn<bool>("isGreedy");
        QTest::addColumn<int>("rows");
        for (const int rows : {1, 2, 3, 8, 32}) {
            for (const bool isGreedy : {true, false}) {
                QTest::addRow("%s %d", isGreedy ? "greedy" : "sampled", rows) << isGreedy << rows;
            }
        }
    }
    void theBatch_changesNothing()
    {
        QFETCH(bool, isGreedy);
        QFETCH(int, rows);
        Sampling drawn;
        drawn.temperature = 1.3;
        drawn.topP = 0.95;
        drawn.topK = 30;
        const auto requests = someRequests(isGreedy ? greedy() : drawn);
        const auto together = answersOf(m_choir, requests, {.rows = rows});
        for (std::size_t i = 0; i < requests.size(); ++i) {
            const Answer alone = answersOf(m_choir, {requests[i]}, {.rows = 1}).front();
            QVERIFY2(together[i].newIds == alone.newIds, std::to_string(i).c_str());
            QCOMPARE(together[i].text, alone.text);
            QVERIFY(together[i].ending == alone.ending && alone.ending != Ending::None);
        }
    }

    // Prompts read a few tokens at a time, and those that begin alike behind what they share.
    void whatIsShared_isReadOnce()
    {
        std::vector<Request> requests;
        const Ids beginning = promptOf(50, 3);
        for (std::size_t i = 0; i < 6; ++i) {
            Request request;
            request.prompt = beginning;
            const Ids rest = promptOf(1 + i, i);
            request.prompt.insert(request.prompt.end(), rest.begin(), rest.end());
            request.sampling = greedy();
            request.maxNewTokens = 8;
            requests.push_back(request);
        }
        for (const std::int64_t promptTokens : {1, 120, 4096}) {
            const auto together =
                answersOf(m_choir, requests, {.rows = 4, .promptTokens = promptTokens});
            for (std::size_t i = 0; i < requests.size(); ++i) {
                const Answer alone = answersOf(m_choir, {requests[i]}, {.rows = 1}).front();
                QVERIFY(together[i].newIds == alone.newIds);
            }
        }
    }

    // Base and adapters side by side: each says what it says on a decoder of its own.
    void voices_areTheirOwn()
    {
        const fs::path first = writeAdapter("first", 4, 0.7);
        const fs::path second = writeAdapter("second", 3, 0.9);
        const std::vector<InferenceModel> models {
            {model().string()}, {model().string(), first}, {model().string(), second}};
        QCOMPARE(session::choirsOf(models).size(), 1U);
        const session::Choir choir =
            session::openTogether(models, session::Tokens::Needed, JobContext());
        QCOMPARE(choir.voices.size(), models.size());
        std::vector<Request> requests;
        for (std::size_t voice = 0; voice < models.size(); ++voice) {
            for (Request request : someRequests(greedy())) {
                request.voice = voice;
                requests.push_back(request);
            }
        }
        const auto together = answersOf(choir, requests, {.rows = 7});
        std::set<std::string> texts;
        for (std::size_t voice = 0; voice < models.size(); ++voice) {
            const auto alone = answersOf(session::choirOf(session::open(
                                             models[voice], session::Tokens::Needed, JobContext())),
                                         someRequests(greedy()), {.rows = 1});
            std::string all;
            for (std::size_t i = 0; i < alone.size(); ++i) {
                QVERIFY(together[voice * alone.size() + i].newIds == alone[i].newIds);
                all += alone[i].text + "|";
            }
            texts.insert(all);
        }
        QCOMPARE(texts.size(), models.size()); // or the adapters say nothing of their own
    }

    // What a voice's logits are, to the rounding of another product: of the base and of the adapter alone.
    void voices_haveTheirOwnLogits()
    {
        const fs::path adapter = writeAdapter("logits", 4, 0.7);
        const std::vector<InferenceModel> models {{model().string()}, {model().string(), adapter}};
        const session::Choir choir =
            session::openTogether(models, session::Tokens::Needed, JobContext());
        const Ids ids = promptOf(9, 1);
        KvCache cache;
        cache.voices = {1, 0, 1};
        const at::Tensor logits_BV = choir.decoder->feed({ids, ids, ids}, cache);
        const at::Tensor next_BV = choir.decoder->feed({{5}, {5}, {5}}, cache);
        for (std::size_t voice = 0; voice < 2; ++voice) {
            const session::Session own =
                session::open(models[voice], session::Tokens::NotNeeded, JobContext());
            KvCache alone;
            const at::Tensor first_BV = own.decoder->feed({ids}, alone);
            const at::Tensor second_BV = own.decoder->feed({{5}}, alone);
            for (const std::int64_t row : {0, 1, 2}) {
                const bool isIts =
                    cache.voices[static_cast<std::size_t>(row)] == static_cast<std::int64_t>(voice);
                const double first = (logits_BV[row] - first_BV[0]).abs().max().item<double>();
                const double second = (next_BV[row] - second_BV[0]).abs().max().item<double>();
                QCOMPARE(first < 1e-5, isIts);
                QCOMPARE(second < 1e-5, isIts);
            }
        }
    }

    // A base in four bits, whose weights are made anew for each product: once for the rows of all voices.
    void fourBits_areASharedBaseToo()
    {
        QuantInitOptions options;
        options.adapters.method = methodNamed("qpissa");
        options.adapters.rank = 4;
        options.adapters.alpha = 4;
        options.iters = 1;
        const InitReport report =
            initQuantized(*m_session.files, options, m_scratch / "four", JobContext());
        const std::string base = report.baseDirectory.string();
        const std::vector<InferenceModel> models {{base}, {base, report.adapterDirectory}};
        const session::Choir choir =
            session::openTogether(models, session::Tokens::Needed, JobContext());
        std::vector<Request> requests;
        for (std::size_t voice = 0; voice < models.size(); ++voice) {
            for (Request request : someRequests(greedy())) {
                request.voice = voice;
                requests.push_back(request);
            }
        }
        const auto together = answersOf(choir, requests, {.rows = 8});
        for (std::size_t voice = 0; voice < models.size(); ++voice) {
            const auto alone = answersOf(session::choirOf(session::open(
                                             models[voice], session::Tokens::Needed, JobContext())),
                                         someRequests(greedy()), {.rows = 1});
            for (std::size_t i = 0; i < alone.size(); ++i) {
                QVERIFY(together[voice * alone.size() + i].newIds == alone[i].newIds);
            }
        }
    }

    // Prompts that come while others go on, and one that is given up.
    void prompts_comeAndGo()
    {
        const JobContext job;
        Engine engine(m_choir, {.rows = 3}, job);
        const auto requests = someRequests(greedy());
        std::vector<std::size_t> tickets;
        std::size_t dropped = 0;
        for (std::size_t step = 0; step < requests.size() || !engine.isIdle(); ++step) {
            if (step < requests.size()) {
                tickets.push_back(engine.add(requests[step]));
                QCOMPARE(tickets.back(), step);
            }
            engine.step();
            if (step == 2) {
                dropped = 1;
                engine.drop(tickets[dropped]);
            }
            QVERIFY(step < 500);
        }
        for (std::size_t i = 0; i < requests.size(); ++i) {
            if (i != dropped) {
                const Answer alone = answersOf(m_choir, {requests[i]}, {.rows = 1}).front();
                QVERIFY(engine.take(i).newIds == alone.newIds);
            }
        }
    }

    void stops_endAnAnswer()
    {
        Request request;
        request.prompt = promptOf(6, 2);
        request.sampling = greedy();
        request.maxNewTokens = 12;
        const Answer whole = answersOf(m_choir, {request}, {}).front();
        QVERIFY(whole.newIds.size() >= 4);
        const std::string text = whole.text.substr(0, 3);
        request.stops = {"neither", text.substr(1, 2)};
        const std::size_t place = whole.text.find(request.stops[1]);
        const Answer stopped = answersOf(m_choir, {request}, {}).front();
        QVERIFY(stopped.ending == Ending::StopText);
        QCOMPARE(stopped.text, whole.text.substr(0, place));
        QVERIFY(stopped.newIds.size() < whole.newIds.size());
        request.stops.clear();
        request.stopIds = {whole.newIds[1]};
        const Answer ended = answersOf(m_choir, {request}, {}).front();
        QVERIFY(ended.ending == Ending::EndToken);
        QVERIFY(ended.newIds.size() <= 2U);
        request.stopIds.clear();
        request.maxNewTokens = 2;
        QVERIFY(answersOf(m_choir, {request}, {}).front().ending == Ending::Length);
    }

    // Each token with its own probability: those of the plain logits, whatever the sampling.
    void readings_standBesideTokens()
    {
        Request request;
        request.prompt = promptOf(6, 2);
        request.sampling.temperature = 3.0;
        request.sampling.seed = 4;
        request.maxNewTokens = 5;
        request.alternatives = 2;
        const Answer answer = answersOf(m_choir, {request}, {}).front();
        QCOMPARE(answer.readings.size(), answer.newIds.size());
        std::vector<std::int64_t> ids(request.prompt.begin(), request.prompt.end());
        for (std::size_t i = 0; i < answer.newIds.size(); ++i) {
            const at::Tensor row_T = at::tensor(ids, at::kLong).unsqueeze(0);
            const at::Tensor log_V =
                at::log_softmax(m_choir.decoder->logits(row_T, {})[0][-1].to(at::kDouble), 0);
            const TokenReading& reading = answer.readings[i];
            QCOMPARE(reading.token.id, answer.newIds[i]);
            QVERIFY(std::abs(reading.token.logProbability - log_V[answer.newIds[i]].item<double>())
                    < 1e-5);
            QCOMPARE(reading.likeliest.size(), 2U);
            QVERIFY(std::abs(reading.likeliest[0].logProbability - log_V.max().item<double>())
                    < 1e-5);
            ids.push_back(answer.newIds[i]);
        }
    }

    void refuses_whatCannotBeAsked()
    {
        const JobContext job;
        Engine engine(m_choir, {}, job);
        const auto refused = [&](const Request& request) {
            const auto error = test::errorOf([&] { engine.add(request); });
            return error && error->kind() == ErrorKind::InvalidArgument;
        };
        Request good;
        good.prompt = {1, 2};
        Request bad = good;
        bad.prompt.clear();
        QVERIFY(refused(bad));
        bad = good;
        bad.voice = 1;
        QVERIFY(refused(bad));
        bad = good;
        bad.maxNewTokens = 0;
        QVERIFY(refused(bad));
        bad = good;
        bad.sampling.minP = 1.5;
        QVERIFY(refused(bad));
        QVERIFY(engine.isIdle());
        QVERIFY(test::errorOf([&] { const Engine none(m_choir, {.rows = 0}, job); }).has_value());
    }

    void endsWithinAToken()
    {
        std::stop_source stop;
        const JobContext job(stop.get_token());
        Engine engine(m_choir, {}, job);
        Request request;
        request.prompt = {1, 2, 3};
        request.sampling = greedy();
        engine.add(request);
        engine.step();
        stop.request_stop();
        QVERIFY_EXCEPTION_THROWN(engine.step(), Cancelled);
    }

private:
    fs::path model() const { return m_scratch / "model"; }

    // A LoRA on every module whose term is about as large as the weights.
    fs::path writeAdapter(const std::string& name, std::int64_t rank, double scale) const
    {
        at::manual_seed(static_cast<std::uint64_t>(rank));
        AdapterSet adapters;
        for (const LinearModule& module : m_session.files->linearModules()) {
            Adapter adapter = loraFactors(module, rank, scale, 3);
            adapter.b_OR = at::randn({adapter.b_OR.size(0), rank}) * 0.3;
            adapters.push_back(adapter);
        }
        const fs::path folder = m_scratch / name;
        PeftDescription description {"", rank, scale * static_cast<double>(rank)};
        description.files = m_session.files.get();
        writePeftAdapter(folder, adapters, description);
        return folder;
    }

    test::Scratch m_scratch;
    session::Session m_session;
    session::Choir m_choir;
};

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
