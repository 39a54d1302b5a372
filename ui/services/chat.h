// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/infer/generate.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/of_model.h"
#include "ui/services/service.h"

#include <QTimer>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace pissarro::ui {

// What one model answers.
struct ChatReply {
    State state; // Running from the question on; Failed: what it said before stays
    QString about; // which state of a run speaks, what is to be known of an adapter; lines
    QString text; // so far
    std::int64_t tokens = 0; // of it
    double tokensPerSecond = 0.0; // without the reading of the prompt; 0: not known yet
    bool stopped = false; // by a person, before it had ended
};

// The open model is asked, and beside it an adapter for it, or a run. Both are read at the first question and stay open for
// those that follow; what stands on the open model's weights uses them in place. They answer in turn, a token each. Running
// until the last one has ended; Ready also where a person stopped them; Failed where one failed, whose reply says so.
class Chat : public Service, public OfModel {
    Q_OBJECT

public:
    explicit Chat(QObject* parent = nullptr);
    ~Chat() override;

    // A PEFT folder for the open model, a run, or another model; empty: nothing beside. Ends what is being answered.
    void setTuned(const QString& path);
    const QString& tuned() const { return m_tuned; }
    // Why nothing can be asked; empty: it can, or no model is open.
    const QString& problem() const { return m_model.tokenizerProblem; }
    // Nothing without a model, or while there is an answer to come.
    void ask(const QString& prompt, const core::GenerateOptions& how);
    void stop(); // within a token

    const QString& prompt() const { return m_prompt; } // that the replies are to
    // Of the open model, then of the one beside it. None: nothing was asked.
    const std::vector<ChatReply>& replies() const { return m_replies; }

    void takeModel(const OpenedModel& opened) override;
    void tellWhatIsGone() override;

Q_SIGNALS:
    void changed(); // tuned(), replies(); coalesced to 20 a second

private:
    struct Models;
    struct Event { // of one reply
        std::size_t column = 0;
        std::string text; // to be added
        std::int64_t tokens = 0;
        double tokensPerSecond = 0.0;
        bool over = false;
        std::string about; // with the first one; else empty
        std::string failure; // empty: it did not fail
    };
    using Queue = GuardedQueue<Event>;
    struct Question;
    static void answer(Models& models, const Question& question, Queue& queue,
                       const core::JobContext& job);
    bool forget(); // the answers; whether there were any, or some to come
    void drain();
    void take(const Event& event);
    void end(const State& how);
    Failed failureOf(std::size_t column, const QString& why) const;

    OpenedModel m_model;
    QString m_tuned;
    QString m_prompt;
    std::vector<ChatReply> m_replies;
    std::shared_ptr<Models> m_models; // the worker's alone
    std::shared_ptr<Queue> m_queue;
    QTimer m_timer; // while one answers
    quint64 m_job = 0; // id of the running one; 0: none
    bool m_gone = false; // by takeModel(), not told yet
    JobBridge m_jobs; // last: destroyed first
};

} // namespace pissarro::ui
