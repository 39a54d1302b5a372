// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/start_picture.h"

#include "ui/look/theme.h"
#include "ui/words/method_look.h"

#include <QPainter>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr double kLargest = 96.0; // px, side of W
constexpr double kThin = 0.16; // of W's side: the rank
constexpr double kGap = 10.0; // px
constexpr double kLine = 18.0; // px of text

struct Start {
    core::Method method;
    QString frozen; // below the large matrix
    QString trained; // below the thin ones
};

void paintMatrix(QPainter& painter, const QRectF& box, const QColor& fill)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawRoundedRect(box, 3, 3);
}

// Title, W, +, the tall and the wide one, words: from the left.
void paintStart(QPainter& painter, const QRectF& row, const Start& start)
{
    const Colors& colors = Theme::instance().colors();
    const QColor ink = methodColor(start.method);
    const double side = std::min({kLargest, row.height() - kLine - kGap, row.width() / 4.0});
    const double thin = kThin * side;
    const double top = row.top();
    double x = row.left();
    painter.setPen(colors.text);
    painter.drawText(QRectF(x, top, 56, side), Qt::AlignLeft | Qt::AlignVCenter,
                     titleOf(start.method));
    x += 56;
    const auto below = [&](double left, double width, const QString& words) {
        painter.setPen(colors.muted);
        painter.drawText(QRectF(left, top + side + 4, width, kLine), Qt::AlignLeft, words);
    };
    paintMatrix(painter, {x, top, side, side}, colors.line);
    painter.setPen(colors.muted);
    painter.drawText(QRectF(x, top, side, side), Qt::AlignCenter, StartPicture::tr("frozen"));
    below(x, side + 3 * kGap, start.frozen);
    x += side + kGap;
    painter.drawText(QRectF(x, top, 2 * kGap, side), Qt::AlignCenter, QStringLiteral("+"));
    x += 3 * kGap;
    paintMatrix(painter, {x, top, thin, side}, ink);
    paintMatrix(painter, {x + thin + kGap / 2, top + (side - thin) / 2, side, thin}, ink);
    below(x, row.right() - x, start.trained);
}

} // namespace

StartPicture::StartPicture(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("model.empty.picture"));
    setAccessibleName(tr("How LoRA and PiSSA begin"));
    setAccessibleDescription(
        tr("LoRA: W frozen, B zero, A random. PiSSA: what is left of W frozen, "
           "B and A its leading singular values and vectors."));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize StartPicture::sizeHint() const
{
    return {360, static_cast<int>(2 * (kLargest + kLine + 2 * kGap))};
}

void StartPicture::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double height = std::min<double>(this->height(), sizeHint().height()) / 2.0;
    if (height < 3 * kLine) {
        return; // too low to be read
    }
    paintStart(painter, QRectF(0, kGap, width(), height - kGap),
               {core::methodNamed("lora"), tr("W"), tr("B = 0, A at random")});
    paintStart(painter, QRectF(0, height + kGap, width(), height - kGap),
               {core::methodNamed("pissa"), tr("W less B·A"),
                tr("B·A = the largest singular values of W")});
}

} // namespace pissarro::ui
