// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/data/length_plot.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kLeft = 44; // px, of the rows' axis
constexpr int kBottom = 34; // px, of the tokens' axis
constexpr int kTop = 26; // px, of the cut's label
constexpr int kRight = 12; // px
constexpr int kTicks = 5;
constexpr int kLeastCut = 2; // tokens: a row has one to learn and one before it

// A step of 1, 2 or 5 times a power of ten that cuts `span` into at most so many.
std::int64_t stepOf(std::int64_t span, int ticks)
{
    for (std::int64_t power = 1;; power *= 10) {
        for (const std::int64_t times : {1, 2, 5}) {
            if (span <= times * power * ticks) {
                return times * power;
            }
        }
    }
}

} // namespace

LengthPlot::LengthPlot(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("data.lengths"));
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Rows by length, and where they are cut"));
    setToolTip(tr("Drag the line, or move it by the arrow keys: where rows are cut"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void LengthPlot::setFigures(const core::LengthFigures& figures)
{
    m_figures = figures;
    update();
    tellOtherTable(this);
}

void LengthPlot::setCut(std::int64_t length)
{
    if (m_cut != length) {
        m_cut = length;
        update();
        tellValue(this, static_cast<double>(length));
    }
}

QSize LengthPlot::sizeHint() const
{
    return {scaled(520), scaled(260)};
}

QSize LengthPlot::minimumSizeHint() const
{
    return {scaled(220), scaled(130)};
}

QRect LengthPlot::plot() const
{
    return rect().adjusted(scaled(kLeft), scaled(kTop), -scaled(kRight), -scaled(kBottom));
}

std::int64_t LengthPlot::span() const
{
    return std::max<std::int64_t>(
        1, m_figures.binWidth * static_cast<std::int64_t>(m_figures.bins.size()));
}

double LengthPlot::xOf(double tokens) const
{
    const double share = std::clamp(tokens / static_cast<double>(span()), 0.0, 1.0);
    return plot().left() + share * plot().width();
}

std::int64_t LengthPlot::most() const
{
    return m_figures.bins.empty()
        ? 1
        : std::max<std::int64_t>(1,
                                 *std::max_element(m_figures.bins.begin(), m_figures.bins.end()));
}

QRectF LengthPlot::barOf(int bin) const
{
    const QRect place = plot();
    const auto width = static_cast<double>(m_figures.binWidth);
    const double left = xOf(bin * width);
    const double right = xOf((bin + 1) * width);
    const double share = static_cast<double>(m_figures.bins[static_cast<std::size_t>(bin)])
        / static_cast<double>(most());
    const double height = share * place.height();
    return {left, place.bottom() + 1 - height, std::max(1.0, right - left - 1.0), height};
}

void LengthPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setFont(sized(font(), 11));
    if (m_figures.rows == 0) {
        painter.setPen(Theme::instance().colors().muted);
        painter.drawText(plot(), Qt::AlignCenter | Qt::TextWordWrap,
                         tr("Lengths come here once rows are in tokens."));
        return;
    }
    drawAxes(painter);
    drawBars(painter);
    drawCut(painter);
    if (hasFocus()) {
        painter.setPen(QPen(Theme::instance().colors().accent, 1, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void LengthPlot::drawBars(QPainter& painter) const
{
    const Colors& colors = Theme::instance().colors();
    QColor kept = colors.accent;
    QColor cut = colors.bad;
    kept.setAlphaF(0.55F);
    cut.setAlphaF(0.55F);
    const double edge = xOf(static_cast<double>(m_cut));
    for (int bin = 0; bin < static_cast<int>(m_figures.bins.size()); ++bin) {
        const QRectF bar = barOf(bin);
        const double split = std::clamp(edge, bar.left(), bar.right());
        painter.fillRect(QRectF(bar.left(), bar.top(), split - bar.left(), bar.height()), kept);
        painter.fillRect(QRectF(split, bar.top(), bar.right() - split, bar.height()), cut);
    }
}

void LengthPlot::drawAxes(QPainter& painter) const
{
    const Colors& colors = Theme::instance().colors();
    const QRect place = plot();
    const std::int64_t rows = stepOf(most(), kTicks);
    for (std::int64_t value = 0; value <= most(); value += rows) {
        const double share = static_cast<double>(value) / static_cast<double>(most());
        const int y = place.bottom() + 1 - qRound(share * place.height());
        painter.setPen(colors.line);
        painter.drawLine(place.left(), y, place.right(), y);
        painter.setPen(colors.muted);
        painter.drawText(QRect(0, y - scaled(8), place.left() - scaled(6), scaled(16)),
                         Qt::AlignRight | Qt::AlignVCenter, formatCompact(value));
    }
    const std::int64_t tokens = stepOf(span(), kTicks + 1);
    painter.setPen(colors.muted);
    for (std::int64_t value = 0; value <= span(); value += tokens) {
        const int x = qRound(xOf(static_cast<double>(value)));
        painter.drawText(QRect(x - scaled(40), place.bottom() + scaled(2), scaled(80), scaled(16)),
                         Qt::AlignCenter, formatCompact(value));
    }
    painter.drawText(QRect(place.left(), height() - scaled(16), place.width(), scaled(16)),
                     Qt::AlignRight | Qt::AlignVCenter,
                     m_figures.isOpen ? tr("tokens; the last bar has longer rows, too")
                                      : tr("tokens"));
}

void LengthPlot::drawCut(QPainter& painter) const
{
    const Colors& colors = Theme::instance().colors();
    const QRect place = plot();
    const double x = xOf(static_cast<double>(m_cut));
    painter.setPen(QPen(colors.accent, 2));
    painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom() + 1));
    const QString text = formatCount(m_cut);
    const int width = painter.fontMetrics().horizontalAdvance(text) + scaled(16);
    const double left =
        std::clamp<double>(x - width / 2.0, 0.0, std::max(0, this->width() - width));
    const QRectF label(left, scaled(2), width, scaled(20));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.accent);
    painter.drawRoundedRect(label, scaled(6), scaled(6));
    painter.setPen(colors.card);
    painter.drawText(label, Qt::AlignCenter, text);
}

void LengthPlot::moveTo(std::int64_t length)
{
    constexpr std::int64_t kLongest = 1'048'576; // that a run may have
    const std::int64_t wanted = std::clamp<std::int64_t>(length, kLeastCut, kLongest);
    if (m_figures.rows > 0 && wanted != m_cut) {
        setCut(wanted);
        Q_EMIT cutMoved(static_cast<int>(wanted));
    }
}

void LengthPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) {
        QWidget::mousePressEvent(event);
        return;
    }
    mouseMoveEvent(event);
}

void LengthPlot::mouseMoveEvent(QMouseEvent* event)
{
    if ((event->buttons() & Qt::LeftButton) == 0) {
        return;
    }
    const double share = (event->position().x() - plot().left())
        / std::max(1.0, static_cast<double>(plot().width()));
    moveTo(std::llround(std::clamp(share, 0.0, 1.0) * static_cast<double>(span())));
}

void LengthPlot::keyPressEvent(QKeyEvent* event)
{
    const std::int64_t step = m_figures.binWidth;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Down:
        moveTo(m_cut - step);
        return;
    case Qt::Key_Right:
    case Qt::Key_Up:
        moveTo(m_cut + step);
        return;
    case Qt::Key_PageDown:
        moveTo(m_cut - 10 * step);
        return;
    case Qt::Key_PageUp:
        moveTo(m_cut + 10 * step);
        return;
    case Qt::Key_Home:
        moveTo(m_figures.shortest);
        return;
    case Qt::Key_End:
        moveTo(m_figures.longest);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void LengthPlot::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void LengthPlot::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

int LengthPlot::tableRows() const
{
    return static_cast<int>(m_figures.bins.size());
}

QString LengthPlot::rowName(int row) const
{
    const std::int64_t first = row * m_figures.binWidth;
    const std::int64_t last = first + m_figures.binWidth - 1;
    const bool isLast = row + 1 == tableRows();
    return isLast && m_figures.isOpen
        ? tr("%1 tokens and more", nullptr, pluralOf(first)).arg(formatCount(first))
        : tr("%1 to %2 tokens", nullptr, pluralOf(last)).arg(formatCount(first), formatCount(last));
}

QString LengthPlot::columnName(int) const
{
    return tr("rows");
}

QString LengthPlot::cellText(TablePlace cell) const
{
    return hasCell(cell) ? formatCount(m_figures.bins[static_cast<std::size_t>(cell.row)])
                         : QString();
}

QRect LengthPlot::cellPlace(TablePlace cell) const
{
    return hasCell(cell) ? barOf(cell.row).toAlignedRect() : QRect();
}

QString LengthPlot::tableSummary() const
{
    return tr("%1 rows, cut at %2 tokens", nullptr, pluralOf(m_figures.rows))
        .arg(formatCount(m_figures.rows), formatCount(m_cut));
}

std::optional<MovedValue> LengthPlot::movedValue() const
{
    if (m_figures.rows == 0) {
        return std::nullopt;
    }
    return MovedValue {static_cast<double>(m_cut), static_cast<double>(kLeastCut),
                       static_cast<double>(m_figures.longest)};
}

void LengthPlot::moveValue(double value)
{
    moveTo(std::llround(value));
}

} // namespace pissarro::ui
