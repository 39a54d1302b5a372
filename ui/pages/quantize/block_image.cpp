// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/block_image.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QFocusEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kBarHeight = 8; // px
constexpr int kBarRoom = 34; // px, bar and its labels
constexpr int kMostRows =
    128; // of the table that is read: a screen reader asks for its cells one by one
constexpr int kMostColumns = 64;

int shareOf(int count, int most) // so many in one, that there are at most so many
{
    return std::max(1, (count + most - 1) / most);
}

} // namespace

BlockImage::BlockImage(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("quantize.blocks"));
    setAccessibleName(tr("Error of each block"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
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
    m_rowsOfCell = shareOf(m_image.height(), kMostRows);
    m_columnsOfCell = shareOf(m_image.width(), kMostColumns);
    m_current = hasCell(m_current) ? m_current : TablePlace {};
    setAccessibleDescription({}); // tableSummary()
    tellOtherTable(this);
    update();
}

void BlockImage::clear(const QString& text)
{
    m_image = QImage();
    m_blocks = {};
    m_text = text;
    m_current = {};
    setAccessibleDescription(text);
    tellOtherTable(this);
    update();
}

int BlockImage::tableRows() const
{
    return (m_image.height() + m_rowsOfCell - 1) / m_rowsOfCell;
}

int BlockImage::tableColumns() const
{
    return (m_image.width() + m_columnsOfCell - 1) / m_columnsOfCell;
}

QString BlockImage::rowName(int row) const
{
    const int first = row * m_rowsOfCell;
    const int last = std::min(first + m_rowsOfCell, m_image.height()) - 1;
    return first == last ? tr("row %1").arg(formatCount(first))
                         : tr("rows %1 to %2").arg(formatCount(first), formatCount(last));
}

QString BlockImage::columnName(int column) const
{
    const int first = column * m_columnsOfCell;
    const int last = std::min(first + m_columnsOfCell, m_image.width()) - 1;
    return first == last ? tr("block %1").arg(formatCount(first))
                         : tr("blocks %1 to %2").arg(formatCount(first), formatCount(last));
}

std::int64_t BlockImage::largestOf(TablePlace cell) const
{
    const auto count = static_cast<std::int64_t>(m_blocks.rms.size());
    const auto error = [this](std::int64_t block) {
        return m_blocks.rms[static_cast<std::size_t>(block)];
    };
    std::int64_t largest = -1;
    for (int row = 0; row < m_rowsOfCell; ++row) {
        for (int column = 0; column < m_columnsOfCell; ++column) {
            const std::int64_t across = std::int64_t {cell.column} * m_columnsOfCell + column;
            const std::int64_t block =
                (std::int64_t {cell.row} * m_rowsOfCell + row) * m_blocks.width + across;
            const bool isThere = across < m_blocks.width && block < count;
            if (isThere && (largest < 0 || error(block) > error(largest))) {
                largest = block;
            }
        }
    }
    return largest;
}

QString BlockImage::cellText(TablePlace cell) const
{
    const std::int64_t block = largestOf(cell);
    return block < 0 ? tr("no block")
                     : formatNumber(m_blocks.rms[static_cast<std::size_t>(block)], 3);
}

QString BlockImage::cellDetails(TablePlace cell) const
{
    const std::int64_t block = largestOf(cell);
    return block < 0 ? QString() : blockText(block);
}

QRect BlockImage::cellPlace(TablePlace cell) const
{
    const QRect box = imageRect();
    const auto x = [&](int pixel) {
        return box.left() + std::min(pixel, m_image.width()) * box.width() / m_image.width();
    };
    const auto y = [&](int pixel) {
        return box.top() + std::min(pixel, m_image.height()) * box.height() / m_image.height();
    };
    const QPoint from(x(cell.column * m_columnsOfCell), y(cell.row * m_rowsOfCell));
    const QPoint to(x((cell.column + 1) * m_columnsOfCell), y((cell.row + 1) * m_rowsOfCell));
    return QRect(from, QSize(to.x() - from.x(), to.y() - from.y()))
        .united(QRect(from, QSize(1, 1)));
}

std::optional<TablePlace> BlockImage::currentCell() const
{
    return hasCell(m_current) ? std::optional(m_current) : std::nullopt;
}

void BlockImage::selectCell(TablePlace cell)
{
    if (hasCell(cell) && !(cell == m_current)) {
        m_current = cell;
        tellCurrentCell(this);
        update();
    }
}

QString BlockImage::tableSummary() const
{
    const auto largest = std::max_element(m_blocks.rms.begin(), m_blocks.rms.end());
    if (largest == m_blocks.rms.end()) {
        return {};
    }
    const auto count = static_cast<std::int64_t>(m_blocks.rms.size());
    return tr("%1 blocks, RMS errors up to %2, that of block %3", nullptr, pluralOf(count))
        .arg(formatCount(count), formatNumber(*largest, 3),
             formatCount(largest - m_blocks.rms.begin()));
}

void BlockImage::keyPressEvent(QKeyEvent* event)
{
    const auto go = [this](int rows, int columns) {
        m_showCurrent = true;
        selectCell({std::clamp(m_current.row + rows, 0, std::max(0, tableRows() - 1)),
                    std::clamp(m_current.column + columns, 0, std::max(0, tableColumns() - 1))});
        update();
    };
    switch (event->key()) {
    case Qt::Key_Left:
        return go(0, -1);
    case Qt::Key_Right:
        return go(0, 1);
    case Qt::Key_Up:
        return go(-1, 0);
    case Qt::Key_Down:
        return go(1, 0);
    case Qt::Key_Home:
        return go(-tableRows(), -tableColumns());
    case Qt::Key_End:
        return go(tableRows(), tableColumns());
    default:
        QWidget::keyPressEvent(event);
    }
}

void BlockImage::focusInEvent(QFocusEvent* event)
{
    m_showCurrent = isByKeyboard(event->reason());
    QWidget::focusInEvent(event);
    tellCurrentCell(this);
    update();
}

void BlockImage::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
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
    if (m_showCurrent && hasFocus() && hasCell(m_current)) {
        const Colors& colors = Theme::instance().colors();
        const QRect cell = cellPlace(m_current).adjusted(-2, -2, 1, 1);
        painter.setPen(QPen(colors.card, 4)); // seen over any colour of the picture
        painter.drawRect(cell);
        painter.setPen(QPen(colors.accent, 2));
        painter.drawRect(cell);
    }
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
        QToolTip::showText(help->globalPos(), blockText(block), this);
    }
    return true;
}

QString BlockImage::blockText(std::int64_t block) const
{
    return tr("block %1, values %2 to %3\nRMS error %4")
        .arg(formatCount(block), formatCount(block * m_blockSize),
             formatCount((block + 1) * m_blockSize - 1),
             formatNumber(m_blocks.rms[static_cast<std::size_t>(block)], 3));
}

} // namespace pissarro::ui
