// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/column_card.h"

#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/role.h"
#include "ui/pages/chat/transcript_view.h"
#include "ui/widgets/figures.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/method_look.h"
#include "ui/words/run_words.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPixmap>
#include <QToolButton>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kDot = 10; // px
constexpr int kLeastWidth = 150;
constexpr int kHead = 44; // px of the card that it is dragged by

QPixmap dotOf(const QColor& color, double scale)
{
    const int side = scaled(kDot);
    QPixmap dot(QSize(side, side) * scale);
    dot.setDevicePixelRatio(scale);
    dot.fill(Qt::transparent);
    QPainter painter(&dot);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QRectF(0, 0, side, side));
    return dot;
}

void showLine(QLabel* label, const QString& text) // empty: it is hidden
{
    label->setText(text);
    label->setVisible(!text.isEmpty());
}

} // namespace

ColumnLook lookOfRun(const core::RunSummary& run)
{
    const QString method = titleOf(run.spec.method);
    const QString title = core::hasAdapter(run.spec.method)
        ? QStringLiteral("%1 r%2").arg(method).arg(run.spec.rank)
        : method;
    return {title, nameOf(run), textOf(run.directory), methodColor(run.spec.method)};
}

ColumnCard::ColumnCard(const QString& name, QWidget* parent)
    : Card({}, parent)
    , m_dot(new QLabel)
    , m_more(new QToolButton)
    , m_menu(new QMenu(this))
    , m_about(new QLabel)
    , m_transcript(new TranscriptView)
    , m_failure(new QLabel)
    , m_tokens(new FigureLabel)
    , m_perplexity(new FigureLabel)
    , m_speed(new FigureLabel)
{
    setObjectName(name);
    setMinimumWidth(scaled(kLeastWidth));
    const auto named = [&name](QWidget* widget, const char* what, const char* role) {
        widget->setObjectName(name + QLatin1String(what));
        if (role != nullptr) {
            setRole(widget, role);
        }
    };
    named(m_about, ".about", "muted");
    named(m_failure, ".failure", "bad");
    named(m_tokens, ".tokens", "muted");
    named(m_perplexity, ".perplexity", "muted");
    named(m_speed, ".speed", "muted");
    named(m_transcript, ".text", nullptr);
    named(m_more, ".more", nullptr);
    named(m_menu, ".menu", nullptr);
    for (QLabel* label : {m_about, m_failure}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->hide();
    }
    m_perplexity->setToolTip(
        tr("Of its answer under the model that wrote it: 1 is one that was certain of each token"));
    m_more->setIcon(themedIcon(QStringLiteral("dots")));
    m_more->setAutoRaise(true);
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_more->setMenu(m_menu);
    m_more->setAccessibleName(tr("What can be done with this column"));
    m_more->setToolTip(tr("What can be done with this column (its head is dragged to another "
                          "place, or Alt+Left and Alt+Right)"));
    addBeforeTitle(m_dot);
    addTitleWidget(m_more);
    auto* footer = new QHBoxLayout;
    footer->addWidget(m_tokens);
    footer->addWidget(m_perplexity);
    footer->addStretch(1);
    footer->addWidget(m_speed);
    // Below the answers: so those of all columns begin at one height.
    body()->addWidget(m_transcript, 1);
    body()->addWidget(m_about);
    body()->addWidget(m_failure);
    body()->addLayout(footer);
}

void ColumnCard::showLook(const ColumnLook& look)
{
    setTitle(look.title);
    setSubtitle(look.name);
    setToolTip(look.path);
    m_dot->setPixmap(dotOf(look.color, devicePixelRatioF()));
    m_transcript->setAccessibleName(tr("Answers of %1").arg(look.title));
    setAccessibleName(look.title);
}

void ColumnCard::showHint(const QString& hint)
{
    m_transcript->setPlaceholderText(hint);
}

QString ColumnCard::tokensLine(const ChatReply& reply, const QString& waits) const
{
    const auto count = static_cast<std::int64_t>(reply.tokens.size());
    if (count > 0) {
        return (reply.stopped ? tr("Stopped after %1 tokens", nullptr, pluralOf(count))
                              : tr("%1 tokens", nullptr, pluralOf(count)))
            .arg(formatCount(count));
    }
    return std::holds_alternative<Running>(reply.state) ? waits
        : reply.stopped                                 ? tr("Stopped before its first token")
                                                        : QString();
}

// What ended the last answer before its time, in its column.
QString ColumnCard::endingLine(const ChatColumn& column, const QString& problem)
{
    if (column.replies.empty()) {
        return problem;
    }
    const ChatReply& reply = column.replies.back();
    if (const auto* failed = std::get_if<Failed>(&reply.state)) {
        return failed->why;
    }
    return reply.contextIsFull
        ? tr("The model reads no more than this: its answer ends here. Begin a new chat, or take "
             "back a turn.")
        : problem;
}

void ColumnCard::showColumn(const QStringList& prompts, const ChatColumn& column,
                            const QString& waits, const QString& problem)
{
    m_id = column.id;
    m_transcript->showTurns(prompts, column.replies);
    showLine(m_about, column.about);
    showLine(m_failure, endingLine(column, problem));
    QString tokens;
    QString perplexity;
    QString speed;
    if (!column.replies.empty()) {
        const ChatReply& reply = column.replies.back();
        tokens = tokensLine(reply, waits);
        if (const auto found = core::perplexityOf(reply.tokens)) {
            perplexity = tr("perplexity %1").arg(formatNumber(*found, 3));
        }
        if (reply.tokensPerSecond > 0.0) {
            speed = tr("%1 tokens/s").arg(formatNumber(reply.tokensPerSecond, 3));
            m_speed->setToolTip(
                tr("First token after %1 s").arg(formatNumber(reply.firstSeconds, 3)));
        }
    }
    m_tokens->setText(tokens);
    m_perplexity->setText(perplexity);
    m_speed->setText(speed);
}

void ColumnCard::mousePressEvent(QMouseEvent* event)
{
    m_isGrabbed = event->button() == Qt::LeftButton && event->pos().y() < scaled(kHead);
    m_grabbed = event->pos();
    Card::mousePressEvent(event);
    event->setAccepted(m_isGrabbed);
}

void ColumnCard::mouseMoveEvent(QMouseEvent* event)
{
    const bool moves = m_isGrabbed
        && (event->pos() - m_grabbed).manhattanLength() >= QApplication::startDragDistance();
    if (moves) {
        setCursor(Qt::ClosedHandCursor);
    }
    Card::mouseMoveEvent(event);
}

void ColumnCard::mouseReleaseEvent(QMouseEvent* event)
{
    unsetCursor();
    if (m_isGrabbed
        && (event->pos() - m_grabbed).manhattanLength() >= QApplication::startDragDistance()) {
        Q_EMIT draggedTo(event->globalPosition().toPoint());
    }
    m_isGrabbed = false;
    Card::mouseReleaseEvent(event);
}

} // namespace pissarro::ui
