// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/page.h"

#include <algorithm>

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

// One that throws keeps none of the others from being shown: it is told, and gone.
void Page::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    while (!m_waiting.empty()) {
        const std::function<void()> show = std::move(m_waiting.front().second);
        m_waiting.erase(m_waiting.begin());
        show();
    }
}

} // namespace pissarro::ui
