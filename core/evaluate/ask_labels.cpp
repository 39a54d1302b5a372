// SPDX-License-Identifier: GPL-3.0-or-later
// Texts that a head sorts, or gives a number: one pass over each, no word is written.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/labelled_texts.h"
#include "core/decoder/decoder_tensors.h"
#include "core/evaluate/asking_p.h"
#include "core/evaluate/label_score.h"
#include "core/session/session.h"
#include "core/text/message_text.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline evaluate {

namespace {

TokenizedData dataOf(const Asking& asking, const ModelConfig& config)
{
    DataOptions options {asking.spec.promptTemplate};
    options.strict = true; // a row that is left out would make another score
    return labelledTexts(asking.spec.data, options, {config.head.labels, config.head.labelNames},
                         *asking.choir.voices.front().tokenizer, longestText(config), asking.job);
}

Batch batchOf(const TokenizedData& data, std::size_t first, std::size_t count)
{
    Batch batch;
    batch.rows = static_cast<std::int64_t>(count);
    batch.regression = data.regression;
    for (std::size_t i = first; i < first + count; ++i) {
        batch.length =
            std::max(batch.length, static_cast<std::int64_t>(data.examples[i].ids.size()));
    }
    const auto size = static_cast<std::size_t>(batch.rows * batch.length);
    batch.ids.assign(size, 0);
    batch.labels.assign(size, kIgnoreLabel);
    batch.mask.assign(size, 0);
    batch.types.assign(size, 0);
    for (std::size_t row = 0; row < count; ++row) {
        const Example& example = data.examples[first + row];
        const std::size_t at = row * static_cast<std::size_t>(batch.length);
        for (std::size_t t = 0; t < example.ids.size(); ++t) {
            batch.ids[at + t] = example.ids[t];
            batch.mask[at + t] = 1;
            batch.types[at + t] = example.types.empty() ? 0 : example.types[t];
        }
        batch.targets.push_back(*example.target);
    }
    return batch;
}

Transcript transcriptOf(const at::Tensor& logits_L, const Example& example,
                        const ModelConfig& config)
{
    Transcript one;
    std::vector<double> logits;
    for (std::int64_t i = 0; i < logits_L.size(0); ++i) {
        logits.push_back(logits_L[i].item<double>());
    }
    one.output = {{"logits", logits}};
    if (config.head.labels == 1) {
        one.gold = *example.target;
        return one;
    }
    const auto best =
        static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    const auto nameOf = [&](std::size_t label) {
        return label < config.head.labelNames.size() ? config.head.labelNames[label]
                                                     : fmt::format("{}", label);
    };
    const auto right = static_cast<std::size_t>(*example.target);
    one.output["label"] = best;
    one.gold = right;
    one.verdicts.push_back({std::string(kAccuracyRule), {nameOf(best), best == right, {}}});
    return one;
}

} // namespace

std::int64_t longestText(const ModelConfig& config)
{
    constexpr std::int64_t kMost = 512;
    const std::int64_t before = config.positionsSkipPadding ? config.padId + 1 : 0;
    return std::clamp<std::int64_t>(config.maxPositions - before, 2, kMost);
}

void askLabels(const Asking& asking)
{
    const ModelConfig& config = asking.choir.files->config();
    if (config.head.kind != HeadKind::Sequence || asking.names.size() != 1) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: has no head that sorts texts (expected a classifier, or a run "
                                "that trained one); train it with --labels first",
                                shownPath(asking.choir.files->path())));
    }
    const TokenizedData data = dataOf(asking, config);
    const std::vector<ShownText> texts =
        shownTexts(asking.spec.data, {asking.spec.promptTemplate}, asking.spec.rows, asking.job);
    const std::size_t count = std::min(texts.size(), data.examples.size());
    asking.expect(static_cast<std::int64_t>(count));
    const auto step = static_cast<std::size_t>(std::max<std::int64_t>(1, asking.spec.batchSize));
    for (std::size_t first = 0; first < count; first += step) {
        const std::size_t rows = std::min(step, count - first);
        const auto start = std::chrono::steady_clock::now();
        const FlatBatch batch = flatten(batchOf(data, first, rows), asking.choir.decoder->device());
        const at::Tensor logits_ML =
            asking.choir.decoder->scoredLogits(batch, asking.job).to(at::kCPU, at::kDouble);
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
        for (std::size_t row = 0; row < rows; ++row) {
            const auto index = static_cast<std::int64_t>(first + row);
            if (asking.isAnswered(asking.names.front(), index, 0)) {
                continue;
            }
            Transcript one = transcriptOf(logits_ML[static_cast<std::int64_t>(row)],
                                          data.examples[first + row], config);
            one.model = asking.names.front();
            one.index = index;
            one.prompt = texts[first + row].text;
            one.seconds = spent.count() / static_cast<double>(rows);
            asking.tell(one);
        }
    }
}

} // namespace pissarro::core::inline evaluate
