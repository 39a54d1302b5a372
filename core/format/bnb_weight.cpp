// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/bnb_weight.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/kernels/bf16_round.h"
#include "core/kernels/table.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>

namespace pissarro::core::inline format {

namespace {

constexpr std::string_view kStateMark = ".quant_state.bitsandbytes__";

[[noreturn]] void refuse(const std::string& tensor, const std::string& what)
{
    throw Error(ErrorKind::Format,
                "tensor " + shownText(tensor) + " " + what + "; get the model again");
}

// Views keep nothing aligned.
std::vector<float> floatsOf(const TensorView& view)
{
    std::vector<float> values(static_cast<std::size_t>(view.elements()));
    std::memcpy(values.data(), view.data, values.size() * sizeof(float));
    return values;
}

float throughBf16(float x)
{
    return kernels::widenBf16(kernels::roundToBf16(x));
}

// x rounded to float16 and back, to nearest and ties to even. (Not by _Float16: clang 14 has none for x86-64.)
float throughHalf(float x)
{
    constexpr float kSmallestNormal = 0x1p-14F;
    constexpr float kBelowThat = 0x1p24F; // steps in a unit
    if (!(std::abs(x) >= kSmallestNormal)) { // NaN too
        return std::nearbyint(x * kBelowThat) / kBelowThat;
    }
    constexpr std::uint32_t kDropped = 13; // bits of a float's fraction that a half has not
    auto bits = std::bit_cast<std::uint32_t>(x);
    bits += (1U << (kDropped - 1)) - 1 + (bits >> kDropped & 1U);
    const auto rounded = std::bit_cast<float>(bits & ~((1U << kDropped) - 1));
    return std::abs(rounded) < 0x1p16F ? rounded : std::copysign(HUGE_VALF, x);
}

// What torch calls so; float32 where it is none that models are stored as.
DType dtypeOf(const std::string& name)
{
    const auto types = allDTypes();
    const auto found = std::find_if(types.begin(), types.end(), [&](DType type) {
        return !name.empty() && type.info().hfName == name;
    });
    return found == types.end() ? DType::F32 : *found;
}

std::vector<float> undone(const TensorView& codes, const float* map,
                          const std::vector<float>& groups, float offset)
{
    std::vector<float> absmax(static_cast<std::size_t>(codes.elements()));
    for (std::size_t i = 0; i < absmax.size(); ++i) {
        // Rounded before the sum, as bitsandbytes does in two passes.
        const volatile float product =
            map[static_cast<std::size_t>(codes.data[i])] * groups[i / kNestedBlock];
        absmax[i] = product + offset;
    }
    return absmax;
}

class StateReader {
public:
    StateReader(const std::map<std::string, TensorView>& tensors, const std::string& weight,
                const TensorView& state)
        : m_tensors(tensors)
        , m_weight(weight)
        , m_state(state)
    {
    }

    BnbWeight read()
    {
        readDescription();
        m_result.codes = storedCodes();
        m_result.codes.shape = m_shape;
        m_result.codes.sizeBytes = static_cast<std::uint64_t>((elements() + 1) / 2);
        m_result.codes.dtype = m_result.type == QuantType::Nf4 ? DType::Nf4 : DType::Fp4;
        const auto& code = quantCode(m_result.type);
        const std::vector<float> map = floatsOf(part(".quant_map", DType::F32, 16));
        if (!std::equal(code.begin(), code.end(), map.begin())) {
            refuse(m_weight + ".quant_map",
                   "holds another table than " + std::string(quantTypeName(m_result.type)) + "'s");
        }
        readAbsmax();
        const std::vector<float> absmax = m_result.absmaxOfBlocks();
        if (!std::all_of(absmax.begin(), absmax.end(),
                         [](float value) { return std::isfinite(value); })) {
            refuse(m_weight + ".absmax", "holds NaN or Inf (expected finite numbers)");
        }
        return std::move(m_result);
    }

private:
    std::int64_t elements() const { return m_shape[0] * m_shape[1]; }

    const TensorView& part(const std::string& suffix, DType dtype, std::int64_t count) const
    {
        const auto found = m_tensors.find(m_weight + suffix);
        if (found == m_tensors.end()) {
            refuse(m_weight + suffix, "is missing (expected beside the four-bit codes)");
        }
        const TensorView& view = found->second;
        if (view.dtype != dtype || view.elements() != count) {
            refuse(view.name,
                   fmt::format("holds {} {} (expected {} {} for a matrix of {})", view.elements(),
                               dtypeName(view.dtype), count, dtypeName(dtype),
                               shownShape(m_shape)));
        }
        return view;
    }

    // Bytes of two codes each; quant_storage may have called them numbers of another type, so that they can be sharded.
    const TensorView& storedCodes() const
    {
        const auto found = m_tensors.find(m_weight);
        const auto bytes = static_cast<std::uint64_t>((elements() + 1) / 2);
        if (found == m_tensors.end() || dtypeSize(found->second.dtype) == 0
            || dtypeSize(found->second.dtype) == 1) {
            return part("", DType::U8, static_cast<std::int64_t>(bytes));
        }
        const std::size_t size = dtypeSize(found->second.dtype);
        if (found->second.sizeBytes != (bytes + size - 1) / size * size) {
            refuse(m_weight,
                   fmt::format("holds {} bytes of codes (expected {} for a matrix of {})",
                               found->second.sizeBytes, bytes, shownShape(m_shape)));
        }
        return found->second;
    }

    void readDescription()
    {
        const std::string type = m_state.name.substr(m_weight.size() + kStateMark.size());
        if (type != "nf4" && type != "fp4") {
            refuse(m_state.name,
                   "is of the quant type " + shownText(type) + " (expected nf4 or fp4)");
        }
        m_result.type = parseQuantType(type);
        try {
            const std::string_view text(reinterpret_cast<const char*>(m_state.data),
                                        m_state.sizeBytes);
            m_description = parseJson(text);
            m_result.blockSize = jsonFieldAs<std::int64_t>(m_description, "blocksize").value();
            m_result.dtype = dtypeOf(jsonFieldAs<std::string>(m_description, "dtype").value());
            m_shape = jsonFieldAs<std::vector<std::int64_t>>(m_description, "shape").value();
        } catch (const std::exception&) {
            refuse(m_state.name,
                   "describes nothing (expected JSON with blocksize, dtype and shape)");
        }
        if (m_result.blockSize < kQuantBlock || m_result.blockSize > kLargestQuantBlock
            || m_result.blockSize % kQuantBlock != 0) {
            refuse(m_state.name,
                   fmt::format(
                       "has the block size {} (expected 64, 128, 256, 512, 1024, 2048 or 4096)",
                       m_result.blockSize));
        }
        constexpr std::int64_t kLargestSide = 1LL << 31;
        if (m_shape.size() != 2 || m_shape[0] < 1 || m_shape[1] < 1 || m_shape[0] > kLargestSide
            || m_shape[1] > kLargestSide) {
            refuse(m_state.name, "has the shape " + shownShape(m_shape) + " (expected two sides)");
        }
    }

    void readAbsmax()
    {
        const std::int64_t blocks = (elements() + m_result.blockSize - 1) / m_result.blockSize;
        const bool nested = m_description.contains("nested_offset")
            || m_tensors.contains(m_weight + ".nested_absmax");
        if (!nested) {
            m_result.absmax = floatsOf(part(".absmax", DType::F32, blocks));
            return;
        }
        const TensorView& codes = part(".absmax", DType::U8, blocks);
        const std::vector<float> map = floatsOf(part(".nested_quant_map", DType::F32, 256));
        const std::vector<float> groups = floatsOf(
            part(".nested_absmax", DType::F32, (blocks + kNestedBlock - 1) / kNestedBlock));
        const auto number = [&](const char* key) {
            const auto found = jsonFieldAs<double>(m_description, key);
            if (!found) {
                refuse(m_state.name, std::string("lacks ") + key + " (expected a number)");
            }
            return *found;
        };
        if (number("nested_blocksize") != static_cast<double>(kNestedBlock)) {
            refuse(m_state.name, "has another nested_blocksize than 256");
        }
        const auto offset = static_cast<float>(number("nested_offset"));
        m_result.nestedCodes = codes;
        m_result.nestedAbsmax = groups;
        m_result.offset = offset;
        if (!std::equal(map.begin(), map.end(), dynamicMap().begin())) {
            m_result.absmax = undone(codes, map.data(), groups, offset);
        }
    }

    const std::map<std::string, TensorView>& m_tensors;
    const std::string& m_weight;
    const TensorView& m_state;
    nlohmann::json m_description;
    std::vector<std::int64_t> m_shape;
    BnbWeight m_result;
};

} // namespace

std::vector<float> BnbWeight::absmaxOfBlocks() const
{
    return isDouble() ? undone(nestedCodes, dynamicMap().data(), nestedAbsmax, offset) : absmax;
}

std::uint64_t BnbWeight::bytes() const
{
    const std::size_t scales = isDouble()
        ? nestedCodes.sizeBytes + nestedAbsmax.size() * sizeof(float)
        : absmax.size() * sizeof(float);
    return codes.sizeBytes + scales;
}

void BnbWeight::readFloat32(float* out) const
{
    const std::vector<float> scales = absmaxOfBlocks();
    const kernels::FourBit format = fourBit(type, blockSize);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(codes.data);
    const std::int64_t size = codes.elements();
    const std::int64_t blocks = size / blockSize;
    kernels::tableOf().fourBit.toFloat(format, bytes, scales.data(), out, 0, blocks);
    for (std::int64_t i = blocks * blockSize; i < size; ++i) {
        out[i] = fourBitValue(format, bytes, i, scales.back());
    }
    if (dtype == DType::BF16) {
        std::transform(out, out + size, out, throughBf16);
    } else if (dtype == DType::F16) {
        std::transform(out, out + size, out, throughHalf);
    }
}

std::map<std::string, BnbWeight, std::less<>> takeBnbWeights(std::vector<TensorView>& tensors)
{
    std::map<std::string, TensorView> byName;
    for (const TensorView& tensor : tensors) {
        byName.emplace(tensor.name, tensor);
    }
    std::map<std::string, BnbWeight, std::less<>> found;
    for (const auto& [name, view] : byName) {
        if (const std::size_t mark = name.find(kStateMark); mark != std::string::npos) {
            const std::string weight = name.substr(0, mark);
            found.emplace(weight, StateReader(byName, weight, view).read());
        }
    }
    if (found.empty()) {
        return found;
    }
    std::erase_if(tensors, [&](const TensorView& tensor) {
        for (const char* part : {".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map"}) {
            if (tensor.name.ends_with(part)
                && found.contains(tensor.name.substr(0, tensor.name.size() - std::strlen(part)))) {
                return true;
            }
        }
        return tensor.name.find(kStateMark) != std::string::npos;
    });
    for (TensorView& tensor : tensors) {
        if (const auto weight = found.find(tensor.name); weight != found.end()) {
            tensor = weight->second.codes;
        }
    }
    return found;
}

} // namespace pissarro::core::inline format
