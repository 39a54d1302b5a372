// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/infer/conversation.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/state.h"

#include <QObject>

#include <map>
#include <memory>
#include <vector>

namespace pissarro::ui {

// Writes a conversation as it grows, one write after the other: the newest state of each is written, none is left out.
class ConversationKeeper : public QObject {
    Q_OBJECT

public:
    explicit ConversationKeeper(QObject* parent = nullptr);
    ~ConversationKeeper() override;

    void begin(const core::SavedConversation& saved = {}); // another conversation from here on
    void keep(core::Conversation conversation);
    bool isBusy() const { return m_jobs.isBusy() || !m_waiting.empty(); }

Q_SIGNALS:
    void kept(); // what was waiting is written
    void failed(const pissarro::ui::Failed& failure);

private:
    struct Written; // where each lies: the worker's alone
    struct Waiting {
        int number = 0;
        core::Conversation conversation;
    };
    void next();

    std::shared_ptr<Written> m_written;
    std::vector<Waiting> m_waiting;
    std::shared_ptr<const Waiting> m_current; // that was begun last
    int m_number = 0; // of the conversation that grows
    JobBridge m_jobs;
};

} // namespace pissarro::ui
