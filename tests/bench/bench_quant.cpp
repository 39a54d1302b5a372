// SPDX-License-Identifier: GPL-3.0-or-later
// Milliseconds of NF4 on a 4096 x 4096 matrix, median of 15, as one JSON object: what bnb_quant.py does with
// bitsandbytes.
#include "core/quant/quantized_tensors.h"
#include "core/tensor/runtime.h"
#include "core/tensor/threads.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

using namespace pissarro::core;

namespace {

template <class Work>
double milliseconds(const Work& work)
{
    std::vector<double> times;
    for (int i = 0; i < 16; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::milli> taken =
            std::chrono::steady_clock::now() - start;
        times.push_back(taken.count());
    }
    times.erase(times.begin()); // warm-up
    std::nth_element(times.begin(), times.begin() + 7, times.end());
    return times[7];
}

} // namespace

int main()
{
    const ThreadBudget threads;
    const at::Tensor w = at::randn({4096, 4096}).mul_(0.02);
    QuantOptions nested;
    nested.doubleQuant = true;
    const QuantizedMatrix q = quantize(w);
    const QuantizedMatrix d = quantize(w, nested);
    at::Tensor floats = at::empty_like(w);
    at::Tensor halves = at::empty_like(w, at::kBFloat16);
    at::Tensor copy = at::empty_like(w);
    std::printf("{\"quantize\": %.3f, \"quantize_nested\": %.3f, \"to_bfloat16\": %.3f, "
                "\"nested_to_bfloat16\": %.3f, \"to_float32\": %.3f, \"copy\": %.3f}\n",
                milliseconds([&] { quantize(w); }), milliseconds([&] { quantize(w, nested); }),
                milliseconds([&] { dequantizeInto(q, halves); }),
                milliseconds([&] { dequantizeInto(d, halves); }),
                milliseconds([&] { dequantizeInto(q, floats); }),
                milliseconds([&] { copy.copy_(w); }));
    return 0;
}
