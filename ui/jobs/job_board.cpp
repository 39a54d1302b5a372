// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_board.h"

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

void JobBoard::show(const JobBridge* bridge, const QString& title, double fraction)
{
    const auto known =
        std::find_if(m_entries.begin(), m_entries.end(),
                     [bridge](const Entry& entry) { return entry.bridge == bridge; });
    if (known == m_entries.end()) {
        m_entries.push_back({bridge, title, fraction});
    } else {
        known->title = title;
        known->fraction = fraction;
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
