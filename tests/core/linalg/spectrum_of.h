// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/linalg/spectrum.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace pissarro::tests {

// Of a square matrix that has these singular values.
inline core::Spectrum spectrumOf(std::vector<double> values)
{
    core::Spectrum spectrum;
    spectrum.rows = spectrum.cols = static_cast<std::int64_t>(values.size());
    spectrum.values = std::move(values);
    for (const double value : spectrum.values) {
        spectrum.squaredNorm += value * value;
    }
    return spectrum;
}

} // namespace pissarro::tests
