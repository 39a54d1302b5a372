// SPDX-License-Identifier: GPL-3.0-or-later
// Four-bit matrices of GPTQ and AWQ: eight codes in each number of "X.qweight", zero points packed the same way in
// "X.qzeros", scales in "X.scales", both one row for each group of inputs.
#include "core/base/fmt.h"
#include "core/format/coded_weight_p.h"
#include "core/format/stored_numbers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pissarro::core::inline format {

namespace {

constexpr std::string_view kCodes = ".qweight";
constexpr std::int64_t kPack = 8; // codes in a number of 32 bits
constexpr std::int64_t kTile = 16; // numbers of a cache line

// Where the eight columns of an AWQ number stand in it: 0, 2, 4, 6 first.
constexpr std::array<unsigned, kPack> kAwqPlaces {0, 4, 1, 5, 2, 6, 3, 7};

std::uint32_t wordAt(const TensorView& view, std::int64_t at)
{
    return load<std::uint32_t>(view.data + at * static_cast<std::int64_t>(sizeof(std::uint32_t)));
}

struct Parts {
    TensorView codes; // GPTQ: [in / 8, out], AWQ: [in, out / 8]
    TensorView zeros; // [groups, out / 8]
    TensorView scales; // [groups, out]
    TensorView order; // [in], groups; without data: the inputs follow one another
    std::int64_t inputs = 0, outputs = 0, groupSize = 0;
};

// The group of each input. GPTQ's "act order" names them, in any order.
// Throws: Error{Format} for one that is not there.
std::vector<std::int64_t> groupsOf(const Parts& parts)
{
    std::vector<std::int64_t> groups(static_cast<std::size_t>(parts.inputs));
    const std::int64_t count = parts.scales.shape[0];
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto input = static_cast<std::int64_t>(i);
        groups[i] = parts.order.data == nullptr
            ? input / parts.groupSize
            : static_cast<std::int32_t>(wordAt(parts.order, input));
        if (groups[i] < 0 || groups[i] >= count) {
            refuseTensor(
                parts.order.name,
                fmt::format("names the group {} (expected 0 to {})", groups[i], count - 1));
        }
    }
    return groups;
}

// value = scale of its group and output · (code − zero point). 11 bits times 5: exact.
class PackedWeight final : public CodedWeight {
public:
    PackedWeight(Parts parts, const WeightCodes& how)
        : m_parts(std::move(parts))
        , m_isAwq(how.packing == WeightCodes::Packing::Awq)
        , m_zeroOffset(!m_isAwq && how.zeroIsOneLess ? 1 : 0)
    {
    }

    // The codes lie with inputs as rows: a strip of the width of a cache line is turned at a time.
    void readFloat32(float* out) const override
    {
        const std::int64_t width = m_isAwq ? kTile * kPack : kTile; // outputs of a strip
        const std::vector<float> scales = numbersOf(m_parts.scales);
        const std::vector<std::int64_t> groups = groupsOf(m_parts);
        std::array<int, kTile * kPack> zeros {};
        for (std::int64_t first = 0; first < m_parts.outputs; first += width) {
            const std::int64_t end = std::min(m_parts.outputs, first + width);
            std::int64_t row = -1; // whose zero points these are
            for (std::int64_t input = 0; input < m_parts.inputs; ++input) {
                if (const std::int64_t own = groups[static_cast<std::size_t>(input)]; own != row) {
                    row = own;
                    for (std::int64_t output = first; output < end; ++output) {
                        zeros[static_cast<std::size_t>(output - first)] = zeroAt(row, output);
                    }
                }
                const float* const scale = scales.data() + row * m_parts.outputs;
                for (std::int64_t output = first; output < end; ++output) {
                    const int zero = zeros[static_cast<std::size_t>(output - first)];
                    out[output * m_parts.inputs + input] =
                        scale[output] * static_cast<float>(codeAt(input, output) - zero);
                }
            }
        }
    }

    bool isFinite() const override { return format::isFinite(m_parts.scales); }

private:
    int codeAt(std::int64_t input, std::int64_t output) const
    {
        if (m_isAwq) {
            const std::uint32_t word =
                wordAt(m_parts.codes, input * (m_parts.outputs / kPack) + output / kPack);
            return static_cast<int>(word >> 4 * kAwqPlaces[static_cast<std::size_t>(output % kPack)]
                                    & 15U);
        }
        const std::uint32_t word = wordAt(m_parts.codes, input / kPack * m_parts.outputs + output);
        return static_cast<int>(word >> 4 * (input % kPack) & 15U);
    }

    int zeroAt(std::int64_t row, std::int64_t output) const
    {
        const std::uint32_t word =
            wordAt(m_parts.zeros, row * (m_parts.outputs / kPack) + output / kPack);
        const auto place = static_cast<std::size_t>(output % kPack);
        const auto zero = word >> 4 * (m_isAwq ? kAwqPlaces[place] : place) & 15U;
        return static_cast<int>((zero + m_zeroOffset) & 15U); // a zero point of 0 is stored as 15
    }

    Parts m_parts;
    bool m_isAwq;
    unsigned m_zeroOffset;
};

Parts takeParts(TensorsByName& tensors, const std::string& module, const WeightCodes& how)
{
    const bool isAwq = how.packing == WeightCodes::Packing::Awq;
    Parts parts;
    parts.codes = std::move(tensors.find(module + std::string(kCodes))->second);
    tensors.erase(module + std::string(kCodes));
    if (parts.codes.dtype != DType::I32 || parts.codes.shape.size() != 2
        || parts.codes.elements() == 0) {
        refuseTensor(parts.codes.name,
                     "is no matrix of I32 (expected eight codes of four bits in each number)");
    }
    parts.inputs = parts.codes.shape[0] * (isAwq ? 1 : kPack);
    parts.outputs = parts.codes.shape[1] * (isAwq ? kPack : 1);
    const std::int64_t size = how.groupSize > 0 ? how.groupSize : parts.inputs;
    const std::int64_t groups = parts.inputs / size + (parts.inputs % size != 0 ? 1 : 0);
    if (parts.outputs % kPack != 0) {
        refuseTensor(parts.codes.name,
                     fmt::format("has {} outputs (expected a multiple of 8)", parts.outputs));
    }
    parts.zeros =
        takePart(tensors, module + ".qzeros", DType::I32, {groups, parts.outputs / kPack});
    const auto scales = tensors.find(module + ".scales");
    const bool areNumbers = scales != tensors.end()
        && (scales->second.dtype == DType::F16 || scales->second.dtype == DType::BF16);
    parts.scales =
        takePart(tensors, module + ".scales", areNumbers ? scales->second.dtype : DType::F32,
                 {groups, parts.outputs});
    parts.groupSize = size;
    if (!isAwq && tensors.contains(module + ".g_idx")) {
        parts.order = takePart(tensors, module + ".g_idx", DType::I32, {parts.inputs});
    }
    return parts;
}

} // namespace

void takePackedWeights(TensorsByName& tensors, const WeightCodes& how, CodedWeights& out)
{
    std::vector<std::string> modules;
    for (const auto& [name, view] : tensors) {
        if (name.ends_with(kCodes)) {
            modules.push_back(name.substr(0, name.size() - kCodes.size()));
        }
    }
    for (const std::string& module : modules) {
        Parts parts = takeParts(tensors, module, how);
        const std::string name = module + ".weight";
        TensorView matrix = parts.codes;
        matrix.name = name;
        matrix.shape = {parts.outputs, parts.inputs};
        matrix.dtype = how.packing == WeightCodes::Packing::Awq ? DType::Awq : DType::Gptq;
        if (!tensors.emplace(name, matrix).second) {
            refuseTensor(name, "is there beside codes of the same matrix");
        }
        out.emplace(name, std::make_unique<PackedWeight>(std::move(parts), how));
    }
}

} // namespace pissarro::core::inline format
