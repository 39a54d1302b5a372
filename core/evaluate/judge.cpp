// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/judge.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/http/http_client.h"
#include "core/infer/engine.h"
#include "core/session/session.h"
#include "core/tensor/guarded.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// -- a model of this machine

class LocalJudge : public Judge {
public:
    LocalJudge(session::Session session, std::string name, const JudgeOptions& options)
        : m_session(std::move(session))
        , m_name(std::move(name))
        , m_options(options)
    {
    }

    std::string name() const override { return m_name; }

    void ask(const std::vector<JudgeQuestion>& questions,
             const std::function<void(std::size_t, const std::string&)>& tell,
             const JobContext& job) override
    {
        guarded(fmt::format("{} questions to the judge", questions.size()), [&] {
            const session::Choir choir = session::choirOf(m_session);
            std::vector<Request> requests;
            for (const JudgeQuestion& question : questions) {
                job.throwIfCancelled();
                Request request;
                request.prompt = promptIds(choir, 0, textOf(question), /*addSpecial=*/false,
                                           fmt::format("question {}", requests.size() + 1), job);
                request.sampling.greedy = true;
                request.maxNewTokens = m_options.maxNewTokens;
                requests.push_back(std::move(request));
            }
            answerAll(
                choir, requests, {.rows = m_options.together},
                [&](std::size_t index, const Answer& answer) { tell(index, answer.text); }, job);
        });
    }

private:
    std::string textOf(const JudgeQuestion& question) const
    {
        const Tokenizer& tokenizer = *m_session.tokenizer;
        if (m_knowsSystem) {
            try {
                return tokenizer.applyChatTemplate(
                    {{"system", question.system}, {"user", question.user}});
            } catch (const Error& e) {
                if (e.kind() != ErrorKind::Format || tokenizer.chatTemplate().empty()) {
                    throw;
                }
                m_knowsSystem = false;
            }
        }
        return tokenizer.applyChatTemplate(
            {{"user", fmt::format("{}\n\n{}", question.system, question.user)}});
    }

    session::Session m_session;
    std::string m_name;
    JudgeOptions m_options;
    mutable bool m_knowsSystem = true; // until its template refuses one
};

// -- a server

// What a server says is wrong.
std::string faultOf(const HttpAnswer& answer)
{
    std::string said;
    try {
        const json body = parseJson(answer.body);
        const json* const error = body.is_object() ? jsonField(body, "error") : nullptr;
        if (error != nullptr && error->is_object()) {
            said = jsonFieldAs<std::string>(*error, "message").value_or(std::string());
        }
    } catch (const Error&) { // an error page of something else
    }
    return said.empty()
        ? fmt::format("answered with status {}", answer.status)
        : fmt::format("answered with status {}: {}", answer.status, shownText(said, 160));
}

[[noreturn]] void refuse(const HttpAddress& address, const std::string& what)
{
    throw Error(ErrorKind::Io, fmt::format("{}: {}", address.text(), what));
}

json bodyOf(const HttpAddress& address, const HttpAnswer& answer)
{
    if (answer.status != 200) {
        refuse(address, faultOf(answer));
    }
    try {
        return parseJson(answer.body);
    } catch (const Error& e) {
        refuse(address, fmt::format("its answer {}", e.what()));
    }
}

// choices[0].message.content; nullopt: it is not there.
std::optional<std::string> contentOf(const json& body)
{
    const json* const choices = body.is_object() ? jsonField(body, "choices") : nullptr;
    if (choices == nullptr || !choices->is_array() || choices->empty()
        || !choices->front().is_object()) {
        return std::nullopt;
    }
    const json* const message = jsonField(choices->front(), "message");
    if (message == nullptr || !message->is_object() || !message->contains("content")) {
        return std::nullopt;
    }
    const json* const content = jsonField(*message, "content");
    return content == nullptr ? std::string() : jsonAs<std::string>(*content);
}

class CalledJudge : public Judge {
public:
    CalledJudge(const JudgeAddress& address, HttpAddress where, const JudgeOptions& options)
        : m_address(address)
        , m_where(std::move(where))
        , m_options(options)
    {
    }

    void findModel(const JobContext& job)
    {
        HttpQuestion question;
        question.path = "/models";
        question.key = m_address.key;
        const json body = bodyOf(m_where, askHttp(m_where, question, job));
        const json* const list = body.is_object() ? jsonField(body, "data") : nullptr;
        if (list == nullptr || !list->is_array() || list->empty() || !list->front().is_object()
            || !jsonFieldAs<std::string>(list->front(), "id")) {
            refuse(m_where, "lists no model (expected a server with OpenAI's API)");
        }
        m_address.model = *jsonFieldAs<std::string>(list->front(), "id");
    }

    std::string name() const override { return m_address.model; }

    // Several at a time, each on a thread of its own.
    void ask(const std::vector<JudgeQuestion>& questions,
             const std::function<void(std::size_t, const std::string&)>& tell,
             const JobContext& job) override
    {
        std::atomic<std::size_t> next = 0;
        std::mutex mutex;
        std::exception_ptr failure; // the first
        const auto work = [&] {
            while (true) {
                const std::size_t index = next++;
                if (index >= questions.size()) {
                    return;
                }
                try {
                    const std::string said = judge(questions[index], job);
                    const std::lock_guard lock(mutex);
                    if (failure) {
                        return;
                    }
                    tell(index, said);
                } catch (...) {
                    const std::lock_guard lock(mutex);
                    failure = failure ? failure : std::current_exception();
                    next = questions.size();
                    return;
                }
            }
        };
        const auto count =
            std::min(static_cast<std::size_t>(std::max<std::int64_t>(1, m_options.together)),
                     questions.size());
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < count; ++i) {
                threads.emplace_back(work);
            }
        }
        if (failure) {
            std::rethrow_exception(failure);
        }
    }

private:
    std::string judge(const JudgeQuestion& question, const JobContext& job) const
    {
        constexpr int kTries = 30; // of a server that is busy
        constexpr auto kNap = std::chrono::milliseconds(100);
        HttpQuestion asked;
        asked.method = "POST";
        asked.path = "/chat/completions";
        asked.key = m_address.key;
        asked.body = ordered_json {{"model", m_address.model},
                                   {"messages",
                                    {{{"role", "system"}, {"content", question.system}},
                                     {{"role", "user"}, {"content", question.user}}}},
                                   {"temperature", 0},
                                   {"max_tokens", m_options.maxNewTokens}}
                         .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
        HttpAnswer answer;
        for (int tried = 0; tried < kTries; ++tried) {
            answer = askHttp(m_where, asked, job);
            if (answer.status != 429 && answer.status != 503) {
                break;
            }
            for (int nap = 0; nap < 10 && tried + 1 < kTries; ++nap) {
                job.throwIfCancelled();
                std::this_thread::sleep_for(kNap);
            }
        }
        if (answer.status == 400 || answer.status == 413 || answer.status == 422) {
            return kJudgeRefused;
        }
        const auto content = contentOf(bodyOf(m_where, answer));
        if (!content) {
            refuse(m_where, "its answer has no choices[0].message.content (expected OpenAI's API)");
        }
        return *content;
    }

    JudgeAddress m_address;
    HttpAddress m_where;
    JudgeOptions m_options;
};

} // namespace

std::unique_ptr<Judge> openJudge(const InferenceModel& model, const std::string& name,
                                 const JudgeOptions& options, const JobContext& job)
{
    session::Session session = session::open(model, session::Tokens::Needed, job);
    session.tokenizer->openChatTemplate(); // without one it cannot be asked: told before any work
    return std::make_unique<LocalJudge>(std::move(session), name, options);
}

std::unique_ptr<Judge> callJudge(const JudgeAddress& address, const JudgeOptions& options,
                                 const JobContext& job)
{
    HttpAddress where = parseHttpAddress(address.url);
    if (!address.mayBeElsewhere && !isLoopback(where.host)) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{} is not on this machine; questions and answers would leave it "
                                "unencrypted, so that has to be allowed first (--allow-remote)",
                                where.text()));
    }
    auto judge = std::make_unique<CalledJudge>(address, std::move(where), options);
    if (address.model.empty()) {
        judge->findModel(job);
    }
    return judge;
}

} // namespace pissarro::core::inline evaluate
