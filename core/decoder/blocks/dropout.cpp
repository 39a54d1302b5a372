// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/decoder/blocks/dropout_tensors.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;
constexpr std::int64_t kTaskDraws = 1 << 15;

// splitmix64's output (Steele, Lea & Flood 2014): 64 bits that look independent for any two arguments.
std::uint64_t mixed(std::uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

std::uint64_t keyOf(const Dropout& dropout, const std::string& module)
{
    std::uint64_t key = mixed(moduleSeed(dropout.seed, module) + kGolden);
    key = mixed(key ^ static_cast<std::uint64_t>(dropout.step));
    return mixed(key + kGolden);
}

} // namespace

// By a counter, not by a generator's state: threads share the work, and every device has the same mask.
at::Tensor keptNumbers(const Dropout& dropout, const std::string& module, const at::Tensor& x_NI)
{
    at::Tensor kept_NI = at::empty(x_NI.sizes(), at::kByte);
    auto* kept = out<std::uint8_t>(kept_NI);
    const std::int64_t size = kept_NI.numel();
    const std::uint64_t key = keyOf(dropout, module);
    // Two numbers of the step a draw, 32 bits each; those before may end within one.
    const auto dropped = static_cast<std::uint64_t>(std::lround(std::ldexp(dropout.rate, 32)));
    const std::int64_t before = dropout.before * x_NI.size(1);
    const std::int64_t skew = before % 2;
    const std::int64_t draws = (skew + size + 1) / 2;
    eachTask((draws + kTaskDraws - 1) / kTaskDraws, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin * kTaskDraws; i < std::min(end * kTaskDraws, draws); ++i) {
            const std::uint64_t bits =
                mixed(key + kGolden * static_cast<std::uint64_t>(before / 2 + i + 1));
            const std::int64_t at = 2 * i - skew;
            if (at >= 0) {
                kept[at] = (bits & 0xFFFFFFFFULL) >= dropped ? 1 : 0;
            }
            if (at + 1 < size) {
                kept[at + 1] = (bits >> 32) >= dropped ? 1 : 0;
            }
        }
    });
    return kept_NI.to(x_NI.device());
}

} // namespace pissarro::core::inline decoder::inline blocks
