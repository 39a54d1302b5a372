// SPDX-License-Identifier: GPL-3.0-or-later
// LLM.int8 as bitsandbytes stores it: "X.weight" of signed bytes, the largest magnitude of each row in "X.SCB", and in
// "X.weight_format" how the bytes lie, 0 for row by row.
#include "core/base/fmt.h"
#include "core/format/coded_weight_p.h"

#include <utility>

namespace pissarro::core::inline format {

namespace {

constexpr std::string_view kScales = ".SCB";

class Int8Weight final : public CodedWeight {
public:
    Int8Weight(TensorView codes, TensorView scales)
        : m_codes(std::move(codes))
        , m_scales(std::move(scales))
    {
    }

    void readFloat32(float* out) const override
    {
        constexpr float kStep = 7.874015718698502e-3F; // 1/127, as bitsandbytes rounds it
        const std::vector<float> scales = numbersOf(m_scales);
        const std::int64_t cols = m_codes.shape[1];
        const auto* codes = reinterpret_cast<const std::int8_t*>(m_codes.data);
        for (const float scale : scales) {
            for (std::int64_t col = 0; col < cols; ++col) {
                out[col] = static_cast<float>(codes[col]) * scale * kStep;
            }
            codes += cols;
            out += cols;
        }
    }

    bool isFinite() const override { return format::isFinite(m_scales); }

private:
    TensorView m_codes;
    TensorView m_scales;
};

} // namespace

void takeInt8Weights(TensorsByName& tensors, CodedWeights& out)
{
    std::vector<std::string> modules;
    for (const auto& [name, view] : tensors) {
        if (name.ends_with(kScales)) {
            modules.push_back(name.substr(0, name.size() - kScales.size()));
        }
    }
    for (const std::string& module : modules) {
        const std::string name = module + ".weight";
        const auto codes = tensors.find(name);
        if (codes == tensors.end() || codes->second.dtype != DType::I8
            || codes->second.shape.size() != 2) {
            refuseTensor(name,
                         "is missing or no matrix of I8 (expected for the scales of its rows)");
        }
        const auto format = tensors.find(module + ".weight_format");
        if (format != tensors.end()) {
            if (format->second.sizeBytes > 0 && format->second.data[0] != std::byte {0}) {
                refuseTensor(
                    format->first,
                    "says that the bytes lie in a layout of CUDA's kernels (expected row by "
                    "row, as bitsandbytes of today saves them)");
            }
            tensors.erase(format);
        }
        TensorView scales =
            takePart(tensors, module + std::string(kScales), DType::F32, {codes->second.shape[0]});
        out.emplace(name, std::make_unique<Int8Weight>(codes->second, std::move(scales)));
        codes->second.dtype = DType::Int8;
    }
}

} // namespace pissarro::core::inline format
