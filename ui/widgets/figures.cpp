// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/figures.h"

#include "ui/look/metrics.h"

#include <QApplication>
#include <QPainter>
#include <QStyle>

namespace pissarro::ui {

namespace {

constexpr int kCellPadding = 15; // px, right of a figure in a cell: as the header has it

int digitWidth(const QFontMetrics& metrics)
{
    int widest = 0;
    for (char16_t digit = u'0'; digit <= u'9'; ++digit) {
        widest = std::max(widest, metrics.horizontalAdvance(QChar(digit)));
    }
    return widest;
}

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

} // namespace

int figuresWidth(const QFontMetrics& metrics, const QString& text)
{
    const int digit = digitWidth(metrics);
    int width = 0;
    QString run; // what is no digit keeps its own spacing
    for (const QChar c : text) {
        if (isDigit(c)) {
            width += digit + metrics.horizontalAdvance(std::exchange(run, {}));
        } else {
            run.append(c);
        }
    }
    return width + metrics.horizontalAdvance(run);
}

void drawFigures(QPainter& painter, const QRect& box, Qt::Alignment alignment, const QString& text)
{
    const QFontMetrics metrics = painter.fontMetrics();
    const int digit = digitWidth(metrics);
    const int width = figuresWidth(metrics, text);
    int x = box.left();
    if (alignment & Qt::AlignRight) {
        x = box.right() + 1 - width;
    } else if (alignment & Qt::AlignHCenter) {
        x = box.left() + (box.width() - width) / 2;
    }
    const int y = box.top() + (box.height() - metrics.height()) / 2 + metrics.ascent();
    QString run;
    const auto flush = [&] {
        painter.drawText(x, y, run);
        x += metrics.horizontalAdvance(std::exchange(run, {}));
    };
    for (const QChar c : text) {
        if (isDigit(c)) {
            flush();
            painter.drawText(x + (digit - metrics.horizontalAdvance(c)) / 2, y, c);
            x += digit;
        } else {
            run.append(c);
        }
    }
    flush();
}

FigureLabel::FigureLabel(const QString& text, QWidget* parent)
    : QLabel(text, parent)
{
    setTextFormat(Qt::PlainText);
    setAlignment(Qt::AlignRight | Qt::AlignVCenter);
}

QSize FigureLabel::sizeHint() const
{
    const QSize hint = QLabel::sizeHint();
    const int frame = hint.width() - fontMetrics().horizontalAdvance(text());
    return {figuresWidth(fontMetrics(), text()) + std::max(0, frame), hint.height()};
}

void FigureLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setPen(palette().color(foregroundRole()));
    drawFigures(painter, contentsRect(), alignment(), text());
}

void FigureDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                           const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QString text = std::exchange(cell.text, {});
    const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
    painter->save();
    painter->setFont(cell.font);
    painter->setPen(cell.palette.color(QPalette::Text));
    drawFigures(*painter, cell.rect.adjusted(0, 0, -scaled(kCellPadding), 0),
                Qt::AlignRight | Qt::AlignVCenter, text);
    painter->restore();
}

QSize FigureDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const QSize hint = QStyledItemDelegate::sizeHint(option, index);
    const int width = figuresWidth(QFontMetrics(option.font), index.data().toString());
    return {width + scaled(kCellPadding) + 6, hint.height()};
}

} // namespace pissarro::ui
