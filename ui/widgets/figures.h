// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QStyledItemDelegate>

namespace pissarro::ui {

// Tabular figures. Qt 6.4 cannot ask a font for its tabular digits, so each digit is given the
// width of the widest: columns align and a changing read-out does not tremble.
int figuresWidth(const QFontMetrics& metrics, const QString& text);
void drawFigures(QPainter& painter, const QRect& box, Qt::Alignment alignment, const QString& text);

// A read-out.
class FigureLabel : public QLabel {
    Q_OBJECT

public:
    explicit FigureLabel(const QString& text = {}, QWidget* parent = nullptr);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
};

// A column of numbers in a table or tree, right-aligned.
class FigureDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace pissarro::ui
