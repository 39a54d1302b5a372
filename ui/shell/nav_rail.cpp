// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/nav_rail.h"

#include "ui/look/icons.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

constexpr int kWidth = 84; // px
constexpr int kButtonWidth = 67; // px
constexpr int kButtonHeight = 58; // px
constexpr int kInside = 38; // px, icon over label
constexpr int kLowButton = 48; // px, in a low window
constexpr int kIconButton = 26; // px, at least: without its label, in one that is lower still
constexpr int kLowRail = 684; // px: of a window of 760 px, less its bars
constexpr int kIconSize = 20; // px

class RailButton : public QAbstractButton {
public:
    explicit RailButton(QWidget* parent)
        : QAbstractButton(parent)
    {
        setCheckable(true);
        setAutoExclusive(true); // in a group anyway; so it is read as one of several
        setFocusPolicy(Qt::StrongFocus);
        setAttribute(Qt::WA_Hover);
        setFixedSize(scaled(kButtonWidth), scaled(kButtonHeight));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Colors& colors = Theme::instance().colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(1, 1, -1, -1);
        painter.setPen(hasFocus() ? QPen(colors.accent, 1.5) : QPen(Qt::NoPen));
        painter.setBrush(isChecked() ? colors.tint : underMouse() ? colors.page : QColor());
        if (!isChecked() && !underMouse()) {
            painter.setBrush(Qt::NoBrush);
        }
        painter.drawRoundedRect(box, 8, 8);
        const int side = scaled(kIconSize);
        const bool labelled = height() >= scaled(kLowButton);
        const int above = (height() - (labelled ? scaled(kInside) : side)) / 2;
        const QRect iconBox((width() - side) / 2, above, side, side);
        icon().paint(&painter, iconBox, Qt::AlignCenter, QIcon::Normal,
                     isChecked() ? QIcon::On : QIcon::Off);
        if (!labelled) {
            return; // the tool tip names it
        }
        QFont font = this->font();
        font.setPixelSize(scaled(11));
        font.setWeight(isChecked() ? QFont::DemiBold : QFont::Normal);
        painter.setFont(font);
        painter.setPen(isChecked() ? colors.accent : colors.muted);
        painter.drawText(QRect(0, above + scaled(24), width(), scaled(16)), Qt::AlignCenter,
                         text());
    }
};

} // namespace

NavRail::NavRail(QWidget* parent)
    : QFrame(parent)
    , m_group(new QButtonGroup(this))
    , m_column(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("rail"));
    setAccessibleName(tr("Pages"));
    setSpokenRole(this, QAccessible::Grouping);
    setFixedWidth(scaled(kWidth));
    m_column->setContentsMargins(8, 10, 8, 10);
    m_column->setSpacing(4);
    m_column->addStretch(1);
    connect(m_group, &QButtonGroup::idClicked, this, &NavRail::chosen);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void NavRail::addPage(const QString& name, const QString& label, const QString& toolTip)
{
    const int number = static_cast<int>(m_group->buttons().size());
    auto* button = new RailButton(this);
    button->setObjectName(QStringLiteral("rail.") + name);
    button->setText(label);
    button->setAccessibleName(tr("Page %1").arg(label));
    button->setToolTip(toolTip);
    const QIcon icon = themedIcon(name);
    button->setIcon(icon.isNull() ? themedIcon(QStringLiteral("file")) : icon);
    m_group->addButton(button, number);
    m_column->insertWidget(number, button, 0, Qt::AlignHCenter);
    fitButtons(); // one more leaves less for each
}

// Of a rail in which buttons of that height stand, each with the gap below it.
int NavRail::railHeight(int button) const
{
    const auto buttons = static_cast<int>(m_group->buttons().size());
    const QMargins margins = m_column->contentsMargins();
    return buttons * (button + m_column->spacing()) + margins.top() + margins.bottom();
}

int NavRail::buttonHeight() const
{
    if (height() >= std::max(scaled(kLowRail), railHeight(scaled(kButtonHeight)))) {
        return scaled(kButtonHeight);
    }
    const int missing = railHeight(scaled(kLowButton)) - height();
    const auto buttons = std::max(1, static_cast<int>(m_group->buttons().size()));
    return missing <= 0
        ? scaled(kLowButton)
        : std::max(scaled(kIconButton), scaled(kLowButton) - (missing + buttons - 1) / buttons);
}

// What the buttons need least is what a low window has to have.
QSize NavRail::minimumSizeHint() const
{
    return {scaled(kWidth), railHeight(scaled(kIconButton))};
}

void NavRail::fitButtons()
{
    for (QAbstractButton* button : m_group->buttons()) {
        button->setFixedHeight(buttonHeight());
    }
}

void NavRail::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    fitButtons();
}

void NavRail::setCurrent(int page)
{
    if (QAbstractButton* button = m_group->button(page)) {
        button->setChecked(true);
    }
}

} // namespace pissarro::ui
