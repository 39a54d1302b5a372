// SPDX-License-Identifier: GPL-3.0-or-later
// What the files compiled for AVX512-BF16 offer to tableOf(), which is compiled for every processor.
#pragma once

#include "core/kernels/bf16_kernels.h"

namespace pissarro::core::kernels::bf16 {

using Product = kernels::Product<Bf16>;

std::int64_t productTasks(const Product& product, int threads);
void product(const Product& product, int threads, std::int64_t begin, std::int64_t end);
std::int64_t thinTasks(const Product& product);
void thin(const Product& product, std::int64_t begin, std::int64_t end);
std::int64_t outerTasks(const OuterProduct& outer);
void outer(const OuterProduct& outer, std::int64_t begin, std::int64_t end);
void attention(const Attention& attention, std::int64_t begin, std::int64_t end);
void attentionBackward(const Attention& attention, std::int64_t begin, std::int64_t end);

} // namespace pissarro::core::kernels::bf16
