// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/conversation_keeper.h"

#include "ui/services/announce.h"
#include "ui/words/format.h"

#include <algorithm>
#include <mutex>
#include <utility>

namespace pissarro::ui {

struct ConversationKeeper::Written {
    std::mutex mutex;
    std::map<int, core::SavedConversation> places; // by number; guarded by mutex
    const Waiting* last = nullptr; // that was written; guarded by mutex

    void write(const Waiting& one)
    {
        const std::lock_guard lock(mutex);
        if (std::exchange(last, &one) == &one) {
            return;
        }
        places[one.number] = core::saveConversation(core::defaultConversationFolder(),
                                                    places[one.number], one.conversation);
    }
};

ConversationKeeper::ConversationKeeper(QObject* parent)
    : QObject(parent)
    , m_written(std::make_shared<Written>())
{
    connect(&m_jobs, &JobBridge::finished, this, &ConversationKeeper::next);
    connect(&m_jobs, &JobBridge::failed, this, [this](quint64 /*id*/, const QString& why) {
        announce(this, &ConversationKeeper::failed,
                 Failed {tr("The conversation could not be kept"),
                         textOf(core::defaultConversationFolder()), why});
        next();
    });
}

// What is not written yet is written now: the program ends.
ConversationKeeper::~ConversationKeeper()
{
    const auto write = [this](const Waiting& one) {
        try {
            m_written->write(one);
        } catch (const core::Error&) { // nobody is there to be told
        }
    };
    if (m_current) {
        write(*m_current);
    }
    std::for_each(m_waiting.begin(), m_waiting.end(), write);
}

void ConversationKeeper::begin(const core::SavedConversation& saved)
{
    ++m_number;
    if (!saved.file.empty()) {
        const std::lock_guard lock(m_written->mutex);
        m_written->places[m_number] = saved;
    }
}

void ConversationKeeper::keep(core::Conversation conversation)
{
    std::erase_if(m_waiting, [this](const Waiting& one) { return one.number == m_number; });
    m_waiting.push_back({m_number, std::move(conversation)});
    if (!m_jobs.isBusy()) {
        next();
    }
}

void ConversationKeeper::next()
{
    if (m_waiting.empty()) {
        announce(this, &ConversationKeeper::kept);
        return;
    }
    const auto one = std::make_shared<const Waiting>(std::move(m_waiting.front()));
    m_current = one;
    m_waiting.erase(m_waiting.begin());
    m_jobs.start<bool>(
        [written = m_written, one](const core::JobContext& /*job*/) {
            written->write(*one);
            return true;
        },
        [](bool) {});
}

} // namespace pissarro::ui
