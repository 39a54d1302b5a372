// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/accessible.h"

#include <QAccessible>
#include <QStringList>

#include <utility>

namespace pissarro::tests {

// What a screen reader is told while this lives, one of them at a time: "Focus: Layer 0, q: 1 %", "NameChanged: …".
class Told {
public:
    Told()
        : m_before(ui::setHearer(&Told::hear))
    {
        s_heard.clear();
    }
    ~Told() { ui::setHearer(m_before); }
    Told(const Told&) = delete;
    Told& operator=(const Told&) = delete;

    static QStringList take() { return std::exchange(s_heard, {}); }

private:
    static void hear(QAccessibleEvent* event)
    {
        const QAccessibleInterface* at = event->accessibleInterface();
        if (at == nullptr || !at->isValid()) {
            return;
        }
        const QString name = at->text(QAccessible::Name);
        switch (event->type()) {
        case QAccessible::Focus:
            s_heard.append(QStringLiteral("Focus: ") + name);
            break;
        case QAccessible::NameChanged:
            s_heard.append(QStringLiteral("NameChanged: ") + name);
            break;
        case QAccessible::ValueChanged:
            s_heard.append(
                QStringLiteral("ValueChanged: ")
                + static_cast<const QAccessibleValueChangeEvent*>(event)->value().toString());
            break;
        default:
            break;
        }
    }

    static inline QStringList s_heard;
    ui::Hearer m_before;
};

} // namespace pissarro::tests
