// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/history/metric_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pissarro::core::inline history {

namespace {

// Their name, ours. The first of ours is what the HF Trainer says.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNames {{
    {"learning_rate", metric::kLearningRate},
    {"num_input_tokens_seen", metric::kTokens},
    {"num_tokens", metric::kTokens}, // TRL
    {"total_tokens", metric::kTokens}, // LLaMA-Factory, with the next three
    {"throughput", metric::kTokensPerS},
    {"elapsed_time", metric::kElapsed},
    {"vram_allocated", metric::kMemory},
}};

// As transformers' rewrite_logs() does: what a key begins with, and where its tag stands.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kGroups {{
    {"eval_", "eval/"},
    {"test_", "test/"},
}};
constexpr std::string_view kTrain = "train/"; // all others

template <class List>
bool contains(const List& list, std::string_view name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

} // namespace

std::string metricOf(std::string_view theirs)
{
    const auto* const row = std::find_if(kNames.begin(), kNames.end(),
                                         [&](const auto& one) { return one.first == theirs; });
    return std::string(row == kNames.end() ? theirs : row->second);
}

std::string metricOfTag(std::string_view tag)
{
    if (tag.starts_with(kTrain)) {
        return metricOf(tag.substr(kTrain.size()));
    }
    for (const auto& [prefix, group] : kGroups) {
        if (tag.starts_with(group)) {
            return metricOf(std::string(prefix) + std::string(tag.substr(group.size())));
        }
    }
    return metricOf(tag);
}

std::string trainerTag(std::string_view metric)
{
    for (const auto& [prefix, group] : kGroups) {
        if (metric.starts_with(prefix)) {
            return std::string(group) + std::string(metric.substr(prefix.size()));
        }
    }
    const auto* const row = std::find_if(kNames.begin(), kNames.end(),
                                         [&](const auto& one) { return one.second == metric; });
    return std::string(kTrain) + std::string(row == kNames.end() ? metric : row->first);
}

bool isAxis(std::string_view metric)
{
    return contains(std::array {metric::kEpoch, metric::kTokens, metric::kElapsed}, metric);
}

bool isEvaluation(std::string_view metric)
{
    return metric.starts_with("eval_") || metric.starts_with("test_")
        || metric.starts_with("predict_");
}

bool isOfWholeRun(std::string_view metric)
{
    static constexpr std::array<std::string_view, 6> kWhole {"train_runtime",
                                                             "train_samples_per_second",
                                                             "train_steps_per_second",
                                                             "train_tokens_per_second",
                                                             "total_flos",
                                                             "train_loss"};
    return contains(kWhole, metric);
}

} // namespace pissarro::core::inline history
