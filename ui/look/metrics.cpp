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

// The system's own, asked for once: afterwards Qt may give back ours.
const QFont& systemFont()
{
    static const QFont font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    return font;
}

// Where nobody looks at the screen no desktop says how large text is: as it is drawn.
double systemPixels()
{
    static const double pixels = [] {
        const QString platform = QGuiApplication::platformName();
        return platform == QLatin1String("offscreen") || platform == QLatin1String("minimal")
            ? kDrawnText
            : std::max(1, QFontInfo(systemFont()).pixelSize());
    }();
    return pixels;
}

double scale()
{
    return systemPixels() / kDrawnText * textPercent / 100.0;
}

} // namespace

int scaled(double drawn)
{
    const auto px = static_cast<int>(std::lround(drawn * scale()));
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

QFont textFont()
{
    QFont font = systemFont();
    if (QFontDatabase::hasFamily(QStringLiteral("Inter"))) {
        font.setFamilies({QStringLiteral("Inter")});
    }
    return sized(font, kDrawnText);
}

} // namespace pissarro::ui
