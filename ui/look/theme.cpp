// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/theme.h"

#include "ui/look/metrics.h"
#include "ui/look/taken_sizes.h"

#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QLabel>
#include <QPalette>
#include <QProxyStyle>
#include <QStyleFactory>
#include <QTimer>

#include <algorithm>
#include <array>
#include <cmath>

// Resources of a static library are linked in only when somebody asks for them, outside any
// namespace.
static void initResources()
{
    Q_INIT_RESOURCE(resources);
}

namespace pissarro::ui {

namespace {

constexpr double kHighContrast =
    20.5; // of 21, which is black on white; a plain desktop has 18 and less
constexpr double kReadable = 4.5; // WCAG 2, of text

// Okabe and Ito's colours, of methods alone; the dark set swaps those that sink into a dark card.
constexpr std::array<QRgb, 7> kMethodsLight {0xff0072b2, 0xffd55e00, 0xff009e73, 0xffcc79a7,
                                             0xffe69f00, 0xff56b4e9, 0xff6a6f76};
constexpr std::array<QRgb, 7> kMethodsDark {0xff56b4e9, 0xffe69f00, 0xff009e73, 0xffcc79a7,
                                            0xfff0e442, 0xffd55e00, 0xff9aa0a6};
// Three to one against the card, what WCAG asks of a line.
constexpr QRgb kFaintestLight = 0xff8a9199;
constexpr QRgb kFaintestDark = 0xff777e86;

QPalette paletteOf(const Colors& c, bool dark)
{
    const QColor onAccent = dark ? c.page : QColor(Qt::white);
    QPalette p;
    p.setColor(QPalette::Window, c.page);
    p.setColor(QPalette::WindowText, c.text);
    p.setColor(QPalette::Base, c.card);
    p.setColor(QPalette::AlternateBase, c.page);
    p.setColor(QPalette::Text, c.text);
    p.setColor(QPalette::Button, c.card);
    p.setColor(QPalette::ButtonText, c.text);
    p.setColor(QPalette::BrightText, c.bad);
    p.setColor(QPalette::PlaceholderText, c.muted);
    p.setColor(QPalette::ToolTipBase, c.card);
    p.setColor(QPalette::ToolTipText, c.text);
    p.setColor(QPalette::Highlight, c.accent);
    p.setColor(QPalette::HighlightedText, onAccent);
    p.setColor(QPalette::Link, c.accent);
    p.setColor(QPalette::LinkVisited, c.accent);
    p.setColor(QPalette::Light, c.card);
    p.setColor(QPalette::Midlight, c.line);
    p.setColor(QPalette::Mid, c.line);
    p.setColor(QPalette::Dark, c.muted);
    p.setColor(QPalette::Shadow, c.line);
    QColor faded = c.muted;
    faded.setAlphaF(0.6F);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        p.setColor(QPalette::Disabled, role, faded);
    }
    return p;
}

double luminance(const QColor& color)
{
    const auto linear = [](float c) {
        return c <= 0.03928F ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF());
}

double contrast(const QColor& a, const QColor& b) // WCAG 2: from 1 to 21
{
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

bool isDarkPalette(const QPalette& palette)
{
    return palette.color(QPalette::Window).lightness()
        < palette.color(QPalette::WindowText).lightness();
}

// The style sheet names colours as @text, @line …; longer names first, so that none is eaten by
// another.
QString styleSheetOf(const Colors& c, bool dark)
{
    QFile file(QStringLiteral(":/style/pissarro.qss"));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    QString sheet = scaledSheet(QString::fromUtf8(file.readAll()));
    const QColor pressed = dark ? c.accent.lighter(112) : c.accent.darker(112);
    const std::array<std::pair<const char*, QString>, 14> tokens {{
        {"@onAccent", dark ? c.page.name() : QStringLiteral("#ffffff")},
        {"@accentStrong", pressed.name()},
        {"@accent", c.accent.name()},
        {"@muted", c.muted.name()},
        {"@hover", c.hover.name()},
        {"@grip", c.grip.name()},
        {"@good", c.good.name()},
        {"@page", c.page.name()},
        {"@card", c.card.name()},
        {"@line", c.line.name()},
        {"@text", c.text.name()},
        {"@tint", c.tint.name()},
        {"@warn", c.warn.name()},
        {"@bad", c.bad.name()},
    }};
    for (const auto& [name, value] : tokens) {
        sheet.replace(QLatin1String(name), value);
    }
    return sheet.replace(QStringLiteral("@mode"),
                         dark ? QStringLiteral("dark") : QStringLiteral("light"));
}

// Labels and tool tips show text as it is, whatever markup a name from a file holds. A label that is meant to hold markup
// says so (Qt::RichText) and escapes what it is given. What the style sheet leaves to the style is as large as the text
// beside it. And the sample of a curve keeps the curve's colour in a chosen row.
class PlainTextStyle : public QProxyStyle {
public:
    PlainTextStyle()
        : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion")))
    {
    }

    int pixelMetric(PixelMetric metric, const QStyleOption* option,
                    const QWidget* widget) const override
    {
        switch (metric) {
        case PM_ExclusiveIndicatorWidth:
        case PM_ExclusiveIndicatorHeight:
            return scaled(14);
        case PM_SliderLength:
        case PM_SliderThickness:
        case PM_SliderControlThickness:
            return scaled(15);
        case PM_SmallIconSize:
        case PM_ButtonIconSize:
            return scaled(16);
        case PM_TreeViewIndentation:
            return scaled(20);
        case PM_MessageBoxIconSize:
            return scaled(48);
        default:
            return QProxyStyle::pixelMetric(metric, option, widget);
        }
    }

    QPixmap generatedIconPixmap(QIcon::Mode mode, const QPixmap& pixmap,
                                const QStyleOption* option) const override
    {
        return mode == QIcon::Selected ? pixmap
                                       : QProxyStyle::generatedIconPixmap(mode, pixmap, option);
    }

    using QProxyStyle::polish;
    void polish(QWidget* widget) override
    {
        QProxyStyle::polish(widget);
        auto* label = qobject_cast<QLabel*>(widget);
        if (label != nullptr && label->textFormat() == Qt::AutoText) {
            label->setTextFormat(Qt::PlainText);
        }
    }
};

} // namespace

Theme& Theme::instance()
{
    static Theme theme;
    return theme;
}

Theme::Theme()
    : m_colors(colorsFor(false))
{
    initResources();
}

Colors Theme::colorsFor(bool dark)
{
    Colors c;
    c.page = QColor(dark ? 0xff1b1d20 : 0xfff6f6f4);
    c.card = QColor(dark ? 0xff24272b : 0xffffffff);
    c.line = QColor(dark ? 0xff34383d : 0xffe3e3df);
    c.text = QColor(dark ? 0xffe6e6e3 : 0xff1f2328);
    c.muted = QColor(dark ? 0xff9aa0a6 : 0xff6a6f76);
    c.accent = QColor(dark ? 0xff56b4e9 : 0xff0072b2);
    c.tint = QColor(dark ? 0xff223443 : 0xffe8f1f8);
    c.good = QColor(dark ? 0xff4cc38a : 0xff1a7f37);
    c.bad = QColor(dark ? 0xffff8a80 : 0xffb42318);
    c.warn = QColor(dark ? 0xfff0b849 : 0xff8a5a00);
    c.hover = QColor(dark ? 0xff2b2f34 : 0xfff0f0ed);
    c.grip = QColor(dark ? 0xff4a4f56 : 0xffcfcfca);
    return c;
}

bool Theme::isHighContrast(const QPalette& palette)
{
    return contrast(palette.color(QPalette::Window), palette.color(QPalette::WindowText))
        >= kHighContrast;
}

Colors Theme::colorsFor(const QPalette& system)
{
    Colors c = colorsFor(isDarkPalette(system));
    if (!isHighContrast(system)) {
        return c;
    }
    c.page = system.color(QPalette::Window);
    c.card = c.page;
    c.text = system.color(QPalette::WindowText);
    c.line = c.text;
    c.muted = c.text;
    c.grip = c.text;
    c.warn = c.text;
    const QColor highlight = system.color(QPalette::Highlight);
    c.accent = contrast(highlight, c.card) >= kReadable ? highlight : c.text;
    for (double share = 0.2; share > 0.0; share -= 0.05) { // what is chosen, its text readable
        c.tint = mixed(c.card, c.accent, share);
        if (contrast(c.accent, c.tint) >= kReadable) {
            break;
        }
        c.tint = c.card;
    }
    c.hover = c.tint;
    return c;
}

void Theme::setMode(ThemeMode mode)
{
    m_mode = mode;
    if (!m_watching) {
        m_watching = true;
        qApp->installEventFilter(this);
        QApplication::setStyle(new PlainTextStyle);
    }
    const bool follows = mode == ThemeMode::System;
    const QPalette system = follows ? systemPalette() : QPalette();
    m_dark = follows ? isDarkPalette(system) : mode == ThemeMode::Dark;
    m_colors = follows ? colorsFor(system) : colorsFor(m_dark);
    apply();
    Q_EMIT changed();
}

void Theme::setText(int percent)
{
    const double before = textScale();
    setTextPercent(percent);
    showText(before);
}

void Theme::showText(double before)
{
    if (!m_watching || textScale() == before) {
        return; // before the first setMode(): nothing is shown yet
    }
    rescaleTakenSizes(textScale() / before);
    apply();
    rescaleTakenFonts(textScale() / before); // a new style sheet puts back what was taken before it
    for (QWidget* widget : QApplication::allWidgets()) {
        widget->updateGeometry(); // its hint was of the old size
    }
    Q_EMIT changed();
}

void Theme::followSystemFont()
{
    const double before = textScale();
    if (!takeSystemFont()) {
        return;
    }
    if (textScale() == before) { // another family of the same size
        apply();
        Q_EMIT changed();
    } else {
        showText(before);
    }
}

void Theme::apply()
{
    m_applying = true;
    QApplication::setFont(textFont());
    QApplication::setPalette(paletteOf(m_colors, m_dark));
    qApp->setStyleSheet(styleSheetOf(m_colors, m_dark));
    m_applying = false;
}

// Qt 6.4 tells the system's scheme and contrast only by its palette, which ours hides: it is put
// back for the look.
QPalette Theme::systemPalette()
{
    Theme& self = instance();
    const bool outer = self.m_applying;
    self.m_applying = true;
    const QPalette ours = QGuiApplication::palette();
    QApplication::setPalette(QPalette());
    const QPalette system = QGuiApplication::palette();
    QApplication::setPalette(ours);
    self.m_applying = outer;
    return system;
}

bool Theme::eventFilter(QObject* watched, QEvent* event)
{
    const bool news = event->type() == QEvent::ThemeChange
        || (event->type() == QEvent::ApplicationPaletteChange && watched == qApp);
    if (news && !m_applying && m_mode == ThemeMode::System) {
        QTimer::singleShot(0, this, &Theme::followSystem); // not in the middle of Qt's own update
    }
    const bool fontNews = event->type() == QEvent::ThemeChange
        || (event->type() == QEvent::ApplicationFontChange && watched == qApp);
    if (fontNews && !m_applying) {
        QTimer::singleShot(0, this, &Theme::followSystemFont);
    }
    return QObject::eventFilter(watched, event);
}

void Theme::followSystem()
{
    if (m_mode == ThemeMode::System && !(colorsFor(systemPalette()) == m_colors)) {
        setMode(ThemeMode::System);
    }
}

QColor Theme::methodCycle(int place) const
{
    const auto& cycle = m_dark ? kMethodsDark : kMethodsLight;
    return QColor(cycle[static_cast<std::size_t>(std::max(0, place)) % cycle.size()]);
}

QColor Theme::neutral(double t) const
{
    return mixed(m_colors.text, QColor(m_dark ? kFaintestDark : kFaintestLight), t);
}

QColor Theme::mixed(const QColor& from, const QColor& to, double t)
{
    t = std::isfinite(t) ? std::clamp(t, 0.0, 1.0) : 0.0;
    const auto channel = [t](int a, int b) {
        return static_cast<int>(std::lround(a + (b - a) * t));
    };
    return QColor(channel(from.red(), to.red()), channel(from.green(), to.green()),
                  channel(from.blue(), to.blue()));
}

// Polynomials through cividis, within 2/255 of matplotlib's table (as d3-scale-chromatic has them).
QColor Theme::cividis(double t)
{
    t = std::isfinite(t) ? std::clamp(t, 0.0, 1.0) : 0.0;
    const double red =
        -4.54 - t * (35.34 - t * (2381.73 - t * (6402.7 - t * (7024.72 - t * 2710.57))));
    const double green =
        32.49 + t * (170.73 + t * (52.82 - t * (131.46 - t * (176.58 - t * 67.37))));
    const double blue =
        81.24 + t * (442.36 - t * (2482.43 - t * (6167.24 - t * (6614.94 - t * 2475.67))));
    const auto channel = [](double v) {
        return static_cast<int>(std::lround(std::clamp(v, 0.0, 255.0)));
    };
    return QColor(channel(red), channel(green), channel(blue));
}

} // namespace pissarro::ui
