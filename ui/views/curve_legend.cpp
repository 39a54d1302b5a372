// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/curve_legend.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"

#include <QPainter>

namespace pissarro::ui {

namespace {
constexpr int kStroke = 12; // px, length of the sample line
constexpr int kGap = 5; // px, from the line to its name
constexpr int kBetween = 14; // px, between entries
} // namespace

CurveLegend::CurveLegend(QWidget* parent)
    : QWidget(parent)
{
    QFont small = font();
    small.setPixelSize(scaled(12));
    setFont(small);
    setAccessibleName(tr("Legend"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void CurveLegend::setCurves(const QVector<RunCurve>& curves)
{
    const QStringList before = labels();
    m_curves = curves;
    for (RunCurve& curve : m_curves) {
        curve.records = {};
    }
    if (labels() != before) {
        setToolTip(labels().join(QLatin1Char('\n')));
        setAccessibleDescription(labels().join(QStringLiteral(", ")));
        updateGeometry();
    }
    update();
}

QStringList CurveLegend::labels() const
{
    QStringList labels;
    for (const RunCurve& curve : m_curves) {
        labels << curve.label;
    }
    return labels;
}

int CurveLegend::entryWidth(const RunCurve& curve) const
{
    return kStroke + kGap + fontMetrics().horizontalAdvance(curve.label) + kBetween;
}

QSize CurveLegend::sizeHint() const
{
    int width = 0;
    for (const RunCurve& curve : m_curves) {
        width += entryWidth(curve);
    }
    return {width, fontMetrics().height()};
}

QSize CurveLegend::minimumSizeHint() const
{
    return {m_curves.isEmpty() ? 0 : 2 * kStroke, fontMetrics().height()};
}

void CurveLegend::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const double middle = height() / 2.0;
    int x = kGap;
    for (qsizetype i = 0; i < m_curves.size(); ++i) {
        const RunCurve& curve = m_curves[i];
        const int room = width() - x;
        const bool isLast = i + 1 == m_curves.size();
        const QString rest = QStringLiteral("+%1").arg(m_curves.size() - i);
        const int reserve = isLast ? 0 : fontMetrics().horizontalAdvance(rest);
        painter.setPen(Theme::instance().colors().muted);
        if (entryWidth(curve) - kBetween + reserve > room) {
            painter.drawText(QRect(x, 0, room, height()), Qt::AlignVCenter | Qt::AlignLeft, rest);
            return;
        }
        const QRect label(x + kStroke + kGap, 0, entryWidth(curve), height());
        painter.drawText(label, Qt::AlignVCenter | Qt::AlignLeft, curve.label);
        QPen pen(curve.color, 2.4);
        if (curve.dashed) {
            pen.setDashPattern({1.6, 1.4});
        }
        pen.setCapStyle(Qt::FlatCap);
        painter.setPen(pen);
        painter.drawLine(QPointF(x, middle), QPointF(x + kStroke, middle));
        x += entryWidth(curve);
    }
}

} // namespace pissarro::ui
