// SPDX-License-Identifier: GPL-3.0-or-later
// Expected values of tests/tools/make_stats_fixtures.py and of golden/eval/statistics.json (scripts/make_eval_statistics.py of
// shared/golden; seed 0, scipy 1.17.1, statsmodels 0.15.0).
#pragma once

#include "tests/tools/golden_folder.h"

#include <QString>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace pissarro::tests {

inline nlohmann::json jsonAt(const std::filesystem::path& path)
{
    return nlohmann::json::parse(std::ifstream(path));
}
inline const nlohmann::json& statsFixture(const char* part)
{
    static const nlohmann::json all =
        jsonAt(std::filesystem::path(PISSARRO_SOURCE) / "tests/fixtures/stats/stats.json");
    return all.at(part);
}
inline const nlohmann::json& statsGolden(const char* part)
{
    static const nlohmann::json all = jsonAt(golden() / "eval" / "statistics.json");
    return all.at(part);
}

// A number of the goldens; NaN and the infinities are texts there.
inline double numberOf(const nlohmann::json& value)
{
    if (!value.is_string()) {
        return value.get<double>();
    }
    const auto text = value.get<std::string>();
    constexpr double kInf = std::numeric_limits<double>::infinity();
    return text == "inf" ? kInf : text == "-inf" ? -kInf : std::numeric_limits<double>::quiet_NaN();
}
inline std::vector<double> numbersOf(const nlohmann::json& values)
{
    std::vector<double> out;
    for (const nlohmann::json& value : values) {
        out.push_back(numberOf(value));
    }
    return out;
}

// What is wrong with `found`; empty where it is `wanted` to `relative` or `absolute`. Infinities and NaN only equal themselves.
inline QString differs(double found, double wanted, double relative, const nlohmann::json& of,
                       double absolute = 1e-300)
{
    const bool same = found == wanted || (std::isnan(found) && std::isnan(wanted));
    if (same || std::abs(found - wanted) <= std::max(relative * std::abs(wanted), absolute)) {
        return {};
    }
    return QStringLiteral("%1 instead of %2 of %3")
        .arg(found, 0, 'g', 17)
        .arg(wanted, 0, 'g', 17)
        .arg(QString::fromStdString(of.dump()).left(200));
}

} // namespace pissarro::tests

#define VERIFY_CLOSE(...)                                                                          \
    do {                                                                                           \
        const QString wrong = pissarro::tests::differs(__VA_ARGS__);                               \
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));                                              \
    } while (false)
