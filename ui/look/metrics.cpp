// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/metrics.h"

#include <QFontDatabase>
#include <QFontInfo>
#include <QGuiApplication>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

int textPercent = 100;

// The system's own, asked for before the program sets one: afterwards Qt may give back ours.
QFont& systemFont()
{
    static QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    return font;
}

// Where nobody looks at the screen no desktop says how large text is: as it is drawn.
double pixelsOf(const QFont& font)
{
    const QString platform = QGuiApplication::platformName();
    return platform == QLatin1String("offscreen") || platform == QLatin1String("minimal")
        ? kDrawnText
        : std::max(1, QFontInfo(font).pixelSize());
}

double& systemPixels()
{
    static double pixels = pixelsOf(systemFont());
    return pixels;
}

} // namespace

int scaled(double drawn)
{
    const auto px = static_cast<int>(std::lround(drawn * textScale()));
    return drawn > 0.0 ? std::max(1, px) : px;
}

QFont sized(QFont font, double drawn)
{
    font.setPixelSize(scaled(drawn));
    return font;
}

QString scaledSheet(const QString& sheet)
{
    static const QRegularExpression kDrawn(QStringLiteral("\\b([0-9]+)u\\b"));
    QString result;
    qsizetype from = 0;
    for (auto at = kDrawn.globalMatch(sheet); at.hasNext();) {
        const QRegularExpressionMatch match = at.next();
        result += sheet.mid(from, match.capturedStart() - from)
            + QStringLiteral("%1px").arg(scaled(match.captured(1).toInt()));
        from = match.capturedEnd();
    }
    return result + sheet.mid(from);
}

void setTextPercent(int percent)
{
    textPercent = std::clamp(percent, kLeastText, kMostText);
}

double textScale()
{
    return systemPixels() / kDrawnText * textPercent / 100.0;
}

bool takeSystemFont()
{
    const QFont now = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    if (now == QGuiApplication::font() || now == systemFont()) {
        return false; // the system has none of its own and gives back ours, or it is the same
    }
    systemFont() = now;
    systemPixels() = pixelsOf(now);
    return true;
}

QFont textFont()
{
    QFont font = systemFont();
    if (QFontDatabase::hasFamily(QStringLiteral("Inter"))) {
        font.setFamilies({QStringLiteral("Inter")});
    }
    return sized(font, kDrawnText);
}

} // namespace pissarro::ui
