// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline decoder {

namespace {

at::Tensor indices(const std::vector<std::int64_t>& values, at::Device device)
{
    return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

} // namespace

FlatBatch flatten(const Batch& batch, at::Device device)
{
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> positions;
    std::vector<std::int64_t> scored;
    std::vector<std::int64_t> labels;
    std::vector<std::int64_t> types;
    std::vector<double> targets;
    FlatBatch flat;
    for (std::int64_t row = 0; row < batch.rows; ++row) {
        const std::int64_t first = row * batch.length;
        const auto offset = static_cast<std::int64_t>(ids.size());
        for (std::int64_t t = 0; t < batch.length; ++t) {
            const auto at = static_cast<std::size_t>(first + t);
            if (batch.mask[at] == 0) {
                continue;
            }
            if (t + 1 < batch.length && batch.labels[at + 1] != kIgnoreLabel) {
                scored.push_back(static_cast<std::int64_t>(ids.size()));
                labels.push_back(batch.labels[at + 1]);
            }
            ids.push_back(batch.ids[at]);
            positions.push_back(t);
            if (!batch.types.empty()) {
                types.push_back(batch.types[at]);
            }
        }
        const std::int64_t length = static_cast<std::int64_t>(ids.size()) - offset;
        if (length > 0) {
            flat.segments.push_back({offset, length});
        }
        if (length > 0 && !batch.targets.empty()) { // a text is read off its first token
            scored.push_back(offset);
            targets.push_back(batch.targets[static_cast<std::size_t>(row)]);
        }
    }
    flat.ids_N = indices(ids, device);
    flat.positions_N = indices(positions, device);
    flat.scored_M = indices(scored, device);
    flat.labels_M = indices(labels, device);
    if (!batch.targets.empty()) {
        flat.labels_M =
            at::tensor(targets, at::kDouble).to(device, batch.regression ? at::kDouble : at::kLong);
    }
    if (!batch.types.empty()) {
        flat.types_N = indices(types, device);
    }
    return flat;
}

FlatBatch flatten(const std::vector<std::vector<std::int32_t>>& ids,
                  const std::vector<std::vector<std::int32_t>>& labels,
                  const std::vector<std::int64_t>& voices, at::Device device)
{
    std::vector<std::int64_t> flatIds;
    std::vector<std::int64_t> positions;
    std::vector<std::int64_t> scored;
    std::vector<std::int64_t> wanted;
    std::vector<std::int64_t> voiceOf;
    FlatBatch flat;
    for (std::size_t row = 0; row < ids.size(); ++row) {
        if (labels.size() != ids.size() || labels[row].size() != ids[row].size()
            || (!voices.empty() && voices.size() != ids.size())) {
            throw Error(ErrorKind::Internal,
                        "each token has a label, and each sequence a voice, or none has");
        }
        flat.segments.push_back({static_cast<std::int64_t>(flatIds.size()),
                                 static_cast<std::int64_t>(ids[row].size())});
        for (std::size_t t = 0; t < ids[row].size(); ++t) {
            if (labels[row][t] != kIgnoreLabel) {
                scored.push_back(static_cast<std::int64_t>(flatIds.size()));
                wanted.push_back(labels[row][t]);
            }
            flatIds.push_back(ids[row][t]);
            positions.push_back(static_cast<std::int64_t>(t));
            if (!voices.empty()) {
                voiceOf.push_back(voices[row]);
            }
        }
    }
    flat.ids_N = indices(flatIds, device);
    flat.positions_N = indices(positions, device);
    flat.scored_M = indices(scored, device);
    flat.labels_M = indices(wanted, device);
    if (!voices.empty()) {
        flat.voices_N = indices(voiceOf, device);
    }
    return flat;
}

} // namespace pissarro::core::inline decoder
