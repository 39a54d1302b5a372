// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/tokenizer_card.h"

#include "core/base/error.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/scroll_column.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QFocusEvent>
#include <QHash>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QScrollArea>
#include <QStringDecoder>
#include <QToolTip>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr qsizetype kMostCharacters = 4000; // more would make typing slow
constexpr int kPieceHeight = 22; // px
constexpr int kIdHeight = 14; // px
constexpr int kOverHeight = 16; // px
constexpr int kGap = 3; // px
constexpr int kPadding = 4; // px, left and right of a piece's text

int lineHeight()
{
    return scaled(kPieceHeight) + scaled(kIdHeight) + scaled(4);
}

QFont idFont(QFont font)
{
    font.setPixelSize(scaled(10));
    return font;
}

QString decoded(const core::Tokenizer& tokenizer, qint32 id)
{
    try {
        return QString::fromStdString(tokenizer.decode({id}));
    } catch (const core::Error&) {
        return {};
    }
}

// The byte that GPT-2's byte-level BPE writes as this character; -1: none.
int byteOf(QChar sign)
{
    static const QHash<QChar, int> bytes = [] {
        QHash<QChar, int> table;
        char16_t next = 256;
        for (int byte = 0; byte < 256; ++byte) {
            const bool itself = (byte >= 33 && byte <= 126) || (byte >= 161 && byte != 173);
            table.insert(itself ? QChar(static_cast<char16_t>(byte)) : QChar(next++), byte);
        }
        return table;
    }();
    return bytes.value(sign, -1);
}

// Of a token that is part of a character; empty: the vocabulary does not say.
QByteArray bytesOf(const core::Tokenizer& tokenizer, const QString& raw)
{
    static const QRegularExpression byteToken(QStringLiteral("^<0x([0-9A-Fa-f]{2})>$"));
    if (const auto match = byteToken.match(raw); match.hasMatch()) {
        return QByteArray::fromHex(match.captured(1).toLatin1());
    }
    QByteArray bytes;
    if (tokenizer.kind() == "byte-level BPE") {
        for (const QChar sign : raw) {
            const int byte = byteOf(sign);
            if (byte < 0) {
                return {};
            }
            bytes.append(static_cast<char>(byte));
        }
    }
    return bytes;
}

bool isWhole(const QByteArray& utf8)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(utf8);
    return !decoder.hasError() && !text.contains(QChar::ReplacementCharacter)
        && text.toUtf8() == utf8;
}

// Parts in a row become the character that they make.
void joinParts(QVector<TokenPiece>& pieces, const QVector<QByteArray>& bytes)
{
    constexpr int kMostParts = 8;
    for (int first = 0; first < pieces.size(); ++first) {
        QByteArray whole;
        int end = first;
        while (end < pieces.size() && end - first < kMostParts && !bytes[end].isEmpty()) {
            whole += bytes[end++];
            if (isWhole(whole)) {
                break;
            }
        }
        if (end == first || !isWhole(whole)) {
            continue;
        }
        pieces[first].parts = end - first;
        for (int part = first; part < end; ++part) {
            pieces[part].character = QString::fromUtf8(whole);
        }
        first = end - 1;
    }
}

QString readable(QString text, const QString& raw)
{
    if (text.isEmpty()) {
        text = raw;
    }
    // SentencePiece drops the leading space of a text that is decoded alone.
    if (raw.startsWith(QChar(0x2581)) && !text.startsWith(QLatin1Char(' '))
        && !text.startsWith(QChar(0x2581))) {
        text.prepend(QLatin1Char(' '));
    }
    return text.replace(QChar(0x2581), QLatin1Char(' '))
        .replace(QLatin1Char(' '), QChar(0x00b7))
        .replace(QLatin1Char('\n'), QChar(0x23ce))
        .replace(QLatin1Char('\t'), QChar(0x21e5));
}

} // namespace

QVector<TokenPiece> piecesOf(const core::Tokenizer& tokenizer, const QString& text)
{
    QVector<TokenPiece> pieces;
    QVector<QByteArray> bytes; // of parts of characters; empty: the token is whole
    for (const std::int32_t id : tokenizer.encode(text.toStdString())) {
        TokenPiece piece;
        piece.id = id;
        piece.raw = QString::fromStdString(tokenizer.piece(id));
        piece.special = tokenizer.isSpecial(id);
        const QString plain = piece.special ? QString() : decoded(tokenizer, id);
        const bool part = plain.contains(QChar::ReplacementCharacter);
        bytes.append(part ? bytesOf(tokenizer, piece.raw) : QByteArray());
        piece.text = !bytes.last().isEmpty()
            ? QString::fromLatin1(bytes.last().toHex(' ').toUpper())
            : piece.special ? piece.raw
                            : readable(plain, piece.raw);
        pieces.append(piece);
    }
    joinParts(pieces, bytes);
    return pieces;
}

PiecesView::PiecesView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("tokenizer.pieces"));
    setAccessibleName(tr("Tokens"));
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PiecesView::setPieces(const QVector<TokenPiece>& pieces)
{
    m_pieces = pieces;
    m_anyParts = std::any_of(pieces.begin(), pieces.end(),
                             [](const TokenPiece& piece) { return piece.parts > 0; });
    m_current = hasCell(m_current) ? m_current : TablePlace {};
    tellOtherTable(this);
    updateGeometry();
    update();
}

QString PiecesView::rowName(int row) const
{
    return tr("token %1").arg(formatCount(row + 1));
}

QString PiecesView::columnName(int column) const
{
    return column == 0 ? tr("text") : tr("id");
}

QString PiecesView::cellText(TablePlace cell) const
{
    const TokenPiece& piece = m_pieces[cell.row];
    return cell.column == 0 ? piece.text : QString::number(piece.id);
}

QString PiecesView::cellDetails(TablePlace cell) const
{
    return details(m_pieces[cell.row]);
}

// The id stands under the text.
QRect PiecesView::cellPlace(TablePlace cell) const
{
    const QRect box = placed(width())[cell.row];
    return cell.column == 0 ? box
                            : QRect(box.left(), box.bottom() + 1, box.width(), scaled(kIdHeight));
}

std::optional<TablePlace> PiecesView::currentCell() const
{
    return hasCell(m_current) ? std::optional(m_current) : std::nullopt;
}

void PiecesView::selectCell(TablePlace cell)
{
    if (!hasCell(cell) || cell == m_current) {
        return;
    }
    m_current = cell;
    tellCurrentCell(this);
    update();
    for (QWidget* above = parentWidget(); above != nullptr; above = above->parentWidget()) {
        if (auto* scroll = qobject_cast<QScrollArea*>(above)) {
            const QPoint middle = mapTo(scroll->widget(), cellPlace(cell).center());
            scroll->ensureVisible(middle.x(), middle.y(), 0, lineHeight());
            return;
        }
    }
}

void PiecesView::keyPressEvent(QKeyEvent* event)
{
    const auto go = [this](int row, int column) {
        m_showCurrent = true;
        selectCell({std::clamp(row, 0, std::max(0, tableRows() - 1)), column});
        update();
    };
    switch (event->key()) {
    case Qt::Key_Left:
        return go(m_current.row - 1, m_current.column);
    case Qt::Key_Right:
        return go(m_current.row + 1, m_current.column);
    case Qt::Key_Up:
        return go(m_current.row, 0);
    case Qt::Key_Down:
        return go(m_current.row, 1);
    case Qt::Key_Home:
        return go(0, m_current.column);
    case Qt::Key_End:
        return go(tableRows() - 1, m_current.column);
    default:
        QWidget::keyPressEvent(event);
    }
}

void PiecesView::focusInEvent(QFocusEvent* event)
{
    m_showCurrent = isByKeyboard(event->reason());
    QWidget::focusInEvent(event);
    tellCurrentCell(this);
    update();
}

void PiecesView::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

int PiecesView::overHeight() const
{
    return m_anyParts ? scaled(kOverHeight) : 0;
}

// Boxes of the pieces, line by line.
QVector<QRect> PiecesView::placed(int width) const
{
    const QFontMetrics metrics(font());
    const QFontMetrics small(idFont(font()));
    QVector<QRect> boxes;
    boxes.reserve(m_pieces.size());
    int x = 0;
    int y = overHeight();
    for (const TokenPiece& piece : m_pieces) {
        const int wide = std::max(metrics.horizontalAdvance(piece.text),
                                  small.horizontalAdvance(QString::number(piece.id)))
            + 2 * kPadding;
        if (x > 0 && x + wide > width) {
            x = 0;
            y += lineHeight() + overHeight();
        }
        boxes.append(QRect(x, y, std::min(wide, std::max(width, 1)), scaled(kPieceHeight)));
        x += wide + kGap;
    }
    return boxes;
}

int PiecesView::heightForWidth(int width) const
{
    const QVector<QRect> boxes = placed(width);
    return boxes.isEmpty() ? lineHeight()
                           : boxes.last().top() + lineHeight(); // overHeight() is above
}

QSize PiecesView::sizeHint() const
{
    return {240, heightForWidth(std::max(width(), 240))};
}

void PiecesView::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::instance();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QVector<QRect> boxes = placed(width());
    for (int i = 0; i < boxes.size(); ++i) {
        QColor fill = theme.colors().text; // two greys by turns show where a token ends
        fill.setAlphaF(i % 2 == 0 ? 0.07F : 0.14F);
        const bool special = m_pieces[i].special;
        painter.setPen(special ? QPen(theme.colors().muted, 1) : QPen(Qt::NoPen));
        painter.setBrush(special ? QBrush(Qt::NoBrush) : QBrush(fill));
        painter.drawRoundedRect(
            special ? QRectF(boxes[i]).adjusted(0.5, 0.5, -0.5, -0.5) : QRectF(boxes[i]), 4, 4);
        painter.setPen(theme.colors().text);
        painter.setFont(font());
        painter.drawText(
            boxes[i], Qt::AlignCenter,
            painter.fontMetrics().elidedText(m_pieces[i].text, Qt::ElideMiddle, boxes[i].width()));
        painter.setPen(theme.colors().muted);
        painter.setFont(idFont(font()));
        painter.drawText(
            QRect(boxes[i].left(), boxes[i].bottom() + 1, boxes[i].width(), scaled(kIdHeight)),
            Qt::AlignCenter, QString::number(m_pieces[i].id));
        if (m_pieces[i].parts > 0) {
            paintCharacter(painter, boxes, i);
        }
    }
    if (m_showCurrent && hasFocus() && hasCell(m_current)) {
        painter.setPen(QPen(theme.colors().accent, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(cellPlace(m_current).adjusted(1, 1, -1, -1), 3, 3);
    }
}

// Over its parts, as far as they stand in one line.
void PiecesView::paintCharacter(QPainter& painter, const QVector<QRect>& boxes, int first) const
{
    QRect over = boxes[first];
    const int end = std::min(first + m_pieces[first].parts, static_cast<int>(boxes.size()));
    for (int part = first + 1; part < end; ++part) {
        over = boxes[part].top() == over.top() ? over.united(boxes[part]) : over;
    }
    const Colors& colors = Theme::instance().colors();
    painter.setPen(colors.line);
    painter.drawLine(over.left() + 1, over.top() - 2, over.right() - 1, over.top() - 2);
    painter.setPen(colors.text);
    painter.setFont(font());
    painter.drawText(
        QRect(over.left(), over.top() - scaled(kOverHeight), over.width(), scaled(kOverHeight) - 2),
        Qt::AlignCenter, m_pieces[first].character);
}

bool PiecesView::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QVector<QRect> boxes = placed(width());
        for (int i = 0; i < boxes.size(); ++i) {
            if (boxes[i].adjusted(0, 0, 0, scaled(kIdHeight)).contains(help->pos())) {
                QToolTip::showText(help->globalPos(), details(m_pieces[i]), this);
                return true;
            }
        }
        QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

QString PiecesView::details(const TokenPiece& piece) const
{
    const QString what = piece.character.isEmpty()
        ? piece.raw
        : tr("bytes %1 of %2").arg(piece.text, piece.character);
    return tr("%1, id %2").arg(what).arg(piece.id);
}

TokenizerCard::TokenizerCard(QWidget* parent)
    : Card(tr("Try the tokenizer"), parent)
    , m_text(new QPlainTextEdit)
    , m_view(new PiecesView)
    , m_problem(new QLabel)
{
    m_text->setObjectName(QStringLiteral("tokenizer.text"));
    m_text->setAccessibleName(tr("Text to tokenize"));
    m_text->setPlaceholderText(tr("Type a text to see its tokens"));
    m_text->setPlainText(tr("Singular values tell which directions matter: σ₁ ≥ σ₂ ≥ … ≥ 0."));
    m_text->setFixedHeight(scaled(58));
    m_text->setTabChangesFocus(true);
    m_problem->setProperty("role", QStringLiteral("bad"));
    m_problem->setWordWrap(true);
    m_problem->setObjectName(QStringLiteral("tokenizer.problem"));
    m_problem->hide();

    auto* inside = new QWidget;
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(0, 0, 6, 0);
    column->addWidget(m_view);
    column->addStretch(1);
    QScrollArea* scroll = scrollColumn(inside);
    scroll->setMinimumHeight(scaled(44));
    body()->addWidget(m_text);
    body()->addWidget(m_problem);
    body()->addWidget(scroll, 1);
    connect(m_text, &QPlainTextEdit::textChanged, this, &TokenizerCard::tokenize);
}

void TokenizerCard::setTokenizer(std::shared_ptr<const core::Tokenizer> tokenizer,
                                 const QString& problem)
{
    m_tokenizer = std::move(tokenizer);
    m_text->setEnabled(m_tokenizer != nullptr);
    showProblem(m_tokenizer ? QString() : problem);
    tokenize();
}

void TokenizerCard::showProblem(const QString& problem)
{
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
}

void TokenizerCard::tokenize()
{
    m_view->setPieces({});
    setSubtitle({});
    if (!m_tokenizer) {
        return;
    }
    const QString text = m_text->toPlainText();
    QVector<TokenPiece> pieces;
    try {
        pieces = piecesOf(*m_tokenizer, text.left(kMostCharacters));
        showProblem({});
    } catch (const core::Error& error) { // a tokenizer that opens may still fail on this text
        showProblem(QString::fromUtf8(error.what()));
        return;
    }
    m_view->setPieces(pieces);
    const QString count = formatCount(pieces.size());
    setSubtitle(
        QString::fromStdString(m_tokenizer->kind()) + QStringLiteral(" · ")
        + (text.size() > kMostCharacters
               ? tr("%1 tokens in the first %2 of %3 characters", nullptr, pluralOf(pieces.size()))
                     .arg(count, formatCount(kMostCharacters), formatCount(text.size()))
               : tr("%1 tokens", nullptr, pluralOf(pieces.size())).arg(count)));
}

} // namespace pissarro::ui
