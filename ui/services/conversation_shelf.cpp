// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/conversation_shelf.h"

#include "core/base/error.h"
#include "core/tasks/questions.h"
#include "ui/words/format.h"

#include <QDir>

#include <filesystem>
#include <utility>

namespace pissarro::ui {

ConversationShelf::ConversationShelf(QObject* parent)
    : Service(parent)
{
    goWith(m_jobs, [this](const QString& why) {
        return Failed {m_failure, textOf(core::defaultConversationFolder()), why};
    });
}

ConversationShelf::~ConversationShelf() = default;

void ConversationShelf::start(std::function<std::optional<core::Trashed>()> act,
                              const QString& failure)
{
    if (isRunning()) {
        return;
    }
    m_failure = failure;
    setState(Running {});
    m_jobs.start<Looked>(
        [act = std::move(act)](const core::JobContext& job) {
            Looked looked;
            looked.trashed = act();
            looked.entries = core::listConversations(core::defaultConversationFolder(), job);
            return looked;
        },
        [this](Looked looked) {
            m_entries = std::move(looked.entries);
            m_trashed = std::move(looked.trashed);
            setState(Ready {});
            announce(this, &ConversationShelf::changed);
        });
}

void ConversationShelf::refresh()
{
    start([trashed = m_trashed] { return trashed; }, tr("The conversations could not be listed"));
}

void ConversationShelf::rename(const QString& file, const QString& title)
{
    start(
        [path = file.toStdString(), title = title.toStdString(), trashed = m_trashed] {
            core::renameConversation(path, title);
            return trashed;
        },
        tr("The conversation could not be renamed"));
}

void ConversationShelf::discard(const QString& file)
{
    start([path = file.toStdString()] { return std::optional(core::moveToTrash(path)); },
          tr("The conversation could not be moved to the trash"));
}

void ConversationShelf::restore()
{
    if (m_trashed) {
        start(
            [trashed = *m_trashed]() -> std::optional<core::Trashed> {
                core::restoreFromTrash(trashed);
                return std::nullopt;
            },
            tr("The conversation could not be put back"));
    }
}

TestQuestions::TestQuestions(QObject* parent)
    : Service(parent)
{
    goWith(m_jobs, [this](const QString& why) {
        return Failed {tr("The questions could not be read"), m_file, why};
    });
}

TestQuestions::~TestQuestions() = default;

void TestQuestions::read(const QString& file)
{
    m_file = file;
    setState(Running {});
    m_jobs.start<std::vector<core::TaskQuestion>>(
        [path = std::filesystem::path(file.toStdString())](const core::JobContext& job) {
            std::optional<core::Error> last;
            for (const core::Task* task : core::allTasks()) {
                job.throwIfCancelled();
                if (task->question == nullptr) {
                    continue;
                }
                try {
                    return core::readQuestions(*task, path, kMost, job);
                } catch (const core::Error& error) {
                    last = error;
                }
            }
            throw *last; // a task asks questions, or there were none to try
        },
        [this](std::vector<core::TaskQuestion> questions) {
            m_questions = std::move(questions);
            setState(Ready {});
            announce(this, &TestQuestions::changed);
        });
}

} // namespace pissarro::ui
