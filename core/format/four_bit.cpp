// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/four_bit.h"

#include "core/base/error.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace pissarro::core::inline format {

namespace {

constexpr std::array<float, 16> kNf4 {
    -1.0F,
    -0.6961928009986877F,
    -0.5250730514526367F,
    -0.39491748809814453F,
    -0.28444138169288635F,
    -0.18477343022823334F,
    -0.09105003625154495F,
    0.0F,
    0.07958029955625534F,
    0.16093020141124725F,
    0.24611230194568634F,
    0.33791524171829224F,
    0.44070982933044434F,
    0.5626170039176941F,
    0.7229568362236023F,
    1.0F,
};

// By bit pattern: sign, then 0, 0.0625, 8, 12, 4, 6, 2, 3 twelfths.
constexpr std::array<float, 16> kFp4 {
    0.0F,          0.0625F / 12.0F, 8.0F / 12.0F,  12.0F / 12.0F,    4.0F / 12.0F,  6.0F / 12.0F,
    2.0F / 12.0F,  3.0F / 12.0F,    -0.0F,         -0.0625F / 12.0F, -8.0F / 12.0F, -12.0F / 12.0F,
    -4.0F / 12.0F, -6.0F / 12.0F,   -2.0F / 12.0F, -3.0F / 12.0F,
};

// torch.linspace in float32: from either end to the middle, each value rounded once.
std::vector<float> linspace(float start, float end, int count)
{
    std::vector<float> values;
    const float step = (end - start) / static_cast<float>(count - 1);
    for (int i = 0; i < count; ++i) {
        values.push_back(i < count / 2 ? std::fma(step, static_cast<float>(i), start)
                                       : std::fma(-step, static_cast<float>(count - i - 1), end));
    }
    return values;
}

// Without a sign each exponent has twice as many fractions.
std::array<float, 256> makeDynamicMap(bool isSigned)
{
    constexpr int kExponents = 7;
    std::vector<float> values {0.0F, 1.0F};
    for (int i = 0; i < kExponents; ++i) {
        const std::vector<float> bounds = linspace(0.1F, 1.0F, (1 << (isSigned ? i : i + 1)) + 1);
        const auto scale = static_cast<float>(std::pow(10.0, i - (kExponents - 1)));
        for (std::size_t j = 0; j + 1 < bounds.size(); ++j) {
            const float mean = (bounds[j] + bounds[j + 1]) / 2.0F;
            values.push_back(scale * mean);
            if (isSigned) {
                values.push_back(-(scale * mean));
            }
        }
    }
    std::sort(values.begin(), values.end());
    std::array<float, 256> map {};
    std::copy(values.begin(), values.end(), map.begin());
    return map;
}

std::vector<std::uint8_t> makeDynamicTable()
{
    constexpr int kEntries = 65536;
    const auto& map = dynamicMap();
    std::vector<std::uint8_t> table(kEntries);
    std::size_t nearest = 0;
    for (int i = 0; i < kEntries; ++i) {
        const double x = -1.0 + 2.0 * static_cast<double>(i) / (kEntries - 1);
        while (nearest + 1 < map.size()
               && std::fabs(static_cast<double>(map[nearest + 1]) - x)
                   < std::fabs(static_cast<double>(map[nearest]) - x)) {
            ++nearest;
        }
        table[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(nearest);
    }
    return table;
}

} // namespace

std::string_view quantTypeName(QuantType type)
{
    return type == QuantType::Nf4 ? "nf4" : "fp4";
}

QuantType parseQuantType(std::string_view name)
{
    for (const QuantType type : {QuantType::Nf4, QuantType::Fp4}) {
        if (name == quantTypeName(type)) {
            return type;
        }
    }
    throw Error(ErrorKind::InvalidArgument,
                "unknown quant type " + shownText(name) + " (expected nf4 or fp4)");
}

const std::array<float, 16>& quantCode(QuantType type)
{
    return type == QuantType::Nf4 ? kNf4 : kFp4;
}

std::array<std::uint8_t, 16> codeOfRank(QuantType type)
{
    std::array<std::uint8_t, 16> order {};
    std::iota(order.begin(), order.end(), std::uint8_t {0});
    const auto& code = quantCode(type);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint8_t a, std::uint8_t b) { return code[a] < code[b]; });
    return order;
}

kernels::FourBit fourBit(QuantType type, std::int64_t blockSize)
{
    kernels::FourBit result {};
    const auto& code = quantCode(type);
    const auto order = codeOfRank(type);
    std::copy(code.begin(), code.end(), result.code);
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        result.bounds[i] = (code[order[i]] + code[order[i + 1]]) / 2.0F;
    }
    result.blockSize = blockSize;
    return result;
}

const std::array<float, 256>& dynamicMap()
{
    static const std::array<float, 256> map = makeDynamicMap(/*isSigned=*/true);
    return map;
}

const std::array<float, 256>& unsignedDynamicMap()
{
    static const std::array<float, 256> map = makeDynamicMap(/*isSigned=*/false);
    return map;
}

std::uint8_t dynamicCode(float x)
{
    static const std::vector<std::uint8_t> table = makeDynamicTable();
    const float index = std::floor((x + 1.0F) * 32767.5F + 0.5F);
    if (!(index > 0.0F)) { // a NaN too: what it is multiplied by is one
        return table.front();
    }
    return table[static_cast<std::size_t>(std::min(index, 65535.0F))];
}

} // namespace pissarro::core::inline format
