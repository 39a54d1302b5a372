// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/chat/token_shade.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/words/format.h"

#include <QPainter>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kSteps = 12;
constexpr int kBarHeight = 10; // px
constexpr double kDeepestLight = 0.62; // of the amber
constexpr double kDeepestDark = 0.42;

} // namespace

QColor shadeOf(double probability)
{
    const Theme& theme = Theme::instance();
    const QColor amber(0xE6, 0x9F, 0x00);
    const double deepest = theme.isDark() ? kDeepestDark : kDeepestLight;
    return Theme::mixed(theme.colors().card, amber,
                        deepest * (1.0 - std::clamp(probability, 0.0, 1.0)));
}

ShadeScale::ShadeScale(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("chat.scale"));
    setAccessibleName(tr("Scale of the shading: how likely a token was, from 0 to 1"));
    setToolTip(tr("How likely a token was for the model: the deeper, the less it was sure"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

QSize ShadeScale::sizeHint() const
{
    return {scaled(120), scaled(kBarHeight) + 4 + fontMetrics().height()};
}

void ShadeScale::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    const Colors& colors = Theme::instance().colors();
    const QRect bar(0, 0, width() - 1, scaled(kBarHeight));
    for (int i = 0; i < kSteps; ++i) {
        const int left = bar.width() * i / kSteps;
        const int right = bar.width() * (i + 1) / kSteps;
        painter.fillRect(QRect(left, 0, right - left, bar.height()), shadeOf((i + 0.5) / kSteps));
    }
    painter.setPen(colors.line);
    painter.drawRect(bar);
    painter.setPen(colors.muted);
    const QRect words(0, bar.height() + 4, width(), fontMetrics().height());
    painter.drawText(words, Qt::AlignLeft, formatNumber(0.0));
    painter.drawText(words, Qt::AlignHCenter, formatNumber(0.5));
    painter.drawText(words, Qt::AlignRight, formatNumber(1.0));
}

} // namespace pissarro::ui
