// SPDX-License-Identifier: GPL-3.0-or-later
// The columns of the Chat page, and the token that is looked at.
#include "ui/look/theme.h"
#include "ui/pages/chat/chat_page.h"
#include "ui/pages/chat/column_card.h"
#include "ui/pages/chat/token_card.h"
#include "ui/pages/chat/transcript_view.h"
#include "ui/services/services.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QDir>
#include <QFileInfo>
#include <QLabel>
#include <QScrollBar>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

std::optional<std::size_t> ChatPage::focusedColumn() const
{
    for (std::size_t place = 0; place < m_services.chat.columns().size(); ++place) {
        if (m_columns[place]->isAncestorOf(focusWidget())) {
            return place;
        }
    }
    return std::nullopt;
}

void ChatPage::moveFocused(int step)
{
    const auto place = focusedColumn();
    const auto& columns = m_services.chat.columns();
    if (!place || (step < 0 && *place == 0) || (step > 0 && *place + 1 >= columns.size())) {
        return;
    }
    const std::size_t to = step < 0 ? *place - 1 : *place + 1;
    m_services.chat.moveColumn(columns[*place].id, to);
    m_columns[to]->transcript()->setFocus();
}

// Before the column whose middle is to the right of where it was let go.
void ChatPage::dropColumn(int id, const QPoint& globalPosition)
{
    const auto& columns = m_services.chat.columns();
    std::size_t to = 0;
    for (std::size_t place = 0; place < columns.size(); ++place) {
        const QPoint middle = m_columns[place]->mapToGlobal(m_columns[place]->rect().center());
        to += columns[place].id != id && middle.x() < globalPosition.x() ? 1 : 0;
    }
    m_services.chat.moveColumn(id, to);
}

// The others stand as far down in their own text.
void ChatPage::scrollTogether(std::size_t place, int value)
{
    if (std::exchange(m_scrolling, true)) {
        return;
    }
    const int whole = m_columns[place]->transcript()->verticalScrollBar()->maximum();
    for (std::size_t other = 0; other < m_columns.size(); ++other) {
        if (other != place && whole > 0) {
            QScrollBar* const bar = m_columns[other]->transcript()->verticalScrollBar();
            bar->setValue(static_cast<int>(static_cast<qint64>(bar->maximum()) * value / whole));
        }
    }
    m_scrolling = false;
}

ColumnLook ChatPage::lookOf(const ChatColumn& column) const
{
    const Colors& colors = Theme::instance().colors();
    if (column.path.isEmpty()) {
        const auto model = m_services.model.files();
        return {tr("Base"), model ? QString::fromStdString(model->displayName()) : QString(),
                ui::pathOf(model), colors.muted};
    }
    for (const core::RunSummary& run : m_services.library.runs()) {
        if (ColumnLook look = lookOfRun(run); look.path == column.path) {
            return look;
        }
    }
    const QFileInfo folder(column.path);
    return {folder.fileName(), folder.dir().dirName(), column.path, colors.accent};
}

void ChatPage::showColumns()
{
    const Chat& chat = m_services.chat;
    const auto* running = std::get_if<Running>(&chat.state());
    const QString waits =
        running == nullptr || running->stage.isEmpty() ? tr("Reads the prompt…") : running->stage;
    const auto model = m_services.model.files();
    const auto& columns = chat.columns();
    m_scrolling = true; // each follows what comes by itself
    for (std::size_t place = 0; place < m_columns.size(); ++place) {
        ColumnCard* const card = m_columns[place];
        card->setVisible(place < columns.size());
        if (place >= columns.size()) {
            continue;
        }
        card->showHint(tr("Its answers come here, token by token"));
        card->showLook(lookOf(columns[place]));
        card->transcript()->setVocabulary(model ? model->config().vocabulary : 0);
        card->showColumn(chat.prompts(), columns[place], waits, chat.problem());
    }
    m_scrolling = false;
    showToken();
    showUsed();
}

// The framed token, and what else it could have been.
void ChatPage::showToken()
{
    const ChatColumn* const column =
        m_chosen ? m_services.chat.columnOf(m_chosen->column) : nullptr;
    const bool isThere = column != nullptr && m_chosen->turn < column->replies.size()
        && m_chosen->token < column->replies[m_chosen->turn].tokens.size();
    if (!isThere) {
        m_chosen.reset();
    }
    for (std::size_t place = 0; place < m_services.chat.columns().size(); ++place) {
        const bool own = isThere && m_services.chat.columns()[place].id == m_chosen->column;
        m_columns[place]->transcript()->setChosen(
            own ? std::optional(TranscriptView::Place {m_chosen->turn, m_chosen->token})
                : std::nullopt);
    }
    if (!isThere) {
        m_token->showNothing();
        m_shown.reset();
    } else if (m_shown != m_chosen) { // what is known of the others stays
        m_shown = m_chosen;
        m_token->showToken(column->replies[m_chosen->turn].tokens[m_chosen->token],
                           lookOf(*column).title);
    }
}

// Of the column that has read most.
void ChatPage::showUsed()
{
    std::size_t used = 0;
    for (const ChatColumn& column : m_services.chat.columns()) {
        if (!column.replies.empty()) {
            const ChatReply& reply = column.replies.back();
            used = std::max(used, reply.promptIds.size() + reply.tokens.size());
        }
    }
    const auto model = m_services.model.files();
    const std::int64_t context = model ? model->config().maxPositions : 0;
    const auto count = static_cast<std::int64_t>(used);
    m_used->setText(used == 0 || context == 0
                        ? QString()
                        : tr("%1 of %2 tokens used", nullptr, pluralOf(context))
                              .arg(formatCount(count), formatCount(context)));
}

} // namespace pissarro::ui
