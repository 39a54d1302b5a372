// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPalette>

namespace pissarro::ui {

enum class ThemeMode { System, Light, Dark };

// The colours of UI.md for the mode in force.
struct Colors {
    QColor page, card, line, text, muted, accent, tint;
    QColor good, bad, warn; // text of success, failure and warnings, readable on `card`
    QColor hover, grip; // under the pointer; what is dragged, and text that cannot be used

    friend bool operator==(const Colors& a, const Colors& b) = default;
};

// Light and dark: palette, style sheet and plot colours of the whole program.
//
// Widgets ask the style sheet for a look by a dynamic property, set before they are shown:
//   QLabel "role": title (semibold), muted (grey, 12 px), key (grey), small (grey, 11 px),
//     value (semibold), good, bad, headline
//   QPushButton "kind": primary (the page's one main action), flat (no frame), link, warning (a link to what it warns of);
//     none: outlined
//   fields "invalid": true draws the line in red
class Theme : public QObject {
    Q_OBJECT

public:
    static Theme& instance();

    // Applies palette and style sheet to the application, then emits changed().
    void setMode(ThemeMode mode);
    // Another size of text (setTextPercent()), at once: fonts, style sheet, and what open widgets took by it.
    void setText(int percent);
    ThemeMode mode() const { return m_mode; }
    bool isDark() const { return m_dark; }
    const Colors& colors() const { return m_colors; }
    static Colors colorsFor(bool dark);
    // Those that follow the system: light or dark as its palette is. Where that has the strongest contrast there is, a
    // person asked for it: then text, ground and highlight are the palette's own and every outline is as strong as text.
    static Colors colorsFor(const QPalette& system);
    static bool isHighContrast(const QPalette& palette);

    // Colour-blind-safe; of methods, see methodColor(), and of other programs' runs.
    QColor methodCycle(int place) const;
    // Of what is told apart and is no method (matrices, parts of memory, measurements): greys from the text's (t = 0) to
    // the faintest that a thin line can have on a card (t = 1).
    QColor neutral(double t) const;
    static QColor cividis(double t); // t in [0, 1]
    static QColor mixed(const QColor& from, const QColor& to, double t); // t in [0, 1]

Q_SIGNALS:
    void changed(); // plots repaint themselves

protected:
    bool eventFilter(QObject* watched, QEvent* event) override; // the system's light/dark changed

private:
    Theme();
    void apply();
    void followSystem();
    void followSystemFont();
    void showText(double before); // textScale() is another one than `before`
    static QPalette systemPalette();

    ThemeMode m_mode = ThemeMode::System;
    bool m_dark = false;
    bool m_applying = false; // our own palette change is no news
    bool m_watching = false;
    Colors m_colors;
};

} // namespace pissarro::ui
