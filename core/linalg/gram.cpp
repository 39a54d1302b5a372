// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/linalg/gram_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace pissarro::core::inline linalg {

namespace {

constexpr std::int64_t kPanel = 1024; // of the longer side: what is held in float64 at once
constexpr std::int64_t kBlocks = 4; // of the result: more save flops, fewer make larger products
constexpr std::int64_t kSmallestBlock = 64;

} // namespace

at::Tensor lowerGram(const at::Tensor& w_OI, at::ScalarType type, const JobContext& job)
{
    const bool tall = w_OI.size(0) > w_OI.size(1);
    const std::int64_t smaller = std::min(w_OI.size(0), w_OI.size(1));
    const std::int64_t longer = std::max(w_OI.size(0), w_OI.size(1));
    const std::int64_t block = std::max(kSmallestBlock, (smaller + kBlocks - 1) / kBlocks);
    at::Tensor gram = at::zeros({smaller, smaller}, w_OI.options().dtype(type));
    for (std::int64_t at = 0; at < longer; at += kPanel) {
        const std::int64_t width = std::min(kPanel, longer - at);
        const at::Tensor part = w_OI.narrow(tall ? 0 : 1, at, width).to(type);
        const at::Tensor panel_KP = tall ? part.t() : part;
        for (std::int64_t column = 0; column < smaller; column += block) {
            job.throwIfCancelled();
            const std::int64_t columns = std::min(block, smaller - column);
            at::Tensor below = gram.narrow(0, column, smaller - column).narrow(1, column, columns);
            below.addmm_(panel_KP.narrow(0, column, smaller - column),
                         panel_KP.narrow(0, column, columns).t());
        }
    }
    return gram;
}

double squaredNorm(const at::Tensor& w_OI)
{
    constexpr std::int64_t kRows = 64; // at a time: in the cache
    double sum = 0.0;
    for (std::int64_t at = 0; at < w_OI.size(0); at += kRows) {
        sum += w_OI.narrow(0, at, std::min(kRows, w_OI.size(0) - at))
                   .to(at::kDouble)
                   .square_()
                   .sum()
                   .item<double>();
    }
    return sum;
}

} // namespace pissarro::core::inline linalg
