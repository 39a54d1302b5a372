// SPDX-License-Identifier: GPL-3.0-or-later
// Models that answer over HTTP: a client sends bytes, well or badly, and reads what comes.
#include "core/adapter/make_adapter_tensors.h"
#include "core/infer/generate.h"
#include "core/serve/model_server.h"
#include "tests/core/serve/served_models.h"
#include "tests/tools/raw_http.h"

#include <ATen/ATen.h>

#include <QJsonArray>
#include <QtTest/QtTest>

#include <future>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
namespace fs = std::filesystem;

namespace {

constexpr const char* kChat = "/v1/chat/completions";
constexpr const char* kText = "/v1/completions";

ServeOptions anyPort()
{
    ServeOptions options;
    options.port = 0;
    return options;
}

QByteArray chatBody(const QByteArray& message, const QByteArray& more)
{
    return R"({"messages": [{"role": "user", "content": ")" + message + R"("}], )" + more + "}";
}

QJsonObject choiceOf(const QJsonObject& json, int index = 0)
{
    return json["choices"].toArray().at(index).toObject();
}

QString contentOf(const RawReply& reply, int choice = 0)
{
    return choiceOf(reply.json(), choice)["message"].toObject()["content"].toString();
}

int usageOf(const RawReply& reply)
{
    return reply.json()["usage"].toObject()["completion_tokens"].toInt();
}

// Of a chat's answer, or a piece of one.
QJsonArray likelihoodsOf(const QJsonObject& json)
{
    return choiceOf(json)["logprobs"].toObject()["content"].toArray();
}

} // namespace

class TestServer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeServedModel(m_scratch / "tiny");
        writeServedModel(m_scratch / "endless", /*endless=*/true);
        const fs::path adapter = writeAdapter();
        const InferenceModel base {(m_scratch / "tiny").string()};
        const std::vector<ServedModel> models {{"tiny", base},
                                               servedAdapter("tuned=" + adapter.string(), base)};
        m_server =
            std::make_unique<ModelServer>(openServed(models, JobContext()),
                                          std::vector<std::string> {"tiny", "tuned"}, anyPort());
        m_endless = std::make_unique<ModelServer>(choirOfFolder(m_scratch / "endless"),
                                                  std::vector<std::string> {"endless"}, anyPort());
        m_session = session::open(base, session::Tokens::Needed, JobContext());
    }

    void models_areListed()
    {
        QVERIFY(QString::fromStdString(m_server->url())
                    .startsWith(QStringLiteral("http://127.0.0.1:%1/v1").arg(port())));
        const QJsonArray list = askRaw(port(), "GET", "/v1/models").json()["data"].toArray();
        QCOMPARE(list.size(), 2);
        QCOMPARE(list.at(1).toObject()["id"].toString(), QStringLiteral("tuned"));
        QCOMPARE(askRaw(port(), "GET", "/v1/models/tuned").json()["id"].toString(),
                 QStringLiteral("tuned"));
        QCOMPARE(askRaw(port(), "GET", "/health").status, 200);
    }

    void aChat_saysWhatGenerateSays()
    {
        const RawReply reply = askRaw(port(), "POST", kChat,
                                      chatBody("Where", R"("temperature": 0, "max_tokens": 12)"));
        QVERIFY2(reply.status == 200, reply.body.constData());
        GenerateOptions how;
        how.greedy = true;
        how.chat = true;
        how.maxNewTokens = 12;
        const GenerateResult alone = generate(m_session, "Where", how, {}, JobContext());
        QCOMPARE(contentOf(reply), QString::fromStdString(alone.text));
        const QJsonObject usage = reply.json()["usage"].toObject();
        QCOMPARE(usage["prompt_tokens"].toInt(), static_cast<int>(alone.promptIds.size()));
        QCOMPARE(usage["completion_tokens"].toInt(), static_cast<int>(alone.newIds.size()));
        QCOMPARE(reply.json()["model"].toString(), QStringLiteral("tiny"));
    }

    void aSampledChat_isRepeatedBySeed()
    {
        const auto say = [&](const char* seed) {
            return contentOf(askRaw(
                port(), "POST", kChat,
                chatBody("ab",
                         QByteArray(R"("max_tokens": 20, "temperature": 1.5, "seed": )") + seed)));
        };
        QCOMPARE(say("5"), say("5"));
        QVERIFY(say("5") != say("6"));
    }

    void aStream_saysTheSame()
    {
        const QByteArray how =
            R"("max_tokens": 20, "temperature": 1.2, "seed": 3, "n": 2, "stop": ["zz"])";
        const RawReply whole = askRaw(port(), "POST", kChat, chatBody("Where", how));
        const RawReply stream = askRaw(
            port(), "POST", kChat,
            chatBody("Where",
                     how + R"(, "stream": true, "stream_options": {"include_usage": true})"));
        QVERIFY(stream.head.contains("text/event-stream"));
        QVERIFY(stream.body.endsWith("data: [DONE]\n\n"));
        QString said[2];
        QString ended[2];
        for (const QJsonObject& event : stream.events()) {
            QCOMPARE(event["object"].toString(), QStringLiteral("chat.completion.chunk"));
            for (const auto& entry : event["choices"].toArray()) {
                const QJsonObject choice = entry.toObject();
                const int index = choice["index"].toInt();
                said[index] += choice["delta"].toObject()["content"].toString();
                ended[index] += choice["finish_reason"].toString();
            }
        }
        for (int i = 0; i < 2; ++i) {
            QCOMPARE(said[i], contentOf(whole, i));
            QCOMPARE(ended[i], choiceOf(whole.json(), i)["finish_reason"].toString());
        }
        QCOMPARE(stream.events().back()["usage"].toObject(), whole.json()["usage"].toObject());
    }

    void aCompletion_goesOn()
    {
        const RawReply reply = askRaw(
            port(), "POST", kText,
            R"({"prompt": ["Where", [1, 2, 3]], "temperature": 0, "max_tokens": 6, "logprobs": 2})");
        QVERIFY2(reply.status == 200, reply.body.constData());
        QCOMPARE(reply.json()["choices"].toArray().size(), 2);
        const QJsonObject choice = choiceOf(reply.json());
        GenerateOptions how;
        how.greedy = true;
        how.maxNewTokens = 6;
        const GenerateResult alone = generate(m_session, "Where", how, {}, JobContext());
        QCOMPARE(choice["text"].toString(), QString::fromStdString(alone.text));
        const QJsonObject logs = choice["logprobs"].toObject();
        QString tokens;
        for (const auto& token : logs["tokens"].toArray()) {
            tokens += token.toString();
        }
        QCOMPARE(tokens, choice["text"].toString());
        for (const auto& log : logs["token_logprobs"].toArray()) {
            QVERIFY(log.toDouble() <= 0.0);
        }
        const RawReply usual = askRaw(port(), "POST", kText, R"({"prompt": "Where", "seed": 1})");
        QVERIFY(usageOf(usual) <= 16); // OpenAI's limit
    }

    void aChatsLogprobs_areItsTokens()
    {
        const QByteArray how =
            R"("temperature": 0, "max_tokens": 8, "logprobs": true, "top_logprobs": 3)";
        const RawReply whole = askRaw(port(), "POST", kChat, chatBody("Where", how));
        const QJsonArray content = likelihoodsOf(whole.json());
        QString tokens;
        for (const auto& entry : content) {
            const QJsonObject one = entry.toObject();
            tokens += one["token"].toString();
            const QJsonArray top = one["top_logprobs"].toArray();
            QCOMPARE(top.size(), 3);
            QCOMPARE(top.at(0).toObject()["token"].toString(),
                     one["token"].toString()); // greedy: the likeliest
        }
        QCOMPARE(tokens, contentOf(whole));
        const RawReply stream =
            askRaw(port(), "POST", kChat, chatBody("Where", how + R"(, "stream": true)"));
        QJsonArray streamed;
        for (const QJsonObject& event : stream.events()) {
            for (const auto& one : likelihoodsOf(event)) {
                streamed.append(one);
            }
        }
        QCOMPARE(streamed, content);
    }

    void theModelField_choosesWhoAnswers()
    {
        const auto say = [&](const char* model) {
            return contentOf(
                askRaw(port(), "POST", kChat,
                       chatBody("Where",
                                QByteArray(R"("temperature": 0, "max_tokens": 12, "model": ")")
                                    + model + "\"")));
        };
        QVERIFY(say("tiny") != say("tuned"));
        QCOMPARE(say("tiny"),
                 contentOf(askRaw(port(), "POST", kChat,
                                  chatBody("Where", R"("temperature": 0, "max_tokens": 12)"))));
    }

    // While one is answered without end, another is answered: they share the engine's steps.
    void twoAtOnce_areAnsweredTogether()
    {
        RawConnection endless(endlessPort());
        endless.send(
            requestText("POST", kChat, chatBody("ab", R"("stream": true, "max_tokens": 1000000)")));
        QVERIFY(endless.readUntil("data: ").contains("200 OK"));
        const RawReply other = askRaw(endlessPort(), "POST", kChat,
                                      chatBody("cd", R"("temperature": 0, "max_tokens": 5)"));
        QCOMPARE(usageOf(other), 5);
        QTRY_COMPARE(m_endless->answersInWork(), std::size_t {1});
        endless.close();
        QTRY_COMPARE(m_endless->answersInWork(), std::size_t {0}); // it would be at work for hours
    }

    void whoHangsUp_isForgotten_data()
    {
        QTest::addColumn<QByteArray>("how");
        QTest::newRow("stream") << QByteArray(R"("stream": true, "max_tokens": 1000000, "n": 3)");
        QTest::newRow("whole") << QByteArray(R"("max_tokens": 1000000)");
    }
    void whoHangsUp_isForgotten()
    {
        QFETCH(QByteArray, how);
        RawConnection client(endlessPort());
        client.send(requestText("POST", kChat, chatBody("ab", how)));
        client.readUntil("200 OK");
        QVERIFY(m_endless->answersInWork() > 0);
        client.close();
        QTRY_COMPARE(m_endless->answersInWork(), std::size_t {0});
    }

    void badInput_isRefused_data()
    {
        QTest::addColumn<QByteArray>("asked"); // method and path
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("headers");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("part"); // of the message
        int number = 0;
        const auto row = [&number](const QByteArray& asked, const QByteArray& body,
                                   const QByteArray& headers, int status, const char* part) {
            QTest::addRow("%d: %s %d %s", ++number, asked.constData(), status, part)
                << asked << body << headers << status << part;
        };
        const QByteArray good = chatBody("a", R"("max_tokens": 1)");
        row("GET /v2/models", {}, {}, 404, "/v1/models");
        row("GET /v1/%0A", {}, {}, 404, "/v1/models");
        row("POST /", good, {}, 404, "/v1/models");
        row("GET /v1/chat/completions", {}, {}, 405, "POST");
        row("PUT /v1/chat/completions", {}, {}, 405, "POST");
        row("POST /v1/models", good, {}, 405, "GET");
        row("GET /v1/models/none", {}, {}, 404, "'none'");
        row("POST /v1/chat/completions", good, "Content-Type: text/plain\r\n", 415,
            "application/json");
        row("POST /v1/chat/completions", {}, {}, 400, "JSON");
        row("POST /v1/chat/completions", "what?", {}, 400, "JSON");
        row("POST /v1/chat/completions", QByteArray(100'000, '['), {}, 400, "JSON");
        row("POST /v1/chat/completions", "\xFF\xFE{}", {}, 400, "the body is");
        row("POST /v1/chat/completions", chatBody("a", R"("model": "gpt")"), {}, 404, "'gpt'");
        row("POST /v1/chat/completions", chatBody("a", R"("temperature": -2)"), {}, 400,
            "temperature");
        row("POST /v1/chat/completions", chatBody(QByteArray(500, 'a'), R"("max_tokens": 1)"), {},
            400, "128 tokens");
        row("POST /v1/chat/completions", chatBody("a", R"("max_tokens": 127)"), {}, 400,
            "128 tokens");
        row("POST /v1/completions", R"({"prompt": ""})", {}, 400, "prompt 1 is empty");
        row("POST /v1/completions", R"({"prompt": [99]})", {}, 400, "from 0 to 63");
        row("POST /v1/completions", R"({"prompt": "a", "n": 128})", {}, 429, "again later");
        row("GET /v1/models", {}, "Host: evil.example.org\r\n", 403, "evil.example.org");
    }
    void badInput_isRefused()
    {
        QFETCH(QByteArray, asked);
        const QList<QByteArray> words = asked.split(' ');
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, headers);
        QFETCH(int, status);
        QFETCH(QString, part);
        const RawReply reply = askRaw(port(), words[0], words[1], body, headers);
        QVERIFY2(reply.status == status, reply.head + reply.body);
        QVERIFY2(reply.error()["message"].toString().contains(part), reply.body.constData());
        QVERIFY(!reply.error()["type"].toString().isEmpty());
        QCOMPARE(askRaw(port(), "GET", "/health").status, 200); // it goes on
    }

    void aLargeBody_isNotRead()
    {
        ServeOptions small = anyPort();
        small.bodyBytes = 2000;
        const ModelServer server(choirOfFolder(m_scratch / "tiny"), {"tiny"}, small);
        const RawReply reply =
            askRaw(server.port(), "POST", kChat, chatBody(QByteArray(3000, 'a'), R"("n": 1)"));
        QCOMPARE(reply.status, 413);
        QCOMPARE(reply.error()["type"].toString(), QStringLiteral("invalid_request_error"));
    }

    void theKey_isAsked()
    {
        ServeOptions locked = anyPort();
        locked.key = "secret";
        const ModelServer server(choirOfFolder(m_scratch / "tiny"), {"tiny"}, locked);
        const auto statusOf = [&](const QByteArray& header) {
            return askRaw(server.port(), "GET", "/v1/models", {}, header).status;
        };
        QCOMPARE(statusOf({}), 401);
        QCOMPARE(statusOf("Authorization: Bearer secre\r\n"), 401);
        QCOMPARE(statusOf("Authorization: Bearer secrets\r\n"), 401);
        QCOMPARE(statusOf("Authorization: Basic secret\r\n"), 401);
        QCOMPARE(statusOf("Authorization: Bearer secret\r\n"), 200);
    }

    void aDamagedModel_isA500()
    {
        writeServedModel(m_scratch / "damaged");
        overflowHead(m_scratch / "damaged");
        const ModelServer server(choirOfFolder(m_scratch / "damaged"), {"damaged"}, anyPort());
        const RawReply whole =
            askRaw(server.port(), "POST", kChat, chatBody("a", R"("max_tokens": 3)"));
        QCOMPARE(whole.status, 500);
        QVERIFY(whole.error()["message"].toString().contains("not finite"));
        const RawReply stream = askRaw(server.port(), "POST", kChat,
                                       chatBody("a", R"("max_tokens": 3, "stream": true)"));
        QVERIFY(stream.body.contains("not finite") && !stream.body.contains("[DONE]"));
    }

    void anEnd_cutsWhatIsWritten()
    {
        auto server = std::make_unique<ModelServer>(
            choirOfFolder(m_scratch / "endless"), std::vector<std::string> {"endless"}, anyPort());
        RawConnection stream(server->port());
        stream.send(
            requestText("POST", kChat, chatBody("ab", R"("stream": true, "max_tokens": 1000000)")));
        QVERIFY(stream.readUntil("data: ").contains("200 OK"));
        auto whole = std::async(std::launch::async, [wanted = server->port()] {
            return askRaw(wanted, "POST", kChat, chatBody("ab", R"("max_tokens": 1000000)"));
        });
        QTRY_COMPARE(server->answersInWork(), std::size_t {2});
        const int port = server->port();
        server.reset();
        QVERIFY(!stream.readUntil({}).contains("[DONE]"));
        QVERIFY(!whole.get().body.contains("\"choices\""));
        QVERIFY(!RawConnection(port).isOpen());
    }

    void whatCannotBeServed_isSaid()
    {
        const InferenceModel base {(m_scratch / "tiny").string()};
        QVERIFY(test::errorOf([&] { servedAdapter("/some/folder", base); }));
        QVERIFY(test::errorOf([&] { servedAdapter("=x", base); }));
        const auto twice = test::errorOf([&] {
            openServed({{"a", base}, {"a", base}}, JobContext());
        });
        QVERIFY(twice && std::string(twice->what()).find("'a'") != std::string::npos);
        const auto others = test::errorOf([&] {
            openServed({{"a", base}, {"b", {(m_scratch / "endless").string()}}}, JobContext());
        });
        QVERIFY(others && std::string(others->what()).find("'b'") != std::string::npos);
        QCOMPARE(servedName("/models/x/"), std::string("x"));
        QCOMPARE(servedName("/models/x.gguf"), std::string("x"));
        QCOMPARE(servedName("org/name-1.5"), std::string("name-1.5"));
    }

private:
    int port() const { return m_server->port(); }
    int endlessPort() const { return m_endless->port(); }

    fs::path writeAdapter() const
    {
        const session::Session base = session::open(InferenceModel {(m_scratch / "tiny").string()},
                                                    session::Tokens::NotNeeded, JobContext());
        at::manual_seed(3);
        AdapterSet adapters;
        for (const LinearModule& module : base.files->linearModules()) {
            adapters.push_back(loraFactors(module, 2, 1.0, moduleSeed(1, module.name)));
            adapters.back().b_OR = 0.3 * at::randn({module.rows, 2});
        }
        const fs::path folder = m_scratch / "tuned";
        writePeftAdapter(folder, adapters,
                         {(m_scratch / "tiny").string(), 2, 2.0, false, base.files.get()});
        return folder;
    }

    test::Scratch m_scratch;
    session::Session m_session;
    std::unique_ptr<ModelServer> m_server;
    std::unique_ptr<ModelServer> m_endless;
};

QTEST_GUILESS_MAIN(TestServer)
#include "tst_server.moc"
