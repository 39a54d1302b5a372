// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/line_plot.h"
#include "ui/plot/line_plot_p.h"
#include "ui/widgets/accessible.h"

#include <QContextMenuEvent>
#include <QFocusEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr double kGrabDistance = 6.0; // px

bool isOnCursor(const PlotState& state, const QCustomPlot& plot, const QPointF& position)
{
    const QRectF grip = cursorGrip(state, plot);
    if (grip.isEmpty()) {
        return false;
    }
    const QRectF area = plot.axisRect()->rect();
    return grip.contains(position)
        || (std::abs(plot.xAxis->coordToPixel(state.cursor) - position.x()) <= kGrabDistance
            && position.y() >= area.top() && position.y() <= area.bottom());
}

// Over an axis the wheel zooms that axis alone, elsewhere both; with Shift only x.
void chooseZoomAxes(QCustomPlot& plot, const QWheelEvent& event)
{
    const QRectF area = plot.axisRect()->rect();
    QList<QCPAxis*> axes {plot.xAxis, plot.yAxis};
    if (event.position().x() < area.left()) {
        axes = {plot.yAxis};
    } else if (event.position().y() > area.bottom()
               || event.modifiers().testFlag(Qt::ShiftModifier)) {
        axes = {plot.xAxis};
    }
    plot.axisRect()->setRangeZoomAxes(axes);
}

} // namespace

bool LinePlot::eventFilter(QObject* watched, QEvent* event)
{
    switch (event->type()) {
    case QEvent::KeyPress: {
        const auto* key = static_cast<QKeyEvent*>(event);
        return handleKey(key->key(), key->modifiers());
    }
    case QEvent::FocusIn:
    case QEvent::FocusOut:
        if (watched == this) {
            const auto reason = static_cast<QFocusEvent*>(event)->reason();
            if (reason != Qt::ActiveWindowFocusReason && reason != Qt::PopupFocusReason) {
                d->state.focusRing = event->type() == QEvent::FocusIn && isByKeyboard(reason);
                redrawOverlay();
            }
        }
        return false;
    case QEvent::FontChange:
        if (watched == this) {
            applyTheme();
        }
        return false;
    case QEvent::ContextMenu:
        if (watched == this) {
            const auto* context = static_cast<QContextMenuEvent*>(event);
            exportMenu()->popup(context->reason() == QContextMenuEvent::Keyboard
                                    ? mapToGlobal(rect().center())
                                    : context->globalPos());
            return true;
        }
        return false; // the plot's own event comes up to us
    case QEvent::Wheel:
        if (watched == m_plot) {
            chooseZoomAxes(*m_plot, *static_cast<QWheelEvent*>(event));
        }
        return false;
    case QEvent::MouseMove:
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonRelease:
    case QEvent::MouseButtonDblClick:
    case QEvent::Leave:
        return watched == m_plot && handleMouse(event);
    default:
        return QWidget::eventFilter(watched, event);
    }
}

bool LinePlot::handleMouse(QEvent* event)
{
    PlotState& state = d->state;
    if (event->type() == QEvent::Leave) {
        state.pointer.reset();
        state.cursorHot = d->dragging;
        redrawOverlay();
        return false;
    }
    const auto* mouse = static_cast<QMouseEvent*>(event);
    const QPointF position = mouse->position();
    const bool left = mouse->button() == Qt::LeftButton;
    switch (event->type()) {
    case QEvent::MouseButtonPress:
        setFocus(Qt::MouseFocusReason);
        d->dragging = left && isOnCursor(state, *m_plot, position);
        return d->dragging;
    case QEvent::MouseButtonDblClick:
        if (left) {
            resetView();
        }
        return left;
    case QEvent::MouseButtonRelease:
        return left && std::exchange(d->dragging, false);
    default:
        break;
    }
    if (d->dragging) {
        const double key = m_plot->xAxis->pixelToCoord(position.x());
        moveCursorTo(static_cast<int>(std::lround(std::clamp(key, -1e9, 1e9))));
        return true;
    }
    state.cursorHot = mouse->buttons() == Qt::NoButton && isOnCursor(state, *m_plot, position);
    m_plot->setCursor(state.cursorHot ? Qt::SizeHorCursor : Qt::ArrowCursor);
    if (mouse->buttons() == Qt::NoButton) {
        state.pointer = position;
    } else {
        state.pointer.reset(); // panning
    }
    redrawOverlay();
    return false;
}

bool LinePlot::handleKey(int key, Qt::KeyboardModifiers modifiers)
{
    const int stride = modifiers.testFlag(Qt::ShiftModifier) ? 10 : 1;
    const int along = key == Qt::Key_Left ? -stride : stride;
    switch (key) {
    case Qt::Key_Left:
    case Qt::Key_Right:
        if (d->state.hasCursor && !modifiers.testFlag(Qt::ControlModifier)) {
            moveCursorTo(d->state.cursor + along);
        } else {
            readAlong(along);
        }
        return true;
    case Qt::Key_Up:
    case Qt::Key_Down:
        readAcross(key == Qt::Key_Up ? -1 : 1);
        return true;
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        pan(key == Qt::Key_PageUp ? -0.5 : 0.5);
        return true;
    case Qt::Key_Home:
        resetView();
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoom(0.8);
        return true;
    case Qt::Key_Minus:
        zoom(1.25);
        return true;
    default:
        return false;
    }
}

} // namespace pissarro::ui
