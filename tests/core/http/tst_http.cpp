// SPDX-License-Identifier: GPL-3.0-or-later
// A server and a client in the clear: what is sent arrives, limits hold, and who hangs up is noticed.
#include "core/base/error.h"
#include "core/http/http_client.h"
#include "core/http/http_server.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/raw_http.h"

#include <QtTest/QtTest>

#include <atomic>
#include <future>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

HttpReply echo(const HttpRequest& request)
{
    HttpReply reply;
    reply.type = "text/plain";
    reply.body = request.method + "|" + request.path + "|" + request.authorization + "|"
        + request.host + "|" + request.body;
    return reply;
}

HttpAddress addressOf(const HttpServer& server)
{
    return {"127.0.0.1", server.port(), {}};
}

} // namespace

class TestHttp : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void addresses_areRead_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("host"); // empty: it is refused
        QTest::addColumn<int>("port");
        QTest::addColumn<QString>("path");
        QTest::newRow("whole") << "http://127.0.0.1:8000/v1"
                               << "127.0.0.1" << 8000 << "/v1";
        QTest::newRow("slash") << "http://localhost:1/v1/"
                               << "localhost" << 1 << "/v1";
        QTest::newRow("bare") << "http://judge"
                              << "judge" << 80 << "";
        QTest::newRow("six") << "http://[::1]:9/a/b"
                             << "::1" << 9 << "/a/b";
        QTest::newRow("six, port 80") << "http://[::1]"
                                      << "::1" << 80 << "";
        for (const char* bad :
             {"", "127.0.0.1:8000", "https://127.0.0.1/v1", "http://", "http://:80", "http://a:0",
              "http://a:65536", "http://a:b", "http://user@a/v1", "http://a/v1?x=1",
              "http://a b/v1", "http://a/v1\r\nX: y", "ftp://a", "http://[::1"}) {
            QTest::newRow(bad) << bad << "" << 0 << "";
        }
    }
    void addresses_areRead()
    {
        QFETCH(QString, url);
        QFETCH(QString, host);
        const auto refused = test::errorOf([&] { parseHttpAddress(url.toStdString()); });
        QCOMPARE(refused.has_value(), host.isEmpty());
        if (refused) {
            QCOMPARE(refused->kind(), ErrorKind::InvalidArgument);
            QVERIFY(std::string(refused->what()).find('\n') == std::string::npos);
            return;
        }
        QFETCH(int, port);
        QFETCH(QString, path);
        const HttpAddress found = parseHttpAddress(url.toStdString());
        QCOMPARE(QString::fromStdString(found.host), host);
        QCOMPARE(found.port, port);
        QCOMPARE(QString::fromStdString(found.path), path);
        QCOMPARE(parseHttpAddress(found.text()).text(), found.text());
    }

    void thisMachine_isTold()
    {
        for (const char* here : {"localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"}) {
            QVERIFY2(isLoopback(here), here);
        }
        for (const char* there : {"", "0.0.0.0", "192.168.0.1", "localhost.evil.org",
                                  "127.0.0.1.evil.org", "128.0.0.1", "::", "[::2]", "127.0.0"}) {
            QVERIFY2(!isLoopback(there), there);
        }
    }

    void whatIsAsked_arrives()
    {
        const HttpServer server({}, echo);
        const HttpAddress address = addressOf(server);
        HttpAnswer answer = askHttp(address, {.path = "/x"}, JobContext());
        QCOMPARE(answer.status, 200);
        const std::string host = "127.0.0.1:" + std::to_string(server.port());
        QCOMPARE(answer.body, "GET|/x||" + host + "|");
        const std::string large(1'000'000, 'x');
        answer = askHttp(address, {.method = "POST", .path = "/y", .body = large, .key = "k"},
                         JobContext());
        QCOMPARE(answer.body, "POST|/y|Bearer k|" + host + "|" + large);
        for (const char* method : {"PUT", "DELETE", "OPTIONS", "PATCH"}) {
            QCOMPARE(askRaw(server.port(), method, "/z").status, 200);
        }
    }

    void bodies_haveALimit()
    {
        HttpServerOptions options;
        options.bodyBytes = 1000;
        options.refusal = [](int status, std::string_view) {
            return "refused " + std::to_string(status);
        };
        const HttpServer server(options, echo);
        const int port = server.port();
        QCOMPARE(askRaw(port, "POST", "/", QByteArray(1000, 'a')).status, 200);
        const RawReply length = askRaw(port, "POST", "/", QByteArray(1001, 'a'));
        QCOMPARE(length.status, 413);
        QCOMPARE(length.body, QByteArray("refused 413"));
        // In chunks, which say no length.
        RawConnection chunks(port);
        chunks.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: a/b\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 30; ++i) {
            chunks.send("64\r\n" + QByteArray(100, 'a') + "\r\n");
        }
        chunks.send("0\r\n\r\n");
        QCOMPARE(replyIn(chunks.readUntil({})).status, 413);
        const RawReply form = askRaw(port, "POST", "/", "--b\r\n\r\n--b--",
                                     "Content-Type: multipart/form-data; boundary=b\r\n");
        QCOMPARE(form.status, 415);
        RawConnection none(port);
        none.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        QCOMPARE(replyIn(none.readUntil({})).status, 200);
        RawConnection rubbish(port);
        rubbish.send("what is this?\r\n\r\n");
        QCOMPARE(replyIn(rubbish.readUntil({})).status, 400);
        QCOMPARE(askRaw(port, "GET", "/").status, 200); // it goes on
    }

    void pieces_comeOneByOne()
    {
        std::atomic<int> asked = 0;
        const HttpServer server({}, [&](const HttpRequest&) {
            HttpReply reply;
            reply.type = "text/event-stream";
            reply.next = [&asked, count = 0]() mutable {
                ++asked;
                ++count;
                return HttpPiece {count % 2 == 0 ? std::string() : std::to_string(count),
                                  count == 5};
            };
            return reply;
        });
        const RawReply reply =
            askRaw(server.port(), "GET", "/", {}, "Accept-Encoding: gzip, br\r\n");
        QCOMPARE(reply.status, 200);
        QVERIFY(!reply.head.toLower().contains("content-encoding"));
        QCOMPARE(reply.body, QByteArray("135"));
        QCOMPARE(asked.load(), 5);
    }

    void aBrokenReply_isNoWholeOne()
    {
        const HttpServer server({}, [](const HttpRequest&) {
            HttpReply reply;
            reply.next = [count = 0]() mutable {
                return ++count < 3 ? HttpPiece {"a"} : HttpPiece {"b", false, true};
            };
            return reply;
        });
        const auto failure =
            test::errorOf([&] { askHttp(addressOf(server), {.path = "/"}, JobContext()); });
        QVERIFY(failure && failure->kind() == ErrorKind::Io);
    }

    void whoHangsUp_isNoticed()
    {
        std::atomic<bool> over = false;
        const HttpServer server({}, [&](const HttpRequest&) {
            HttpReply reply;
            reply.next = [] { // never ends by itself
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                return HttpPiece {"x"};
            };
            reply.over = [&] { over = true; };
            return reply;
        });
        RawConnection client(server.port());
        client.send(requestText("GET", "/"));
        QVERIFY(client.readUntil("x\r\n").contains("x\r\n"));
        QVERIFY(!over);
        client.close();
        QTRY_VERIFY(over);
    }

    void anAddress_isHadOnce()
    {
        const HttpServer server({}, echo);
        HttpServerOptions same;
        same.port = server.port();
        const auto failure = test::errorOf([&] { const HttpServer second(same, echo); });
        QVERIFY(failure && failure->kind() == ErrorKind::Io);
        QVERIFY(std::string(failure->what()).find(std::to_string(same.port)) != std::string::npos);
    }

    void aClient_doesNotWaitForEver()
    {
        int port = 0;
        {
            const HttpServer server({}, echo);
            port = server.port();
        }
        const auto nobody = test::errorOf([&] {
            askHttp({"127.0.0.1", port, "/v1"}, {.path = "/models"}, JobContext());
        });
        QVERIFY(nobody && nobody->kind() == ErrorKind::Io);
        QVERIFY2(std::string(nobody->what()).find("/v1: nobody answers") != std::string::npos,
                 nobody->what());

        const HttpServer chatty({}, [](const HttpRequest&) {
            HttpReply reply;
            reply.body = std::string(2000, 'x');
            return reply;
        });
        const auto tooLong = test::errorOf(
            [&] { askHttp(addressOf(chatty), {.path = "/", .answerBytes = 1000}, JobContext()); });
        QVERIFY(tooLong && std::string(tooLong->what()).find("longer than") != std::string::npos);

        std::atomic<bool> asked = false;
        const HttpServer silent({}, [&](const HttpRequest&) {
            HttpReply reply;
            reply.next = [&] {
                asked = true;
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                return HttpPiece {};
            };
            return reply;
        });
        std::stop_source stop;
        auto waiting = std::async(std::launch::async, [&] {
            askHttp(addressOf(silent), {.path = "/"}, JobContext(stop.get_token()));
        });
        QTRY_VERIFY(asked);
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(Cancelled, waiting.get());
    }
};

QTEST_GUILESS_MAIN(TestHttp)
#include "tst_http.moc"
