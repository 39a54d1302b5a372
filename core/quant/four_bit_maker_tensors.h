// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"
#include "core/quant/weight_maker_tensors.h"

#include <memory>
#include <string>

namespace pissarro::core::inline quant {

// Makes a linear module's weight out of the four bits it is stored in, at each call; empty: it is stored otherwise.
// Codes are read in place from the mapped file, on a GPU from a copy there. The values are those that
// files.readFloat32() gives, in the dtype of the tensor to fill.
WeightMaker fourBitMaker(const std::shared_ptr<const ModelFiles>& files, const std::string& module,
                         at::Device device);

} // namespace pissarro::core::inline quant
