// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/transcript.h"
#include "core/stats/agreement.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline evaluate {

inline constexpr std::string_view kAccuracyRule = "accuracy"; // of texts that are sorted

// How labels that a head gave texts go along with the right ones: of classes, or of numbers.
struct LabelScore {
    std::optional<ClassAgreement> classes;
    std::optional<NumberAgreement> numbers;
};

// Of answers of the task `labels`; unset: of another one.
std::optional<LabelScore> labelScoreOf(const std::vector<const Transcript*>& answers);

// "accuracy", "matthews", "f1", "f1_macro"; or "pearson", "spearman". Null: there is none.
nlohmann::ordered_json toJson(const LabelScore& score);
// "Matthews 0.5123, F1 0.8120": what stands beside the share that is right.
std::string labelScoreText(const LabelScore& score);

} // namespace pissarro::core::inline evaluate
