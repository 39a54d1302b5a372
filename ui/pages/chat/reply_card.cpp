// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/reply_card.h"

#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/services/chat.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/figures.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextCursor>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kLineWidth = 860; // px: longer lines are lost by the eye

// Text on the card itself, its lines no longer than one can follow.
class ReplyText : public QPlainTextEdit {
public:
    ReplyText()
    {
        setReadOnly(true);
        setUndoRedoEnabled(false);
        setFrameShape(QFrame::NoFrame);
        setTabChangesFocus(true);
        setStyleSheet(QStringLiteral(
            "QPlainTextEdit { background: transparent; border: 1px solid transparent; padding: 0; }"
            "QPlainTextEdit:focus { border-color: palette(highlight); }"));
        document()->setDocumentMargin(1);
    }

protected:
    void resizeEvent(QResizeEvent* event) override
    {
        setViewportMargins(0, 0, std::max(0, width() - scaled(kLineWidth)), 0);
        QPlainTextEdit::resizeEvent(event);
    }
};

} // namespace

ReplyCard::ReplyCard(const QString& name, const QString& title, QWidget* parent)
    : Card(title, parent)
    , m_asked(new ElidedLabel)
    , m_about(new QLabel)
    , m_failure(new QLabel)
    , m_text(new ReplyText)
    , m_tokens(new FigureLabel)
    , m_speed(new FigureLabel)
{
    setObjectName(name);
    m_asked->setElision(Qt::ElideRight, 0);
    m_asked->setObjectName(name + QStringLiteral(".asked"));
    m_about->setObjectName(name + QStringLiteral(".about"));
    m_failure->setObjectName(name + QStringLiteral(".failure"));
    for (QLabel* label : {m_about, m_failure}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    setRole(m_asked, "value");
    setRole(m_about, "muted");
    setRole(m_failure, "bad");
    m_text->setObjectName(name + QStringLiteral(".text"));
    m_text->setAccessibleName(tr("Reply"));
    m_tokens->setObjectName(name + QStringLiteral(".tokens"));
    m_speed->setObjectName(name + QStringLiteral(".speed"));
    setRole(m_tokens, "muted");
    setRole(m_speed, "muted");

    auto* footer = new QHBoxLayout;
    footer->addWidget(m_tokens);
    footer->addStretch(1);
    footer->addWidget(m_speed);
    body()->addWidget(m_asked);
    body()->addWidget(m_about);
    body()->addWidget(m_text, 1);
    body()->addWidget(m_failure);
    body()->addLayout(footer);
    showReply({}, nullptr, {});
}

void ReplyCard::showModel(const QString& title, const QString& subtitle)
{
    setTitle(title);
    setSubtitle(subtitle);
    m_text->setAccessibleName(tr("Reply of %1").arg(title));
}

void ReplyCard::showHint(const QString& hint)
{
    m_text->setPlaceholderText(hint);
}

void ReplyCard::showProblem(const QString& problem)
{
    m_problem = problem;
    showLine(m_failure, problem);
}

void ReplyCard::showReply(const QString& prompt, const ChatReply* reply, const QString& waits)
{
    const auto* failed = reply == nullptr ? nullptr : std::get_if<Failed>(&reply->state);
    showLine(m_asked, reply == nullptr ? QString() : prompt.simplified());
    showLine(m_about, reply == nullptr ? QString() : reply->about);
    showLine(m_failure, failed == nullptr ? m_problem : failed->why);
    showText(reply == nullptr ? QString() : reply->text);
    QString tokens;
    QString speed;
    if (reply != nullptr && reply->tokens > 0) {
        const QString count = formatCount(reply->tokens);
        tokens = (reply->stopped ? tr("Stopped after %1 tokens", nullptr, pluralOf(reply->tokens))
                                 : tr("%1 tokens", nullptr, pluralOf(reply->tokens)))
                     .arg(count);
        if (reply->tokensPerSecond > 0.0) {
            speed = tr("%1 tokens/s").arg(formatNumber(reply->tokensPerSecond, 3));
        }
    } else if (reply != nullptr && std::holds_alternative<Running>(reply->state)) {
        tokens = waits;
    } else if (reply != nullptr && reply->stopped) {
        tokens = tr("Stopped before its first token");
    }
    m_tokens->setText(tokens);
    m_speed->setText(speed);
}

// What has come since is added: nothing that a person reads or has selected moves.
void ReplyCard::showText(const QString& text)
{
    if (text == m_shown) {
        return;
    }
    const QScrollBar* bar = m_text->verticalScrollBar();
    const bool follows = bar->value() == bar->maximum();
    if (!m_shown.isEmpty() && text.startsWith(m_shown)) {
        QTextCursor end(m_text->document());
        end.movePosition(QTextCursor::End);
        end.insertText(text.mid(m_shown.size()));
    } else {
        m_text->setPlainText(text);
    }
    m_shown = text;
    if (follows) {
        m_text->verticalScrollBar()->setValue(m_text->verticalScrollBar()->maximum());
    }
}

void ReplyCard::showLine(QLabel* label, const QString& text)
{
    label->setText(text);
    label->setVisible(!text.isEmpty());
}

} // namespace pissarro::ui
