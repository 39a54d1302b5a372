// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/pass_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline decoder::inline blocks {

NewTokens::NewTokens(const std::vector<std::vector<std::int32_t>>& ids,
                     const std::vector<std::int64_t>& before, at::ScalarType type,
                     at::Device device, const Ops& ops)
{
    std::vector<std::int64_t> flat;
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> positions;
    std::vector<std::int64_t> last;
    for (std::size_t row = 0; row < ids.size(); ++row) {
        const auto added = static_cast<std::int64_t>(ids[row].size());
        segments.push_back({static_cast<std::int64_t>(flat.size()), added});
        lengths.push_back(before[row] + added);
        fresh = fresh && before[row] == 0;
        single = single && added == 1;
        longest = std::max(longest, lengths.back());
        for (std::int64_t i = 0; i < added; ++i) {
            rows.push_back(static_cast<std::int64_t>(row));
            positions.push_back(before[row] + i);
        }
        flat.insert(flat.end(), ids[row].begin(), ids[row].end());
        last.push_back(static_cast<std::int64_t>(flat.size()) - 1);
    }
    count = static_cast<std::int64_t>(flat.size());
    if (count > kThinRows) { // a shape for each number of tokens would be kept
        padding = ops.productRows(count, type) - count;
        flat.resize(static_cast<std::size_t>(count + padding), flat.front());
        positions.resize(flat.size(), 0);
    }
    const auto upload = [&](const std::vector<std::int64_t>& values) {
        return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
    };
    ids_N = upload(flat);
    rows_R = upload(rows);
    positions_N = upload(positions);
    places_R = positions_N.narrow(0, 0, count);
    last_B = upload(last);
}

} // namespace pissarro::core::inline decoder::inline blocks
