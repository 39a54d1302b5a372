// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pissarro::core::inline http {

struct HttpRequest {
    std::string method; // "GET", "POST"
    std::string path; // without what follows a "?"
    std::string body; // of POST alone
    std::string type; // Content-Type, as sent
    std::string authorization;
    std::string host; // as the client named this server: "127.0.0.1:8000"
    std::string origin; // the page that a browser asks for; empty: none said
};

// What follows of a reply that is not whole yet.
struct HttpPiece {
    std::string text = {}; // empty: nothing for now
    bool isLast = false;
    bool isBroken =
        false; // the rest will never come: the connection is cut, so that no one takes it for the whole
};

struct HttpReply {
    int status = 200;
    std::string type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers = {};
    // In place of a body: asked for the rest until its last piece, or until the client has hung up. Returns within a fraction
    // of a second, which is how long a hang-up stays unnoticed.
    std::function<HttpPiece()> next = {};
    std::function<void()> over = {}; // `next` is asked no more; called once or more
};

struct HttpServerOptions {
    std::string host = "127.0.0.1";
    int port = 0; // 0: any that is free
    std::size_t connections = 64; // that are answered at a time; others wait
    std::size_t bodyBytes = std::size_t {8} << 20U; // larger ones are refused
    // The body of what the server refuses itself, JSON: 400, 413, 415.
    std::function<std::string(int status, std::string_view why)> refusal = {};
};

// Answers HTTP/1.1 on one address, in the clear. From here on SIGPIPE is ignored in the whole process.
//
// Threads: the handler is called on several at once; it throws nothing.
class HttpServer {
public:
    using Handler = std::function<HttpReply(const HttpRequest& request)>;

    // Listens once it is made. Throws: Error{Io} where the address cannot be had.
    HttpServer(const HttpServerOptions& options, Handler handler);
    ~HttpServer(); // stop()
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    int port() const;
    // Takes no more, cuts replies that are not whole, and returns when all threads have ended: two seconds where a client
    // keeps an idle connection, ten where one has sent half a request.
    void stop();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace pissarro::core::inline http
