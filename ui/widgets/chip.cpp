// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/chip.h"

#include "ui/look/metrics.h"

namespace pissarro::ui {

Chip::Chip(const QString& name, const QString& accessible, QWidget* parent)
    : QLabel(parent)
{
    setObjectName(name);
    setAccessibleName(accessible);
    setTextFormat(Qt::PlainText);
    setFixedHeight(scaled(24));
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    hide();
}

void Chip::setFact(const QString& fact)
{
    if (fact == text()) {
        return;
    }
    setText(fact);
    setVisible(!fact.isEmpty());
}

} // namespace pissarro::ui
