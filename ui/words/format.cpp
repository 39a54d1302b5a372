// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/format.h"

#include "core/text/escaped_text.h"
#include "core/text/number_text.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::Format)
};

const QChar kMinus(0x2212);
const QString kNoNumber = QStringLiteral("–");

// English separators whatever the locale: the figures go into papers and scripts.
QString grouped(const QString& plain)
{
    const int from = plain.startsWith(u'-') ? 1 : 0;
    int end = static_cast<int>(plain.indexOf(u'.'));
    if (end < 0) {
        end = static_cast<int>(plain.size());
    }
    QString out = plain;
    for (int at = end - 3; at > from; at -= 3) {
        out.insert(at, u',');
    }
    if (from == 1) {
        out[0] = kMinus;
    }
    return out;
}

QString withoutTrailingZeros(QString text)
{
    if (text.contains(u'.')) {
        while (text.endsWith(u'0')) {
            text.chop(1);
        }
        if (text.endsWith(u'.')) {
            text.chop(1);
        }
    }
    return text;
}

int decimalExponent(double magnitude)
{
    return magnitude > 0.0 ? static_cast<int>(std::floor(std::log10(magnitude))) : 0;
}

// `value` rounded to `digits` significant ones, so that 9.996 counts as 10 when the unit is chosen.
double roundedTo(double value, int digits)
{
    if (value == 0.0) {
        return 0.0;
    }
    const double scale = std::pow(10.0, digits - 1 - decimalExponent(std::abs(value)));
    return std::round(value * scale) / scale;
}

} // namespace

QString lineOf(QString name)
{
    constexpr char16_t kPictures = 0x2400; // of the control characters below the blank
    for (QChar& one : name) {
        if (one.unicode() < 0x20) {
            one = QChar(static_cast<char16_t>(kPictures + one.unicode()));
        } else if (core::isControlCharacter(one.unicode())) {
            one = QChar(QChar::ReplacementCharacter);
        }
    }
    return name;
}

QString formatCount(std::int64_t value)
{
    return grouped(QString::number(value));
}

QString formatCompact(std::int64_t value)
{
    static const std::array<const char*, 4> kUnits {"k", "M", "B", "T"};
    double magnitude = std::abs(static_cast<double>(value));
    if (magnitude < 10'000) {
        return formatCount(value);
    }
    std::size_t unit = 0;
    magnitude /= 1000.0;
    while (roundedTo(magnitude, 4) >= 1000.0 && unit + 1 < kUnits.size()) {
        magnitude /= 1000.0;
        ++unit;
    }
    const double shown = std::copysign(roundedTo(magnitude, 4), static_cast<double>(value));
    const int decimals = std::max(0, 3 - decimalExponent(std::abs(shown)));
    return grouped(withoutTrailingZeros(QString::number(shown, 'f', decimals))) + QChar(u' ')
        + QLatin1String(kUnits[unit]);
}

QString formatBytes(std::int64_t bytes)
{
    static const std::array<const char*, 5> kUnits {"B", "kB", "MB", "GB", "TB"};
    double magnitude = std::abs(static_cast<double>(bytes));
    std::size_t unit = 0;
    while (std::round(magnitude) >= 1000.0 && unit + 1 < kUnits.size()) {
        magnitude /= 1000.0;
        ++unit;
    }
    const bool oneDecimal = unit > 0 && magnitude < 9.95;
    const double shown = std::copysign(magnitude, static_cast<double>(bytes));
    return grouped(QString::number(shown, 'f', oneDecimal ? 1 : 0)) + QChar(u' ')
        + QLatin1String(kUnits[unit]);
}

QString formatPercent(double share)
{
    if (!std::isfinite(share)) {
        return kNoNumber;
    }
    const double percent = share * 100.0;
    const double magnitude = std::abs(percent);
    int decimals = 1;
    if (magnitude > 0.0 && magnitude < 0.995) {
        decimals = std::min(4, 1 - decimalExponent(magnitude));
    }
    const QString plain = withoutTrailingZeros(QString::number(percent, 'f', decimals));
    return grouped(plain == QLatin1String("-0") ? QStringLiteral("0") : plain)
        + QStringLiteral(" %");
}

QString formatNumber(double value, int digits)
{
    if (std::isnan(value)) {
        return kNoNumber;
    }
    if (std::isinf(value)) {
        return value > 0 ? QStringLiteral("∞") : kMinus + QStringLiteral("∞");
    }
    if (value == 0.0) {
        return QStringLiteral("0");
    }
    const double shown = roundedTo(value, digits);
    const int exponent = decimalExponent(std::abs(shown));
    if (exponent < -2 || exponent >= 6) {
        const double mantissa = shown / std::pow(10.0, exponent);
        const QString front = withoutTrailingZeros(QString::number(mantissa, 'f', digits - 1));
        return grouped(front) + QChar(u'e') + QString::number(exponent);
    }
    const int decimals = std::max(0, digits - 1 - exponent);
    return grouped(withoutTrailingZeros(QString::number(shown, 'f', decimals)));
}

QString formatRate(double rate)
{
    return QString::fromStdString(core::rateText(rate));
}

QStringList formatColumn(const QVector<double>& values, int digits)
{
    constexpr double kUnlike = 1000.0; // times the lowest: their digits say nothing of one another
    double low = std::numeric_limits<double>::infinity();
    double high = 0.0;
    bool isWhole = true;
    for (const double value : values) {
        if (std::isfinite(value) && value != 0.0) {
            low = std::min(low, std::abs(value));
            high = std::max(high, std::abs(value));
            isWhole = isWhole && value == std::floor(value);
        }
    }
    const bool isOne = !isWhole && low >= 1e-2 && high < 1e4 && high <= kUnlike * low;
    const int decimals = isOne ? std::max(0, digits - 1 - decimalExponent(high)) : 0;
    QStringList texts;
    for (const double value : values) {
        texts.append(isOne && std::isfinite(value) ? grouped(QString::number(value, 'f', decimals))
                                                   : formatNumber(value, digits));
    }
    return texts;
}

QString formatDuration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0.0) {
        return kNoNumber;
    }
    if (seconds < 0.0995) {
        return Words::tr("%1 ms").arg(std::llround(seconds * 1000.0));
    }
    if (seconds < 9.95) {
        return Words::tr("%1 s").arg(seconds, 0, 'f', 1);
    }
    const long long whole = std::llround(seconds);
    if (whole < 120) {
        return Words::tr("%1 s").arg(whole);
    }
    const long long minutes = std::llround(seconds / 60.0);
    if (minutes < 60) {
        return Words::tr("%1 min").arg(minutes);
    }
    if (minutes < 24 * 60) {
        return minutes % 60 == 0 ? Words::tr("%1 h").arg(minutes / 60)
                                 : Words::tr("%1 h %2 min").arg(minutes / 60).arg(minutes % 60);
    }
    const long long hours = std::llround(seconds / 3600.0);
    return Words::tr("%1 d %2 h").arg(hours / 24).arg(hours % 24);
}

QString fromView(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QString shortType(const std::string& type)
{
    QString text = QString::fromStdString(type);
    if (text.endsWith(QLatin1String("_proj"))) {
        text.chop(5);
    }
    return text;
}

} // namespace pissarro::ui
