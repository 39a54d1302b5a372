// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace pissarro::core {

void KvCache::keep(const std::vector<std::int64_t>& rows)
{
    std::vector<std::int64_t> left;
    for (const std::int64_t row : rows) {
        left.push_back(lengths[static_cast<std::size_t>(row)]);
    }
    lengths = std::move(left);
    for (KvLayer& layer : layers) {
        for (at::Tensor* side : {&layer.keys_BKSD, &layer.values_BKSD}) {
            *side = side->index_select(
                0, at::tensor(rows, at::TensorOptions().dtype(at::kLong)).to(side->device()));
        }
    }
}

at::Tensor Decoder::feed(const std::vector<std::vector<std::int32_t>>& ids, KvCache& cache,
                         const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    if (cache.lengths.empty()) {
        cache.lengths.assign(ids.size(), 0);
    }
    if (cache.lengths.size() != ids.size()
        || std::any_of(ids.begin(), ids.end(), [](const auto& one) { return one.empty(); })) {
        throw Error(ErrorKind::Internal, "each sequence of the cache takes at least one token");
    }
    const NewTokens added(ids, cache.lengths, m_type, m_device);
    cache.layers.resize(m_layers.size());
    cache.lengths = added.lengths;
    const Pass pass {added.positions_N, added.segments, m_rotary.upTo(added.longest), {}, &added};
    Left left;
    left.kept = &cache.layers;
    const at::Tensor x_ND = throughLayers(added.ids_N, pass, job, left);
    const at::Tensor last_BD = added.single ? x_ND : x_ND.index_select(0, added.last_B);
    return m_head.forward(last_BD).narrow(0, 0, static_cast<std::int64_t>(ids.size()));
}

} // namespace pissarro::core
