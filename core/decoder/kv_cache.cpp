// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/decoder_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace pissarro::core::inline decoder {

namespace {

// With room for `capacity` tokens of each sequence, zeros where there are none yet (KvLayer).
at::Tensor widened(const at::Tensor& side_BKSD, std::int64_t capacity)
{
    const std::int64_t more = capacity - side_BKSD.size(2);
    return more == 0 ? side_BKSD : at::constant_pad_nd(side_BKSD, {0, 0, 0, more});
}

} // namespace

void KvCache::keep(const std::vector<std::int64_t>& rows)
{
    const auto keepIn = [&rows](auto& all) {
        std::decay_t<decltype(all)> left;
        for (const std::int64_t row : rows) {
            left.push_back(all[static_cast<std::size_t>(row)]);
        }
        all = std::move(left);
    };
    keepIn(lengths);
    if (!voices.empty()) {
        keepIn(voices);
    }
    if (!ids.empty()) {
        keepIn(ids);
    }
    for (KvLayer& layer : layers) {
        for (at::Tensor* side : {&layer.keys_BKSD, &layer.values_BKSD}) {
            *side = side->index_select(
                0, at::tensor(rows, at::TensorOptions().dtype(at::kLong)).to(side->device()));
        }
    }
}

void KvCache::append(const KvCache& other)
{
    if (lengths.empty()) {
        *this = other;
        return;
    }
    if (other.lengths.empty()) {
        return;
    }
    lengths.insert(lengths.end(), other.lengths.begin(), other.lengths.end());
    voices.insert(voices.end(), other.voices.begin(), other.voices.end());
    ids.insert(ids.end(), other.ids.begin(), other.ids.end());
    turnedAs = turnedAs == other.turnedAs ? turnedAs : kTurnedApart;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const auto join = [](at::Tensor& mine, const at::Tensor& more) {
            const std::int64_t capacity = std::max(mine.size(2), more.size(2));
            mine = at::cat({widened(mine, capacity), widened(more, capacity)});
        };
        join(layers[i].keys_BKSD, other.layers[i].keys_BKSD);
        join(layers[i].values_BKSD, other.layers[i].values_BKSD);
    }
}

KvCache KvCache::repeated(std::int64_t times) const
{
    const auto count = static_cast<std::size_t>(times);
    KvCache many;
    many.lengths.assign(count, lengths.front());
    if (!voices.empty()) {
        many.voices.assign(count, voices.front());
    }
    if (!ids.empty()) {
        many.ids.assign(count, ids.front());
    }
    many.turnedAs = turnedAs;
    for (const KvLayer& layer : layers) {
        many.layers.push_back(
            {layer.keys_BKSD.repeat({times, 1, 1, 1}), layer.values_BKSD.repeat({times, 1, 1, 1})});
    }
    return many;
}

KvCache KvCache::beginning(std::int64_t row, std::int64_t tokens) const
{
    KvCache one;
    one.lengths = {tokens};
    if (!voices.empty()) {
        one.voices = {voices[static_cast<std::size_t>(row)]};
    }
    if (!ids.empty()) {
        one.ids = {ids[static_cast<std::size_t>(row)]};
        one.ids.front().resize(static_cast<std::size_t>(tokens));
    }
    one.turnedAs = turnedAs;
    const auto partOf = [&](const at::Tensor& side_BKSD) {
        return side_BKSD.narrow(0, row, 1).narrow(2, 0, tokens);
    };
    for (const KvLayer& layer : layers) {
        one.layers.push_back({partOf(layer.keys_BKSD), partOf(layer.values_BKSD)});
    }
    return one;
}

} // namespace pissarro::core::inline decoder
