// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/chat_page.h"

#include "ui/pages/chat/column_card.h"
#include "ui/pages/chat/conversations_dialog.h"
#include "ui/pages/chat/measure_dialog.h"
#include "ui/pages/chat/sampling_card.h"
#include "ui/pages/chat/token_card.h"
#include "ui/pages/chat/transcript_view.h"
#include "ui/services/services.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace pissarro::ui {

namespace {

// Whether the run has something to say, and began with that model.
bool speaksFor(const core::RunSummary& run, const std::filesystem::path& model)
{
    const bool named =
        std::filesystem::path(run.spec.model).lexically_normal() == model.lexically_normal()
        || run.inputs.model.lexically_normal() == model.lexically_normal();
    return named && (run.adapterStep > 0 || run.checkpointStep > 0);
}

} // namespace

Invitation ChatPage::invitation() const
{
    return {tr("Ask a model, and what training made of it"),
            tr("Open a model: it answers here, and beside it an adapter or a run of it.")};
}

void ChatPage::take(const QVariant& with)
{
    if (with.typeId() == QMetaType::QVariantMap) { // a question of an evaluation
        putPrompt(with.toMap().value(QStringLiteral("prompt")).toString());
        return;
    }
    const QStringList paths = with.typeId() == QMetaType::QStringList
        ? with.toStringList()
        : QStringList(with.toString());
    for (const QString& path : paths) {
        m_services.chat.addColumn(path);
    }
    m_prompt->setFocus();
}

QVector<NextStep> ChatPage::nextSteps() const
{
    const auto runs = m_services.training.runs();
    if (runs.isEmpty()) {
        return {};
    }
    QStringList paths; // the twins too: they are asked side by side
    for (const core::RunSummary& run : runs) {
        paths.append(lookOfRun(run).path);
    }
    return {{tr("Chat"), tr("Ask the base and what training made of it"), paths}};
}

// Esc is the banner's too: while something answers, and the focus is on this page, it is the answer's.
bool ChatPage::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && (m_services.chat.isRunning() || m_edited)
        && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Cancel)) {
        event->accept();
        return true;
    }
    return Page::event(event);
}

void ChatPage::keyPressEvent(QKeyEvent* event)
{
    if (!event->matches(QKeySequence::Cancel)) {
        Page::keyPressEvent(event);
    } else if (m_services.chat.isRunning()) {
        m_services.chat.stop();
    } else if (m_edited) {
        leaveEdit();
    } else {
        Page::keyPressEvent(event);
    }
}

// The prompt's own keys; an input method that composes has taken its own before.
bool ChatPage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != m_prompt || event->type() != QEvent::KeyPress) {
        return Page::eventFilter(watched, event);
    }
    const auto* pressed = static_cast<QKeyEvent*>(event);
    const bool enter = pressed->key() == Qt::Key_Return || pressed->key() == Qt::Key_Enter;
    const Qt::KeyboardModifiers held = pressed->modifiers();
    if (held != Qt::NoModifier && held != Qt::KeypadModifier) {
        return Page::eventFilter(watched, event);
    }
    if (enter) {
        send();
        return true;
    }
    const bool recalls = pressed->key() == Qt::Key_Up || pressed->key() == Qt::Key_Down;
    // As long as what stands there is nothing, or was recalled as it is.
    const QStringList& prompts = m_services.chat.prompts();
    const bool untouched = m_prompt->toPlainText().isEmpty()
        || (m_recalled > 0 && m_recalled <= prompts.size()
            && m_prompt->toPlainText() == prompts[prompts.size() - m_recalled]);
    if (recalls && untouched && recall(pressed->key() == Qt::Key_Up ? 1 : -1)) {
        return true;
    }
    return Page::eventFilter(watched, event);
}

bool ChatPage::recall(int step)
{
    const QStringList& prompts = m_services.chat.prompts();
    const qsizetype start = m_prompt->toPlainText().isEmpty() ? 0 : m_recalled;
    const qsizetype back = start + step;
    if (back < 0 || back > prompts.size()) {
        return false;
    }
    putPrompt(back == 0 ? QString() : prompts[prompts.size() - back]);
    m_recalled = back;
    return true;
}

void ChatPage::putPrompt(const QString& text)
{
    m_prompt->setPlainText(text);
    m_prompt->moveCursor(QTextCursor::End);
    m_prompt->setFocus();
}

bool ChatPage::canSend() const
{
    return m_services.model.tokenizer() && m_services.chat.canAsk() && m_sampling->isGood()
        && !m_prompt->toPlainText().trimmed().isEmpty();
}

void ChatPage::send()
{
    if (!canSend()) {
        return;
    }
    const QString prompt = m_prompt->toPlainText();
    const ChatSettings how = m_sampling->settings();
    if (const auto turn = std::exchange(m_edited, std::nullopt)) {
        m_services.chat.askAgain(*turn, prompt, how);
    } else {
        m_services.chat.ask(prompt, how);
    }
    m_recalled = 0;
    m_prompt->clear();
}

void ChatPage::edit(std::size_t turn)
{
    const QStringList& prompts = m_services.chat.prompts();
    if (turn < static_cast<std::size_t>(prompts.size()) && m_services.chat.canAsk()) {
        m_edited = turn;
        putPrompt(prompts[static_cast<qsizetype>(turn)]);
        showState();
    }
}

void ChatPage::retry(std::size_t turn)
{
    const QStringList& prompts = m_services.chat.prompts();
    if (turn < static_cast<std::size_t>(prompts.size()) && m_sampling->isGood()) {
        m_services.chat.askAgain(turn, QString(prompts[static_cast<qsizetype>(turn)]),
                                 m_sampling->settings());
    }
}

void ChatPage::leaveEdit()
{
    m_edited.reset();
    m_prompt->clear();
    showState();
}

void ChatPage::chooseToken(const ChatPlace& place)
{
    m_chosen = place;
    showToken();
    m_services.chat.weigh(place);
}

void ChatPage::goOn(int alternative)
{
    if (m_chosen && m_sampling->isGood()) {
        const ChatPlace place = *std::exchange(m_chosen, std::nullopt);
        m_services.chat.goOn(place, static_cast<std::size_t>(alternative), m_sampling->settings());
    }
}

void ChatPage::chooseBeside()
{
    askForFolder(this, tr("A run of this model, a PEFT adapter for it, or another model"),
                 [this](const QString& path) { m_services.chat.addColumn(path); });
}

void ChatPage::chooseQuestions()
{
    askToOpen(this, tr("A task's questions"), tr("Data sets (*.jsonl *.json);;All files (*)"),
              [this](const QString& path) {
                  auto* dialog = new QuestionsDialog(path, this);
                  connect(dialog, &QuestionsDialog::chosen, this, &ChatPage::putPrompt);
                  dialog->open();
              });
}

void ChatPage::showConversations()
{
    auto* dialog = new ConversationsDialog(this);
    connect(dialog, &ConversationsDialog::chosen, &m_services.chat, &Chat::open);
    dialog->open();
}

void ChatPage::measureText()
{
    auto* dialog = new MeasureDialog(
        m_services.chat, [this](const ChatColumn& column) { return lookOf(column).title; }, this);
    dialog->open();
}

void ChatPage::exportConversation()
{
    askToSave(this, tr("Export the conversation"), QStringLiteral("conversation.json"),
              tr("JSON (*.json)"), [this](const QString& path) {
                  const auto text = std::make_shared<const std::string>(
                      core::conversationText(m_services.chat.conversation()));
                  saveOutput(
                      this, path, [text] { return QByteArray::fromStdString(*text); },
                      [this, path](const QString& problem) {
                          if (!problem.isEmpty()) {
                              Q_EMIT failed(
                                  {tr("The conversation could not be exported"), path, problem});
                          }
                      });
              });
}

void ChatPage::clearChat()
{
    m_edited.reset();
    m_chosen.reset();
    m_recalled = 0;
    m_services.chat.clear();
    m_prompt->clear();
    m_prompt->setFocus();
}

void ChatPage::fillBesideMenu()
{
    m_besideMenu->clear();
    const auto model = m_services.model.files();
    for (const core::RunSummary& run : m_services.library.runs()) {
        if (model && speaksFor(run, model->path())) {
            const ColumnLook look = lookOfRun(run);
            m_besideMenu->addAction(tr("%1 · %2").arg(look.title, look.name), this,
                                    [this, path = look.path] { m_services.chat.addColumn(path); });
        }
    }
    if (m_besideMenu->isEmpty()) {
        m_besideMenu->addAction(tr("No run of this model can speak yet"))->setEnabled(false);
    }
    m_besideMenu->addSeparator();
    m_besideMenu->addAction(tr("Adapter, run or model folder…"), this, &ChatPage::chooseBeside);
    m_besideMenu->addAction(tr("The open model itself"), this,
                            [this] { m_services.chat.addColumn({}); });
}

void ChatPage::fillTurnMenu(std::size_t place, const QPoint& point)
{
    TranscriptView* const view = m_columns[place]->transcript();
    const auto turn = view->turnAt(point);
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("chat.turnMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (view->textCursor().hasSelection()) {
        menu->addAction(tr("Copy"), view, &QTextEdit::copy);
    }
    if (turn) {
        menu->addAction(tr("Copy the answer"), view, [view, turn] {
            QGuiApplication::clipboard()->setText(view->answerOf(*turn));
        });
        menu->addSeparator();
        menu->addAction(tr("Edit the question"), this, [this, turn] { edit(*turn); })
            ->setEnabled(m_services.chat.canAsk());
        menu->addAction(tr("Retry from here"), this, [this, turn] { retry(*turn); })
            ->setEnabled(m_services.chat.canAsk());
    }
    if (menu->isEmpty()) {
        delete menu;
        return;
    }
    menu->popup(view->viewport()->mapToGlobal(point));
}

void ChatPage::showModel()
{
    m_sampling->setTokenizer(m_services.model.tokenizer().get());
    m_edited.reset();
    m_chosen.reset();
    m_recalled = 0;
    showChat();
}

void ChatPage::showChat()
{
    showState();
    whenInSight("columns", [this] { showColumns(); });
}

void ChatPage::showState()
{
    const Chat& chat = m_services.chat;
    const auto count = static_cast<int>(chat.columns().size());
    const bool can = canSend();
    const bool hasTurns = !chat.prompts().isEmpty();
    m_send->setEnabled(can);
    m_sendAction->setEnabled(can);
    m_stop->setEnabled(chat.isRunning());
    m_stopAction->setEnabled(chat.isRunning());
    m_editAction->setEnabled(hasTurns && chat.canAsk());
    m_retryAction->setEnabled(hasTurns && chat.canAsk());
    m_exportAction->setEnabled(hasTurns);
    m_measureAction->setEnabled(chat.canAsk() && m_services.model.tokenizer() != nullptr);
    m_removeAction->setEnabled(count > 1);
    m_leftAction->setEnabled(count > 1);
    m_rightAction->setEnabled(count > 1);
    m_examples->setVisible(!hasTurns && m_services.model.tokenizer() != nullptr);
    m_prompt->setPlaceholderText(
        count > 2        ? tr("Ask all %n models", nullptr, count)
            : count == 2 ? tr("Ask both models")
                         : tr("Ask the model, or begin a text that it is to go on with"));
    m_promptCard->setSubtitle(
        m_edited ? tr("In the place of question %1: what follows it is asked no more (Esc leaves)")
                       .arg(formatCount(static_cast<std::int64_t>(*m_edited) + 1))
                 : tr("Enter sends, Shift+Enter breaks the line, Esc stops, Up recalls, Ctrl+K "
                      "begins anew"));
    if (m_system->toPlainText() != chat.system()) {
        m_system->setPlainText(chat.system());
        m_system->setVisible(!chat.system().isEmpty());
    }
}

} // namespace pissarro::ui
