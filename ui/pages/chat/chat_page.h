// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/chat.h"
#include "ui/views/page.h"

#include <array>
#include <optional>

class QLabel;
class QMenu;
class QPlainTextEdit;
class QPushButton;
class QVBoxLayout;

namespace pissarro::ui {

class Card;
class ColumnCard;
class SamplingCard;
class SegmentedControl;
class TokenCard;
struct ColumnLook;

// The Chat page: the open model is asked, and beside it adapters, runs or other models, so that one sees what training made of
// it. A column each, one to four; they answer together, token by token, each token with how sure the model was.
class ChatPage : public Page {
    Q_OBJECT

public:
    explicit ChatPage(Services& services, QWidget* parent = nullptr);

    Invitation invitation() const override;
    // Paths of runs, adapters or models (a QString, or several): they speak beside.
    void take(const QVariant& with) override;
    QVector<NextStep> nextSteps() const override; // the run that ended is asked beside its base

protected:
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    // chat_page_layout.cpp
    void buildLayout();
    QWidget* buildColumns();
    QWidget* buildPrompt();
    QWidget* buildLinks();
    QWidget* buildExamples();
    QWidget* buildSide();
    QWidget* buildShading();
    QWidget* buildButtons();
    void buildActions();
    void buildColumnActions();
    void connectColumn(std::size_t place);

    // chat_page.cpp
    void send();
    void edit(std::size_t turn);
    void retry(std::size_t turn);
    void leaveEdit();
    bool recall(int step); // an earlier or later prompt; false: there is none
    void putPrompt(const QString& text);
    void goOn(int alternative);
    void chooseToken(const ChatPlace& place);
    void chooseBeside();
    void chooseQuestions();
    void showConversations();
    void measureText();
    void exportConversation();
    void clearChat();
    void fillBesideMenu();
    void fillTurnMenu(std::size_t place, const QPoint& point);
    void moveFocused(int step);
    void dropColumn(int id, const QPoint& globalPosition);
    void scrollTogether(std::size_t place, int value);
    std::optional<std::size_t> focusedColumn() const;
    ColumnLook lookOf(const ChatColumn& column) const;
    void showModel();
    void showChat();
    void showState(); // what can be done now
    void showColumns();
    void showToken();
    void showUsed();
    bool canSend() const;

    Services& m_services;
    std::array<ColumnCard*, Chat::kMostColumns> m_columns {}; // by place
    SamplingCard* m_sampling;
    SegmentedControl* m_shading;
    TokenCard* m_token;
    Card* m_promptCard = nullptr;
    QPlainTextEdit* m_prompt;
    QPlainTextEdit* m_system; // shown where one is wanted
    QLabel* m_used; // tokens of the context
    QPushButton* m_send;
    QPushButton* m_stop;
    QWidget* m_examples; // of prompts, until something was asked
    QPushButton* m_beside;
    QMenu* m_besideMenu;
    QAction* m_sendAction = nullptr;
    QAction* m_stopAction = nullptr;
    QAction* m_clearAction = nullptr;
    QAction* m_editAction = nullptr;
    QAction* m_retryAction = nullptr;
    QAction* m_removeAction = nullptr;
    QAction* m_leftAction = nullptr;
    QAction* m_rightAction = nullptr;
    QAction* m_exportAction = nullptr;
    QAction* m_measureAction = nullptr;
    QAction* m_systemAction = nullptr;
    QAction* m_conversationsAction = nullptr;
    std::optional<std::size_t> m_edited; // turn that the prompt takes the place of
    std::optional<ChatPlace> m_chosen; // token
    std::optional<ChatPlace> m_shown; // in the token card
    qsizetype m_recalled = 0; // prompts back from the last; 0: none
    bool m_scrolling = false;
};

} // namespace pissarro::ui
