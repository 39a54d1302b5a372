// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/chat.h"

#include "core/base/error.h"
#include "ui/words/message.h"

#include <QFileInfo>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <mutex>
#include <utility>

namespace pissarro::ui {

namespace {

namespace fs = std::filesystem;

constexpr int kTickMs = 50; // 20 Hz
constexpr std::size_t kBase = 0;
constexpr std::size_t kTuned = 1;

// What speaks beside the open model.
core::InferenceModel tunedOf(const std::string& model, const std::string& path)
{
    std::error_code ignored;
    const bool isAdapter = fs::exists(fs::path(path) / "adapter_config.json", ignored);
    return isAdapter ? core::InferenceModel {model, path} : core::InferenceModel {path};
}

// What tells one state of it on disk from another: a run goes on, an adapter is written anew.
std::string markOf(const core::InferenceModel& named)
{
    const core::ModelParts parts = core::partsOf(named.model, named.adapter, named.checkpoint);
    std::string mark = parts.base.string() + '\n' + parts.adapter.string();
    if (parts.state) {
        mark += '\n' + parts.state->directory.string() + '\n' + std::to_string(parts.state->step);
    }
    std::error_code ignored;
    const auto written = fs::last_write_time(parts.adapter / "adapter_model.safetensors", ignored);
    return mark + '\n' + std::to_string(written.time_since_epoch().count());
}

} // namespace

struct Chat::Question {
    std::string model;
    std::string tuned; // empty: nothing beside
    std::string prompt;
    core::GenerateOptions how;
};

// The models that are open. One question at a time uses them.
struct Chat::Models {
    struct One {
        std::shared_ptr<const core::session::Session> session; // null: not open
        std::string about;
        std::string path; // as it was named; with `mark` of the tuned one
        std::string mark;
    };
    std::mutex mutex;
    One base;
    One tuned;

    const One& openBase(const Question& question, const core::JobContext& job);
    const One& openTuned(const Question& question, const core::JobContext& job);
};

const Chat::Models::One& Chat::Models::openBase(const Question& question,
                                                const core::JobContext& job)
{
    if (!base.session) {
        base.session = std::make_shared<const core::session::Session>(core::session::open(
            core::InferenceModel {question.model}, core::session::Tokens::Needed, job));
    }
    return base;
}

const Chat::Models::One& Chat::Models::openTuned(const Question& question,
                                                 const core::JobContext& job)
{
    core::InferenceModel named = tunedOf(question.model, question.tuned);
    const std::string mark = markOf(named);
    if (tuned.session && tuned.path == question.tuned && tuned.mark == mark) {
        return tuned;
    }
    tuned = {}; // before the next one takes as much memory
    One opened {nullptr, {}, question.tuned, mark};
    const auto note = [&opened](std::string_view line) {
        opened.about += (opened.about.empty() ? "" : "\n") + std::string(line);
    };
    named.warn = note;
    named.took = [&note](const core::StoredState& state) { note(state.title()); };
    constexpr auto kNeeded = core::session::Tokens::Needed;
    opened.session = std::make_shared<const core::session::Session>(
        base.session ? core::session::openBeside(*base.session, named, kNeeded, job)
                     : core::session::open(named, kNeeded, job));
    tuned = std::move(opened);
    return tuned;
}

Chat::Chat(QObject* parent)
    : Service(parent)
    , m_models(std::make_shared<Models>())
{
    m_jobs.setTitle(tr("Replies"));
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, &Chat::drain);
    goWith(
        m_jobs, m_job, [this](const QString& why) { return failureOf(kBase, why); },
        [this](const State& how) { end(how); });
}

Chat::~Chat() = default;

void Chat::setTuned(const QString& path)
{
    if (path == m_tuned) {
        return;
    }
    forget();
    m_tuned = path;
    setState(Idle {});
    announce(this, &Chat::changed);
}

void Chat::ask(const QString& prompt, const core::GenerateOptions& how)
{
    if (!m_model.files || m_job != 0) {
        return;
    }
    const Question question {m_model.files->path().string(), m_tuned.toStdString(),
                             prompt.toStdString(), how};
    m_prompt = prompt;
    m_replies.assign(m_tuned.isEmpty() ? 1 : 2, {Running {}, {}, {}});
    m_queue = std::make_shared<Queue>();
    m_job = m_jobs.start<bool>(
        [models = m_models, queue = m_queue, question](const core::JobContext& job) {
            answer(*models, question, *queue, job);
            return true;
        },
        [](bool) {});
    m_timer.start();
    setState(Running {});
    announce(this, &Chat::changed);
}

// What fails of one model ends its reply alone.
void Chat::answer(Models& models, const Question& question, Queue& queue,
                  const core::JobContext& job)
{
    const std::lock_guard lock(models.mutex);
    std::vector<std::unique_ptr<core::Reply>> replies(question.tuned.empty() ? 1 : 2);
    const auto attempt = [&](std::size_t column, const std::function<void()>& act) {
        try {
            act();
        } catch (const core::Error& error) {
            replies[column].reset();
            Event event;
            event.column = column;
            event.failure = error.what();
            queue.push(std::move(event));
        }
    };
    for (std::size_t column = 0; column < replies.size(); ++column) {
        attempt(column, [&] {
            const Models::One& one =
                column == kBase ? models.openBase(question, job) : models.openTuned(question, job);
            Event event;
            event.column = column;
            event.about = one.about;
            queue.push(std::move(event));
            replies[column] =
                std::make_unique<core::Reply>(*one.session, question.prompt, question.how, job);
        });
    }
    const auto step = [&](std::size_t column) {
        core::Reply& reply = *replies[column];
        Event event;
        event.column = column;
        event.text = reply.step();
        event.over = reply.isOver();
        const core::GenerateResult& result = reply.result();
        event.tokens = static_cast<std::int64_t>(result.newIds.size());
        if (result.decodeSeconds > 0.0) {
            event.tokensPerSecond = static_cast<double>(event.tokens) / result.decodeSeconds;
        }
        if (event.over) {
            replies[column].reset();
        }
        queue.push(std::move(event));
    };
    const auto speaks = [](const auto& reply) { return reply != nullptr; };
    while (std::any_of(replies.begin(), replies.end(), speaks)) {
        for (std::size_t column = 0; column < replies.size(); ++column) {
            if (replies[column]) {
                attempt(column, [&] { step(column); });
            }
        }
    }
}

void Chat::stop()
{
    m_jobs.cancel();
}

void Chat::take(const Event& event)
{
    ChatReply& reply = m_replies[event.column];
    if (!event.failure.empty()) {
        reply.state =
            failureOf(event.column, withoutOptionDashes(QString::fromStdString(event.failure)));
        return;
    }
    if (event.tokens == 0) {
        reply.about = QString::fromStdString(event.about);
        return;
    }
    reply.text += QString::fromStdString(event.text);
    reply.tokens = event.tokens;
    reply.tokensPerSecond = event.tokensPerSecond;
    if (event.over) {
        reply.state = Ready {};
    }
}

void Chat::drain()
{
    if (!m_queue) {
        return;
    }
    const std::vector<Event> arrived = m_queue->takeAll();
    for (const Event& event : arrived) {
        take(event);
    }
    if (!arrived.empty()) {
        announce(this, &Chat::changed);
    }
}

void Chat::end(const State& how)
{
    const auto* all = std::get_if<Failed>(&how); // what was being answered failed, not one model
    m_timer.stop();
    drain();
    m_queue.reset();
    State state = Ready {};
    for (std::size_t column = m_replies.size(); column-- > 0;) {
        ChatReply& reply = m_replies[column];
        if (std::holds_alternative<Running>(reply.state)) {
            reply.stopped = std::holds_alternative<Idle>(how);
            reply.state = all == nullptr ? State(Ready {}) : State(failureOf(column, all->why));
        }
        if (const auto* failed = std::get_if<Failed>(&reply.state)) {
            state = *failed; // the first model's, where both failed
        }
    }
    setState(std::move(state));
    announce(this, &Chat::changed);
}

Failed Chat::failureOf(std::size_t column, const QString& why) const
{
    const QString path = column == kTuned ? m_tuned : pathOf(m_model.files);
    return {tr("%1 could not answer").arg(QFileInfo(path).fileName()), path, why};
}

bool Chat::forget()
{
    m_jobs.cancel();
    m_job = 0;
    m_timer.stop();
    m_queue.reset();
    m_prompt.clear();
    return !std::exchange(m_replies, {}).empty();
}

void Chat::takeModel(const OpenedModel& opened)
{
    m_gone = forget() || !m_tuned.isEmpty();
    m_tuned.clear();
    m_models = std::make_shared<Models>(); // a worker that still has the old ones lets them go
    m_model = opened;
    forgetState();
}

void Chat::tellWhatIsGone()
{
    if (std::exchange(m_gone, false)) {
        setState(Idle {});
    }
    announce(this, &Chat::changed); // problem() may be another
}

} // namespace pissarro::ui
