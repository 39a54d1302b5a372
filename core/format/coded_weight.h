// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/tensor_view.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline format {

// A matrix that lies in safetensors as codes and, beside them, what makes numbers of them (core/format/README.md): FP8 with
// scales, LLM.int8, GPTQ, AWQ. Its TensorView among the model's weights has the shape of the matrix, a type that needs
// scales, and the codes as data. Good while the files live. bitsandbytes' four bits are BnbWeight, which can be computed on.
class CodedWeight {
public:
    virtual ~CodedWeight() = default;
    // [elements], row-major. What GPTQ and AWQ stand for is exact in float32, whatever their kernels round.
    // Throws: Error{Format} naming the tensor that holds an index out of range.
    virtual void readFloat32(float* out) const = 0;
    // Cost: one pass over scales, and over codes that can be NaN.
    virtual bool isFinite() const = 0;
};
using CodedWeights = std::map<std::string, std::unique_ptr<const CodedWeight>, std::less<>>;

// What the tensors alone do not say: a model's config.json does (quantization_config).
struct WeightCodes {
    enum class Packing { None, Gptq, Awq };
    Packing packing = Packing::None; // of qweight, qzeros and scales
    std::int64_t groupSize = 128; // inputs that share a scale; -1: all
    bool zeroIsOneLess = true; // GPTQ's first format stores zero points less one
    std::int64_t blockRows = 128, blockCols = 128; // that share an FP8 scale
};

// Finds the coded weights among a folder's tensors: what belongs to them is taken out of `tensors`, and one view of the
// matrix is there in place of it. Keyed by the weight's name.
// Throws: Error{Format} naming the tensor that is missing, or of another shape or type.
CodedWeights takeCodedWeights(std::vector<TensorView>& tensors, const WeightCodes& how);

} // namespace pissarro::core::inline format
