// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stats/special_functions.h"

#include "core/base/error.h"
#include "core/base/fmt.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace pissarro::core::inline stats {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void require(bool holds, const char* what, double found)
{
    if (!holds) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("statistics: {} (found {})", what, found));
    }
}

// log Gamma(z + 1) less Stirling's formula for it.
double stirlingError(double z)
{
    // Below 16 the series has too few digits; each step up is one logarithm.
    double steps = 0.0;
    for (; z < 16.0; z += 1.0) {
        steps += (z + 0.5) * std::log1p(1.0 / z) - 1.0;
    }
    const double s = 1.0 / (z * z);
    const double series =
        1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)));
    return steps + series / z;
}

// x log(x / m) + m - x without the cancellation near x = m.
double deviance(double x, double m)
{
    if (std::abs(x - m) >= 0.1 * (x + m)) {
        return x * std::log(x / m) + m - x;
    }
    const double v = (x - m) / (x + m);
    double sum = (x - m) * v;
    double power = 2.0 * x * v;
    for (int j = 3;; j += 2) {
        power *= v * v;
        const double next = sum + power / j;
        if (next == sum) {
            return next;
        }
        sum = next;
    }
}

// x^a y^b / B(a, b): the slope of I_x(a, b) over log(x / y).
double betaPower(double a, double b, double x, double y)
{
    if (x <= 0.0 || y <= 0.0) {
        return 0.0;
    }
    const double n = a + b;
    const double exponent = stirlingError(n) - stirlingError(a) - stirlingError(b)
        - deviance(a, n * x) - deviance(b, n * y);
    return std::exp(exponent) * std::sqrt(a * b / (2.0 * std::numbers::pi * n));
}

// betaPower / I_x(a, b), by Lentz's method. Requires: x <= (a + 1) / (a + b + 2), where it converges fast. Differences of
// nearly equal terms are written with y: an x near 1 would cost digits.
double betaFraction(double a, double b, double x, double y)
{
    constexpr double kTiny = 1e-300;
    const auto awayFromZero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
    const double middle = a * y - b * x + 1.0;
    double result = awayFromZero(a * middle / (a + 1.0));
    double c = result;
    double d = 0.0;
    for (double m = 1.0; m < 1e7; m += 1.0) {
        const double below = a + 2.0 * m - 1.0;
        const double over =
            (m * (a + m - 1.0) / below) * ((a + b + m - 1.0) / below) * (b - m) * x * x;
        const double whole =
            m + m * (b - m) * x / below + (a + m) * (middle + m * (1.0 + y)) / (below + 2.0);
        d = 1.0 / awayFromZero(whole + over * d);
        c = awayFromZero(whole + over / c);
        result *= c * d;
        if (std::abs(c * d - 1.0) < 2.0 * std::numeric_limits<double>::epsilon()) {
            break;
        }
    }
    return result;
}

// The log(x / y) at which I_x(a, b) is `wanted.lower`: Newton's steps on the logarithm of the smaller side, which is concave
// there; a step that leaves what is known to hold the root halves that instead.
double betaLogit(double a, double b, const Tails& wanted)
{
    const bool isLower = wanted.lower <= wanted.upper;
    double low = -745.0;
    double high = 745.0;
    double u = std::clamp(std::log(a / b), low, high);
    for (int i = 0; i < 200; ++i) {
        const double x = 1.0 / (1.0 + std::exp(-u));
        const double y = 1.0 / (1.0 + std::exp(u));
        const Tails here = incompleteBeta(a, b, x, y);
        const double side = isLower ? here.lower : here.upper;
        const double ratio = std::log(side / (isLower ? wanted.lower : wanted.upper));
        const double error = isLower ? ratio : -ratio; // grows with u
        if (error == 0.0) {
            return u;
        }
        (error < 0.0 ? low : high) = u;
        double next = u - error * side / betaPower(a, b, x, y);
        if (!(next > low && next < high)) {
            next = 0.5 * (low + high);
        }
        if (std::abs(next - u) <= 1e-15 * std::max(1.0, std::abs(u))) {
            return next;
        }
        u = next;
    }
    return u;
}

} // namespace

Tails incompleteBeta(double a, double b, double x, double y)
{
    if (std::isnan(a + b + x + y)) {
        return {kNaN, kNaN};
    }
    require(a > 0.0 && std::isfinite(a), "the beta distribution needs a > 0", a);
    require(b > 0.0 && std::isfinite(b), "the beta distribution needs b > 0", b);
    require(x >= 0.0 && x <= 1.0, "a share lies between 0 and 1", x);
    require(y >= 0.0 && y <= 1.0, "a share lies between 0 and 1", y);
    const double power = betaPower(a, b, x, y);
    if (x < (a + 1.0) / (a + b + 2.0)) {
        const double lower = std::min(1.0, power / betaFraction(a, b, x, y));
        return {lower, 1.0 - lower};
    }
    const double upper = std::min(1.0, power / betaFraction(b, a, y, x));
    return {1.0 - upper, upper};
}

Tails fairCoin(double k, double n)
{
    require(k >= 0.0 && k <= n, "successes lie between 0 and the trials", k);
    if (k == n) {
        return {1.0, 0.0};
    }
    // P[X <= k] = I_{1 - p}(n - k, k + 1)
    return incompleteBeta(n - k, k + 1.0, 0.5, 0.5);
}

double betaQuantile(double a, double b, double p)
{
    if (std::isnan(a + b + p)) {
        return kNaN;
    }
    require(p >= 0.0 && p <= 1.0, "a probability lies between 0 and 1", p);
    if (p == 0.0 || p == 1.0) {
        return p;
    }
    return 1.0 / (1.0 + std::exp(-betaLogit(a, b, {p, 1.0 - p})));
}

double studentTwoSided(double t, double df)
{
    if (std::isnan(t) || std::isnan(df)) {
        return kNaN;
    }
    require(df > 0.0, "Student's t needs more than 0 degrees of freedom", df);
    if (std::isinf(df)) {
        return std::erfc(std::abs(t) / std::numbers::sqrt2);
    }
    const double square = t * t;
    return incompleteBeta(df / 2.0, 0.5, 1.0 / (1.0 + square / df), 1.0 / (1.0 + df / square))
        .lower;
}

double studentQuantile(double p, double df)
{
    if (std::isnan(p) || std::isnan(df)) {
        return kNaN;
    }
    require(p >= 0.0 && p <= 1.0, "a probability lies between 0 and 1", p);
    require(df > 0.0, "Student's t needs more than 0 degrees of freedom", df);
    if (std::isinf(df)) {
        return normalQuantile(p);
    }
    if (p == 0.5) {
        return 0.0;
    }
    const double tail = std::min(p, 1.0 - p);
    if (tail == 0.0) {
        return p == 0.0 ? -kInf : kInf;
    }
    // t^2 / df = y / x, where x is beta distributed with df/2 and 1/2.
    const double u = betaLogit(df / 2.0, 0.5, {2.0 * tail, 1.0 - 2.0 * tail});
    const double t = std::sqrt(df) * std::exp(-u / 2.0);
    return p < 0.5 ? -t : t;
}

double normalQuantile(double p)
{
    if (std::isnan(p)) {
        return kNaN;
    }
    require(p >= 0.0 && p <= 1.0, "a probability lies between 0 and 1", p);
    if (p > 0.5) {
        return -normalQuantile(1.0 - p);
    }
    if (p == 0.0) {
        return -kInf;
    }
    // Newton on log P[Z > z], which is concave: from the right of the root every step stays there.
    double z = std::sqrt(-2.0 * std::log(2.0 * p));
    for (int i = 0; i < 50; ++i) {
        const double tail = 0.5 * std::erfc(z / std::numbers::sqrt2);
        const double density = std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
        const double step = std::log(tail / p) * tail / density;
        z += step;
        if (std::abs(step) <= 1e-16 * std::max(1.0, z)) {
            break;
        }
    }
    return -z;
}

} // namespace pissarro::core::inline stats
