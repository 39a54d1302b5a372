// SPDX-License-Identifier: GPL-3.0-or-later
// The one source that knows cpp-httplib.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/http/http_client.h"
#include "core/http/http_server.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <httplib.h>
#include <stop_token>
#include <thread>

namespace pissarro::core::inline http {

namespace {

constexpr int kReadS = 10; // between two pieces of a request
constexpr int kWriteS = 10; // for a client that reads nothing
constexpr int kKeepAliveS = 2;
constexpr std::size_t kKeepAliveRequests = 1000;
constexpr const char* kJson = "application/json";

HttpRequest requestOf(const httplib::Request& from)
{
    HttpRequest request;
    request.method = from.method;
    request.path = from.path;
    request.type = from.get_header_value("Content-Type");
    request.authorization = from.get_header_value("Authorization");
    request.host = from.get_header_value("Host");
    request.origin = from.get_header_value("Origin");
    return request;
}

// A piece of the rest, or the end of it. False: the connection is of no more use.
bool passOn(const HttpReply& reply, httplib::DataSink& sink)
{
    try {
        if (!sink.is_writable()) { // hung up
            return false;
        }
        const HttpPiece piece = reply.next();
        if (piece.isBroken
            || (!piece.text.empty() && !sink.write(piece.text.data(), piece.text.size()))) {
            return false;
        }
        if (piece.isLast) {
            sink.done();
        }
        return true;
    } catch (const std::exception&) { // no memory: nothing above would catch it
        return false;
    }
}

void write(HttpReply reply, httplib::Response& response)
{
    response.status = reply.status;
    for (const auto& [name, value] : reply.headers) {
        response.set_header(name, value);
    }
    if (!reply.next) {
        response.set_content(reply.body, reply.type);
        return;
    }
    const auto shared = std::make_shared<HttpReply>(std::move(reply));
    response.set_chunked_content_provider(
        shared->type,
        [shared](std::size_t /*offset*/, httplib::DataSink& sink) { return passOn(*shared, sink); },
        [shared](bool /*whole*/) {
            if (shared->over) {
                shared->over();
            }
        });
}

// The status that refuses it; 0: the body is read.
int readBody(const httplib::ContentReader& reader, std::size_t limit, std::string& body,
             const httplib::Response& response)
{
    bool tooLong = false; // a body in chunks names no length
    const bool whole = reader([&](const char* data, std::size_t size) {
        tooLong = tooLong || size > limit - body.size();
        if (!tooLong) {
            body.append(data, size);
        }
        return !tooLong;
    });
    if (whole) {
        return 0;
    }
    return tooLong ? 413 : response.status >= 400 ? response.status : 400;
}

const char* reasonOf(int status)
{
    switch (status) {
    case 400:
        return "the request is not HTTP/1.1, or its body was cut";
    case 413:
        return "the body is too large";
    case 414:
        return "the path is too long";
    case 415:
        return "the body is of a type that this server does not read";
    default:
        return "the request cannot be answered";
    }
}

// A write to a connection that the other side has closed is an error, never the end of this process: httplib's client sends
// without MSG_NOSIGNAL.
class NoPipeSignal {
public:
    NoPipeSignal()
    {
        sigemptyset(&m_pipe);
        sigaddset(&m_pipe, SIGPIPE);
        sigset_t pending;
        sigpending(&pending);
        m_wasPending = sigismember(&pending, SIGPIPE) == 1;
        pthread_sigmask(SIG_BLOCK, &m_pipe, &m_before);
    }
    ~NoPipeSignal()
    {
        const timespec now {};
        while (!m_wasPending && sigtimedwait(&m_pipe, nullptr, &now) > 0) { }
        pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
    }
    NoPipeSignal(const NoPipeSignal&) = delete;
    NoPipeSignal& operator=(const NoPipeSignal&) = delete;

private:
    sigset_t m_pipe {};
    sigset_t m_before {};
    bool m_wasPending = false;
};

[[noreturn]] void refuseUrl(std::string_view url, std::string_view why)
{
    throw Error(ErrorKind::InvalidArgument,
                fmt::format("{}: {} (expected http://HOST:PORT/PATH, as http://127.0.0.1:8000/v1)",
                            shownText(url), why));
}

std::string withBrackets(const std::string& host)
{
    return host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
}

std::string failureText(httplib::Error error)
{
    switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
        return "nobody answers there; is the server running?";
    case httplib::Error::Read:
        return "the connection ended, or stayed silent, before the answer was whole";
    case httplib::Error::Write:
        return "the connection ended before the question was sent";
    default:
        return fmt::format("the question failed ({})", httplib::to_string(error));
    }
}

} // namespace

struct HttpServer::Private {
    Private(const HttpServerOptions& how, Handler given)
        : options(how)
        , handler(std::move(given))
    {
        configure();
        server.set_pre_routing_handler([this](const auto& from, auto& response) {
            if (from.method == "POST") { // its body is read below
                return httplib::Server::HandlerResponse::Unhandled;
            }
            write(handler(requestOf(from)), response);
            return httplib::Server::HandlerResponse::Handled;
        });
        server.Post("[\\s\\S]*", [this](const auto& from, auto& response, const auto& reader) {
            answerPost(from, response, reader);
        });
        server.set_error_handler([this](const httplib::Request&, httplib::Response& response) {
            if (response.body.empty() && !response.content_provider_) {
                refuse(response, response.status);
            }
        });
    }

    void configure()
    {
        server.set_payload_max_length(options.bodyBytes);
        server.set_read_timeout(kReadS);
        server.set_write_timeout(kWriteS);
        server.set_keep_alive_timeout(kKeepAliveS);
        server.set_keep_alive_max_count(kKeepAliveRequests);
        server.set_tcp_nodelay(true); // a piece is a token
        // Not SO_REUSEPORT, httplib's own: two servers would share a port, and each get half of the questions.
        server.set_socket_options([](socket_t socket) {
            const int yes = 1;
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        });
        server.new_task_queue = [count = std::max<std::size_t>(options.connections, 1)] {
            return new httplib::ThreadPool(count); // httplib takes it
        };
    }

    void refuse(httplib::Response& response, int status) const
    {
        response.status = status;
        response.set_header("Connection", "close"); // the rest of the body is still on its way
        response.set_content(
            options.refusal ? options.refusal(status, reasonOf(status)) : std::string("{}"), kJson);
    }

    void answerPost(const httplib::Request& from, httplib::Response& response,
                    const httplib::ContentReader& reader) const
    {
        HttpRequest request = requestOf(from);
        if (from.is_multipart_form_data()) {
            refuse(response, 415);
            return;
        }
        // Without a length there is no body; httplib would wait for the end of the connection.
        const bool hasBody =
            from.has_header("Content-Length") || from.has_header("Transfer-Encoding");
        const int refused =
            hasBody ? readBody(reader, options.bodyBytes, request.body, response) : 0;
        if (refused != 0) {
            refuse(response, refused);
        } else {
            write(handler(request), response);
        }
    }

    void bind()
    {
        if (options.port == 0) {
            port = server.bind_to_any_port(options.host);
        } else if (server.bind_to_port(options.host, options.port)) {
            port = options.port;
        }
        if (port <= 0) {
            throw Error(
                ErrorKind::Io,
                fmt::format("{}:{}: the address cannot be listened on (another program may have "
                            "it, or it is not this machine's); choose another port or host",
                            shownText(options.host), options.port));
        }
        thread = std::thread([this] {
            server.listen_after_bind();
            hasEnded = true;
        });
        // stop() of a server that is not running yet would do nothing.
        while (!server.is_running() && !hasEnded) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    HttpServerOptions options;
    Handler handler;
    httplib::Server server;
    std::thread thread;
    std::atomic<bool> hasEnded = false;
    int port = -1;
};

HttpServer::HttpServer(const HttpServerOptions& options, Handler handler)
    : d(std::make_unique<Private>(options, std::move(handler)))
{
    d->bind();
}

HttpServer::~HttpServer()
{
    stop();
}

int HttpServer::port() const
{
    return d->port;
}

void HttpServer::stop()
{
    if (d->thread.joinable()) {
        d->server.stop();
        d->thread.join();
    }
}

std::string HttpAddress::text() const
{
    return fmt::format("http://{}:{}{}", withBrackets(host), port, path);
}

HttpAddress parseHttpAddress(std::string_view url)
{
    constexpr std::string_view kScheme = "http://";
    if (url.starts_with("https://")) {
        refuseUrl(url, "https is not spoken here");
    }
    if (!url.starts_with(kScheme)) {
        refuseUrl(url, "is no address of a server");
    }
    const std::string_view rest = url.substr(kScheme.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view host = rest.substr(0, slash);
    HttpAddress address;
    address.path = rest.substr(slash);
    while (address.path.ends_with('/')) {
        address.path.pop_back();
    }
    const std::size_t bracket = host.find(']');
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        const auto port = numberIn<int>(host.substr(colon + 1));
        if (!port || *port < 1 || *port > 65'535) {
            refuseUrl(url, "has a port that is none");
        }
        address.port = *port;
        host = host.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    constexpr std::string_view kNever = "@?#[] \t\r\n\\";
    if (host.empty() || host.find_first_of(kNever) != std::string_view::npos
        || address.path.find_first_of("?# \t\r\n") != std::string::npos) {
        refuseUrl(url, "is no address of a server");
    }
    address.host = host;
    return address;
}

bool isLoopback(std::string_view host)
{
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    if (host == "localhost" || host == "::1") {
        return true;
    }
    in_addr address {};
    return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1
        && (ntohl(address.s_addr) >> 24U) == 127U;
}

HttpAnswer askHttp(const HttpAddress& address, const HttpQuestion& question, const JobContext& job)
{
    job.throwIfCancelled();
    const NoPipeSignal noSignal;
    httplib::Client client(address.host, address.port);
    client.set_connection_timeout(10);
    client.set_read_timeout(question.waitS);
    client.set_write_timeout(kWriteS);
    client.set_follow_location(false);
    HttpAnswer answer;
    bool tooLong = false;
    httplib::Request request;
    request.method = question.method;
    request.path = address.path + question.path;
    request.body = question.body;
    request.set_header("Accept", kJson);
    if (!question.body.empty()) {
        request.set_header("Content-Type", kJson);
    }
    if (!question.key.empty()) {
        request.set_header("Authorization", fmt::format("Bearer {}", question.key));
    }
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t /*offset*/,
                                   std::uint64_t /*total*/) {
        tooLong = tooLong || size > question.answerBytes - answer.body.size();
        if (!tooLong) {
            answer.body.append(data, size);
        }
        return !tooLong;
    };
    const std::stop_callback onStop(job.stopToken(), [&client] { client.stop(); });
    const httplib::Result result = client.send(request);
    job.throwIfCancelled();
    if (!result) {
        throw Error(ErrorKind::Io,
                    fmt::format("{}: {}", address.text(),
                                tooLong ? fmt::format("its answer is longer than {}",
                                                      bytesText(question.answerBytes))
                                        : failureText(result.error())));
    }
    answer.status = result->status;
    return answer;
}

} // namespace pissarro::core::inline http
