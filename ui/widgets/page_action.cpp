// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/page_action.h"

#include "ui/words/language.h"

#include <QAction>
#include <QPushButton>
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

QPushButton* buttonOf(QAction* action, const QString& name)
{
    auto* button = new QPushButton;
    button->setObjectName(name);
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    const auto follow = [button, action] {
        const QString text = plainLabel(action->text());
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        const QString what = action->whatsThis().isEmpty() ? text : action->whatsThis();
        button->setText(text);
        button->setAccessibleName(text);
        button->setEnabled(action->isEnabled());
        button->setToolTip(keys.isEmpty() ? what : QStringLiteral("%1 (%2)").arg(what, keys));
    };
    QObject::connect(action, &QAction::changed, button, follow);
    follow();
    return button;
}

void addActionSeparator(QWidget* page)
{
    auto* line = new QAction(page);
    line->setSeparator(true);
    page->addAction(line);
}

} // namespace pissarro::ui
