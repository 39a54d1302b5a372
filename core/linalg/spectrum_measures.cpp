// SPDX-License-Identifier: GPL-3.0-or-later
// What is read off a spectrum: numbers without LibTorch.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/linalg/spectrum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace pissarro::core::inline linalg {

namespace {

struct NamedMeasure {
    Measure measure;
    std::string_view name;
};

constexpr std::array kMeasures {
    NamedMeasure {Measure::Energy, "energy"},
    NamedMeasure {Measure::NuclearShare, "nuclear_share"},
    NamedMeasure {Measure::ResidualNorm, "residual_norm"},
    NamedMeasure {Measure::StableRank, "stable_rank"},
    NamedMeasure {Measure::EffectiveRank, "effective_rank"},
    NamedMeasure {Measure::ConditionNumber, "condition_number"},
    NamedMeasure {Measure::DecayExponent, "decay_exponent"},
};

void checkRank(const Spectrum& spectrum, std::int64_t rank)
{
    if (rank < 0 || rank > static_cast<std::int64_t>(spectrum.values.size())) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("rank {} is outside 0 to {}", rank, spectrum.values.size()));
    }
}

void requireComplete(const Spectrum& spectrum, const char* what)
{
    if (!spectrum.isComplete()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{} needs every singular value, not only the {} leading ones", what,
                                spectrum.values.size()));
    }
}

double sumOfSquares(const Spectrum& spectrum, std::int64_t rank)
{
    double sum = 0.0;
    for (std::int64_t i = 0; i < rank; ++i) {
        sum += spectrum.values[static_cast<std::size_t>(i)]
            * spectrum.values[static_cast<std::size_t>(i)];
    }
    return sum;
}

} // namespace

double keptEnergy(const Spectrum& spectrum, std::int64_t rank)
{
    checkRank(spectrum, rank);
    if (spectrum.squaredNorm <= 0.0) {
        return 1.0;
    }
    return std::min(1.0, sumOfSquares(spectrum, rank) / spectrum.squaredNorm);
}

std::vector<double> cumulativeEnergy(const Spectrum& spectrum)
{
    std::vector<double> energy {spectrum.squaredNorm > 0.0 ? 0.0 : 1.0};
    energy.reserve(spectrum.values.size() + 1);
    double sum = 0.0;
    for (const double value : spectrum.values) {
        sum += value * value;
        energy.push_back(spectrum.squaredNorm > 0.0 ? std::min(1.0, sum / spectrum.squaredNorm)
                                                    : 1.0);
    }
    return energy;
}

double nuclearShare(const Spectrum& spectrum, std::int64_t rank)
{
    checkRank(spectrum, rank);
    requireComplete(spectrum, "the nuclear share");
    const auto middle = spectrum.values.begin() + static_cast<std::ptrdiff_t>(rank);
    const double kept = std::accumulate(spectrum.values.begin(), middle, 0.0);
    const double left = std::accumulate(middle, spectrum.values.end(), 0.0);
    return kept + left > 0.0 ? kept / (kept + left) : 1.0;
}

double residualNorm(const Spectrum& spectrum, std::int64_t rank)
{
    checkRank(spectrum, rank);
    if (!spectrum.isComplete()) {
        return std::sqrt(std::max(0.0, spectrum.squaredNorm - sumOfSquares(spectrum, rank)));
    }
    double sum = 0.0; // from the small end: nothing is subtracted, so nothing cancels
    for (std::size_t i = spectrum.values.size(); i > static_cast<std::size_t>(rank); --i) {
        sum += spectrum.values[i - 1] * spectrum.values[i - 1];
    }
    return std::sqrt(sum);
}

double conditionNumber(const Spectrum& spectrum)
{
    requireComplete(spectrum, "the condition number");
    if (spectrum.values.empty() || spectrum.values.front() <= 0.0) {
        return 0.0;
    }
    return spectrum.values.back() > 0.0 ? spectrum.values.front() / spectrum.values.back()
                                        : std::numeric_limits<double>::infinity();
}

DecayFit decayFit(const Spectrum& spectrum)
{
    // Weighted least squares of y = log s_i over x = log i with weights 1 / i.
    double weights = 0.0;
    double sumX = 0.0;
    double sumY = 0.0;
    std::size_t used = 0;
    for (; used < spectrum.values.size(); ++used) {
        if (spectrum.values[used] <= 1e-6 * spectrum.values.front()) {
            break;
        }
        const double weight = 1.0 / static_cast<double>(used + 1);
        weights += weight;
        sumX += weight * std::log(static_cast<double>(used + 1));
        sumY += weight * std::log(spectrum.values[used]);
    }
    if (used < 3) {
        return {};
    }
    const double meanX = sumX / weights;
    const double meanY = sumY / weights;
    double xx = 0.0;
    double xy = 0.0;
    double yy = 0.0;
    for (std::size_t i = 0; i < used; ++i) {
        const double weight = 1.0 / static_cast<double>(i + 1);
        const double x = std::log(static_cast<double>(i + 1)) - meanX;
        const double y = std::log(spectrum.values[i]) - meanY;
        xx += weight * x * x;
        xy += weight * x * y;
        yy += weight * y * y;
    }
    DecayFit fit;
    fit.exponent = -xy / xx;
    fit.scale = std::exp(meanY + fit.exponent * meanX);
    fit.rSquared = yy > 0.0 ? xy * xy / (xx * yy) : 1.0;
    return fit;
}

double stableRank(const Spectrum& spectrum)
{
    if (spectrum.values.empty() || spectrum.values.front() <= 0.0) {
        return 0.0;
    }
    return spectrum.squaredNorm / (spectrum.values.front() * spectrum.values.front());
}

double effectiveRank(const Spectrum& spectrum)
{
    const double sum = std::accumulate(spectrum.values.begin(), spectrum.values.end(), 0.0);
    if (sum <= 0.0) {
        return 0.0;
    }
    double entropy = 0.0;
    for (const double value : spectrum.values) {
        const double share = value / sum;
        entropy -= share > 0.0 ? share * std::log(share) : 0.0;
    }
    return std::exp(entropy);
}

std::int64_t rankForEnergy(const Spectrum& spectrum, double energy)
{
    const std::vector<double> kept = cumulativeEnergy(spectrum);
    for (std::size_t rank = 0; rank < kept.size(); ++rank) {
        if (kept[rank] >= energy) {
            return static_cast<std::int64_t>(rank);
        }
    }
    return static_cast<std::int64_t>(spectrum.values.size());
}

std::int64_t kneeRank(const Spectrum& spectrum)
{
    std::vector<double> logs;
    for (const double value : spectrum.values) {
        // Values at the rounding floor of float32 would bend the chord.
        if (value <= spectrum.values.front() * 1e-7) {
            break;
        }
        logs.push_back(std::log(value));
    }
    if (logs.size() < 3) {
        return std::max<std::int64_t>(1, static_cast<std::int64_t>(logs.size()));
    }
    const double slope = (logs.back() - logs.front()) / static_cast<double>(logs.size() - 1);
    std::size_t knee = 0;
    double deepest = 0.0;
    // The ends lie on the chord. A curve that never sinks below it has no knee: rank 1.
    for (std::size_t i = 1; i + 1 < logs.size(); ++i) {
        const double depth = logs.front() + slope * static_cast<double>(i) - logs[i];
        if (depth > deepest) {
            deepest = depth;
            knee = i;
        }
    }
    return static_cast<std::int64_t>(knee) + 1;
}

std::string_view measureName(Measure measure)
{
    for (const NamedMeasure& known : kMeasures) {
        if (known.measure == measure) {
            return known.name;
        }
    }
    throw Error(ErrorKind::Internal, "a measure without a name");
}

double measureOf(const Spectrum& spectrum, Measure measure, std::int64_t rank)
{
    const std::int64_t fitted =
        std::clamp<std::int64_t>(rank, 0, static_cast<std::int64_t>(spectrum.values.size()));
    switch (measure) {
    case Measure::Energy:
        return keptEnergy(spectrum, fitted);
    case Measure::NuclearShare:
        return nuclearShare(spectrum, fitted);
    case Measure::ResidualNorm:
        return residualNorm(spectrum, fitted);
    case Measure::StableRank:
        return stableRank(spectrum);
    case Measure::EffectiveRank:
        return effectiveRank(spectrum);
    case Measure::ConditionNumber:
        return conditionNumber(spectrum);
    case Measure::DecayExponent:
        return decayFit(spectrum).exponent;
    }
    throw Error(ErrorKind::Internal, "a measure without a formula");
}

} // namespace pissarro::core::inline linalg
