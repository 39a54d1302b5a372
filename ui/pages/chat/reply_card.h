// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/card.h"

class QLabel;
class QPlainTextEdit;

namespace pissarro::ui {

struct ChatReply;
class ElidedLabel;
class FigureLabel;

// A column of the Chat page: what one model answers, as it comes.
class ReplyCard : public Card {
    Q_OBJECT

public:
    // name: of its objects, "chat.base"
    ReplyCard(const QString& name, const QString& title, QWidget* parent = nullptr);

    void showModel(const QString& title, const QString& subtitle);
    // `waits`: what is done before the first token. A null reply: nothing was asked.
    void showReply(const QString& prompt, const ChatReply* reply, const QString& waits);
    void showHint(const QString& hint); // in place of a reply that there is not
    void showProblem(const QString& problem); // why nothing can be asked; empty: it can

private:
    void showText(const QString& text);
    void showLine(QLabel* label, const QString& text); // empty: it is hidden

    QString m_problem;
    QString m_shown; // as it came: the view has other spaces
    ElidedLabel* m_asked;
    QLabel* m_about;
    QLabel* m_failure;
    QPlainTextEdit* m_text;
    FigureLabel* m_tokens;
    FigureLabel* m_speed;
};

} // namespace pissarro::ui
