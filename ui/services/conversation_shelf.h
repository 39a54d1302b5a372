// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/trash.h"
#include "core/infer/conversation.h"
#include "core/tasks/task.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <functional>
#include <optional>
#include <vector>

namespace pissarro::ui {

// The conversations that were kept, of this window and others. Nothing is done while it is Running.
class ConversationShelf : public Service {
    Q_OBJECT

public:
    explicit ConversationShelf(QObject* parent = nullptr);
    ~ConversationShelf() override;

    const std::vector<core::ConversationEntry>& entries() const
    {
        return m_entries;
    } // newest first
    void refresh();
    void rename(const QString& file, const QString& title);
    void discard(const QString& file); // into the trash
    bool canRestore() const { return m_trashed.has_value(); } // what was discarded last
    void restore();

Q_SIGNALS:
    void changed();

private:
    struct Looked {
        std::vector<core::ConversationEntry> entries;
        std::optional<core::Trashed> trashed;
    };
    // `act` on the worker, then a look.
    void start(std::function<std::optional<core::Trashed>()> act, const QString& failure);

    std::vector<core::ConversationEntry> m_entries;
    std::optional<core::Trashed> m_trashed;
    QString m_failure; // what to say where it fails
    JobBridge m_jobs;
};

// The questions of a task's data set, to be asked by hand.
class TestQuestions : public Service {
    Q_OBJECT

public:
    static constexpr int kMost = 1000;

    explicit TestQuestions(QObject* parent = nullptr);
    ~TestQuestions() override;

    void read(const QString& file); // in the form of any task; the first kMost
    const std::vector<core::TaskQuestion>& questions() const { return m_questions; }

Q_SIGNALS:
    void changed();

private:
    QString m_file;
    std::vector<core::TaskQuestion> m_questions;
    JobBridge m_jobs;
};

} // namespace pissarro::ui
