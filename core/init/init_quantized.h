// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/init/init_model.h"
#include "core/settings/quant_options.h"

#include <filesystem>

namespace pissarro::core::inline init {

struct QuantInitOptions {
    AdapterOptions
        adapters; // its method one with isFourBit(); slice and copyBase have no meaning here
    int iters = 5; // T of LoftQ and QPiSSA
    QuantOptions quant = {};
};

// Writes the four-bit base in bitsandbytes' layout (core/quant/README.md) as a Hugging Face folder at
// `directory`, which transformers and PEFT load, and the fresh adapter at directory/<method>_init. A
// few matrices are in memory at a time. What is not quantized keeps the model's dtype; that of a GGUF
// becomes bfloat16. `directory` is written beside and renamed.
// Throws: Error{InvalidArgument} for another method, for a rank above a matrix's smaller side or T below 1; Error{Numeric}
//   naming a matrix with NaN or Inf; Error{Io}; Cancelled within one iteration of one
//   matrix, leaving nothing behind.
InitReport initQuantized(const ModelFiles& files, const QuantInitOptions& options,
                         const std::filesystem::path& directory, const JobContext& job);

} // namespace pissarro::core::inline init
