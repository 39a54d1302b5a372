// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/four_bit.h"
#include "core/format/tensor_view.h"

#include <map>
#include <string>
#include <vector>

namespace pissarro::core::inline format {

// A weight in four bits as bitsandbytes lays it out in safetensors (core/quant/README.md): views into
// mapped files. Its TensorView among the model's weights has the shape of the matrix, DType::Nf4 or
// Fp4, and the codes as data.
struct BnbWeight {
    QuantType type = QuantType::Nf4;
    std::int64_t blockSize = kQuantBlock;
    DType dtype = DType::F32; // that the file says it is dequantized to: values are rounded to it
    TensorView codes; // the matrix's shape
    // Of each block. Empty: double-quantized, absmax = dynamicMap()[nestedCodes] nestedAbsmax + offset;
    // a file with another map than that has it undone here.
    std::vector<float> absmax;
    TensorView nestedCodes;
    std::vector<float> nestedAbsmax; // of each 256 blocks
    float offset = 0.0F;

    bool isDouble() const { return absmax.empty(); }
    std::vector<float> absmaxOfBlocks() const; // double quantization undone
    std::uint64_t bytes() const; // of codes and absmax as they are held
    void readFloat32(float* out) const; // [elements], row-major
};

// Finds the four-bit weights among a folder's tensors: their state is taken out of `tensors`, and
// the codes' view gets the matrix's shape and type. Keyed by the weight's name.
// Throws: Error{Format} naming the tensor for an unknown quant type, a block size that is none, a
//   code table of its own, missing nested state, sizes that do not fit, NaN or Inf in an absmax.
std::map<std::string, BnbWeight, std::less<>> takeBnbWeights(std::vector<TensorView>& tensors);

} // namespace pissarro::core::inline format
