// SPDX-License-Identifier: GPL-3.0-or-later
// serve as a process: it says where it answers, answers, and ends when it is told to.
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"
#include "tests/tools/raw_http.h"

#include <QJsonArray>
#include <QProcess>
#include <QtTest/QtTest>

#include <csignal>

using namespace pissarro::tests;

namespace {

// A server of this test's own.
class Server {
public:
    explicit Server(const QStringList& arguments)
    {
        m_process.start(QStringLiteral(PISSARRO_CLI),
                        QStringList {"serve"} + arguments + QStringList {"--port", "0", "--json"});
        while (!m_process.canReadLine() && m_process.waitForReadyRead(hangMs())) { }
        m_told = QJsonDocument::fromJson(m_process.readLine()).object();
    }
    ~Server()
    {
        if (m_process.state() != QProcess::NotRunning) {
            m_process.kill();
            m_process.waitForFinished(hangMs());
        }
    }

    QJsonObject told() const { return m_told; }
    int port() const { return m_told["port"].toInt(); }
    // The exit code, and what it said.
    int end(int signal)
    {
        ::kill(static_cast<pid_t>(m_process.processId()), signal);
        m_process.waitForFinished(hangMs());
        m_err = m_process.readAllStandardError();
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    QByteArray err() const { return m_err; }

private:
    QProcess m_process;
    QJsonObject m_told;
    QByteArray m_err;
};

const QByteArray kAsk =
    R"({"messages": [{"role": "user", "content": "ab"}], "temperature": 0, "max_tokens": 4)";

} // namespace

class TestServe : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(path("tiny").toStdString());
        writeTinyTokenizer(path("tiny").toStdString());
        writeTinyBatches(path("batches.safetensors").toStdString(), 4);
    }

    void itAnswers_untilASignal_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGINT") << SIGINT;
        QTest::newRow("SIGTERM") << SIGTERM;
    }
    void itAnswers_untilASignal()
    {
        QFETCH(int, signal);
        Server server({path("tiny")});
        QCOMPARE(server.told()["url"].toString(),
                 QStringLiteral("http://127.0.0.1:%1/v1").arg(server.port()));
        QCOMPARE(server.told()["models"].toArray(), QJsonArray {"tiny"});
        const RawReply reply = askRaw(server.port(), "POST", "/v1/chat/completions", kAsk + "}");
        QVERIFY2(reply.status == 200, reply.body.constData());
        // The same process says the same by generate.
        const QJsonObject alone = runCli({"generate", path("tiny"), "--chat", "--greedy",
                                          "--prompt", "ab", "--max-new-tokens", "4", "--json"})
                                      .json();
        QCOMPARE(reply.json()["choices"]
                     .toArray()
                     .at(0)
                     .toObject()["message"]
                     .toObject()["content"]
                     .toString(),
                 alone["text"].toString());
        QCOMPARE(server.end(signal), 0);
        QVERIFY2(server.err().contains("1 requests came"), server.err().constData());
        QVERIFY(!server.err().contains("error:") && !server.err().contains("warning:"));
        QVERIFY(!RawConnection(server.port()).isOpen());
    }

    void adaptersAndRuns_answerBeside()
    {
        QCOMPARE(runCli({"init", path("tiny"), "--method", "lora", "--rank", "2", "--alpha", "2",
                         "-o", path("lora")})
                     .exitCode,
                 0);
        const CliResult trained =
            runCli(tinyTraining(m_folder.path(), {"--steps", "3", "-o", path("run")}));
        QVERIFY2(trained.exitCode == 0, trained.err.constData());
        Server server({path("tiny"), "--name", "base", "--adapter",
                       "fresh=" + path("lora/lora_init"), "--adapter", "run=" + path("run")});
        QCOMPARE(server.told()["models"].toArray(), (QJsonArray {"base", "fresh", "run"}));
        QStringList said;
        for (const char* model : {"base", "fresh", "run"}) {
            const RawReply reply =
                askRaw(server.port(), "POST", "/v1/chat/completions",
                       kAsk + ", \"logprobs\": true, \"model\": \"" + model + "\"}");
            QVERIFY2(reply.status == 200, reply.body.constData());
            said << QString::fromUtf8(QJsonDocument(reply.json()["choices"].toArray()).toJson());
        }
        QCOMPARE(said[0], said[1]); // B is zero: nothing was learned
        QVERIFY(said[0] != said[2]);
        QCOMPARE(server.end(SIGTERM), 0);
    }

    void theKey_comesFromTheEnvironment()
    {
        qputenv("PISSARRO_API_KEY", "secret");
        Server server({path("tiny")});
        qunsetenv("PISSARRO_API_KEY");
        QCOMPARE(askRaw(server.port(), "GET", "/v1/models").status, 401);
        QCOMPARE(askRaw(server.port(), "GET", "/v1/models", {}, "Authorization: Bearer secret\r\n")
                     .status,
                 200);
    }

    void othersThanThisMachine_areWarnedOf()
    {
        Server server({path("tiny"), "--host", "0.0.0.0"});
        QCOMPARE(askRaw(server.port(), "GET", "/v1/models", {}, "Host: anything\r\n").status, 200);
        QCOMPARE(server.end(SIGTERM), 0);
        QVERIFY2(server.err().count("warning:") == 1 && server.err().contains("--api-key"),
                 server.err().constData());
    }

    void whatCannotBe_isSaid_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* name, const QStringList& arguments, int code,
                            const char* part) { QTest::newRow(name) << arguments << code << part; };
        const QString tiny = path("tiny");
        row("no model", {}, 2, "MODEL");
        row("port", {tiny, "--port", "65536"}, 2, "--port");
        row("rows", {tiny, "--batch-size", "0"}, 2, "--batch-size");
        row("missing", {path("nowhere")}, 3, "nowhere");
        row("adapter without name", {tiny, "--adapter", path("tiny")}, 3, "NAME=PATH");
        row("missing adapter", {tiny, "--adapter", "a=" + path("none")}, 3, "none");
        row("two of one name", {tiny, "--name", "a", "--adapter", "a=" + path("x")}, 3, "'a'");
        row("address", {tiny, "--host", "192.0.2.1", "--port", "0"}, 3, "192.0.2.1");
        row("checkpoint", {tiny, "--checkpoint", "best"}, 2, "--checkpoint");
    }
    void whatCannotBe_isSaid()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, part);
        const CliResult result = runCli(QStringList {"serve"} + arguments);
        QVERIFY2(result.exitCode == code, result.err.constData());
        QVERIFY2(result.hasOneError({part}), result.err.constData());
        QVERIFY(result.out.isEmpty());
    }

    void aPortThatIsTaken_isSaid()
    {
        const Server server({path("tiny")});
        const CliResult result =
            runCli({"serve", path("tiny"), "--port", QString::number(server.port())});
        QCOMPARE(result.exitCode, 3);
        QVERIFY(result.hasOneError({QString::number(server.port())}));
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestServe)
#include "tst_serve.moc"
