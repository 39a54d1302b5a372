// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/page_action.h"

#include <QAction>
#include <QWidget>

namespace pissarro::ui {

QAction* addPageAction(QWidget* page, const QString& name, const QString& text,
                       const QKeySequence& keys, std::function<void()> run)
{
    auto* action = new QAction(text, page);
    action->setObjectName(name);
    action->setShortcut(keys);
    page->addAction(action);
    QObject::connect(action, &QAction::triggered, page, std::move(run));
    return action;
}

void addActionSeparator(QWidget* page)
{
    auto* line = new QAction(page);
    line->setSeparator(true);
    page->addAction(line);
}

} // namespace pissarro::ui
