// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/segmented_control.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>

namespace pissarro::ui {

namespace {

constexpr int kHeight = 24; // px
constexpr double kRadius = 6.0; // px
constexpr int kSidePadding = 9; // px

// One segment. Its width is that of the bold label, so that choosing it moves nothing.
class Segment : public QAbstractButton {
public:
    Segment(const QString& label, QWidget* parent)
        : QAbstractButton(parent)
    {
        setText(label);
        setCheckable(true);
        setAutoExclusive(true); // in a group anyway; so it is read as one of several
        setFocusPolicy(Qt::ClickFocus); // until it is chosen
        setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
        setAttribute(Qt::WA_Hover);
    }

    QSize sizeHint() const override
    {
        return {QFontMetrics(labelFont(true)).horizontalAdvance(text()) + 2 * scaled(kSidePadding),
                scaled(kHeight)};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Colors& colors = Theme::instance().colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        if (isChecked() || (underMouse() && isEnabled())) {
            painter.fillPath(outline(1.0), isChecked() ? colors.tint : colors.page);
        }
        if (hasFocus()) {
            painter.setPen(QPen(colors.accent, 1.5));
            painter.drawPath(outline(1.5));
        }
        QColor ink = isChecked() ? colors.accent : colors.muted;
        ink.setAlphaF(isEnabled() ? 1.0F : 0.45F);
        painter.setPen(ink);
        painter.setFont(labelFont(isChecked()));
        painter.drawText(rect(), Qt::AlignCenter, text());
    }

private:
    QFont labelFont(bool bold) const
    {
        QFont font = this->font();
        font.setPixelSize(scaled(12));
        font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
        return font;
    }

    // The segment's shape: round only where the whole control is.
    QPainterPath outline(double inset) const
    {
        const bool first = x() <= 1;
        const bool last = geometry().right() >= parentWidget()->width() - 2;
        const QRectF box = QRectF(rect()).adjusted(inset, inset, -inset, -inset);
        QPainterPath path;
        path.setFillRule(Qt::WindingFill);
        path.addRoundedRect(box, kRadius - 1, kRadius - 1);
        if (!first) {
            path.addRect(box.adjusted(0, 0, -box.width() / 2, 0));
        }
        if (!last) {
            path.addRect(box.adjusted(box.width() / 2, 0, 0, 0));
        }
        return path.simplified();
    }
};

} // namespace

SegmentedControl::SegmentedControl(const QString& name, const QString& accessible,
                                   const QStringList& labels, QWidget* parent)
    : QWidget(parent)
    , m_group(new QButtonGroup(this))
{
    setObjectName(name);
    setAccessibleName(accessible);
    setSpokenRole(this, QAccessible::Grouping);
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    m_group->setExclusive(true);
    for (int i = 0; i < labels.size(); ++i) {
        auto* segment = new Segment(labels[i], this);
        segment->setObjectName(QStringLiteral("%1.%2").arg(name).arg(i));
        segment->setAccessibleName(QStringLiteral("%1: %2").arg(accessible, labels[i]));
        m_group->addButton(segment, i);
        row->addWidget(segment);
    }
    if (!labels.isEmpty()) {
        m_group->button(0)->setChecked(true);
        m_group->button(0)->setFocusPolicy(Qt::StrongFocus);
    }
    connect(m_group, &QButtonGroup::idToggled, this, [this](int index, bool on) {
        // Tab comes to the one that is chosen, arrows go on from it; Qt sees to that only after a first focus.
        m_group->button(index)->setFocusPolicy(on ? Qt::StrongFocus : Qt::ClickFocus);
        if (on) {
            Q_EMIT changed(index);
        }
    });
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

int SegmentedControl::current() const
{
    return m_group->checkedId();
}

void SegmentedControl::setCurrent(int index)
{
    if (QAbstractButton* segment = m_group->button(index)) {
        segment->setChecked(true);
    }
}

void SegmentedControl::setSegmentEnabled(int index, bool enabled, const QString& toolTip)
{
    if (QAbstractButton* segment = m_group->button(index)) {
        segment->setEnabled(enabled);
        segment->setToolTip(toolTip);
    }
}

void SegmentedControl::setLabel(int index, const QString& label)
{
    if (QAbstractButton* segment = m_group->button(index)) {
        segment->setText(label);
        segment->setAccessibleName(QStringLiteral("%1: %2").arg(accessibleName(), label));
        segment->updateGeometry();
    }
}

void SegmentedControl::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Theme::instance().colors().line);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
}

} // namespace pissarro::ui
