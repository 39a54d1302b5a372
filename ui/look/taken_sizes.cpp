// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/taken_sizes.h"

#include <QAbstractButton>
#include <QApplication>
#include <QHeaderView>
#include <QStyle>
#include <QVariant>
#include <QWidget>

#include <algorithm>
#include <cmath>
#include <vector>

namespace pissarro::ui {

namespace {

// A size in pixels, kept exactly beside its widget, so that rounding does not add up over several changes.
class Exact {
public:
    Exact(QWidget& widget, const char* name, double ratio)
        : m_widget(widget)
        , m_name(QByteArrayLiteral("exact-") + name)
        , m_ratio(ratio)
    {
    }

    int of(int pixels)
    {
        const QVariant kept = m_widget.property(m_name.constData());
        const double exact =
            kept.isValid() && static_cast<int>(std::lround(kept.toDouble())) == pixels
            ? kept.toDouble()
            : pixels; // somebody has set another one since
        m_widget.setProperty(m_name.constData(), exact * m_ratio);
        return static_cast<int>(std::lround(exact * m_ratio));
    }

private:
    QWidget& m_widget;
    QByteArray m_name;
    double m_ratio;
};

void rescaleSides(QWidget& widget, double ratio)
{
    const QSize least = widget.minimumSize();
    const QSize most = widget.maximumSize();
    const auto least1 = [&](const char* name, int side) {
        return side > 0 ? Exact(widget, name, ratio).of(side) : side;
    };
    const auto most1 = [&](const char* name, int side) {
        return side < QWIDGETSIZE_MAX ? Exact(widget, name, ratio).of(side) : side;
    };
    const QSize newLeast(least1("leastWidth", least.width()),
                         least1("leastHeight", least.height()));
    const QSize newMost(most1("mostWidth", most.width()), most1("mostHeight", most.height()));
    if (newLeast != least || newMost != most) {
        widget.setMinimumSize(0, 0); // else the one would push the other on the way
        widget.setMaximumSize(newMost);
        widget.setMinimumSize(newLeast);
    }
}

// A new style sheet may have put an earlier size back: what was given last is kept beside the widget, with those that it was
// before; any other is one that somebody has set since.
void rescaleFont(QWidget& widget, double ratio)
{
    constexpr const char* kGiven = "exact-font";
    constexpr const char* kEarlier = "exact-font-earlier";
    QFont font = widget.font();
    if (!widget.testAttribute(Qt::WA_SetFont) || font.pixelSize() <= 0) {
        return;
    }
    const int pixels = font.pixelSize();
    const QVariant kept = widget.property(kGiven);
    QVariantList earlier = widget.property(kEarlier).toList();
    const bool isOurs = kept.isValid()
        && (static_cast<int>(std::lround(kept.toDouble())) == pixels || earlier.contains(pixels));
    const double exact = (isOurs ? kept.toDouble() : pixels) * ratio;
    if (!isOurs) {
        earlier.clear();
    }
    if (!earlier.contains(pixels)) {
        earlier.append(pixels);
    }
    widget.setProperty(kGiven, exact);
    widget.setProperty(kEarlier, earlier);
    font.setPixelSize(std::max(1, static_cast<int>(std::lround(exact))));
    widget.setFont(font);
}

void rescaleHeader(QHeaderView& header, double ratio)
{
    std::vector<int> sizes; // as they are: some follow the default by themselves
    for (int i = 0; header.orientation() == Qt::Horizontal && i < header.count(); ++i) {
        sizes.push_back(header.sectionSize(i));
    }
    header.setDefaultSectionSize(Exact(header, "section", ratio).of(header.defaultSectionSize()));
    for (int i = 0; i < static_cast<int>(sizes.size()); ++i) {
        const auto mode = header.sectionResizeMode(i);
        const bool own = mode == QHeaderView::Interactive || mode == QHeaderView::Fixed;
        if (own && !header.isSectionHidden(i)) {
            const double size = sizes[static_cast<std::size_t>(i)] * ratio;
            header.resizeSection(i, static_cast<int>(std::lround(size)));
        }
    }
}

} // namespace

void rescaleTakenSizes(double ratio)
{
    for (QWidget* widget : QApplication::allWidgets()) {
        if (!widget->isWindow()) {
            rescaleSides(*widget, ratio);
        }
        if (auto* button = qobject_cast<QAbstractButton*>(widget)) {
            const QSize size = button->iconSize();
            const int styles =
                button->style()->pixelMetric(QStyle::PM_ButtonIconSize, nullptr, button);
            if (button->icon().isNull() || size.width() == styles) {
                continue; // the style's follows by itself
            }
            button->setIconSize({Exact(*button, "iconWidth", ratio).of(size.width()),
                                 Exact(*button, "iconHeight", ratio).of(size.height())});
        } else if (auto* header = qobject_cast<QHeaderView*>(widget)) {
            rescaleHeader(*header, ratio);
        }
    }
}

void rescaleTakenFonts(double ratio)
{
    for (QWidget* widget : QApplication::allWidgets()) {
        rescaleFont(*widget, ratio);
    }
}

} // namespace pissarro::ui
