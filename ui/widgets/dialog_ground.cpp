// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/dialog_ground.h"

#include "ui/look/metrics.h"

#include <QDialog>
#include <QLayout>
#include <QScreen>

#include <algorithm>

namespace pissarro::ui {

namespace {
constexpr int kLeastHeight = 160; // px
}

DialogGround::DialogGround(QLayout* cards, int width)
    : m_width(width)
{
    auto* content = new QWidget;
    cards->setContentsMargins(0, 0, 0, 0);
    content->setLayout(cards);
    setFrameStyle(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    setWidget(content);
    viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
}

QSize DialogGround::sizeHint() const
{
    const QLayout* cards = widget()->layout();
    const int width = std::max({m_width, cards->totalMinimumSize().width(),
                                m_width > 0 ? 0 : cards->totalSizeHint().width()});
    const int height = cards->hasHeightForWidth() ? cards->totalHeightForWidth(width)
                                                  : cards->totalSizeHint().height();
    return {width, height};
}

QSize DialogGround::minimumSizeHint() const
{
    return {widget()->layout()->totalMinimumSize().width(), scaled(kLeastHeight)};
}

void fitToScreen(QDialog* dialog)
{
    dialog->ensurePolished();
    dialog->resize(dialog->sizeHint().boundedTo(dialog->screen()->availableSize()));
}

void sizeAsDrawn(QDialog* dialog, QSize drawn)
{
    const QSize wanted(scaled(drawn.width()), scaled(drawn.height()));
    dialog->resize(wanted.boundedTo(dialog->screen()->availableSize()));
}

} // namespace pissarro::ui
