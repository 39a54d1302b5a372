// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/rank_advice.h"

#include "core/analysis/rank_map.h"

#include <algorithm>
#include <limits>

namespace pissarro::core::inline analysis {

namespace {

double keptAt(const Spectrum& spectrum, std::int64_t rank)
{
    return keptEnergy(spectrum, std::min(rank, static_cast<std::int64_t>(spectrum.values.size())));
}

} // namespace

double keptBetween(const Spectrum& spectrum, std::int64_t first, std::int64_t rank)
{
    return keptAt(spectrum, first + rank) - (first > 0 ? keptAt(spectrum, first) : 0.0);
}

double meanKept(const Spectra& spectra, std::int64_t rank)
{
    double sum = 0.0;
    for (const Spectrum* spectrum : spectra) {
        sum += keptAt(*spectrum, rank);
    }
    return spectra.empty() ? std::numeric_limits<double>::quiet_NaN()
                           : sum / static_cast<double>(spectra.size());
}

std::int64_t rankForMeanEnergy(const Spectra& spectra, double share)
{
    std::int64_t enough = 0;
    for (const Spectrum* spectrum : spectra) {
        enough = std::max(enough, static_cast<std::int64_t>(spectrum->values.size()));
    }
    std::int64_t tooFew = 0;
    while (enough - tooFew > 1) {
        const std::int64_t middle = tooFew + (enough - tooFew) / 2;
        (meanKept(spectra, middle) >= share ? enough : tooFew) = middle;
    }
    return enough;
}

std::int64_t rankAboveNoise(const Spectrum& spectrum)
{
    const double threshold = optimalHardThreshold(spectrum, 0.0);
    return std::max<std::int64_t>(
        1, std::count_if(spectrum.values.begin(), spectrum.values.end(), [threshold](double value) {
            return value > threshold;
        }));
}

std::int64_t medianRank(const Spectra& spectra, std::int64_t (*rankOf)(const Spectrum&))
{
    if (spectra.empty()) {
        return 0;
    }
    std::vector<std::int64_t> ranks;
    ranks.reserve(spectra.size());
    for (const Spectrum* spectrum : spectra) {
        ranks.push_back(rankOf(*spectrum));
    }
    const auto middle = ranks.begin() + static_cast<std::ptrdiff_t>((ranks.size() - 1) / 2);
    std::nth_element(ranks.begin(), middle, ranks.end());
    return *middle;
}

} // namespace pissarro::core::inline analysis
