// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace pissarro::core::inline dataset {

// The numbers 0 to count-1 in an order that depends on `seed` and `epoch` alone: the same on every
// machine and in every release.
//
// Formula: xoshiro256** with the state of splitmix64's next four numbers from mix(seed) + epoch,
// where mix is
//   splitmix64's first number for `seed`; then Fisher-Yates from the end: for i = count-1 ... 1
//   swap i with below(i + 1). below(n) is the high word of the 128-bit product of a draw and n;
//   draws whose low word is under 2^64 mod n are thrown away (Lemire 2019, arXiv:1805.10941).
// Source: Blackman & Vigna 2021 (arXiv:1805.01407).
std::vector<std::uint32_t> shuffledOrder(std::uint32_t count, std::uint64_t seed,
                                         std::uint64_t epoch);

} // namespace pissarro::core::inline dataset
