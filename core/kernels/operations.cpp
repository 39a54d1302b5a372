// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/operations.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <utility>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace pissarro::core::kernels {

namespace {

constexpr std::array kNames {
    std::pair(Operations::LibTorch, std::string_view("libtorch")),
    std::pair(Operations::Plain, std::string_view("plain")),
    std::pair(Operations::Avx2, std::string_view("avx2")),
    std::pair(Operations::Avx512, std::string_view("avx512")),
    std::pair(Operations::Avx512Bf16, std::string_view("avx512bf16")),
    std::pair(Operations::Amx, std::string_view("amx")),
};

#ifdef PISSARRO_BF16_KERNELS
// What GCC's __builtin_cpu_supports("amx-bf16") asks, a name that clang 14 lacks: the instructions, and a system that keeps
// their tiles. Requires: a processor with AVX-512, which has both questions.
bool hasAmx()
{
    constexpr unsigned kAmxBf16 = 1U << 22U; // of edx
    constexpr unsigned kTiles = 3U << 17U; // of XCR0
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kAmxBf16) == 0) {
        return false;
    }
    unsigned low = 0;
    unsigned high = 0;
    asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & kTiles) == kTiles;
}
#endif

std::vector<Operations> detect()
{
    std::vector<Operations> found {Operations::LibTorch, Operations::Plain};
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") == 0 || __builtin_cpu_supports("fma") == 0) {
        return found;
    }
    found.push_back(Operations::Avx2);
    if (__builtin_cpu_supports("avx512f") == 0 || __builtin_cpu_supports("avx512bw") == 0
        || __builtin_cpu_supports("avx512vl") == 0 || __builtin_cpu_supports("avx512dq") == 0) {
        return found;
    }
    found.push_back(Operations::Avx512);
#ifdef PISSARRO_BF16_KERNELS
    if (__builtin_cpu_supports("avx512bf16") != 0) {
        found.push_back(Operations::Avx512Bf16);
        if (hasAmx()) {
            found.push_back(Operations::Amx);
        }
    }
#endif
#endif
    return found;
}

Operations chosen()
{
    const auto& present = presentOperations();
    const char* asked = std::getenv("PISSARRO_OPS");
    if (asked == nullptr || *asked == '\0') {
        return present.back();
    }
    std::string here;
    for (const Operations one : present) {
        if (operationsName(one) == asked) {
            return one;
        }
        here += (here.empty() ? "" : ", ") + std::string(operationsName(one));
    }
    throw Error(ErrorKind::InvalidArgument,
                "PISSARRO_OPS: '" + std::string(asked).substr(0, 32)
                    + "' is not to be had on this processor (expected " + here
                    + "); choose one of these or unset it");
}

} // namespace

std::string_view operationsName(Operations operations)
{
    return std::find_if(kNames.begin(), kNames.end(),
                        [&](const auto& entry) { return entry.first == operations; })
        ->second;
}

const std::vector<Operations>& presentOperations()
{
    static const std::vector<Operations> present = detect();
    return present;
}

Operations operations()
{
    static const Operations ours = chosen();
    return ours;
}

} // namespace pissarro::core::kernels
