// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/tokenizer_card.h"

#include "ui/shell/theme.h"
#include "ui/widgets/format.h"

#include <QHelpEvent>
#include <QLabel>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QToolTip>
#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr qsizetype kMostCharacters = 4000; // more would make typing slow
constexpr int kPieceHeight = 22; // px
constexpr int kIdHeight = 14; // px
constexpr int kLineHeight = kPieceHeight + kIdHeight + 4; // px
constexpr int kGap = 3; // px
constexpr int kPadding = 4; // px, left and right of a piece's text

QFont idFont(QFont font)
{
    font.setPixelSize(10);
    return font;
}

QString readable(const core::Tokenizer& tokenizer, qint32 id, const QString& raw)
{
    QString text;
    try {
        text = QString::fromStdString(tokenizer.decode({id}));
    } catch (const core::Error&) {
        text.clear();
    }
    if (text.isEmpty() || text.contains(QChar::ReplacementCharacter)) {
        text = raw; // part of a character
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
    for (const std::int32_t id : tokenizer.encode(text.toStdString())) {
        TokenPiece piece;
        piece.id = id;
        piece.raw = QString::fromStdString(tokenizer.piece(id));
        piece.special = tokenizer.isSpecial(id);
        piece.text = piece.special ? piece.raw : readable(tokenizer, id, piece.raw);
        pieces.append(piece);
    }
    return pieces;
}

PiecesView::PiecesView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("tokenizer.pieces"));
    setAccessibleName(tr("Tokens"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PiecesView::setPieces(const QVector<TokenPiece>& pieces)
{
    m_pieces = pieces;
    updateGeometry();
    update();
}

// Boxes of the pieces, line by line.
QVector<QRect> PiecesView::placed(int width) const
{
    const QFontMetrics metrics(font());
    const QFontMetrics small(idFont(font()));
    QVector<QRect> boxes;
    boxes.reserve(m_pieces.size());
    int x = 0;
    int y = 0;
    for (const TokenPiece& piece : m_pieces) {
        const int wide = std::max(metrics.horizontalAdvance(piece.text),
                                  small.horizontalAdvance(QString::number(piece.id)))
            + 2 * kPadding;
        if (x > 0 && x + wide > width) {
            x = 0;
            y += kLineHeight;
        }
        boxes.append(QRect(x, y, std::min(wide, std::max(width, 1)), kPieceHeight));
        x += wide + kGap;
    }
    return boxes;
}

int PiecesView::heightForWidth(int width) const
{
    const QVector<QRect> boxes = placed(width);
    return boxes.isEmpty() ? kLineHeight : boxes.last().top() + kLineHeight;
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
        QColor fill = theme.series(i % 4);
        fill.setAlphaF(theme.isDark() ? 0.28F : 0.16F);
        if (m_pieces[i].special) {
            fill = theme.colors().line;
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(boxes[i], 4, 4);
        painter.setPen(theme.colors().text);
        painter.setFont(font());
        painter.drawText(
            boxes[i], Qt::AlignCenter,
            painter.fontMetrics().elidedText(m_pieces[i].text, Qt::ElideMiddle, boxes[i].width()));
        painter.setPen(theme.colors().muted);
        painter.setFont(idFont(font()));
        painter.drawText(QRect(boxes[i].left(), boxes[i].bottom() + 1, boxes[i].width(), kIdHeight),
                         Qt::AlignCenter, QString::number(m_pieces[i].id));
    }
}

bool PiecesView::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QVector<QRect> boxes = placed(width());
        for (int i = 0; i < boxes.size(); ++i) {
            if (boxes[i].adjusted(0, 0, 0, kIdHeight).contains(help->pos())) {
                QToolTip::showText(help->globalPos(),
                                   tr("%1, id %2").arg(m_pieces[i].raw).arg(m_pieces[i].id), this);
                return true;
            }
        }
        QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
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
    m_text->setFixedHeight(58);
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
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setWidget(inside);
    scroll->setMinimumHeight(44);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->viewport()->setAutoFillBackground(false);
    inside->setAutoFillBackground(false);
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
    m_problem->setText(problem);
    m_problem->setVisible(!m_tokenizer && !problem.isEmpty());
    tokenize();
}

void TokenizerCard::tokenize()
{
    if (!m_tokenizer) {
        m_view->setPieces({});
        setSubtitle({});
        return;
    }
    const QVector<TokenPiece> pieces =
        piecesOf(*m_tokenizer, m_text->toPlainText().left(kMostCharacters));
    m_view->setPieces(pieces);
    setSubtitle(tr("%1 · %2 tokens")
                    .arg(QString::fromStdString(m_tokenizer->kind()), formatCount(pieces.size())));
}

} // namespace pissarro::ui
