// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model/filter_chips.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/words/format.h"

#include <QAbstractButton>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kHeight = 24; // px
constexpr int kGap = 6; // px
constexpr int kPart = 17; // px between groups, with a line in the middle
constexpr int kPadding = 10; // px

class FilterChip : public QAbstractButton {
public:
    explicit FilterChip(QWidget* parent)
        : QAbstractButton(parent)
    {
        setCheckable(true);
        setFocusPolicy(Qt::StrongFocus);
        setAttribute(Qt::WA_Hover);
        setCursor(Qt::PointingHandCursor);
    }

    void setCount(int count)
    {
        m_count = formatCount(count);
        setAccessibleDescription(m_count);
        update();
    }

    QSize sizeHint() const override
    {
        const QFontMetrics metrics(sized(font(), 12));
        return {metrics.horizontalAdvance(text()) + scaled(kGap)
                    + metrics.horizontalAdvance(m_count) + 2 * scaled(kPadding),
                scaled(kHeight)};
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        const Colors& colors = Theme::instance().colors();
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF box = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
        const bool isMarked = isChecked() || hasFocus();
        painter.setBrush(isChecked() ? colors.tint : underMouse() ? colors.hover : colors.card);
        painter.setPen(QPen(isMarked ? colors.accent : colors.line, hasFocus() ? 1.5 : 1.0));
        painter.drawRoundedRect(box, box.height() / 2.0, box.height() / 2.0);
        painter.setFont(sized(font(), 12));
        const QRect inner = rect().adjusted(scaled(kPadding), 0, -scaled(kPadding), 0);
        painter.setPen(isChecked() ? colors.accent : colors.text);
        painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, text());
        painter.setPen(colors.muted);
        painter.drawText(inner, Qt::AlignRight | Qt::AlignVCenter, m_count);
    }

    void keyPressEvent(QKeyEvent* event) override
    {
        const bool isBack = event->key() == Qt::Key_Left;
        if (isBack || event->key() == Qt::Key_Right) {
            focusNextPrevChild(!isBack);
            return;
        }
        QAbstractButton::keyPressEvent(event);
    }

private:
    QString m_count;
};

} // namespace

FilterChips::FilterChips(const QString& name, const QString& accessible, QWidget* parent)
    : QWidget(parent)
{
    setObjectName(name);
    setAccessibleName(accessible);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void FilterChips::setWishes(const QVector<Wish>& wishes)
{
    QVector<Placed> before = std::exchange(m_chips, {});
    for (const Wish& wish : wishes) {
        const auto known = std::find_if(before.begin(), before.end(),
                                        [&wish](const Placed& one) { return one.key == wish.key; });
        FilterChip* chip = nullptr;
        if (known != before.end()) {
            chip = static_cast<FilterChip*>(known->chip);
            before.erase(known);
        } else {
            chip = new FilterChip(this);
            chip->setObjectName(QStringLiteral("%1.%2").arg(objectName(), wish.key));
            connect(chip, &QAbstractButton::toggled, this, &FilterChips::changed);
        }
        chip->setText(wish.title);
        chip->setAccessibleName(wish.title);
        chip->setCount(wish.count);
        m_chips.append({chip, wish.key, wish.group});
    }
    for (const Placed& gone : before) {
        gone.chip->hide(); // it stands there until it is deleted
        gone.chip->deleteLater();
    }
    QWidget* last = nullptr;
    for (const Placed& one : m_chips) {
        one.chip->show();
        if (last != nullptr) {
            setTabOrder(last, one.chip); // as the eye goes
        }
        last = one.chip;
    }
    updateGeometry();
    place(width(), true);
    update();
}

QStringList FilterChips::chosen() const
{
    QStringList keys;
    for (const Placed& one : m_chips) {
        if (one.chip->isChecked()) {
            keys.append(one.key);
        }
    }
    return keys;
}

void FilterChips::choose(const QStringList& keys)
{
    for (const Placed& one : m_chips) {
        one.chip->setChecked(keys.contains(one.key));
    }
}

int FilterChips::place(int width, bool isReal) const
{
    int x = 0;
    int y = 0;
    int group = m_chips.isEmpty() ? 0 : m_chips.front().group;
    if (isReal) {
        m_parts.clear();
    }
    for (const Placed& one : m_chips) {
        const QSize size = one.chip->sizeHint();
        const bool isPart = one.group != group;
        group = one.group;
        const int gap = x == 0 ? 0 : scaled(isPart ? kPart : kGap);
        if (x > 0 && x + gap + size.width() > width) {
            x = 0;
            y += scaled(kHeight) + scaled(kGap);
        } else {
            if (isPart && isReal && x > 0) {
                m_parts.append({x + gap / 2, y});
            }
            x += gap;
        }
        if (isReal) {
            one.chip->setGeometry(QRect(QPoint(x, y), size));
        }
        x += size.width();
    }
    return m_chips.isEmpty() ? 0 : y + scaled(kHeight);
}

QSize FilterChips::sizeHint() const
{
    int width = 0;
    for (const Placed& one : m_chips) {
        width += one.chip->sizeHint().width() + scaled(kPart);
    }
    return {width, heightForWidth(this->width())};
}

QSize FilterChips::minimumSizeHint() const
{
    int width = 0;
    for (const Placed& one : m_chips) {
        width = std::max(width, one.chip->sizeHint().width());
    }
    return {width, m_chips.isEmpty() ? 0 : scaled(kHeight)};
}

int FilterChips::heightForWidth(int width) const
{
    return place(width, false);
}

void FilterChips::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    place(width(), true);
}

void FilterChips::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setPen(Theme::instance().colors().line);
    for (const QPoint& part : std::as_const(m_parts)) {
        painter.drawLine(part.x(), part.y() + scaled(4), part.x(), part.y() + scaled(kHeight - 4));
    }
}

} // namespace pissarro::ui
