// SPDX-License-Identifier: GPL-3.0-or-later
// What stands between HTTP and the engine: OpenAI's requests and replies, and the desk where they meet.
#include "core/serve/desk.h"
#include "core/serve/openai_reply.h"
#include "core/serve/openai_request.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/core/serve/served_models.h"
#include "tests/tools/patience.h"

#include <QtTest/QtTest>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
using nlohmann::json;

namespace {

constexpr std::chrono::milliseconds kSoon {50};

Request requestOf(std::vector<std::int32_t> prompt, std::int64_t tokens)
{
    Request request;
    request.prompt = std::move(prompt);
    request.sampling.greedy = true;
    request.maxNewTokens = tokens;
    return request;
}

Draft::State wholeOf(const Draft& draft)
{
    Draft::State state;
    do {
        state = draft.look(1U << 30U, kSoon); // only its end is waited for
    } while (!state.isOver());
    return state;
}

std::vector<std::int32_t> idsOf(const Draft& draft)
{
    wholeOf(draft);
    return draft.look(0, kSoon).ids;
}

template <class Read>
std::optional<RequestError> refusalOf(const Read& read)
{
    try {
        read();
    } catch (const RequestError& e) {
        return e;
    }
    return std::nullopt;
}

} // namespace

class TestServe : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeServedModel(m_scratch / "tiny");
        writeServedModel(m_scratch / "endless", /*endless=*/true);
        m_choir = choirOfFolder(m_scratch / "tiny");
    }

    void aChat_isRead()
    {
        const ChatQuestion found = readChatQuestion(R"({
            "model": "m", "temperature": 0.5, "top_p": 0.9, "top_k": 7, "min_p": 0.1,
            "repetition_penalty": 1.2, "seed": -1, "n": 3, "max_completion_tokens": 9,
            "stop": ["a", "b"], "stream": true, "stream_options": {"include_usage": true},
            "logprobs": true, "top_logprobs": 4, "user": "someone", "presence_penalty": 0.0,
            "tools": [], "response_format": {"type": "text"},
            "messages": [{"role": "developer", "content": "Be brief."},
                         {"role": "user", "name": "x",
                          "content": [{"type": "text", "text": "Hi"},
                                      {"type": "text", "text": "!"}]},
                         {"role": "assistant", "content": null}]})");
        QCOMPARE(found.how.model, std::string("m"));
        Sampling expected;
        expected.temperature = 0.5;
        expected.topP = 0.9;
        expected.topK = 7;
        expected.minP = 0.1;
        expected.repetitionPenalty = 1.2;
        expected.seed = ~std::uint64_t {0};
        QVERIFY(found.how.sampling == expected);
        QVERIFY(found.how.hasSeed && found.how.stream && found.how.streamUsage);
        QCOMPARE(found.how.maxTokens.value(), std::int64_t {9});
        QCOMPARE(found.how.count, std::int64_t {3});
        QCOMPARE(found.how.alternatives, std::int64_t {4});
        QVERIFY((found.how.stops == std::vector<std::string> {"a", "b"}));
        QCOMPARE(found.messages.dump(),
                 std::string(R"([{"role":"system","content":"Be brief."},)"
                             R"({"role":"user","content":"Hi!","name":"x"},)"
                             R"({"role":"assistant","content":""}])"));
        const ChatQuestion plain =
            readChatQuestion(R"({"messages": [{"role": "user", "content": "a"}], "temperature": 0,
                                 "stop": "x", "top_k": -1})");
        QVERIFY(plain.how.sampling.greedy && !plain.how.hasSeed && !plain.how.maxTokens);
        QCOMPARE(plain.how.alternatives, std::int64_t {-1});
        QCOMPARE(plain.how.sampling.topK, std::int64_t {0});
        QCOMPARE(plain.how.stops.size(), std::size_t {1});
    }

    void aCompletion_isRead()
    {
        const auto promptsOf = [](const char* prompt) {
            return readCompletionQuestion(std::string(R"({"logprobs": 2, "prompt": )") + prompt
                                          + "}")
                .prompts;
        };
        QVERIFY((promptsOf("\"a\"") == std::vector<GivenPrompt> {std::string("a")}));
        QVERIFY(
            (promptsOf("[1, 2]") == std::vector<GivenPrompt> {std::vector<std::int32_t> {1, 2}}));
        QVERIFY((promptsOf("[\"a\", [3]]")
                 == std::vector<GivenPrompt> {std::string("a"), std::vector<std::int32_t> {3}}));
        QCOMPARE(readCompletionQuestion(R"({"logprobs": 2, "prompt": "a"})").how.alternatives,
                 std::int64_t {2});
    }

    void whatCannotBe_isRefusedByName_data()
    {
        QTest::addColumn<QByteArray>("fields"); // beside a message; or a whole body
        QTest::addColumn<QString>("param");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* fields, const char* param, const char* part) {
            QTest::newRow(fields) << QByteArray(fields) << param << part;
        };
        row("{", "", "JSON");
        row("[]", "", "object");
        row("{}", "messages", "messages");
        row(R"({"messages": []})", "messages", "messages");
        row(R"({"messages": ["a"]})", "messages", "messages[0]");
        row(R"({"messages": [{"role": "user"}]})", "messages", "messages[0]");
        row(R"({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]})", "messages",
            "no text");
        row(R"("model": 7)", "model", "'model' is 7");
        row(R"("temperature": "hot")", "temperature", "hot");
        row(R"("temperature": -1)", "temperature", "-1");
        row(R"("top_p": 1.5)", "top_p", "1.5");
        row(R"("top_k": 1.5)", "top_k", "1.5");
        row(R"("min_p": 2)", "min_p", "2");
        row(R"("repetition_penalty": 0)", "repetition_penalty", "0");
        row(R"("seed": 1.5)", "seed", "1.5");
        row(R"("seed": 18446744073709551616)", "seed", "64 bits");
        row(R"("max_tokens": 0)", "max_tokens", "0");
        row(R"("n": 0)", "n", "0");
        row(R"("n": 1000)", "n", "1000");
        row(R"("stop": 5)", "stop", "5");
        row(R"("stop": [""])", "stop", "empty");
        row(R"("stream": "yes")", "stream", "yes");
        row(R"("stream_options": 1)", "stream_options", "1");
        row(R"("logprobs": true, "top_logprobs": 21)", "top_logprobs", "21");
        row(R"("top_logprobs": 2)", "top_logprobs", "logprobs");
        row(R"("tools": [{}])", "tools", "not supported");
        row(R"("presence_penalty": 0.5)", "presence_penalty", "not supported");
        row(R"("logit_bias": {"1": 2})", "logit_bias", "not supported");
        row(R"("response_format": {"type": "json_object"})", "response_format", "not supported");
    }
    void whatCannotBe_isRefusedByName()
    {
        QFETCH(QByteArray, fields);
        QFETCH(QString, param);
        QFETCH(QString, part);
        const bool isWhole = fields.startsWith('{') || fields.startsWith('[');
        const QByteArray body = isWhole
            ? fields
            : QByteArray(R"({"messages": [{"role": "user", "content": "a"}], )") + fields + "}";
        const auto refusal = refusalOf([&] { readChatQuestion(body.toStdString()); });
        QVERIFY(refusal);
        QCOMPARE(refusal->status, 400);
        QCOMPARE(QString::fromStdString(refusal->param), param);
        QVERIFY2(QByteArray(refusal->what()).contains(part.toUtf8()), refusal->what());
    }

    void badPrompts_areRefused()
    {
        for (const char* prompt :
             {"7", "[]", "{}", "[1.5]", "[[]", "[[1, \"a\"]]", "[1, 2147483648]"}) {
            const std::string body = std::string(R"({"prompt": )") + prompt + "}";
            QVERIFY2(refusalOf([&] { readCompletionQuestion(body); }), prompt);
        }
        QVERIFY(refusalOf([] { readCompletionQuestion(R"({"prompt": ["a", "b"], "n": 100})"); }));
        QVERIFY(refusalOf([] { readCompletionQuestion(R"({"prompt": "a", "best_of": 2})"); }));
        QVERIFY(refusalOf([] { readCompletionQuestion(R"({"prompt": "a", "echo": true})"); }));
        QVERIFY(!refusalOf([] { readCompletionQuestion(R"({"prompt": "a", "echo": false})"); }));
    }

    void replies_areOpenAIs()
    {
        const ReplyHead head = newReply(/*isChat=*/true, "m");
        QVERIFY(head.id != newReply(true, "m").id);
        const json whole = json::parse(wholeReply(
            head, {{0, "hello", Ending::EndToken, nullptr}, {1, "cut", Ending::Length, nullptr}},
            {5, 7}));
        QCOMPARE(whole["object"], json("chat.completion"));
        QCOMPARE(whole["choices"][0]["message"]["content"], json("hello"));
        QCOMPARE(whole["choices"][0]["finish_reason"], json("stop"));
        QCOMPARE(whole["choices"][1]["finish_reason"], json("length"));
        QCOMPARE(whole["usage"]["total_tokens"], json(12));
        const std::string piece =
            streamedPiece(head, {0, "he", Ending::None, nullptr, true}, false);
        QVERIFY(piece.starts_with("data: {") && piece.ends_with("}\n\n"));
        const json chunk = json::parse(piece.substr(6));
        QCOMPARE(chunk["choices"][0]["delta"]["role"], json("assistant"));
        QVERIFY(chunk["choices"][0]["finish_reason"].is_null() && !chunk.contains("usage"));
        QCOMPARE(json::parse(streamedUsage(head, {1, 2}).substr(6))["usage"]["prompt_tokens"],
                 json(1));
        const ReplyHead text = newReply(/*isChat=*/false, "m");
        const json completion =
            json::parse(wholeReply(text, {{0, "t", Ending::StopText, nullptr}}, {}));
        QCOMPARE(completion["object"], json("text_completion"));
        QCOMPARE(completion["choices"][0]["text"], json("t"));
        const json error = json::parse(errorReply(404, "no \xFF such", "model"));
        QCOMPARE(error["error"]["type"], json("not_found_error"));
        QCOMPARE(error["error"]["param"], json("model"));
        QVERIFY(error["error"]["code"].is_null());
        QCOMPARE(json::parse(modelsReply({"a", "b"}, 1))["data"].size(), std::size_t {2});
        QCOMPARE(json::parse(modelReply("a", 1))["id"], json("a"));
        QCOMPARE(std::string(kStreamEnd), std::string("data: [DONE]\n\n"));
        QVERIFY(streamedError("{}") == "data: {}\n\n");
    }

    void likelihoods_areToldOfEachToken()
    {
        const Tokenizer& tokenizer = *m_choir.voices[0].tokenizer;
        const std::vector<TokenReading> readings {{{0, -0.5}, {{0, -0.5}, {1, -1.5}}},
                                                  {{1, -0.25}, {{1, -0.25}, {2, -2.0}}}};
        const json chat = likelihoodsOf(tokenizer, readings, true, 2, 0);
        QCOMPARE(chat["content"][0]["token"], json("a"));
        QCOMPARE(chat["content"][0]["bytes"], json::array({97}));
        QCOMPARE(chat["content"][1]["top_logprobs"][1]["logprob"], json(-2.0));
        const json text = likelihoodsOf(tokenizer, readings, false, 2, 3);
        QCOMPARE(text["tokens"], json::array({"a", "b"}));
        QCOMPARE(text["text_offset"], json::array({3, 4}));
        QCOMPARE(text["top_logprobs"][0]["b"], json(-1.5));
        QVERIFY(likelihoodsOf(tokenizer, readings, false, 0, 0)["top_logprobs"].is_null());
    }

    // Many at once say what each says alone.
    void theDesk_answersAll()
    {
        Desk desk(m_choir, {.rows = 4, .waiting = 100});
        std::vector<Request> requests;
        for (std::int32_t i = 0; i < 10; ++i) {
            requests.push_back(requestOf({i, 7, 2 * i + 1}, 20));
        }
        const auto drafts = desk.take(requests);
        QCOMPARE(drafts.size(), requests.size());
        for (std::size_t i = 0; i < drafts.size(); ++i) {
            const Answer alone = answerAll(
                                     m_choir, {requests[i]}, {.rows = 1},
                                     [](std::size_t, const Answer&) {}, JobContext())
                                     .front();
            QVERIFY(idsOf(*drafts[i]) == alone.newIds);
            QCOMPARE(wholeOf(*drafts[i]).text, alone.text);
        }
        QTRY_COMPARE(desk.answersInWork(), std::size_t {0});
    }

    // A client that sends the whole conversation with each question: what was read and said before is not read again.
    void theDesk_keepsConversations()
    {
        Desk desk(m_choir, {});
        std::vector<std::int32_t> talk;
        for (std::int32_t i = 0; i < 40; ++i) {
            talk.push_back((7 * i + 3) % 60);
        }
        std::int64_t kept = 0;
        for (int turn = 0; turn < 3; ++turn) {
            const Request request = requestOf(talk, 12);
            const Answer alone = answerAll(
                                     m_choir, {request}, {.rows = 1},
                                     [](std::size_t, const Answer&) {}, JobContext())
                                     .front();
            const auto drafts = desk.take({request});
            QVERIFY(idsOf(*drafts[0]) == alone.newIds);
            QTRY_COMPARE(desk.answersInWork(), std::size_t {0});
            QCOMPARE(desk.keptTokens(), kept);
            talk.insert(talk.end(), alone.newIds.begin(), alone.newIds.end());
            kept += static_cast<std::int64_t>(talk.size()) - 1; // its last token was not read
            talk.insert(talk.end(), {5, 9, 1});
        }
        QTRY_COMPARE(desk.answersInWork(), std::size_t {0});
    }

    void theDesk_hasSoManyPlaces()
    {
        Desk desk(choirOfFolder(m_scratch / "endless"), {.rows = 1, .waiting = 2});
        QVERIFY(
            desk.take({requestOf({1}, 9), requestOf({1}, 9), requestOf({1}, 9), requestOf({1}, 9)})
                .empty());
        const auto first = desk.take({requestOf({1}, 1 << 20)});
        const auto others = desk.take({requestOf({2}, 3), requestOf({3}, 3)});
        QCOMPARE(others.size(), std::size_t {2});
        QVERIFY(desk.take({requestOf({4}, 3)}).empty());
        others[1]->cancel(); // one that waits makes room
        const auto last = desk.take({requestOf({4}, 3)});
        QCOMPARE(last.size(), std::size_t {1});
        QVERIFY(first[0]->look(0, std::chrono::milliseconds(hangMs())).ids.size() > 0);
        first[0]->cancel(); // and one that is written
        QCOMPARE(idsOf(*others[0]).size(), std::size_t {3});
        QCOMPARE(idsOf(*last[0]).size(), std::size_t {3});
        QTRY_COMPARE(desk.answersInWork(), std::size_t {0});
    }

    void aBadRequest_failsAlone()
    {
        Desk desk(m_choir, {});
        const auto drafts = desk.take({requestOf({1, 4000}, 3), requestOf({1, 2}, 3)});
        QCOMPARE(wholeOf(*drafts[0]).failure->kind(), ErrorKind::InvalidArgument);
        QVERIFY(!wholeOf(*drafts[1]).failure);
    }

    void aDamagedModel_isSaidEachTime()
    {
        writeServedModel(m_scratch / "damaged");
        overflowHead(m_scratch / "damaged");
        Desk desk(choirOfFolder(m_scratch / "damaged"), {});
        for (int i = 0; i < 2; ++i) {
            const auto drafts = desk.take({requestOf({1}, 3)});
            QCOMPARE(wholeOf(*drafts[0]).failure->kind(), ErrorKind::Numeric);
        }
    }

    void anEnd_isToldToAll()
    {
        Desk desk(choirOfFolder(m_scratch / "endless"), {.rows = 1});
        const auto drafts = desk.take({requestOf({1}, 1 << 20), requestOf({1}, 3)});
        desk.close();
        for (const auto& draft : drafts) {
            QCOMPARE(wholeOf(*draft).failure->kind(), ErrorKind::Io);
        }
        const auto late = desk.take({requestOf({1}, 3)});
        QVERIFY(wholeOf(*late[0]).failure);
    }

private:
    test::Scratch m_scratch;
    Choir m_choir;
};

QTEST_GUILESS_MAIN(TestServe)
#include "tst_serve.moc"
