// SPDX-License-Identifier: GPL-3.0-or-later
// Models that are talked to side by side: what each says is what `generate` makes of it, a base is read once whatever comes
// and goes on it, and each token is told with what else it could have been.
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/infer/likelihood.h"
#include "core/infer/talk.h"
#include "core/init/init_quantized.h"
#include "core/session/session.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

using Ids = std::vector<std::int32_t>;

const std::function<void(std::string_view)> kNobody;

Sampling greedy()
{
    Sampling how;
    how.greedy = true;
    return how;
}

Sampling sampled()
{
    Sampling how;
    how.temperature = 1.3;
    how.topP = 0.95;
    how.minP = 0.01;
    how.repetitionPenalty = 1.1;
    how.seed = 5;
    return how;
}

TalkRequest question(std::size_t speaker, const Sampling& how, const std::string& text = "Where")
{
    TalkRequest request;
    request.speaker = speaker;
    request.messages = {{"user", text}};
    request.sampling = how;
    request.maxNewTokens = 14;
    return request;
}

// All that was told of one.
struct Heard {
    std::string text;
    std::vector<TalkToken> tokens;
    Ids promptIds;
    TalkEvent last;

    Ids ids() const
    {
        Ids all;
        for (const TalkToken& token : tokens) {
            all.push_back(token.choice.id);
        }
        return all;
    }
};

std::map<std::size_t, Heard> answersOf(const Talkers& talkers,
                                       const std::vector<TalkRequest>& requests,
                                       const JobContext& job = {})
{
    std::map<std::size_t, Heard> all;
    talkers.answer(
        requests,
        [&](TalkEvent event) {
            Heard& heard = all[event.speaker];
            for (const TalkToken& token : event.tokens) {
                heard.text += token.choice.text;
                heard.tokens.push_back(token);
            }
            if (!event.promptIds.empty()) {
                heard.promptIds = event.promptIds;
            }
            heard.last = std::move(event);
        },
        job);
    return all;
}

} // namespace

class TestTalk : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch = std::make_unique<test::Scratch>();
        tests::writeTinyModel(model());
        tests::writeTinyTokenizer(model());
        // No token ends an answer: how long it is depends on who asks.
        std::string config = test::readBytes(model() / "config.json");
        const std::string eos = "\"eos_token_id\": 2";
        QVERIFY(config.find(eos) != std::string::npos);
        config.replace(config.find(eos), eos.size(), "\"eos_token_id\": null");
        test::writeBytes(model() / "config.json", config);
        m_adapter = writeAdapter("first", 4);
    }

    void saysWhatGenerateSays_data()
    {
        QTest::addColumn<bool>("isGreedy");
        QTest::addColumn<bool>("chat");
        QTest::newRow("greedy") << true << false;
        QTest::newRow("sampled") << false << false;
        QTest::newRow("in the model's template") << false << true;
    }
    void saysWhatGenerateSays()
    {
        QFETCH(bool, isGreedy);
        QFETCH(bool, chat);
        const std::vector<InferenceModel> models {named(), named(m_adapter),
                                                  named(writeAdapter("second", 3))};
        Talkers talkers;
        for (const Speaker& speaker : talkers.open(models, JobContext())) {
            QCOMPARE(speaker.problem, std::string());
            QVERIFY(speaker.form == PromptTemplate::Chat); // the model has one
            QCOMPARE(speaker.context, std::int64_t(128));
        }
        std::vector<TalkRequest> requests;
        for (std::size_t i = 0; i < models.size(); ++i) {
            requests.push_back(question(i, isGreedy ? greedy() : sampled()));
            requests.back().form = chat ? PromptTemplate::Chat : PromptTemplate::Plain;
        }
        const auto heard = answersOf(talkers, requests);
        std::set<std::string> texts;
        for (std::size_t i = 0; i < models.size(); ++i) {
            GenerateOptions how;
            static_cast<Sampling&>(how) = requests[i].sampling;
            how.maxNewTokens = 14;
            how.chat = chat;
            const GenerateResult alone = generate(models[i], "Where", how, kNobody, JobContext());
            const Heard& one = heard.at(i);
            QCOMPARE(one.text, alone.text);
            QVERIFY(one.ids() == alone.newIds);
            QVERIFY(one.promptIds == alone.promptIds);
            QVERIFY(one.last.ending != Ending::None && one.last.failure.empty());
            QVERIFY(one.last.firstSeconds > 0.0);
            texts.insert(one.text);
        }
        QVERIFY(texts.size() > 1);
    }

    // Each token with the probability that the model gave it, and the likeliest beside it.
    void tokens_areTheModels()
    {
        Talkers talkers;
        talkers.open({named(), named(m_adapter)}, JobContext());
        const auto heard = answersOf(talkers, {question(0, greedy()), question(1, sampled())});
        for (const auto& [speaker, one] : heard) {
            Ids before = one.promptIds;
            double sum = 0.0;
            for (const TalkToken& token : one.tokens) {
                const double alone =
                    talkers.logProbabilityOf(speaker, before, token.choice.id, JobContext());
                QVERIFY(std::abs(token.choice.logProbability - alone) < 1e-4);
                QCOMPARE(token.likeliest.size(), 5U);
                QVERIFY(token.rank >= 1 && token.rank <= tests::kTinyVocabulary);
                QVERIFY(token.seconds > 0.0);
                if (token.rank <= 5) {
                    const auto& own = token.likeliest[static_cast<std::size_t>(token.rank) - 1];
                    QCOMPARE(own.id, token.choice.id);
                    QCOMPARE(own.logProbability, token.choice.logProbability);
                }
                if (speaker == 0) {
                    QCOMPARE(token.rank, std::int64_t(1)); // greedy
                }
                before.push_back(token.choice.id);
                sum += token.choice.logProbability;
            }
            const auto perplexity = perplexityOf(one.tokens);
            QVERIFY(perplexity);
            QCOMPARE(*perplexity, std::exp(-sum / static_cast<double>(one.tokens.size())));
        }
        QVERIFY(!perplexityOf(std::vector<TalkToken>()));
    }

    // From another token on: what stands before is read, and what comes is what would have come behind it.
    void goesOn_fromAToken()
    {
        Talkers talkers;
        talkers.open({named()}, JobContext());
        TalkRequest request = question(0, greedy());
        const Heard whole = answersOf(talkers, {request}).at(0);
        QVERIFY(whole.tokens.size() > 6);
        const Ids ids = whole.ids();
        request.begun.assign(ids.begin(), ids.begin() + 4);
        request.maxNewTokens = 10;
        const Heard rest = answersOf(talkers, {request}).at(0);
        QVERIFY(rest.ids() == Ids(ids.begin() + 4, ids.end()));
        std::string text;
        for (std::size_t i = 4; i < whole.tokens.size(); ++i) {
            text += whole.tokens[i].choice.text;
        }
        QCOMPARE(rest.text, text);

        const TalkToken::Choice& other = whole.tokens[3].likeliest[1];
        request.begun[3] = other.id;
        const Heard turned = answersOf(talkers, {request}).at(0);
        QCOMPARE(turned.promptIds.back(), other.id);
        const auto session = session::open(named(), session::Tokens::Needed, JobContext());
        QCOMPARE(other.text,
                 other.special ? session.tokenizer->piece(other.id)
                               : session.tokenizer->decode({other.id}));

        request.begun.back() = 63; // "</s>": nothing comes behind it
        const Heard ended = answersOf(talkers, {request}).at(0);
        QVERIFY(ended.tokens.empty() && ended.last.ending == Ending::EndToken);
    }

    // Files of the base are gone once it is open: an adapter is put on it, and taken off, all the same.
    void adapters_comeAndGo_onABaseThatIsReadOnce()
    {
        const fs::path second = writeAdapter("second", 3);
        Talkers fresh;
        fresh.open({named(second), named()}, JobContext());
        const auto expected = answersOf(fresh, {question(0, greedy()), question(1, greedy())});
        Talkers talkers;
        talkers.open({named()}, JobContext());
        fs::remove(model()
                   / "model.safetensors"); // a new file in its place: the old one stays mapped
        test::writeBytes(model() / "model.safetensors", "no weights any more");
        QCOMPARE(answersOf(talkers, {question(0, greedy())}).at(0).text, expected.at(1).text);
        for (const auto& models : {std::vector {named(), named(m_adapter)},
                                   std::vector {named(second), named(m_adapter), named()},
                                   std::vector {named(second), named()}}) {
            for (const Speaker& speaker : talkers.open(models, JobContext())) {
                QCOMPARE(speaker.problem, std::string());
            }
        }
        const auto heard = answersOf(talkers, {question(0, greedy()), question(1, greedy())});
        QCOMPARE(heard.at(0).text, expected.at(0).text);
        QCOMPARE(heard.at(1).text, expected.at(1).text);
        QVERIFY(heard.at(0).text != heard.at(1).text);
    }

    void anAdapterWrittenAnew_isReadAnew()
    {
        Talkers talkers;
        const std::vector models {named(), named(m_adapter)};
        talkers.open(models, JobContext());
        const auto before = answersOf(talkers, {question(1, greedy())});
        fs::remove_all(m_adapter);
        writeAdapter("first", 7);
        QCOMPARE(talkers.open(models, JobContext())[1].problem, std::string());
        QVERIFY(answersOf(talkers, {question(1, greedy())}).at(1).text != before.at(1).text);
    }

    // A four-bit base and another model are voices of their own, at the same time.
    void basesOfTheirOwn_answerBeside()
    {
        QuantInitOptions options;
        options.adapters.method = methodNamed("qpissa");
        options.adapters.rank = 4;
        options.adapters.alpha = 4;
        options.iters = 1;
        const InitReport made =
            initQuantized(*ModelFiles::open(model()), options, *m_scratch / "four", JobContext());
        const fs::path other = *m_scratch / "other";
        tests::writeTinyModel(other, nullptr, 1);
        tests::writeTinyTokenizer(other);
        const std::string four = made.baseDirectory.string();
        const std::vector<InferenceModel> models {
            named(), {four, made.adapterDirectory}, {other.string()}, named(m_adapter)};
        Talkers talkers;
        for (const Speaker& speaker : talkers.open(models, JobContext())) {
            QCOMPARE(speaker.problem, std::string());
        }
        std::vector<TalkRequest> requests;
        for (std::size_t i = 0; i < models.size(); ++i) {
            requests.push_back(question(i, greedy()));
        }
        const auto heard = answersOf(talkers, requests);
        for (std::size_t i = 0; i < models.size(); ++i) {
            GenerateOptions how;
            how.greedy = true;
            how.maxNewTokens = 14;
            how.chat = true;
            QCOMPARE(heard.at(i).text,
                     generate(models[i], "Where", how, kNobody, JobContext()).text);
        }
    }

    void turns_areAConversation()
    {
        Talkers talkers;
        talkers.open({named()}, JobContext());
        TalkRequest request = question(0, greedy());
        request.messages = {{"system", "Be"}, {"user", "a"}, {"assistant", "b"}, {"user", "c"}};
        const Heard heard = answersOf(talkers, {request}).at(0);
        const auto session = session::open(named(), session::Tokens::Needed, JobContext());
        QVERIFY(heard.promptIds
                == session.tokenizer->encode(session.tokenizer->applyChatTemplate(request.messages),
                                             false));
        QVERIFY(heard.promptIds
                == talkIds(session::choirOf(session), 0, request, PromptTemplate::Chat));
    }

    void whatIsWrongWithOne_isItsOwn()
    {
        const fs::path broken = *m_scratch / "broken";
        fs::create_directories(broken);
        test::writeBytes(broken / "adapter_config.json", "{}");
        Talkers talkers;
        const auto speakers = talkers.open(
            {named(), {(*m_scratch / "nowhere").string()}, named(broken), named(m_adapter)},
            JobContext());
        QVERIFY(speakers[0].problem.empty() && speakers[3].problem.empty());
        QVERIFY(speakers[1].problem.find("nowhere") != std::string::npos);
        QVERIFY(!speakers[2].problem.empty());
        std::vector<TalkRequest> requests;
        for (std::size_t i = 0; i < speakers.size(); ++i) {
            requests.push_back(question(i, greedy()));
        }
        const auto heard = answersOf(talkers, requests);
        QCOMPARE(heard.at(1).last.failure, speakers[1].problem);
        QCOMPARE(heard.at(2).last.failure, speakers[2].problem);
        QVERIFY(!heard.at(0).text.empty() && !heard.at(3).text.empty());
        QVERIFY(test::errorOf([&] { talkers.lossOf(1, "abc", JobContext()); }).has_value());
    }

    // The model reads 128 tokens.
    void theContext_hasAnEnd()
    {
        Talkers talkers;
        talkers.open({named()}, JobContext());
        TalkRequest request = question(0, greedy());
        request.maxNewTokens = 1000;
        const Heard heard = answersOf(talkers, {request}).at(0);
        QVERIFY(heard.last.ending == Ending::Length && heard.last.contextIsFull);
        QCOMPARE(heard.tokens.size() + heard.promptIds.size(), 128U);
        request.messages = {{"user", std::string(200, 'a')}};
        const Heard none = answersOf(talkers, {request}).at(0);
        QVERIFY(none.tokens.empty());
        QVERIFY(none.last.failure.find("128") != std::string::npos);
        request = question(0, greedy());
        request.maxNewTokens = 2;
        QVERIFY(!answersOf(talkers, {request}).at(0).last.contextIsFull); // as asked
    }

    // The loss of a text is the sum over its tokens, each by what stands before it.
    void lossOfAText_isTheSumOfItsTokens()
    {
        Talkers talkers;
        talkers.open({named(), named(m_adapter)}, JobContext());
        const std::string text = "WhereDidItGo";
        const auto session = session::open(named(), session::Tokens::Needed, JobContext());
        const Ids ids = session.tokenizer->encode(text);
        for (std::size_t speaker = 0; speaker < 2; ++speaker) {
            double sum = 0.0;
            for (std::size_t i = 1; i < ids.size(); ++i) {
                sum -= talkers.logProbabilityOf(
                    speaker, Ids(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i)), ids[i],
                    JobContext());
            }
            const TextLoss loss = talkers.lossOf(speaker, text, JobContext());
            QCOMPARE(loss.scored, static_cast<std::int64_t>(ids.size()) - 1);
            QVERIFY(std::abs(loss.nll - sum) < 1e-4 * sum);
            QCOMPARE(loss.bytes, static_cast<std::int64_t>(text.size()));
        }
        // A text longer than the context is read by windows: every token but the first counts once.
        const TextLoss whole = talkers.lossOf(0, std::string(500, 'b'), JobContext());
        QCOMPARE(whole.scored, std::int64_t(499));
    }

    void endsWithinAToken()
    {
        Talkers talkers;
        talkers.open({named()}, JobContext());
        std::stop_source stop;
        int events = 0;
        QVERIFY_EXCEPTION_THROWN(talkers.answer(
                                     {question(0, greedy())},
                                     [&](const TalkEvent& /*event*/) {
                                         ++events;
                                         stop.request_stop();
                                     },
                                     JobContext(stop.get_token())),
                                 Cancelled);
        QCOMPARE(events, 1);
        QVERIFY(!answersOf(talkers, {question(0, greedy())}).at(0).text.empty());
    }

private:
    fs::path model() const { return *m_scratch / "model"; }
    InferenceModel named(const fs::path& adapter = {}) const { return {model().string(), adapter}; }

    // A LoRA on every module whose term is about as large as the weights.
    fs::path writeAdapter(const std::string& name, std::int64_t rank) const
    {
        at::manual_seed(static_cast<std::uint64_t>(rank));
        const auto files = ModelFiles::open(model());
        AdapterSet adapters;
        for (const LinearModule& module : files->linearModules()) {
            Adapter adapter = loraFactors(module, rank, 0.7, 3);
            adapter.b_OR = at::randn({adapter.b_OR.size(0), rank}) * 0.3;
            adapters.push_back(adapter);
        }
        const fs::path folder = *m_scratch / name;
        PeftDescription description {"", rank, 0.7 * static_cast<double>(rank)};
        description.files = files.get();
        writePeftAdapter(folder, adapters, description);
        return folder;
    }

    std::unique_ptr<test::Scratch> m_scratch;
    fs::path m_adapter;
};

QTEST_GUILESS_MAIN(TestTalk)
#include "tst_talk.moc"
