// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/axis.h"

#include "core/base/fmt.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::core::inline report {

namespace {

constexpr const char* kMinus = "\xE2\x88\x92"; // U+2212
constexpr const char* kNone = "\xE2\x80\x93"; // U+2013
constexpr double kRoom = 0.04; // of a linear scale, on each side

std::string withoutTrailingZeros(std::string text)
{
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
    }
    return text;
}

std::string grouped(const std::string& digits)
{
    const std::size_t dot = std::min(digits.find('.'), digits.size());
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && i < dot && (dot - i) % 3 == 0) {
            text += ',';
        }
        text += digits[i];
    }
    return text;
}

// "1.2e-3" of printf's "1.20e-03".
std::string exponential(double size, int digits)
{
    const std::string text = fmt::format("{:.{}e}", size, digits - 1);
    const std::size_t e = text.find('e');
    return withoutTrailingZeros(text.substr(0, e)) + "e"
        + fmt::format("{}", std::stoi(text.substr(e + 1)));
}

std::vector<Tick> decadeTicks(const Scale& scale, int most)
{
    const auto first = static_cast<int>(std::floor(std::log10(scale.low)));
    const auto last = static_cast<int>(std::ceil(std::log10(scale.high)));
    const bool fine = last - first <= 2;
    const int step = std::max(1, (last - first + most - 1) / most);
    std::vector<Tick> ticks;
    for (int decade = first; decade <= last; decade += step) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double at = factor * std::pow(10.0, decade);
            if ((factor == 1.0 || fine) && at >= scale.low * (1.0 - 1e-9)
                && at <= scale.high * (1.0 + 1e-9)) {
                ticks.push_back({at, figureText(at)});
            }
        }
    }
    return ticks;
}

} // namespace

std::string figureText(double value, int digits)
{
    if (std::isnan(value)) {
        return kNone;
    }
    const std::string sign = value < 0.0 ? kMinus : "";
    const double size = std::abs(value);
    if (std::isinf(size)) {
        return sign + "\xE2\x88\x9E";
    }
    if (size == 0.0) {
        return "0";
    }
    if (size < 1e-3 || size >= 1e15) {
        return sign + exponential(size, std::min(digits, 3));
    }
    if (size >= 1e4 || (size == std::floor(size) && size < 1e15)) {
        return sign + grouped(fixedText(size, 0));
    }
    const int before =
        static_cast<int>(std::floor(std::log10(size))) + 1; // digits before the point
    return sign + grouped(withoutTrailingZeros(fixedText(size, std::max(0, digits - before))));
}

std::vector<std::string> columnTexts(const std::vector<double>& values, int digits)
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
    const bool isOne = !isWhole && low >= 1e-3 && high < 1e4 && high <= kUnlike * low;
    const int before = isOne ? static_cast<int>(std::floor(std::log10(high))) + 1 : 0;
    std::vector<std::string> texts;
    for (const double value : values) {
        const std::string sign = value < 0.0 ? kMinus : "";
        texts.push_back(isOne && std::isfinite(value) ? sign
                                + grouped(fixedText(std::abs(value), std::max(0, digits - before)))
                                                      : figureText(value, digits));
    }
    return texts;
}

std::string percentText(double share, int decimals)
{
    if (!std::isfinite(share)) {
        return kNone;
    }
    return (share < 0.0 ? kMinus : "") + fixedText(std::abs(100.0 * share), decimals) + " %";
}

std::string spacedName(std::string name)
{
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

double Scale::place(double value) const
{
    if (isLog) {
        return value > 0.0 ? std::log(value / low) / std::log(high / low)
                           : std::numeric_limits<double>::quiet_NaN();
    }
    return (value - low) / (high - low);
}

std::vector<Tick> niceTicks(const Scale& scale, int most)
{
    if (scale.isLog) {
        auto ticks = decadeTicks(scale, std::max(2, most));
        if (ticks.size() >= 2) {
            return ticks;
        }
    }
    const double rough = (scale.high - scale.low) / std::max(2, most);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    double step = 10.0 * power;
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= rough * (1.0 - 1e-9)) {
            step = factor * power;
            break;
        }
    }
    std::vector<Tick> ticks;
    const double first = std::ceil(scale.low / step - 1e-9);
    for (double i = first; i * step <= scale.high + 1e-9 * step && ticks.size() < 64; ++i) {
        const double at = i * step;
        ticks.push_back({at, figureText(std::abs(at) < 1e-9 * step ? 0.0 : at)});
    }
    return ticks;
}

Scale scaleOver(const std::vector<double>& values, bool isLog)
{
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const double value : values) {
        if (std::isfinite(value) && (!isLog || value > 0.0)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    if (low > high) { // nothing
        return isLog ? Scale {0.1, 1.0, true} : Scale {0.0, 1.0, false};
    }
    if (isLog) {
        const double room = std::pow(std::max(high / low, 1.5), kRoom);
        return {std::max(low / room, std::numeric_limits<double>::min()), high * room, true};
    }
    const double room = high > low ? kRoom * (high - low) : std::max(0.5 * std::abs(low), 0.5);
    return {low - room, high + room, false};
}

} // namespace pissarro::core::inline report
