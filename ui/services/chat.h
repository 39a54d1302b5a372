// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/infer/conversation.h"
#include "core/infer/talk.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/conversation_keeper.h"
#include "ui/services/of_model.h"
#include "ui/services/service.h"

#include <QStringList>
#include <QTimer>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace pissarro::ui {

// What one model answers in a turn.
struct ChatReply {
    State
        state; // Running from the question on; Failed: what it said before stays; Idle: it was not asked
    QString text {}; // so far
    std::vector<core::TalkToken> tokens {}; // of it
    std::vector<std::int32_t> promptIds {}; // that it goes on from
    double firstSeconds = 0.0; // to the first token; 0: not known
    double tokensPerSecond = 0.0; // after it; 0: not known yet
    bool stopped = false; // by a person, before it had ended
    bool contextIsFull = false; // it ended since the model reads no more

    bool isAsked() const { return !std::holds_alternative<Idle>(state) || !text.isEmpty(); }
};

// One of the models that answer side by side.
struct ChatColumn {
    int id = 0; // its own as long as it is there, wherever it stands
    QString
        path {}; // a run, a PEFT folder for the open model, another model; empty: the open one itself
    QString about {}; // which state of a run speaks, what is to be known of an adapter; lines
    std::vector<ChatReply> replies {}; // one a turn
    std::optional<core::Perplexity> measured {}; // of the text that was measured last
    QString notMeasured {}; // why it could not be
};

// How they are asked.
struct ChatSettings {
    core::Sampling sampling {};
    std::int64_t maxNewTokens = 256;
    std::optional<core::PromptTemplate> form {}; // nullopt: each as it was trained
};

// A token of an answer.
struct ChatPlace {
    int column = 0; // its id
    std::size_t turn = 0;
    std::size_t token = 0;

    friend bool operator==(const ChatPlace& a, const ChatPlace& b) = default;
};

// A conversation with the open model and up to three others side by side: adapters of it, runs, other models. They are read at
// the first question; a base is read once, adapters on one base answer in one pass (core::Talkers). Running until the last
// answer has ended; Ready also where a person stopped them; Failed where one failed, whose reply says so. Each conversation is
// kept as a file of its own as it grows; a turn that is asked anew begins another one, so that nothing is lost.
class Chat : public Service, public OfModel {
    Q_OBJECT

public:
    static constexpr std::size_t kMostColumns = 4;

    explicit Chat(QObject* parent = nullptr);
    ~Chat() override;

    const std::vector<ChatColumn>& columns() const
    {
        return m_columns;
    } // at least one with a model
    const ChatColumn* columnOf(int id) const; // null: it is gone
    const QStringList& prompts() const { return m_prompts; } // of the turns
    const QString& system() const { return m_system; } // what stands before all of them
    void setSystem(const QString& text); // from the next question on
    // A run, a PEFT folder or a model beside the others; nothing where it is there. Full: in the place of the last one.
    void addColumn(const QString& path);
    void removeColumn(int id); // not the last one
    void moveColumn(int id, std::size_t to);

    // Why nothing can be asked; empty: it can, or no model is open.
    const QString& problem() const { return m_model.tokenizerProblem; }
    bool canAsk() const { return m_model.files != nullptr && m_job == 0; }
    // All of these: nothing without a model, or while there is an answer to come.
    void ask(const QString& prompt, const ChatSettings& how);
    // A turn once more, in other words or the same; those after it go, but stay in the file that there is.
    void askAgain(std::size_t turn, const QString& prompt, const ChatSettings& how);
    // The answer goes on behind what stands before the token, with that one of its likeliest in its place.
    void goOn(const ChatPlace& place, std::size_t alternative, const ChatSettings& how);
    void stop(); // within a token
    void clear(); // a new conversation with the same models
    void open(const QString& file); // a conversation that was kept, with its models
    core::Conversation conversation() const; // as it is kept

    // The perplexity of a text under each: ChatColumn::measured. Answers go before it.
    void measure(const QString& text);
    bool isMeasuring() const { return m_measuring; }
    // How likely the token at that place is for each column, by its id: weighed().
    void weigh(const ChatPlace& place);

    void takeModel(const OpenedModel& opened) override;
    void tellWhatIsGone() override;

Q_SIGNALS:
    void changed(); // columns(), prompts(); coalesced to 20 a second while they answer
    void weighed(const pissarro::ui::ChatPlace& place,
                 const std::vector<std::pair<int, double>>& chances);
    void notKept(const pissarro::ui::Failed&
                     failure); // a conversation could not be written or read, or not as it was

private:
    struct Models; // chat_p.h
    struct Event { // of one column
        int column = 0;
        core::TalkEvent told {};
        std::optional<QString> about {}; // instead
    };
    using Queue = GuardedQueue<Event>;
    struct Question;

    static void answer(Models& models, const Question& question, Queue& queue,
                       const core::JobContext& job);
    std::vector<core::InferenceModel> named() const;
    std::vector<int> ids() const;
    ChatColumn* find(int id);
    void begin(Question question);
    core::TalkRequest requestFor(std::size_t side, std::size_t turn, const ChatSettings& how) const;
    void cutTo(std::size_t turns);
    void endAside();
    void keep(); // as a file, where anything was said
    void forget(); // all that is said, and what is to come
    void drain();
    void take(const Event& event);
    void end(const State& how);
    void show(const core::Conversation& conversation, const core::SavedConversation& saved);
    QString nameOf(const ChatColumn& column) const;
    Failed failureOf(const ChatColumn& column, const QString& why) const;

    OpenedModel m_model;
    std::vector<ChatColumn> m_columns;
    QStringList m_prompts;
    QString m_system;
    QString m_title; // of the conversation; empty: its first prompt's
    int m_lastId = 0;
    std::shared_ptr<Models> m_models; // the worker's alone
    std::shared_ptr<Queue> m_queue;
    QTimer m_timer; // while one answers
    quint64 m_job = 0; // id of the running one; 0: none
    bool m_gone = false; // by takeModel(), not told yet
    bool m_measuring = false;
    ConversationKeeper m_keeper;
    JobBridge m_reading; // of a file
    JobBridge m_forgetting; // what the models keep of a conversation
    JobBridge m_asides; // perplexities, weights
    JobBridge m_jobs; // last: destroyed first
};

} // namespace pissarro::ui
