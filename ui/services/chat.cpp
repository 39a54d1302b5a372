// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/chat.h"

#include "core/base/error.h"
#include "ui/services/chat_p.h"
#include "ui/words/message.h"

#include <QFileInfo>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kTickMs = 50; // 20 Hz

QString textOf(const std::vector<core::TalkToken>& tokens)
{
    std::string text;
    for (const core::TalkToken& token : tokens) {
        text += token.choice.text;
    }
    return QString::fromStdString(text);
}

} // namespace

Chat::Chat(QObject* parent)
    : Service(parent)
    , m_models(std::make_shared<Models>())
{
    m_jobs.setTitle(tr("Replies"));
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, &Chat::drain);
    goWith(
        m_jobs, m_job,
        [this](const QString& why) {
            return failureOf(m_columns.empty() ? ChatColumn() : m_columns.front(), why);
        },
        [this](const State& how) { end(how); });
    connect(&m_keeper, &ConversationKeeper::failed, this,
            [this](const Failed& failure) { announce(this, &Chat::notKept, failure); });
    connect(&m_reading, &JobBridge::failed, this, [this](quint64 /*id*/, const QString& why) {
        announce(this, &Chat::notKept,
                 Failed {tr("The conversation could not be opened"), {}, why});
    });
    connect(&m_asides, &JobBridge::failed, this, [this](quint64 /*id*/, const QString& why) {
        for (ChatColumn& column : m_columns) {
            column.notMeasured = m_measuring ? why : column.notMeasured;
        }
        endAside();
    });
    for (const auto over : {&JobBridge::finished, &JobBridge::cancelled}) {
        connect(&m_asides, over, this, &Chat::endAside);
    }
}

Chat::~Chat() = default;

void Chat::endAside()
{
    if (!m_asides.isBusy()) {
        m_measuring = false;
        announce(this, &Chat::changed);
    }
}

const ChatColumn* Chat::columnOf(int id) const
{
    const auto found = std::find_if(m_columns.begin(), m_columns.end(),
                                    [id](const ChatColumn& one) { return one.id == id; });
    return found == m_columns.end() ? nullptr : &*found;
}

ChatColumn* Chat::find(int id)
{
    return const_cast<ChatColumn*>(std::as_const(*this).columnOf(id));
}

void Chat::setSystem(const QString& text)
{
    if (m_system != text) {
        m_system = text;
        announce(this, &Chat::changed);
    }
}

void Chat::addColumn(const QString& path)
{
    const bool isThere = std::any_of(m_columns.begin(), m_columns.end(),
                                     [&](const ChatColumn& one) { return one.path == path; });
    if (isThere || !m_model.files) {
        return;
    }
    if (m_columns.size() == kMostColumns) {
        m_columns.pop_back();
    }
    ChatColumn column {++m_lastId, path};
    column.replies.resize(static_cast<std::size_t>(m_prompts.size()));
    m_columns.push_back(std::move(column));
    announce(this, &Chat::changed);
}

void Chat::removeColumn(int id)
{
    if (m_columns.size() > 1
        && std::erase_if(m_columns, [id](const ChatColumn& one) { return one.id == id; }) > 0) {
        announce(this, &Chat::changed);
    }
}

void Chat::moveColumn(int id, std::size_t to)
{
    const auto found = std::find_if(m_columns.begin(), m_columns.end(),
                                    [id](const ChatColumn& one) { return one.id == id; });
    if (found == m_columns.end() || to >= m_columns.size()) {
        return;
    }
    ChatColumn column = std::move(*found);
    m_columns.erase(found);
    m_columns.insert(m_columns.begin() + static_cast<std::ptrdiff_t>(to), std::move(column));
    announce(this, &Chat::changed);
}

void Chat::ask(const QString& prompt, const ChatSettings& how)
{
    if (!canAsk()) {
        return;
    }
    m_prompts.append(prompt);
    const auto turn = static_cast<std::size_t>(m_prompts.size()) - 1;
    Question question {named(), ids(), {}};
    for (ChatColumn& column : m_columns) {
        column.replies.resize(turn + 1);
        column.replies[turn] = {Running {}};
    }
    for (std::size_t side = 0; side < m_columns.size(); ++side) {
        question.requests.push_back(requestFor(side, turn, how));
    }
    begin(std::move(question));
}

void Chat::askAgain(std::size_t turn, const QString& prompt, const ChatSettings& how)
{
    if (canAsk() && turn < static_cast<std::size_t>(m_prompts.size())) {
        cutTo(turn);
        ask(prompt, how);
    }
}

void Chat::goOn(const ChatPlace& place, std::size_t alternative, const ChatSettings& how)
{
    ChatColumn* const column = find(place.column);
    if (!canAsk() || column == nullptr || place.turn >= column->replies.size()
        || place.token >= column->replies[place.turn].tokens.size()
        || alternative >= column->replies[place.turn].tokens[place.token].likeliest.size()) {
        return;
    }
    cutTo(place.turn + 1);
    ChatReply& reply = column->replies[place.turn];
    core::TalkToken token = reply.tokens[place.token];
    token.choice = token.likeliest[alternative];
    token.rank = static_cast<std::int64_t>(alternative) + 1;
    if (token.choice.special) {
        token.choice.text.clear();
    }
    std::vector<core::TalkToken> kept(
        reply.tokens.begin(), reply.tokens.begin() + static_cast<std::ptrdiff_t>(place.token));
    kept.push_back(std::move(token));
    reply = {Running {}, textOf(kept), std::move(kept)};
    const auto side = static_cast<std::size_t>(column - m_columns.data());
    core::TalkRequest request = requestFor(side, place.turn, how);
    for (const core::TalkToken& one : reply.tokens) {
        request.begun.push_back(one.choice.id);
    }
    request.maxNewTokens = std::max<std::int64_t>(
        1, how.maxNewTokens - static_cast<std::int64_t>(request.begun.size()));
    begin({named(), ids(), {std::move(request)}});
}

void Chat::cutTo(std::size_t turns)
{
    m_keeper.begin(); // what was said stays in the file that there is
    m_prompts.resize(static_cast<qsizetype>(turns));
    for (ChatColumn& column : m_columns) {
        column.replies.resize(turns);
    }
}

void Chat::begin(Question question)
{
    m_asides.cancel();
    m_queue = std::make_shared<Queue>();
    m_job = m_jobs.start<bool>(
        [models = m_models, queue = m_queue,
         question = std::move(question)](const core::JobContext& job) {
            answer(*models, question, *queue, job);
            return true;
        },
        [](bool) {});
    m_timer.start();
    setState(Running {});
    announce(this, &Chat::changed);
}

std::vector<core::InferenceModel> Chat::named() const
{
    std::vector<core::InferenceModel> models;
    for (const ChatColumn& column : m_columns) {
        models.push_back({m_model.files->path().string(), column.path.toStdString()});
    }
    return models;
}

std::vector<int> Chat::ids() const
{
    std::vector<int> all;
    for (const ChatColumn& column : m_columns) {
        all.push_back(column.id);
    }
    return all;
}

core::TalkRequest Chat::requestFor(std::size_t side, std::size_t turn,
                                   const ChatSettings& how) const
{
    core::TalkRequest request;
    request.speaker = side;
    request.messages = conversation().messagesFor(side, turn);
    request.form = how.form;
    request.sampling = how.sampling;
    request.maxNewTokens = how.maxNewTokens;
    return request;
}

void Chat::stop()
{
    m_jobs.cancel();
}

void Chat::clear()
{
    forget();
    setState(Idle {});
    announce(this, &Chat::changed);
}

void Chat::forget()
{
    m_jobs.cancel();
    m_asides.cancel();
    m_reading.cancel();
    m_job = 0;
    m_timer.stop();
    m_queue.reset();
    if (!m_prompts.isEmpty()) {
        keep(); // with what was being said
        m_forgetting.start<bool>(
            [models = m_models](const core::JobContext& /*job*/) {
                const std::lock_guard lock(models->mutex); // an answer ends within a token
                models->talkers.forget();
                return true;
            },
            [](bool) {});
    }
    m_keeper.begin();
    m_prompts.clear();
    m_title.clear();
    for (ChatColumn& column : m_columns) {
        column.replies.clear();
        column.measured.reset();
        column.notMeasured.clear();
    }
}

void Chat::keep()
{
    const bool any = std::any_of(m_columns.begin(), m_columns.end(), [](const ChatColumn& column) {
        return std::any_of(column.replies.begin(), column.replies.end(),
                           [](const ChatReply& reply) { return !reply.text.isEmpty(); });
    });
    if (any && m_model.files) {
        m_keeper.keep(conversation());
    }
}

void Chat::take(const Event& event)
{
    ChatColumn* const column = find(event.column);
    if (column == nullptr || column->replies.empty()) {
        return; // it was taken away
    }
    if (event.about) {
        column->about = *event.about;
        return;
    }
    ChatReply& reply = column->replies.back();
    const core::TalkEvent& told = event.told;
    if (!told.failure.empty()) {
        reply.state = failureOf(*column, withoutOptionDashes(QString::fromStdString(told.failure)));
        return;
    }
    if (!told.promptIds.empty()) {
        reply.promptIds = told.promptIds;
        // Of an answer that goes on the ids end with those of its own.
        reply.promptIds.resize(told.promptIds.size()
                               - std::min(reply.tokens.size(), told.promptIds.size()));
        return;
    }
    reply.text += textOf(told.tokens);
    reply.tokens.insert(reply.tokens.end(), told.tokens.begin(), told.tokens.end());
    reply.firstSeconds = told.firstSeconds;
    reply.tokensPerSecond = told.tokensPerSecond;
    if (told.ending != core::Ending::None) {
        reply.contextIsFull = told.contextIsFull;
        reply.state = Ready {};
    }
}

void Chat::drain()
{
    if (!m_queue) {
        return;
    }
    const std::vector<Event> arrived = m_queue->takeAll();
    std::for_each(arrived.begin(), arrived.end(), [this](const Event& event) { take(event); });
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
    for (auto column = m_columns.rbegin(); column != m_columns.rend(); ++column) {
        if (column->replies.empty()) {
            continue;
        }
        ChatReply& reply = column->replies.back();
        if (std::holds_alternative<Running>(reply.state)) {
            reply.stopped = std::holds_alternative<Idle>(how);
            reply.state = all == nullptr ? State(Ready {}) : State(failureOf(*column, all->why));
        }
        if (const auto* failed = std::get_if<Failed>(&reply.state)) {
            state = *failed; // the first column's, where several failed
        }
    }
    keep();
    setState(std::move(state));
    announce(this, &Chat::changed);
}

QString Chat::nameOf(const ChatColumn& column) const
{
    return QFileInfo(column.path.isEmpty() ? pathOf(m_model.files) : column.path).fileName();
}

Failed Chat::failureOf(const ChatColumn& column, const QString& why) const
{
    const QString path = column.path.isEmpty() ? pathOf(m_model.files) : column.path;
    return {tr("%1 could not answer").arg(nameOf(column)), path, why};
}

void Chat::takeModel(const OpenedModel& opened)
{
    const bool isFirst = m_model.files == nullptr;
    forget();
    m_gone = !isFirst;
    m_columns.clear();
    m_system.clear();
    m_models = std::make_shared<Models>(); // a worker that still has the old ones lets them go
    m_model = opened;
    if (m_model.files) {
        m_columns.push_back({++m_lastId});
    }
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
