// SPDX-License-Identifier: GPL-3.0-or-later
// Gigabytes of float32 written a second from each type of a GGUF, one thread, beside a plain copy, as one JSON object:
// {"copy": 9.1, "Q4_K": 7.9, …}. A name as argument: that type alone.
#include "core/format/dtype.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace pissarro::core;

namespace {

constexpr std::int64_t kElements = 1 << 24; // 64 MiB of float32, which no cache holds

// The best of seven: what the machine can, whatever else runs on it.
template <class Work>
double gigabytesPerSecond(const Work& work)
{
    double best = 0.0;
    for (int i = 0; i < 7; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        best = std::max(best, 4e-9 * static_cast<double>(kElements) / taken.count());
    }
    return best;
}

} // namespace

int main(int count, char** arguments)
{
    const std::string_view only = count > 1 ? arguments[1] : "";
    std::mt19937_64 random(1);
    std::vector<float> from(kElements, 1.0F);
    std::vector<float> to(kElements);
    std::printf("{\"copy\": %.2f", gigabytesPerSecond([&] {
                    std::memcpy(to.data(), from.data(), kElements * sizeof(float));
                }));
    for (const DType dtype : allDTypes()) {
        const DTypeInfo& row = dtype.info();
        if (row.ggml < 0 || (!only.empty() && row.name != only)) {
            continue;
        }
        std::vector<std::uint64_t> noise(dtypeBytes(dtype, kElements) / 8 + 1);
        std::generate(noise.begin(), noise.end(), [&] { return random(); });
        const auto* const data = reinterpret_cast<const std::byte*>(noise.data());
        std::printf(", \"%s\": %.2f", std::string(row.name).c_str(), gigabytesPerSecond([&] {
                        row.toFloat32(data, kElements / row.elements, to.data());
                    }));
        // So that all is written: the compiler does not know which one is read.
        [[maybe_unused]] const volatile float read = to[static_cast<std::size_t>(count)];
    }
    std::printf("}\n");
    return 0;
}
