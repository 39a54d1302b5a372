// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>
#include <QVector>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pissarro::ui {

inline QString textOf(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

// A name of a file in one line: a line break or another control character in it stands as its picture, "a␊b"; what turns or
// hides text as U+FFFD.
QString lineOf(QString name);

// Numbers as every page writes them: thousands separators, a unit, at most four significant digits,
// a true minus.
QString formatCount(std::int64_t value); // "4,884,480"
QString formatCompact(std::int64_t value); // "134.5 M"
QString formatBytes(std::int64_t bytes); // "9.8 MB", decimal units
QString formatPercent(double share); // 0.243 -> "24.3 %"
QString formatNumber(double value, int digits = 4); // "1.007", "−0.166", "1.2e-3"
QString formatRate(double rate); // a learning rate, everywhere: "2e-2", core::rateText()
// Figures of one kind below one another, with as many decimals each: "6.043" over "6.060". Where they are of very unlike
// size, or whole, each stands for itself.
QStringList formatColumn(const QVector<double>& values, int digits = 4);
QString formatDuration(double seconds); // "6 min left" is made of "6 min"; "41 s", "1 h 12 min"

QString fromView(std::string_view text); // UTF-8, as core's names are

QString shortType(const std::string& type); // of a module: "q_proj" -> "q"

} // namespace pissarro::ui
