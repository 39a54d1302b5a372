// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/serve/model_server.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/http/http_client.h"
#include "core/model/model_files.h"
#include "core/prompt/chat_request.h"
#include "core/prompt/chat_template.h"
#include "core/serve/exchange_p.h"
#include "core/tensor/guarded.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <random>
#include <utility>

namespace pissarro::core::inline serve {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kCompletionTokens = 16; // OpenAI's, where the client sets no limit
constexpr const char* kEvents = "text/event-stream"; // httplib compresses what is named otherwise

// One of the models, ready.
struct Voice {
    std::string name;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::optional<ChatTemplate> chat; // nullopt: it has none, or one that cannot be read
    std::string noChat; // why
};

Voice voiceOf(std::string name, std::shared_ptr<const Tokenizer> tokenizer)
{
    Voice voice {std::move(name), std::move(tokenizer), {}, {}};
    try {
        voice.chat = voice.tokenizer->openChatTemplate();
    } catch (const Error& e) {
        voice.noChat = e.what();
    }
    return voice;
}

// In a time that does not tell how much of it is right.
bool isSame(std::string_view given, std::string_view wanted)
{
    unsigned difference = given.size() == wanted.size() ? 0U : 1U;
    for (std::size_t i = 0; i < given.size(); ++i) {
        difference |= static_cast<unsigned char>(given[i])
            ^ static_cast<unsigned char>(wanted[i % std::max<std::size_t>(wanted.size(), 1)]);
    }
    return difference == 0U;
}

// "127.0.0.1:8000" and "[::1]:8000" without the port.
std::string_view hostOf(std::string_view header)
{
    const std::size_t bracket = header.find(']');
    const std::size_t colon = header.rfind(':');
    const bool hasPort = colon != std::string_view::npos
        && (bracket == std::string_view::npos ? header.find(':') == colon : colon > bracket);
    return hasPort ? header.substr(0, colon) : header;
}

http::HttpReply replyOf(int status, std::string body)
{
    http::HttpReply reply;
    reply.status = status;
    reply.body = std::move(body);
    return reply;
}

bool isJson(std::string_view type)
{
    return type.substr(0, type.find(';')) == "application/json";
}

} // namespace

struct ModelServer::Private {
    Private(session::Choir given, std::vector<std::string> names, const ServeOptions& how)
        : choir(std::move(given))
        , options(how)
        , context(choir.files->config().maxPositions)
        , created(std::chrono::duration_cast<std::chrono::seconds>(
                      std::chrono::system_clock::now().time_since_epoch())
                      .count())
        , desk(choir, {.rows = how.rows, .waiting = how.waiting})
    {
        for (std::size_t i = 0; i < choir.voices.size(); ++i) {
            voices.push_back(voiceOf(std::move(names.at(i)), choir.voices[i].tokenizer));
        }
        http::HttpServerOptions wire;
        wire.host = how.host;
        wire.port = how.port;
        wire.bodyBytes = how.bodyBytes;
        // More than can be answered: the others are told that there is no room.
        wire.connections = static_cast<std::size_t>(how.rows) + how.waiting + 8;
        wire.refusal = [](int status, std::string_view why) { return errorReply(status, why); };
        server.emplace(wire, [this](const http::HttpRequest& request) { return answer(request); });
    }

    ~Private()
    {
        desk.close(); // its answers end, and with them the replies that the server's threads wait for
        server.reset();
    }

    // Threads: several at once.
    http::HttpReply answer(const http::HttpRequest& request)
    {
        ++came;
        http::HttpReply reply;
        try {
            guarded([&] { reply = route(request); });
        } catch (const RequestError& e) {
            reply = replyOf(e.status, errorReply(e.status, e.what(), e.param, e.code));
        } catch (const Error& e) {
            const int status = statusOf(e);
            reply = replyOf(status, errorReply(status, e.what()));
        } catch (const Cancelled&) {
            reply = replyOf(503, errorReply(503, "the server is ending"));
        }
        if (reply.status == 429 || reply.status == 503) {
            reply.headers.emplace_back("Retry-After", "1");
        }
        return reply;
    }

    http::HttpReply route(const http::HttpRequest& request)
    {
        checkCaller(request);
        const bool isPost = request.method == "POST";
        if (request.path == "/v1/chat/completions" || request.path == "/v1/completions") {
            if (!isPost) {
                throw RequestError(fmt::format("{} is asked by POST", request.path), {}, 405);
            }
            if (!isJson(request.type)) {
                throw RequestError("the body's Content-Type must be application/json", {}, 415);
            }
            return request.path == "/v1/completions"
                ? complete(readCompletionQuestion(request.body))
                : chat(readChatQuestion(request.body));
        }
        const std::string kModels = "/v1/models";
        const bool isModel = request.path.starts_with(kModels + "/");
        if (request.path != kModels && !isModel && request.path != "/health") {
            throw RequestError(fmt::format("there is no {} here (expected /v1/models, "
                                           "/v1/chat/completions or /v1/completions)",
                                           shownText(request.path)),
                               {}, 404);
        }
        if (request.method != "GET" && request.method != "HEAD") {
            throw RequestError(fmt::format("{} is asked by GET", shownText(request.path)), {}, 405);
        }
        if (request.path == "/health") {
            return replyOf(200, "{\"status\":\"ok\"}");
        }
        if (isModel) {
            const auto& voice = voices[voiceNamed(request.path.substr(kModels.size() + 1))];
            return replyOf(200, modelReply(voice.name, created));
        }
        std::vector<std::string> names;
        for (const Voice& voice : voices) {
            names.push_back(voice.name);
        }
        return replyOf(200, modelsReply(names, created));
    }

    void checkCaller(const http::HttpRequest& request) const
    {
        const std::string_view host = hostOf(request.host);
        if (http::isLoopback(options.host) && !host.empty() && !http::isLoopback(host)) {
            throw RequestError(fmt::format("this server is called 127.0.0.1 or localhost, not {}",
                                           shownText(host)),
                               {}, 403);
        }
        constexpr std::string_view kBearer = "Bearer ";
        std::string_view key = request.authorization;
        key = key.starts_with(kBearer) ? key.substr(kBearer.size()) : std::string_view();
        if (!options.key.empty() && !isSame(key, options.key)) {
            throw RequestError("the API key is missing or wrong (expected \"Authorization: Bearer "
                               "KEY\")",
                               {}, 401, "invalid_api_key");
        }
    }

    std::size_t voiceNamed(const std::string& name) const
    {
        if (name.empty()) {
            return 0;
        }
        for (std::size_t i = 0; i < voices.size(); ++i) {
            if (voices[i].name == name) {
                return i;
            }
        }
        std::vector<std::string_view> names;
        for (const Voice& voice : voices) {
            names.emplace_back(voice.name);
        }
        throw RequestError(fmt::format("there is no model {} here (expected {})", shownText(name),
                                       listText(names)),
                           "model", 404, "model_not_found");
    }

    http::HttpReply chat(const ChatQuestion& question)
    {
        const std::size_t voice = voiceNamed(question.how.model);
        const Voice& speaker = voices[voice];
        if (!speaker.chat) {
            throw RequestError(fmt::format("{}: {}", speaker.name, speaker.noChat), "messages");
        }
        ChatRequest request;
        request.messages = question.messages;
        request.addGenerationPrompt = true;
        std::string text;
        try {
            text = speaker.chat->render(request).text;
        } catch (const Error& e) { // what the template itself says
            throw RequestError(e.what(), "messages");
        }
        return ask(voice, question.how, {promptIds(choir, voice, text, false, "the conversation")},
                   /*isChat=*/true);
    }

    http::HttpReply complete(const CompletionQuestion& question)
    {
        const std::size_t voice = voiceNamed(question.how.model);
        std::vector<std::vector<std::int32_t>> prompts;
        for (const GivenPrompt& prompt : question.prompts) {
            const std::string name = fmt::format("prompt {}", prompts.size() + 1);
            if (const auto* const text = std::get_if<std::string>(&prompt)) {
                // One that begins with the beginning-of-sequence token is not given a second.
                const std::int32_t bos = voices[voice].tokenizer->bosId();
                const bool addSpecial =
                    bos < 0 || !text->starts_with(voices[voice].tokenizer->piece(bos));
                prompts.push_back(promptIds(choir, voice, *text, addSpecial, name));
            } else {
                prompts.push_back(std::get<std::vector<std::int32_t>>(prompt));
                checkIds(prompts.back(), name);
            }
        }
        return ask(voice, question.how, prompts, /*isChat=*/false);
    }

    void checkIds(const std::vector<std::int32_t>& ids, const std::string& name) const
    {
        const std::int64_t vocabulary = choir.files->config().vocabulary;
        const bool fits = std::all_of(ids.begin(), ids.end(),
                                      [&](std::int32_t id) { return id >= 0 && id < vocabulary; });
        if (ids.empty() || !fits) {
            throw RequestError(fmt::format("{} is empty or holds an id that the model does not "
                                           "have (expected ids from 0 to {})",
                                           name, vocabulary - 1),
                               "prompt");
        }
    }

    std::int64_t tokensFor(std::size_t promptTokens, const AnswerSettings& how, bool isChat) const
    {
        const auto prompt = static_cast<std::int64_t>(promptTokens);
        const std::int64_t usual = isChat ? options.chatTokens : kCompletionTokens;
        if (context <= 0) {
            return how.maxTokens.value_or(usual);
        }
        if (prompt >= context || how.maxTokens.value_or(0) > context - prompt) {
            throw RequestError(
                fmt::format("the model reads {} tokens at most, and {} of the prompt and {} of the "
                            "answer were asked for; shorten one of them",
                            context, prompt, how.maxTokens.value_or(1)),
                isChat ? "messages" : "prompt", 400, "context_length_exceeded");
        }
        return how.maxTokens.value_or(std::min(usual, context - prompt));
    }

    http::HttpReply ask(std::size_t voice, const AnswerSettings& how,
                        const std::vector<std::vector<std::int32_t>>& prompts, bool isChat)
    {
        const std::uint64_t seed = how.hasSeed
            ? how.sampling.seed
            : (std::uint64_t {std::random_device {}()} << 32U) + std::random_device {}();
        std::vector<Request> requests;
        std::int64_t promptTokens = 0;
        for (const std::vector<std::int32_t>& prompt : prompts) {
            promptTokens += static_cast<std::int64_t>(prompt.size());
            for (std::int64_t i = 0; i < how.count; ++i) {
                Request request;
                request.prompt = prompt;
                request.voice = voice;
                request.sampling = how.sampling;
                request.sampling.seed = seed + requests.size(); // each has draws of its own
                request.maxNewTokens = tokensFor(prompt.size(), how, isChat);
                request.stops = how.stops;
                request.alternatives = how.alternatives;
                requests.push_back(std::move(request));
            }
        }
        auto drafts = desk.take(std::move(requests));
        if (drafts.empty()) {
            throw RequestError(
                fmt::format("{} answers are written or wait already; ask again later",
                            desk.answersInWork()),
                {}, 429, "queue_full");
        }
        const auto exchange =
            std::make_shared<Exchange>(newReply(isChat, voices[voice].name), how,
                                       *voices[voice].tokenizer, std::move(drafts), promptTokens);
        return how.stream ? streamed(exchange) : whole(exchange);
    }

    static http::HttpReply streamed(const std::shared_ptr<Exchange>& exchange)
    {
        http::HttpReply reply;
        reply.type = kEvents;
        reply.headers = {{"Cache-Control", "no-cache"}};
        reply.next = [exchange] { return exchange->nextOfStream(); };
        reply.over = [exchange] { exchange->giveUp(); };
        return reply;
    }

    // Once it has begun, a failure is next to impossible: the status is the right one.
    static http::HttpReply whole(const std::shared_ptr<Exchange>& exchange)
    {
        try {
            exchange->waitForBegin();
        } catch (const Error&) {
            exchange->giveUp();
            throw;
        }
        if (exchange->isOver()) {
            return replyOf(200, exchange->whole());
        }
        http::HttpReply reply;
        reply.next = [exchange] { return exchange->nextOfWhole(); };
        reply.over = [exchange] { exchange->giveUp(); };
        return reply;
    }

    const session::Choir choir;
    const ServeOptions options;
    const std::int64_t context; // tokens that the model reads; 0: not known
    const std::int64_t created;
    std::vector<Voice> voices;
    std::atomic<std::int64_t> came = 0; // requests so far
    Desk desk;
    std::optional<http::HttpServer> server; // last: its threads use all of the above
};

ServedModel servedAdapter(const std::string& text, const InferenceModel& base)
{
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("an adapter is named NAME=PATH, found {}", shownText(text)));
    }
    ServedModel served {text.substr(0, equals), base};
    served.model.checkpoint = {};
    served.model.took = {}; // of the base
    const fs::path path = text.substr(equals + 1);
    std::error_code ignored;
    if (fs::exists(path / kRunFile, ignored)) {
        served.model.model = path.string();
    } else {
        served.model.adapter = path;
    }
    return served;
}

std::string servedName(const std::string& model)
{
    fs::path path = model;
    if (!path.has_filename()) { // "models/x/"
        path = path.parent_path();
    }
    return (path.extension() == ".gguf" ? path.stem() : path.filename()).string();
}

session::Choir openServed(const std::vector<ServedModel>& models, const JobContext& job)
{
    std::vector<InferenceModel> all;
    for (const ServedModel& one : models) {
        for (const ServedModel& other : models) {
            if (&one != &other && one.name == other.name) {
                throw Error(ErrorKind::InvalidArgument,
                            fmt::format("two models are named {}; give each a name of its own",
                                        shownText(one.name)));
            }
        }
        all.push_back(one.model);
    }
    const auto groups = session::choirsOf(all);
    if (groups.size() > 1) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{} does not begin with the weights of {}, so the two cannot be "
                                "served together; serve it by itself",
                                shownText(models[groups[1].front()].name),
                                shownText(models[groups[0].front()].name)));
    }
    return session::openTogether(all, session::Tokens::Needed, job);
}

ModelServer::ModelServer(session::Choir choir, std::vector<std::string> names,
                         const ServeOptions& options)
    : d(std::make_unique<Private>(std::move(choir), std::move(names), options))
{
}

ModelServer::~ModelServer() = default;

int ModelServer::port() const
{
    return d->server->port();
}

std::string ModelServer::url() const
{
    return http::HttpAddress {d->options.host, port(), "/v1"}.text();
}

std::int64_t ModelServer::requests() const
{
    return d->came;
}

std::size_t ModelServer::answersInWork() const
{
    return d->desk.answersInWork();
}

void ModelServer::stop()
{
    d->desk.close();
    d->server->stop();
}

} // namespace pissarro::core::inline serve
