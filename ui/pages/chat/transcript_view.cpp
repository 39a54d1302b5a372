// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/transcript_view.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/chat/token_shade.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"

#include <QAbstractTextDocumentLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextLayout>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

namespace {

enum Column { Text, Probability, Rank, ColumnCount };

constexpr int kIndent = 40; // px before a prompt, at least
constexpr int kPadding = 7; // px around its text
constexpr double kRadius = 6.0; // px
constexpr double kWidest = 20'000.0; // px of a line that is measured
constexpr int kMostRows = 6000; // that screen readers walk

QTextFrameFormat promptFormat() // a frame has no round corners: paintEvent() draws its ground
{
    QTextFrameFormat format;
    format.setLeftMargin(scaled(kIndent));
    format.setTopMargin(scaled(8));
    format.setBottomMargin(scaled(8));
    format.setPadding(scaled(kPadding));
    format.setBorder(0);
    return format;
}

// Of the longest line of a text that is not broken, up to so much.
double widthOf(const QString& text, const QFont& font, double most)
{
    double width = 0.0;
    for (const QString& line : text.split(u'\n')) {
        QTextLayout layout(line, font);
        layout.beginLayout();
        QTextLine one = layout.createLine();
        if (one.isValid()) {
            one.setLineWidth(most);
            width = std::max(width, one.naturalTextWidth());
        }
        layout.endLayout();
        if (layout.lineCount() > 0 && one.textLength() < line.size()) {
            return most; // it is broken there
        }
    }
    return std::min(std::ceil(width) + 1.0, most);
}

// What is heard of a text that may be no more than a space.
QString spoken(const std::string& text)
{
    QString said = QString::fromStdString(text);
    said.replace(u'\n', QStringLiteral("⏎"));
    return said.trimmed().isEmpty() ? said.replace(u' ', u'·') : said;
}

QString plain(QString text) // as QTextCursor inserts it: a character a break
{
    return text.remove(u'\r');
}

} // namespace

TranscriptView::TranscriptView(QWidget* parent)
    : QTextEdit(parent)
{
    setReadOnly(true);
    setUndoRedoEnabled(false);
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setStyleSheet(QStringLiteral(
        "QTextEdit { background: transparent; border: 1px solid transparent; padding: 0; }"
        "QTextEdit:focus { border-color: palette(highlight); }"));
    document()->setDocumentMargin(1);
    viewport()->setMouseTracking(true);
    connect(&Theme::instance(), &Theme::changed, this, [this] { rebuild(m_prompts, m_replies); });
    connect(this, &QTextEdit::cursorPositionChanged, this, [this] {
        if (hasFocus() && isHeard() && currentCell()) {
            tellCurrentCell(this);
        }
    });
}

bool TranscriptView::growsFrom(const QStringList& prompts,
                               const std::vector<ChatReply>& replies) const
{
    if (m_turns.empty() || static_cast<std::size_t>(prompts.size()) < m_turns.size()
        || replies.size() != static_cast<std::size_t>(prompts.size())) {
        return false;
    }
    for (std::size_t i = 0; i < m_turns.size(); ++i) {
        const Turn& turn = m_turns[i];
        const ChatReply& reply = replies[i];
        const bool same = turn.prompt == prompts[static_cast<qsizetype>(i)]
            && reply.tokens.size() >= turn.tokens && reply.text.startsWith(turn.text);
        const bool isLast = i + 1 == m_turns.size();
        // A token that was exchanged for another of the same text is the same to the eye, but not to a click.
        const bool sameTokens = turn.tokens == 0 || reply.tokens.size() < turn.tokens
            || (m_replies[i].tokens[turn.tokens - 1].choice.id
                == reply.tokens[turn.tokens - 1].choice.id);
        if (!same || !sameTokens || (!isLast && reply.text != turn.text)) {
            return false;
        }
    }
    return true;
}

void TranscriptView::showTurns(const QStringList& prompts, const std::vector<ChatReply>& replies)
{
    const QScrollBar* bar = verticalScrollBar();
    const bool follows = bar->value() == bar->maximum();
    if (growsFrom(prompts, replies)) {
        addAnswer(m_turns.size() - 1, replies[m_turns.size() - 1]);
        for (std::size_t i = m_turns.size(); i < replies.size(); ++i) {
            addPrompt(prompts[static_cast<qsizetype>(i)]);
            addAnswer(i, replies[i]);
        }
        m_prompts = prompts;
        m_replies = replies;
    } else if (!m_turns.empty() || !prompts.isEmpty()) {
        rebuild(prompts, replies);
    }
    const bool running = !replies.empty() && std::holds_alternative<Running>(replies.back().state);
    if (std::exchange(m_running, running) && !running) {
        tellOtherTable(this); // once, with all that has come
    }
    if (follows) {
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    }
    viewport()->update();
}

void TranscriptView::rebuild(const QStringList& prompts, const std::vector<ChatReply>& replies)
{
    const int scrolled = verticalScrollBar()->value();
    m_prompts = prompts;
    std::vector<ChatReply> kept = replies; // may be m_replies
    m_turns.clear();
    m_tokens.clear();
    clear();
    QTextBlockFormat thin; // the block before the first frame
    thin.setLineHeight(1, QTextBlockFormat::FixedHeight);
    QTextCursor(document()).setBlockFormat(thin);
    for (qsizetype i = 0; i < prompts.size(); ++i) {
        addPrompt(prompts[i]);
        if (static_cast<std::size_t>(i) < kept.size()) {
            addAnswer(static_cast<std::size_t>(i), kept[static_cast<std::size_t>(i)]);
        }
    }
    m_replies = std::move(kept);
    verticalScrollBar()->setValue(scrolled);
    tellOtherTable(this);
}

void TranscriptView::addPrompt(const QString& prompt)
{
    QTextCursor cursor = document()->rootFrame()->lastCursorPosition();
    Turn turn;
    turn.prompt = prompt;
    turn.promptBegin = cursor.position();
    turn.frame = cursor.insertFrame(promptFormat());
    cursor.insertText(plain(prompt), QTextCharFormat());
    turn.width = widthOf(plain(prompt), document()->defaultFont(), kWidest);
    fitPrompt(turn);
    QTextCursor behind = document()->rootFrame()->lastCursorPosition();
    behind.setBlockFormat(QTextBlockFormat()); // as high as its text
    turn.answerBegin = behind.position();
    turn.answerEnd = turn.answerBegin;
    m_turns.push_back(turn);
}

// At the right, as wide as its text where there is room for that.
void TranscriptView::fitPrompt(const Turn& turn)
{
    const double room = viewport()->width() - 2.0 * document()->documentMargin();
    QTextFrameFormat format = turn.frame->frameFormat();
    const double left =
        std::max<double>(scaled(kIndent), std::floor(room - turn.width - 2.0 * format.padding()));
    if (left != format.leftMargin()) {
        format.setLeftMargin(left);
        turn.frame->setFrameFormat(format);
    }
}

void TranscriptView::resizeEvent(QResizeEvent* event)
{
    QTextEdit::resizeEvent(event);
    for (const Turn& turn : m_turns) {
        fitPrompt(turn);
    }
}

void TranscriptView::changeEvent(QEvent* event)
{
    QTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        for (Turn& turn : m_turns) {
            turn.width = widthOf(plain(turn.prompt), document()->defaultFont(), kWidest);
            fitPrompt(turn);
        }
    }
}

QRectF TranscriptView::promptPlace(std::size_t turn) const
{
    if (turn >= m_turns.size()) {
        return {};
    }
    const QTextFrameFormat format = m_turns[turn].frame->frameFormat();
    return document()
        ->documentLayout()
        ->frameBoundingRect(m_turns[turn].frame)
        .adjusted(format.leftMargin(), format.topMargin(), -format.rightMargin(),
                  -format.bottomMargin())
        .translated(-horizontalScrollBar()->value(), -verticalScrollBar()->value());
}

void TranscriptView::addAnswer(std::size_t which, const ChatReply& reply)
{
    Turn& turn = m_turns[which];
    if (reply.text == turn.text && reply.tokens.size() == turn.tokens) {
        return;
    }
    QTextCursor cursor(document());
    cursor.setPosition(turn.answerEnd);
    if (reply.tokens.empty()) { // of another program: without tokens
        cursor.insertText(plain(reply.text.mid(turn.text.size())), QTextCharFormat());
    }
    for (; turn.tokens < reply.tokens.size(); ++turn.tokens) {
        const core::TalkToken& token = reply.tokens[turn.tokens];
        QTextCharFormat format;
        if (m_shaded) {
            format.setBackground(shadeOf(std::exp(token.choice.logProbability)));
        }
        const int begin = cursor.position();
        cursor.insertText(plain(QString::fromStdString(token.choice.text)), format);
        if (cursor.position() > begin) {
            m_tokens.push_back({{which, turn.tokens}, begin, cursor.position(), token});
        }
    }
    turn.answerEnd = cursor.position();
    turn.text = reply.text;
}

void TranscriptView::setShaded(bool on)
{
    if (std::exchange(m_shaded, on) != on) {
        rebuild(m_prompts, m_replies);
    }
}

void TranscriptView::setChosen(const std::optional<Place>& place)
{
    m_chosen = place;
    viewport()->update();
}

QString TranscriptView::answerOf(std::size_t turn) const
{
    if (turn >= m_turns.size()) {
        return {};
    }
    QTextCursor cursor(document());
    cursor.setPosition(m_turns[turn].answerBegin);
    cursor.setPosition(m_turns[turn].answerEnd, QTextCursor::KeepAnchor);
    return cursor.selectedText().replace(QChar(QChar::ParagraphSeparator), u'\n');
}

const TranscriptView::Shown* TranscriptView::at(int position) const
{
    const auto behind =
        std::upper_bound(m_tokens.begin(), m_tokens.end(), position,
                         [](int wanted, const Shown& one) { return wanted < one.begin; });
    if (behind == m_tokens.begin()) {
        return nullptr;
    }
    const Shown& one = *std::prev(behind);
    return position < one.end ? &one : nullptr;
}

const TranscriptView::Shown* TranscriptView::shownAt(const Place& place) const
{
    const auto found = std::find_if(m_tokens.begin(), m_tokens.end(),
                                    [&](const Shown& one) { return one.place == place; });
    return found == m_tokens.end() ? nullptr : &*found;
}

std::optional<std::size_t> TranscriptView::turnAt(const QPoint& point) const
{
    const int position = cursorForPosition(point).position();
    for (std::size_t i = m_turns.size(); i-- > 0;) {
        if (position >= m_turns[i].promptBegin) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<TranscriptView::Place> TranscriptView::tokenAt(const QPoint& point) const
{
    // The caret stands before or behind the letter under the pointer.
    const int position = cursorForPosition(point).position();
    for (const int one : {position, position - 1}) {
        const Shown* const shown = at(one);
        if (shown != nullptr && placeOf(shown->place).adjusted(-1, 0, 1, 0).contains(point)) {
            return shown->place;
        }
    }
    return std::nullopt;
}

QRect TranscriptView::placeOf(const Place& place) const
{
    const Shown* const shown = shownAt(place);
    if (shown == nullptr) {
        return {};
    }
    QTextCursor cursor(document());
    cursor.setPosition(shown->begin);
    const QRect from = cursorRect(cursor);
    cursor.setPosition(shown->end);
    const QRect to = cursorRect(cursor);
    const int right = to.top() == from.top() ? to.left() : viewport()->width(); // it wraps
    return {from.topLeft(), QSize(std::max(2, right - from.left()), from.height())};
}

QString TranscriptView::wordsFor(const core::TalkToken& token, std::int64_t vocabulary)
{
    const QString probability = formatNumber(std::exp(token.choice.logProbability), 3);
    const QString rank = formatCount(token.rank);
    const QString all = formatCount(vocabulary);
    if (token.seconds <= 0.0) {
        return vocabulary > 0 ? tr("%1, rank %2 of %3").arg(probability, rank, all)
                              : tr("%1, rank %2").arg(probability, rank);
    }
    return tr("%1, rank %2 of %3, %4 s after the question")
        .arg(probability, rank, all, formatNumber(token.seconds, 2));
}

bool TranscriptView::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto place = tokenAt(help->pos());
        if (place) {
            QToolTip::showText(help->globalPos(), wordsFor(shownAt(*place)->token, m_vocabulary),
                               viewport(), placeOf(*place));
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QTextEdit::viewportEvent(event);
}

void TranscriptView::mousePressEvent(QMouseEvent* event)
{
    m_pressed = event->pos();
    QTextEdit::mousePressEvent(event);
}

void TranscriptView::mouseReleaseEvent(QMouseEvent* event)
{
    QTextEdit::mouseReleaseEvent(event);
    const bool isClick = event->button() == Qt::LeftButton
        && (event->pos() - m_pressed).manhattanLength() < 4 && !textCursor().hasSelection();
    if (const auto place = isClick ? tokenAt(event->pos()) : std::nullopt) {
        Q_EMIT tokenChosen(place->turn, place->token);
    }
}

void TranscriptView::keyPressEvent(QKeyEvent* event)
{
    const bool chooses = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter
        || event->key() == Qt::Key_Space;
    const Shown* const shown = chooses ? at(textCursor().position()) : nullptr;
    if (shown != nullptr && event->modifiers() == Qt::NoModifier) {
        Q_EMIT tokenChosen(shown->place.turn, shown->place.token);
    } else {
        QTextEdit::keyPressEvent(event);
    }
}

void TranscriptView::paintEvent(QPaintEvent* event)
{
    const Colors& colors = Theme::instance().colors();
    {
        QPainter ground(viewport());
        ground.setRenderHint(QPainter::Antialiasing);
        ground.setPen(Qt::NoPen);
        ground.setBrush(colors.tint);
        for (std::size_t turn = 0; turn < m_turns.size(); ++turn) {
            const QRectF place = promptPlace(turn);
            if (place.intersects(event->rect())) {
                ground.drawRoundedRect(place, scaled(kRadius), scaled(kRadius));
            }
        }
    }
    QTextEdit::paintEvent(event);
    QPainter painter(viewport());
    if (m_chosen && shownAt(*m_chosen) != nullptr) {
        painter.setPen(colors.text);
        painter.drawRoundedRect(QRectF(placeOf(*m_chosen)).adjusted(-0.5, 0.5, 0.5, -0.5), 2, 2);
    }
    if (m_running && !m_turns.empty()) { // where the next token comes
        QTextCursor cursor(document());
        cursor.setPosition(m_turns.back().answerEnd);
        const QRect caret = cursorRect(cursor);
        painter.fillRect(QRect(caret.left() + 1, caret.top() + 2, scaled(6), caret.height() - 4),
                         colors.accent);
    }
}

int TranscriptView::tableRows() const
{
    return static_cast<int>(std::min<std::size_t>(m_tokens.size(), kMostRows));
}

int TranscriptView::tableColumns() const
{
    return ColumnCount;
}

QString TranscriptView::rowName(int row) const
{
    return tr("token %1").arg(formatCount(row + 1));
}

QString TranscriptView::columnName(int column) const
{
    return column == Text ? tr("text") : column == Probability ? tr("probability") : tr("rank");
}

QString TranscriptView::cellText(TablePlace cell) const
{
    const core::TalkToken& token = m_tokens[static_cast<std::size_t>(cell.row)].token;
    return cell.column == Text       ? spoken(token.choice.text)
        : cell.column == Probability ? formatNumber(std::exp(token.choice.logProbability), 3)
                                     : formatCount(token.rank);
}

QRect TranscriptView::cellPlace(TablePlace cell) const
{
    return placeOf(m_tokens[static_cast<std::size_t>(cell.row)].place)
        .translated(viewport()->pos());
}

std::optional<TablePlace> TranscriptView::currentCell() const
{
    const Shown* const shown = at(textCursor().position());
    const auto row = shown == nullptr ? -1 : static_cast<int>(shown - m_tokens.data());
    return row < 0 || row >= tableRows() ? std::nullopt : std::optional(TablePlace {row, Text});
}

} // namespace pissarro::ui
