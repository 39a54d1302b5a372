// SPDX-License-Identifier: GPL-3.0-or-later
// Matrices in FP8 with scales beside them: one, one a row, or one for each block of rows and columns (DeepSeek, Qwen). The
// scale multiplies, also where it is called weight_scale_inv.
#include "core/base/fmt.h"
#include "core/format/coded_weight_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <utility>

namespace pissarro::core::inline format {

namespace {

constexpr std::string_view kWeight = ".weight";

bool isFp8(DType dtype)
{
    return dtype == DType::Fp8E4M3 || dtype == DType::Fp8E5M2;
}

std::int64_t blocksOf(std::int64_t side, std::int64_t block)
{
    return side / block + (side % block != 0 ? 1 : 0);
}

class Fp8Weight final : public CodedWeight {
public:
    Fp8Weight(TensorView codes, TensorView scales, const WeightCodes& how)
        : m_codes(std::move(codes))
        , m_scales(std::move(scales))
    {
        if (m_codes.shape.size() != 2 || m_codes.elements() == 0) {
            refuseTensor(m_codes.name,
                         fmt::format("has a scale and the shape {} (expected a matrix)",
                                     shownShape(m_codes.shape)));
        }
        // Exponents alone, as the microscaling formats keep them, may be stored as bytes.
        if (m_scales.dtype == DType::U8) {
            m_scales.dtype = DType::E8M0;
        }
        if (m_scales.dtype.info().toFloat32 == nullptr || m_scales.dtype.info().elements != 1) {
            refuseTensor(m_scales.name,
                         fmt::format("holds {} (expected floating-point scales)",
                                     dtypeName(m_scales.dtype)));
        }
        placeBlocks(how);
    }

    void readFloat32(float* out) const override
    {
        toFloat32(m_codes, 0, m_codes.elements(), out);
        const std::vector<float> scales = numbersOf(m_scales);
        const std::int64_t perRow = blocksOf(cols(), m_blockCols);
        for (std::int64_t row = 0; row < rows(); ++row) {
            const float* const own = scales.data() + row / m_blockRows * perRow;
            for (std::int64_t block = 0; block < perRow; ++block) {
                const std::int64_t end = std::min(cols(), (block + 1) * m_blockCols);
                for (std::int64_t col = block * m_blockCols; col < end; ++col) {
                    out[row * cols() + col] *= own[block];
                }
            }
        }
    }

    bool isFinite() const override
    {
        return format::isFinite(m_codes) && format::isFinite(m_scales);
    }

private:
    std::int64_t rows() const { return m_codes.shape[0]; }
    std::int64_t cols() const { return m_codes.shape[1]; }

    void placeBlocks(const WeightCodes& how)
    {
        const std::vector<std::int64_t>& grid = m_scales.shape;
        const std::int64_t count = m_scales.elements();
        const bool isMatrix = grid.size() == 2;
        if (count == 1) {
            m_blockRows = rows();
            m_blockCols = cols();
        } else if (count == rows() && (grid.size() == 1 || (isMatrix && grid[1] == 1))) {
            m_blockRows = 1;
            m_blockCols = cols();
        } else if (isMatrix && grid[0] == blocksOf(rows(), how.blockRows)
                   && grid[1] == blocksOf(cols(), how.blockCols)) {
            m_blockRows = how.blockRows;
            m_blockCols = how.blockCols;
        } else if (isMatrix && count > 0 && rows() % grid[0] == 0 && cols() % grid[1] == 0) {
            m_blockRows = rows() / grid[0];
            m_blockCols = cols() / grid[1];
        } else {
            refuseTensor(m_scales.name,
                         fmt::format("has the shape {} (expected [{}, {}] for a matrix of {} in "
                                     "blocks of {} x {})",
                                     shownShape(grid), blocksOf(rows(), how.blockRows),
                                     blocksOf(cols(), how.blockCols), shownShape(m_codes.shape),
                                     how.blockRows, how.blockCols));
        }
    }

    TensorView m_codes;
    TensorView m_scales;
    std::int64_t m_blockRows = 1;
    std::int64_t m_blockCols = 1;
};

} // namespace

void takeFp8Weights(TensorsByName& tensors, const WeightCodes& how, CodedWeights& out)
{
    std::vector<std::string> names;
    for (const auto& [name, view] : tensors) {
        if (name.ends_with(kWeight) && isFp8(view.dtype)) {
            names.push_back(name);
        }
    }
    for (const std::string& name : names) {
        for (const char* const ending : {"_scale_inv", "_scale"}) {
            const auto scales = tensors.find(name + ending);
            if (scales == tensors.end()) {
                continue;
            }
            TensorView& codes = tensors.find(name)->second;
            out.emplace(name, std::make_unique<Fp8Weight>(codes, scales->second, how));
            codes.dtype = DType::ScaledFp8;
            tensors.erase(scales);
            break;
        }
    }
}

} // namespace pissarro::core::inline format
