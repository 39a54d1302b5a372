// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/page.h"

class QMenu;
class QPlainTextEdit;
class QPushButton;

namespace pissarro::ui {

class ReplyCard;
class SamplingCard;

// The Chat page: the open model is asked, and beside it an adapter or a run, so that one sees what training made of it. A
// column each; they answer together, token by token.
class ChatPage : public Page {
    Q_OBJECT

public:
    explicit ChatPage(Services& services, QWidget* parent = nullptr);

    Invitation invitation() const override;
    void take(const QVariant& with) override; // the path of a run or an adapter: it speaks beside
    QVector<NextStep> nextSteps() const override; // the run that ended is asked beside its base

protected:
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildLayout();
    QWidget* buildPrompt();
    QWidget* buildExamples();
    void buildActions();
    void send();
    void chooseBeside();
    void fillBesideMenu();
    void showModel();
    void showTuned();
    void showState(); // what can be done now
    void showReplies();
    bool canSend() const;

    Services& m_services;
    ReplyCard* m_base;
    ReplyCard* m_tuned;
    SamplingCard* m_sampling;
    QPlainTextEdit* m_prompt;
    QPushButton* m_send;
    QPushButton* m_stop;
    QWidget* m_examples; // of prompts, until something was asked
    QPushButton* m_beside;
    QMenu* m_besideMenu;
    QAction* m_sendAction = nullptr;
    QAction* m_stopAction = nullptr;
    QAction* m_aloneAction = nullptr;
};

} // namespace pissarro::ui
