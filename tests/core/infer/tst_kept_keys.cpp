// SPDX-License-Identifier: GPL-3.0-or-later
// Keys and values that are kept from question to question: the same ids with the same probabilities as of everything read
// again, and nothing read but what is new. 5e-5 of a log-probability in float32 is what products of another height leave.
#include "core/adapter/make_adapter_tensors.h"
#include "core/decoder/decoder_tensors.h"
#include "core/infer/kept_keys.h"
#include "core/infer/talk.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <QTest>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

using Ids = std::vector<std::int32_t>;

constexpr double kRounding = 5e-5;
constexpr std::int64_t kNewTokens = 24;

// The sign of each id is a character of its own, so that a text that was said is encoded as the ids that said it.
std::string signOf(std::int32_t id)
{
    const int code = 0x4E00 + id;
    return {static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3F)),
            static_cast<char>(0x80 | (code & 0x3F))};
}

std::string textOf(std::int32_t first, std::size_t count)
{
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += signOf((first + 7 * static_cast<std::int32_t>(i)) % 53 + 10);
    }
    return text;
}

// A golden model, of 512 tokens or 64, with a tokenizer of these signs and a chat template; no token ends an answer.
void writeModel(const fs::path& from, const fs::path& folder)
{
    fs::create_directories(folder);
    fs::copy_file(from / "model.safetensors", folder / "model.safetensors");
    auto config = nlohmann::json::parse(test::readBytes(from / "config.json"));
    config["eos_token_id"] = nullptr;
    test::writeBytes(folder / "config.json", config.dump());
    nlohmann::json pieces = nlohmann::json::object();
    const std::int32_t words = config.value("vocab_size", 512);
    for (std::int32_t id = 0; id < words; ++id) {
        pieces[signOf(id)] = id;
    }
    const nlohmann::json tokenizer {
        {"added_tokens", nlohmann::json::array()},
        {"normalizer", nullptr},
        {"pre_tokenizer", nullptr},
        {"post_processor", nullptr},
        {"decoder", {{"type", "Fuse"}}},
        {"model", {{"type", "BPE"}, {"vocab", pieces}, {"merges", nlohmann::json::array()}}}};
    test::writeBytes(folder / "tokenizer.json", tokenizer.dump());
    const std::string form =
        "{% for m in messages %}{% if m['role'] == 'assistant' %}{{ m['content'] }}" + signOf(5)
        + "{% else %}" + signOf(3) + "{{ m['content'] }}" + signOf(4) + "{% endif %}{% endfor %}";
    const nlohmann::json settings {{"chat_template", form}};
    test::writeBytes(folder / "tokenizer_config.json", settings.dump());
}

// All that was told of one.
struct Heard {
    std::string text;
    std::vector<TalkToken> tokens;
    Ids promptIds;
    std::size_t kept = 0;
    std::string failure;

    Ids ids() const
    {
        Ids all;
        for (const TalkToken& token : tokens) {
            all.push_back(token.choice.id);
        }
        return all;
    }
    // What was read of it: all but the last token.
    Ids read() const
    {
        Ids all = promptIds;
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
            all.push_back(tokens[i].choice.id);
        }
        return all;
    }
};

std::vector<Heard> heardOf(const Talkers& talkers, const std::vector<TalkRequest>& requests,
                           const JobContext& job = {})
{
    std::vector<Heard> all(requests.size());
    talkers.answer(
        requests,
        [&](const TalkEvent& event) {
            Heard& heard = all[event.speaker];
            for (const TalkToken& token : event.tokens) {
                heard.text += token.choice.text;
                heard.tokens.push_back(token);
                heard.kept = event.keptTokens;
            }
            if (!event.promptIds.empty()) {
                heard.promptIds = event.promptIds;
            }
            heard.failure = event.failure;
        },
        job);
    return all;
}

bool isSame(const Heard& a, const Heard& b)
{
    if (a.ids() != b.ids() || a.promptIds != b.promptIds || a.tokens.empty()) {
        return false;
    }
    for (std::size_t i = 0; i < a.tokens.size(); ++i) {
        if (std::abs(a.tokens[i].choice.logProbability - b.tokens[i].choice.logProbability)
            > kRounding) {
            return false;
        }
    }
    return true;
}

using Messages = std::vector<ChatMessage>;

std::vector<TalkRequest> askedOf(const std::vector<Messages>& talks)
{
    std::vector<TalkRequest> requests(talks.size());
    for (std::size_t i = 0; i < talks.size(); ++i) {
        requests[i].speaker = i;
        requests[i].messages = talks[i];
        requests[i].sampling.greedy = true;
        requests[i].maxNewTokens = kNewTokens;
    }
    return requests;
}

// A turn of each, with what each said itself before.
void askNext(std::vector<Messages>& talks, const std::vector<Heard>& said, const std::string& next)
{
    for (std::size_t i = 0; i < talks.size(); ++i) {
        if (!said.empty()) {
            talks[i].push_back({"assistant", said[i].text});
        }
        talks[i].push_back({"user", next});
    }
}

} // namespace

class TestKeptKeys : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_scratch = std::make_unique<test::Scratch>(); }

    // Three turns of a base and of an adapter on it, then the second in other words, then that once more: the same as where
    // nothing is kept. What is not read again is all that is in common.
    void turns_areReadOnce_data()
    {
        QTest::addColumn<QString>("model");
        for (const char* const model : {"llama", "llama-bias-tied", "llama3-rope-scaled", "gemma",
                                        "mistral-gqa", "mistral-swa16", "qwen2", "qwen3"}) {
            QTest::newRow(model) << model;
        }
    }
    void turns_areReadOnce()
    {
        QFETCH(QString, model);
        const fs::path from = tests::golden() / "tiny" / model.toStdString();
        PISSARRO_NEEDS(from);
        writeModel(from, folder());
        const std::vector<InferenceModel> models {{folder().string()},
                                                  {folder().string(), writeAdapter("one")}};
        Talkers keeping;
        Talkers reading(0);
        for (Talkers* const talkers : {&keeping, &reading}) {
            for (const Speaker& speaker : talkers->open(models, JobContext())) {
                QCOMPARE(speaker.problem, std::string());
            }
        }
        std::vector<Ids> before(models.size()); // that are kept
        const auto ask = [&](const std::vector<Messages>& talks, std::vector<Heard>& said) {
            said = heardOf(keeping, askedOf(talks));
            const auto again = heardOf(reading, askedOf(talks));
            for (std::size_t i = 0; i < talks.size(); ++i) {
                QCOMPARE(said[i].failure, std::string());
                QVERIFY(isSame(said[i], again[i]));
                QCOMPARE(said[i].tokens.size(), static_cast<std::size_t>(kNewTokens));
                QCOMPARE(again[i].kept, std::size_t {0});
                QCOMPARE(said[i].kept,
                         std::min(commonIds(before[i], said[i].promptIds),
                                  said[i].promptIds.size() - 1));
                before[i] = said[i].read();
            }
        };
        std::vector<Messages> talks(models.size());
        std::vector<Heard> first;
        askNext(talks, {}, textOf(1, 50));
        ask(talks, first);
        const std::vector<Messages> oneTurn = talks;
        std::vector<Heard> said;
        askNext(talks, first, textOf(2, 20));
        ask(talks, said);
        for (std::size_t i = 0; i < talks.size(); ++i) { // the answer of the first turn, too
            QCOMPARE(said[i].kept, first[i].read().size());
        }
        askNext(talks, said, textOf(3, 30));
        ask(talks, said);
        talks = oneTurn;
        askNext(talks, first, textOf(2, 5) + textOf(9, 17)); // the second turn in other words
        ask(talks, said);
        for (const Heard& one : said) {
            QVERIFY(one.kept > first.front().read().size() + 5);
        }
        ask(talks, said); // once more
        for (const Heard& one : said) {
            QCOMPARE(one.kept, one.promptIds.size() - 1);
        }
        QCOMPARE(reading.keptBytes(), std::int64_t {0});
    }

    // From another token of an answer on: what stands before it is not read again.
    void anotherToken_goesOnBehindWhatWasSaid()
    {
        openTiny();
        std::vector<Messages> talks {{{"user", textOf(1, 60)}}};
        const Heard whole = heardOf(m_keeping, askedOf(talks)).front();
        auto asked = askedOf(talks);
        const Ids ids = whole.ids();
        asked.front().begun.assign(ids.begin(), ids.begin() + 6);
        asked.front().begun.back() = whole.tokens[5].likeliest[1].id;
        asked.front().maxNewTokens = 9;
        const Heard turned = heardOf(m_keeping, asked).front();
        QCOMPARE(turned.kept, whole.promptIds.size() + 5);
        QVERIFY(isSame(turned, heardOf(m_reading, asked).front()));
    }

    // A system prompt or a form that is another one leaves what is in common: nothing, here.
    void anotherBeginning_readsAll()
    {
        openTiny();
        auto asked = askedOf({{{"user", textOf(1, 60)}}});
        heardOf(m_keeping, asked);
        asked.front().messages.insert(asked.front().messages.begin(), {"system", textOf(5, 9)});
        const Heard withSystem = heardOf(m_keeping, asked).front();
        QCOMPARE(withSystem.kept, std::size_t {0});
        QVERIFY(isSame(withSystem, heardOf(m_reading, asked).front()));
        asked.front().form = PromptTemplate::Plain;
        asked.front().messages = {{"user", textOf(6, 60)}};
        const Heard plain = heardOf(m_keeping, asked).front();
        QCOMPARE(plain.kept, std::size_t {0});
        QVERIFY(isSame(plain, heardOf(m_reading, asked).front()));
    }

    void itGoes_withTheModels_andTheConversation()
    {
        openTiny();
        const auto asked = askedOf({{{"user", textOf(1, 60)}}});
        const auto keptNow = [&] { return heardOf(m_keeping, asked).front().kept; };
        QCOMPARE(keptNow(), std::size_t {0});
        QCOMPARE(keptNow(), std::size_t {61});
        QVERIFY(m_keeping.keptBytes() > 0);
        m_keeping.forget();
        QCOMPARE(m_keeping.keptBytes(), std::int64_t {0});
        QCOMPARE(keptNow(), std::size_t {0});
        m_keeping.open({{folder().string()}}, JobContext()); // the very same
        QCOMPARE(keptNow(), std::size_t {61});
        const std::vector<InferenceModel> both {{folder().string()},
                                                {folder().string(), writeAdapter("one")}};
        m_keeping.open(both, JobContext()); // other voices
        QCOMPARE(m_keeping.keptBytes(), std::int64_t {0});
        QCOMPARE(keptNow(), std::size_t {0});
        QCOMPARE(keptNow(), std::size_t {61});
        m_keeping.open({{folder().string(), writeAdapter("two")}}, JobContext());
        QCOMPARE(m_keeping.keptBytes(), std::int64_t {0});
    }

    // A token that was being computed is lost, those before it are not.
    void anAnswerThatIsStopped_isKept()
    {
        openTiny();
        std::stop_source stop;
        std::size_t tokens = 0;
        const auto asked = askedOf({{{"user", textOf(1, 60)}}});
        QVERIFY_EXCEPTION_THROWN(m_keeping.answer(
                                     asked,
                                     [&](const TalkEvent& event) {
                                         tokens += event.tokens.size();
                                         if (tokens == 5) {
                                             stop.request_stop();
                                         }
                                     },
                                     JobContext(stop.get_token())),
                                 Cancelled);
        const Heard again = heardOf(m_keeping, asked).front();
        QCOMPARE(again.kept, again.promptIds.size() - 1);
        QVERIFY(isSame(again, heardOf(m_reading, asked).front()));
    }

    // Of a sequence that has no room the beginning stays; the bytes are what the tensors hold.
    void theLimit_holds()
    {
        writeTiny();
        const session::Choir choir = openedChoir();
        const std::int64_t token = KeptKeys(choir, {}).bytesOfToken();
        QCOMPARE(token, 2 * tests::kTinyLayers * tests::kTinyKvWidth * std::int64_t {4});
        KvCache cache;
        const Ids ids = someIds(90, 1);
        choir.decoder->feed({someIds(20, 4), ids}, cache);
        KeptKeys kept(choir, {70 * token + 5, 3});
        kept.keep(0, ids, cache, 1);
        QCOMPARE(kept.bytes(), 70 * token);
        QCOMPARE(kept.common(0, ids), std::size_t {70});
        const KvCache part = kept.beginning(0, ids, 40);
        QCOMPARE(part.lengths, (std::vector<std::int64_t> {40}));
        QVERIFY(at::equal(part.layers[1].values_BKSD[0],
                          cache.layers[1].values_BKSD[1].narrow(1, 0, 40)));
        kept.keep(0, someIds(20, 4), cache, 0); // another one: the older makes room
        QCOMPARE(kept.common(0, ids), commonIds(someIds(20, 4), ids));
        QCOMPARE(kept.bytes(), 20 * token);
        kept.keep(0, Ids(ids.begin(), ids.begin() + 30), cache, 1);
        kept.keep(0, Ids(ids.begin(), ids.begin() + 40), cache, 1); // in the place of its beginning
        QCOMPARE(kept.bytes(), 60 * token);
        kept.keep(0, Ids(ids.begin(), ids.begin() + 10), cache, 1); // is there already
        QCOMPARE(kept.bytes(), 60 * token);
        kept.setBytes(45 * token); // the one used last stays
        QCOMPARE(kept.bytes(), 40 * token);
        kept.setBytes(0);
        kept.keep(0, ids, cache, 1);
        QCOMPARE(kept.bytes(), std::int64_t {0});
    }

    void soManySequences_stay()
    {
        writeTiny();
        const session::Choir choir = openedChoir();
        KvCache cache;
        const std::vector<Ids> all {someIds(40, 1), someIds(40, 2), someIds(40, 3)};
        choir.decoder->feed(all, cache);
        KeptKeys kept(choir, {kKeptBytes, 2});
        kept.keep(0, all[0], cache, 0);
        kept.keep(0, all[1], cache, 1);
        kept.beginning(0, all[0], 40); // used after the other
        kept.keep(0, all[2], cache, 2);
        QCOMPARE(kept.common(0, all[0]), std::size_t {40});
        QVERIFY(kept.common(0, all[1]) < 40);
        QCOMPARE(kept.common(0, all[2]), std::size_t {40});
        kept.clear();
        QCOMPARE(kept.common(0, all[2]), std::size_t {0});
    }

    // An engine that goes on behind what is kept leaves it as it is; several do so at once, and new prompts beside them that
    // begin alike are still read once.
    void whatIsKept_isNotWrittenTo()
    {
        writeTiny();
        const session::Choir choir = openedChoir();
        KeptKeys kept(choir, {kKeptBytes, 4});
        const auto answersOf = [&](const std::vector<Request>& requests, KeptKeys* from) {
            return answerAll(
                choir, requests, {.rows = 8, .kept = from}, [](std::size_t, const Answer&) {},
                JobContext());
        };
        const auto requestOf = [](const Ids& ids) {
            Request request;
            request.prompt = ids;
            request.sampling.greedy = true;
            request.maxNewTokens = 6;
            request.alternatives = 0;
            return request;
        };
        const Ids beginning = someIds(50, 1);
        answersOf({requestOf(beginning)}, &kept);
        std::vector<Request> requests;
        for (std::size_t i = 0; i < 3; ++i) {
            Ids ids = beginning;
            const Ids rest = someIds(3 + i, 10 + i);
            ids.insert(ids.end(), rest.begin(), rest.end());
            requests.push_back(requestOf(ids));
        }
        for (std::size_t i = 0; i < 2; ++i) {
            Ids ids = someIds(45, 7);
            ids.push_back(static_cast<std::int32_t>(i));
            requests.push_back(requestOf(ids));
        }
        for (int round = 0; round < 2; ++round) {
            const auto found = answersOf(requests, &kept);
            const auto wanted = answersOf(requests, nullptr);
            for (std::size_t i = 0; i < requests.size(); ++i) {
                QVERIFY(found[i].newIds == wanted[i].newIds);
                for (std::size_t t = 0; t < found[i].readings.size(); ++t) {
                    QVERIFY(std::abs(found[i].readings[t].token.logProbability
                                     - wanted[i].readings[t].token.logProbability)
                            < kRounding);
                }
                QVERIFY(i > 2 || found[i].keptTokens >= beginning.size());
                QCOMPARE(wanted[i].keptTokens, std::size_t {0});
            }
        }
        KvCache again;
        choir.decoder->feed({beginning}, again);
        const KvCache part = kept.beginning(0, beginning, kept.common(0, beginning));
        const auto tokens = part.lengths.front();
        QVERIFY(tests::maxDifference(part.layers[0].keys_BKSD,
                                     again.layers[0].keys_BKSD.narrow(2, 0, tokens))
                < 1e-5);
    }

private:
    fs::path folder() const { return *m_scratch / "model"; }

    void writeTiny() const
    {
        tests::writeTinyModel(folder());
        tests::writeTinyTokenizer(folder());
    }

    session::Choir openedChoir() const
    {
        return session::choirOf(session::open(InferenceModel {folder().string()},
                                              session::Tokens::Needed, JobContext()));
    }

    void openTiny()
    {
        const fs::path from = tests::golden() / "tiny" / "llama";
        writeModel(from, folder());
        m_keeping.open({{folder().string()}}, JobContext());
        m_reading.open({{folder().string()}}, JobContext());
        m_keeping.forget();
    }

    static Ids someIds(std::size_t count, std::size_t which)
    {
        Ids ids;
        for (std::size_t i = 0; i < count; ++i) {
            ids.push_back(static_cast<std::int32_t>((11 * i + 17 * which) % 60));
        }
        return ids;
    }

    // A LoRA on every module whose term is about as large as the weights.
    fs::path writeAdapter(const std::string& name) const
    {
        at::manual_seed(name.size() + static_cast<unsigned char>(name.back()));
        const auto files = ModelFiles::open(folder());
        AdapterSet adapters;
        for (const LinearModule& module : files->linearModules()) {
            Adapter adapter = loraFactors(module, 4, 0.5, 3);
            adapter.b_OR = at::randn({adapter.b_OR.size(0), 4}) * 0.1;
            adapters.push_back(adapter);
        }
        PeftDescription description {"", 4, 2.0};
        description.files = files.get();
        writePeftAdapter(*m_scratch / name, adapters, description);
        return *m_scratch / name;
    }

    std::unique_ptr<test::Scratch> m_scratch;
    Talkers m_keeping;
    Talkers m_reading {0};
};

QTEST_GUILESS_MAIN(TestKeptKeys)
#include "tst_kept_keys.moc"
