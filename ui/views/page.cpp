// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/page.h"

#include "ui/services/announce.h"

#include <algorithm>
#include <exception>

namespace pissarro::ui {

void Page::whenInSight(const char* what, std::function<void()> show)
{
    if (isVisible()) {
        show();
        return;
    }
    const QByteArray name(what);
    const auto known = std::find_if(m_waiting.begin(), m_waiting.end(),
                                    [&name](const auto& one) { return one.first == name; });
    if (known == m_waiting.end()) {
        m_waiting.emplace_back(name, std::move(show));
    } else {
        known->second = std::move(show);
    }
}

// What one throws keeps none of the others from being shown; the application's guard tells of it.
void Page::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    while (!m_waiting.empty()) {
        const std::function<void()> show = std::move(m_waiting.front().second);
        m_waiting.erase(m_waiting.begin());
        try {
            show();
        } catch (...) {
            raiseLater(this, std::current_exception());
        }
    }
}

QVector<NextStep> nextStepsOf(const QVector<Page*>& pages, const QStringList& ids)
{
    QVector<NextStep> all;
    for (qsizetype place = 0; place < pages.size(); ++place) {
        for (NextStep step : pages[place]->nextSteps()) {
            step.page = ids.at(place);
            all.append(step);
        }
    }
    return all;
}

} // namespace pissarro::ui
