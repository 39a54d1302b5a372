// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_board.h"

#include "ui/jobs/job_bridge.h"

#include <algorithm>

namespace pissarro::ui {

JobBoard& JobBoard::instance()
{
    static JobBoard board;
    return board;
}

QStringList JobBoard::titles() const
{
    QStringList titles;
    for (const Entry& entry : m_entries) {
        titles.append(entry.title);
    }
    return titles;
}

void JobBoard::cancel(quint64 id)
{
    const auto asked = std::find_if(m_entries.begin(), m_entries.end(),
                                    [id](const Entry& entry) { return entry.id == id; });
    if (asked != m_entries.end() && !asked->ending) {
        asked->ending = true;
        asked->bridge->cancel();
        Q_EMIT changed();
    }
}

void JobBoard::show(JobBridge* bridge, const QString& title, double fraction)
{
    const auto known =
        std::find_if(m_entries.begin(), m_entries.end(),
                     [bridge](const Entry& entry) { return entry.bridge == bridge; });
    if (known == m_entries.end()) {
        m_entries.push_back({++m_lastId, bridge, title, fraction});
    } else {
        known->title = title;
        known->fraction = fraction;
        known->ending = false; // another job
    }
    Q_EMIT changed();
}

void JobBoard::remove(const JobBridge* bridge)
{
    const auto removed =
        std::erase_if(m_entries, [bridge](const Entry& entry) { return entry.bridge == bridge; });
    if (removed > 0) {
        Q_EMIT changed();
    }
}

} // namespace pissarro::ui
