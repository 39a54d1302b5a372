// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace pissarro::core::inline stats {

// How well classes that a model found are the right ones.
struct ClassAgreement {
    double accuracy = std::numeric_limits<double>::quiet_NaN(); // NaN: there is none
    // Gorodkin's R_K, of two classes Matthews' phi; 0 where either side is of one class alone.
    double matthews = std::numeric_limits<double>::quiet_NaN();
    // Of class 1 against the other; 0 where neither side has it. Unset where there are more than two, or two others.
    std::optional<double> f1;
    double macroF1 =
        std::numeric_limits<double>::quiet_NaN(); // mean over classes that either side has
};
// Formula: scikit-learn's accuracy_score, matthews_corrcoef, f1_score. Requires: as many found as right ones.
ClassAgreement agreementOf(std::span<const std::int64_t> found,
                           std::span<const std::int64_t> right);

// How numbers that a model gave go along with the right ones; NaN where a side is constant, has fewer than two values, or one
// that is not finite (of ranks: NaN alone).
struct NumberAgreement {
    double pearson = std::numeric_limits<double>::quiet_NaN();
    double spearman =
        std::numeric_limits<double>::quiet_NaN(); // equal values share their mean rank
};
// Formula: scipy's pearsonr and spearmanr, in float64. Requires: as agreementOf().
NumberAgreement correlationOf(std::span<const double> found, std::span<const double> right);

} // namespace pissarro::core::inline stats
