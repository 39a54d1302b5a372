// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/block_image.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kBarHeight = 8; // px
constexpr int kBarRoom = 34; // px, bar and its labels

} // namespace

BlockImage::BlockImage(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("quantize.blocks"));
    setAccessibleName(tr("Error of each block"));
    setMouseTracking(true);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void BlockImage::setBlocks(const core::BlockErrors& blocks, double most, std::int64_t blockSize)
{
    m_blocks = blocks;
    m_most = most;
    m_blockSize = blockSize;
    const auto count = static_cast<std::int64_t>(blocks.rms.size());
    const std::int64_t height =
        (count + blocks.width - 1) / std::max<std::int64_t>(1, blocks.width);
    m_image =
        QImage(static_cast<int>(blocks.width), static_cast<int>(height), QImage::Format_RGB32);
    m_image.fill(Theme::instance().colors().card);
    for (std::int64_t i = 0; i < count; ++i) {
        const double share = most > 0.0 ? blocks.rms[static_cast<std::size_t>(i)] / most : 0.0;
        m_image.setPixelColor(static_cast<int>(i % blocks.width),
                              static_cast<int>(i / blocks.width),
                              Theme::cividis(std::min(1.0, share)));
    }
    const auto largest = std::max_element(blocks.rms.begin(), blocks.rms.end());
    setAccessibleDescription(
        largest == blocks.rms.end()
            ? QString()
            : tr("%1 blocks, RMS errors up to %2, that of block %3", nullptr, pluralOf(count))
                  .arg(formatCount(count), formatNumber(*largest, 3),
                       formatCount(largest - blocks.rms.begin())));
    update();
}

void BlockImage::clear(const QString& text)
{
    m_image = QImage();
    m_blocks = {};
    m_text = text;
    setAccessibleDescription(text);
    update();
}

QRect BlockImage::imageRect() const
{
    return rect().adjusted(0, 2, -1, -scaled(kBarRoom));
}

void BlockImage::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (m_image.isNull()) {
        painter.setPen(Theme::instance().colors().muted);
        painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, m_text);
        return;
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform, m_image.height() > imageRect().height());
    painter.drawImage(imageRect(), m_image);
    paintBar(painter);
}

void BlockImage::paintBar(QPainter& painter) const
{
    const QRect bar(imageRect().left(), imageRect().bottom() + 8, imageRect().width(), kBarHeight);
    QLinearGradient colors(bar.topLeft(), bar.topRight());
    for (int i = 0; i <= 16; ++i) {
        colors.setColorAt(i / 16.0, Theme::cividis(i / 16.0));
    }
    painter.fillRect(bar, colors);
    painter.setPen(Theme::instance().colors().muted);
    QFont small = font();
    small.setPixelSize(scaled(11));
    painter.setFont(small);
    const QRect labels(bar.left(), bar.bottom() + 2, bar.width(), scaled(16));
    painter.drawText(labels, Qt::AlignLeft, QStringLiteral("0"));
    painter.drawText(labels, Qt::AlignHCenter, tr("RMS error of a block"));
    painter.drawText(labels, Qt::AlignRight, formatNumber(m_most, 3));
}

bool BlockImage::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip || m_image.isNull()) {
        return QWidget::event(event);
    }
    const auto* help = static_cast<QHelpEvent*>(event);
    const QRect box = imageRect();
    if (!box.contains(help->pos())) {
        QToolTip::hideText();
        return true;
    }
    const std::int64_t column =
        static_cast<std::int64_t>(help->pos().x() - box.left()) * m_image.width() / box.width();
    const std::int64_t row =
        static_cast<std::int64_t>(help->pos().y() - box.top()) * m_image.height() / box.height();
    const std::int64_t block = row * m_blocks.width + column;
    if (block < static_cast<std::int64_t>(m_blocks.rms.size())) {
        QToolTip::showText(help->globalPos(),
                           tr("block %1, values %2 to %3\nRMS error %4")
                               .arg(formatCount(block), formatCount(block * m_blockSize),
                                    formatCount((block + 1) * m_blockSize - 1),
                                    formatNumber(m_blocks.rms[static_cast<std::size_t>(block)], 3)),
                           this);
    }
    return true;
}

} // namespace pissarro::ui
