// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/fixed_curve.h"

#include <atomic>
#include <utility>

namespace pissarro::ui {

namespace {

quint64 nextId()
{
    static std::atomic<quint64> last = 0;
    return ++last;
}

} // namespace

FixedCurve::FixedCurve(std::vector<QPointF> points, bool logX, bool logY)
    : m_points(std::move(points))
    , m_identity(QByteArrayLiteral("fixed ") + QByteArray::number(nextId()))
    , m_shape(std::make_shared<PlotShape>(logX, logY))
{
    m_shape->grow(*this);
}

std::shared_ptr<const PlotShape> FixedCurve::shape(bool logX, bool logY) const
{
    return m_shape->isFor(logX, logY) ? m_shape : nullptr;
}

} // namespace pissarro::ui
