// SPDX-License-Identifier: GPL-3.0-or-later
// What the chat has its workers do, and conversations as files.
#include "core/base/error.h"
#include "ui/services/chat.h"
#include "ui/services/chat_p.h"
#include "ui/words/message.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

namespace pissarro::ui {

namespace {

namespace fs = std::filesystem;

// What is named is an adapter for the open model where it has an adapter_config.json; else it speaks for itself.
core::InferenceModel speakerOf(const core::InferenceModel& named)
{
    std::error_code ignored;
    const bool isAdapter = fs::exists(named.adapter / "adapter_config.json", ignored);
    return named.adapter.empty() || isAdapter ? named
                                              : core::InferenceModel {named.adapter.string()};
}

QString titleOf(const core::Conversation& conversation)
{
    constexpr qsizetype kMost = 60; // characters
    const QString text = conversation.prompts.empty()
        ? QString()
        : QString::fromStdString(conversation.prompts.front()).simplified();
    return text.size() > kMost ? text.left(kMost - 1) + QChar(u'…') : text;
}

} // namespace

const std::vector<core::Speaker>& Chat::Models::open(const std::vector<core::InferenceModel>& named,
                                                     const core::JobContext& job)
{
    std::vector<core::InferenceModel> speakers;
    std::transform(named.begin(), named.end(), std::back_inserter(speakers), speakerOf);
    return talkers.open(speakers, job);
}

void Chat::answer(Models& models, const Question& question, Queue& queue,
                  const core::JobContext& job)
{
    const std::lock_guard lock(models.mutex);
    const auto& speakers = models.open(question.models, job);
    for (std::size_t i = 0; i < speakers.size(); ++i) {
        Event event;
        event.column = question.columns[i];
        event.about = QString::fromStdString(speakers[i].notes);
        queue.push(std::move(event));
    }
    // Read as far as they are: how long the answers become nobody knows.
    job.checkpoint(-1.0, "Answering");
    models.talkers.answer(
        question.requests,
        [&](core::TalkEvent told) {
            Event event;
            event.column = question.columns[told.speaker];
            event.told = std::move(told);
            queue.push(std::move(event));
        },
        job);
}

void Chat::measure(const QString& text)
{
    if (!canAsk() || text.isEmpty()) {
        return;
    }
    struct Measured {
        std::vector<std::optional<core::Perplexity>> found;
        std::vector<QString> problems;
    };
    for (ChatColumn& column : m_columns) {
        column.measured.reset();
        column.notMeasured.clear();
    }
    m_measuring = true;
    m_asides.setTitle(tr("Perplexity of a text"));
    m_asides.start<Measured>(
        [models = m_models, named = named(),
         text = text.toStdString()](const core::JobContext& job) {
            const std::lock_guard lock(models->mutex);
            const std::size_t count = models->open(named, job).size();
            Measured all {std::vector<std::optional<core::Perplexity>>(count),
                          std::vector<QString>(count)};
            for (std::size_t i = 0; i < count; ++i) {
                try {
                    all.found[i] = core::perplexityOf(models->talkers.lossOf(i, text, job));
                } catch (const core::Error& error) {
                    all.problems[i] = withoutOptionDashes(QString::fromUtf8(error.what()));
                }
            }
            return all;
        },
        [this, ids = ids()](const Measured& all) {
            for (std::size_t i = 0; i < ids.size(); ++i) {
                if (ChatColumn* const column = find(ids[i])) {
                    column->measured = all.found[i];
                    column->notMeasured = all.problems[i];
                }
            }
        });
    announce(this, &Chat::changed);
}

void Chat::weigh(const ChatPlace& place)
{
    const ChatColumn* const column = columnOf(place.column);
    if (!canAsk() || m_measuring || column == nullptr || place.turn >= column->replies.size()
        || place.token >= column->replies[place.turn].tokens.size()
        || column->replies[place.turn].promptIds.empty()) {
        return;
    }
    const ChatReply& reply = column->replies[place.turn];
    std::vector<std::int32_t> before = reply.promptIds;
    for (std::size_t i = 0; i < place.token; ++i) {
        before.push_back(reply.tokens[i].choice.id);
    }
    using Chances = std::vector<std::pair<int, double>>;
    m_asides.setTitle({});
    m_asides.start<Chances>(
        [models = m_models, named = named(), ids = ids(), before,
         token = reply.tokens[place.token].choice.id](const core::JobContext& job) {
            const std::lock_guard lock(models->mutex);
            models->open(named, job);
            Chances chances;
            for (std::size_t i = 0; i < ids.size(); ++i) {
                try {
                    chances.emplace_back(
                        ids[i], std::exp(models->talkers.logProbabilityOf(i, before, token, job)));
                } catch (const core::Error&) { // another vocabulary, or it cannot speak
                }
            }
            return chances;
        },
        [this, place](const Chances& chances) { announce(this, &Chat::weighed, place, chances); });
}

core::Conversation Chat::conversation() const
{
    core::Conversation talk;
    talk.model = pathOf(m_model.files).toStdString();
    talk.system = m_system.toStdString();
    for (const QString& prompt : m_prompts) {
        talk.prompts.push_back(prompt.toStdString());
    }
    for (const ChatColumn& column : m_columns) {
        core::ConversationSide side {column.path.toStdString(), nameOf(column).toStdString()};
        for (const ChatReply& reply : column.replies) {
            side.replies.emplace_back();
            if (!reply.text.isEmpty()) {
                side.replies.back() = {reply.text.toStdString(), reply.tokens, reply.stopped};
            }
        }
        talk.sides.push_back(std::move(side));
    }
    talk.title = (m_title.isEmpty() ? titleOf(talk) : m_title).toStdString();
    return talk;
}

void Chat::open(const QString& file)
{
    struct Read {
        core::Conversation conversation;
        core::SavedConversation saved;
    };
    m_reading.start<Read>(
        [path = file.toStdString()](const core::JobContext& job) {
            const core::SavedConversation stamp = core::stampOf(path);
            return Read {core::readConversation(path, job), stamp};
        },
        [this](const Read& read) { show(read.conversation, read.saved); });
}

void Chat::show(const core::Conversation& conversation, const core::SavedConversation& saved)
{
    if (!m_model.files) {
        return;
    }
    forget();
    m_keeper.begin(saved);
    m_title = QString::fromStdString(conversation.title);
    m_system = QString::fromStdString(conversation.system);
    for (const std::string& prompt : conversation.prompts) {
        m_prompts.append(QString::fromStdString(prompt));
    }
    m_columns.clear();
    for (const core::ConversationSide& side : conversation.sides) {
        if (m_columns.size() == kMostColumns) {
            break;
        }
        ChatColumn column {++m_lastId, QString::fromStdString(side.path)};
        for (const auto& told : side.replies) {
            ChatReply reply;
            if (told) {
                reply = {Ready {}, QString::fromStdString(told->text), told->tokens};
                reply.stopped = told->stopped;
            }
            column.replies.push_back(std::move(reply));
        }
        m_columns.push_back(std::move(column));
    }
    if (m_columns.empty()) {
        m_columns.push_back({++m_lastId});
    }
    setState(Idle {});
    announce(this, &Chat::changed);
    const QString model = pathOf(m_model.files);
    if (const QString then = QString::fromStdString(conversation.model);
        !then.isEmpty() && then != model) {
        announce(
            this, &Chat::notKept,
            Failed {
                tr("The conversation was held with another model"), then,
                tr("%1 goes on with it; adapters of the other model do not fit it.").arg(model)});
    }
}

} // namespace pissarro::ui
