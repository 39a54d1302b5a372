// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyle>
#include <QVariant>
#include <QWidget>

namespace pissarro::ui {

// Sets a property that the style sheet selects by, and has the widget styled anew when it changed.
inline void setStyleProperty(QWidget* widget, const char* name, const QVariant& value)
{
    if (widget->property(name) != value) {
        widget->setProperty(name, value);
        widget->style()->unpolish(widget);
        widget->style()->polish(widget);
    }
}

// role: "muted", "small", "value", "good", "bad", "title", "figure" … (pissarro.qss).
inline void setRole(QWidget* widget, const char* role)
{
    setStyleProperty(widget, "role", QByteArray(role));
}

} // namespace pissarro::ui
