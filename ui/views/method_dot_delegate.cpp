// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/method_dot_delegate.h"

#include "ui/look/metrics.h"

#include <QApplication>
#include <QPainter>

namespace pissarro::ui {

namespace {
constexpr int kDrawnDot = 10; // px
constexpr int kGap = 6; // px, from the dot to the name
constexpr int kInset = 4; // px, from the edges of the cell
} // namespace

void MethodDotDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const
{
    QStyleOptionViewItem item(option);
    initStyleOption(&item, index);
    const QString text = item.text;
    item.text.clear();
    item.icon = {};
    item.features &= ~QStyleOptionViewItem::HasDecoration;
    const QWidget* widget = option.widget;
    QStyle* style = widget != nullptr ? widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &item, painter, widget);

    const QColor color = index.data(Qt::DecorationRole).value<QColor>();
    QRect box = option.rect.adjusted(kInset, 0, -kInset, 0);
    const int dot = scaled(kDrawnDot);
    painter->save();
    if (color.isValid()) {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setBrush(color);
        painter->setPen(Qt::NoPen);
        painter->drawEllipse(QRectF(box.left(), box.center().y() + 0.5 - dot / 2.0, dot, dot));
        box.setLeft(box.left() + dot + kGap);
    }
    painter->setPen(item.palette.color(QPalette::Text));
    painter->drawText(box, Qt::AlignVCenter | Qt::AlignLeft,
                      item.fontMetrics.elidedText(text, Qt::ElideMiddle, box.width()));
    painter->restore();
}

QSize MethodDotDelegate::sizeHint(const QStyleOptionViewItem& option,
                                  const QModelIndex& index) const
{
    QStyleOptionViewItem item(option);
    initStyleOption(&item, index);
    return {item.fontMetrics.horizontalAdvance(item.text) + scaled(kDrawnDot) + kGap + 2 * kInset,
            item.fontMetrics.height() + 8};
}

} // namespace pissarro::ui
