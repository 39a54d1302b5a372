// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens fed to a cache of keys and values.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/decoder/decoder_tensors.h"
#include "core/text/message_text.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace pissarro::core::inline decoder {

namespace {

at::Tensor voicesOf(const KvCache& cache, at::Device device)
{
    return at::tensor(cache.voices, at::TensorOptions().dtype(at::kLong)).to(device);
}

} // namespace

std::vector<std::vector<std::int32_t>>
Decoder::toFeed(const std::vector<std::vector<std::int32_t>>& ids, KvCache& cache) const
{
    if (!m_rotary.needsOneRegime()
        || (!cache.lengths.empty() && cache.lengths.size() != ids.size())) {
        return ids;
    }
    cache.ids.resize(ids.size());
    std::size_t longest = 0;
    for (std::size_t row = 0; row < ids.size(); ++row) {
        cache.ids[row].insert(cache.ids[row].end(), ids[row].begin(), ids[row].end());
        longest = std::max(longest, cache.ids[row].size());
    }
    const std::int64_t regime = m_rotary.regimeOf(static_cast<std::int64_t>(longest));
    const bool goesOn = cache.lengths.empty() || cache.turnedAs == regime;
    cache.turnedAs = regime;
    if (goesOn) {
        return ids;
    }
    cache.layers.clear();
    cache.lengths.clear();
    return cache.ids;
}

Decoder::Fed Decoder::throughCache(const std::vector<std::vector<std::int32_t>>& ids,
                                   KvCache& cache, const JobContext& job) const
{
    if (config().bidirectional) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: is an encoder ({}), which writes no text (expected a model "
                                "that continues one); have it sort texts instead",
                                shownPath(files().path()), config().architecture));
    }
    if (cache.lengths.empty()) {
        cache.lengths.assign(ids.size(), 0);
    }
    if (cache.lengths.size() != ids.size()
        || (!cache.voices.empty() && cache.voices.size() != ids.size())
        || std::any_of(ids.begin(), ids.end(), [](const auto& one) { return one.empty(); })) {
        throw Error(ErrorKind::Internal, "each sequence of the cache takes at least one token");
    }
    Fed fed {NewTokens(ids, cache.lengths, m_type, m_device, m_ops), {}};
    const NewTokens& added = fed.added;
    cache.layers.resize(m_layers.size());
    cache.lengths = added.lengths;
    Pass pass = passAt(added.positions_N, added.segments, added.longest);
    pass.added = &added;
    if (!cache.voices.empty()) {
        pass.voices_N = at::constant_pad_nd(voicesOf(cache, m_device).index_select(0, added.rows_R),
                                            {0, added.padding});
    }
    Left left;
    left.kept = &cache.layers;
    fed.x_ND = throughLayers(added.ids_N, pass, job, left);
    return fed;
}

at::Tensor Decoder::feed(const std::vector<std::vector<std::int32_t>>& ids, KvCache& cache,
                         const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const Fed fed = throughCache(toFeed(ids, cache), cache, job);
    const at::Tensor last_BD =
        fed.added.single ? fed.x_ND : fed.x_ND.index_select(0, fed.added.last_B);
    return m_head.forward(last_BD).narrow(0, 0, static_cast<std::int64_t>(ids.size()));
}

at::Tensor Decoder::lossesOfFed(const std::vector<std::vector<std::int32_t>>& ids,
                                const std::vector<std::vector<std::int32_t>>& labels,
                                KvCache& cache, const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const std::vector<std::vector<std::int32_t>> all = toFeed(ids, cache);
    std::vector<std::vector<std::int32_t>> wanted = labels;
    for (std::size_t row = 0; row < ids.size() && row < wanted.size(); ++row) {
        wanted[row].insert(wanted[row].begin(), all[row].size() - ids[row].size(), kIgnoreLabel);
    }
    const FlatBatch asked = flatten(all, wanted, {}, m_device);
    const Fed fed = throughCache(all, cache, job);
    return m_head.losses(fed.x_ND.index_select(0, asked.scored_M), asked.labels_M, job);
}

} // namespace pissarro::core::inline decoder
