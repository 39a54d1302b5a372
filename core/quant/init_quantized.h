// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/init_model.h"
#include "core/quant/four_bit.h"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace pissarro::core {

// How adapters on a four-bit base begin.
enum class QuantMethod { Qlora, Loftq, Qpissa };
std::string_view quantMethodName(QuantMethod method); // "qlora", "loftq", "qpissa"
QuantMethod parseQuantMethod(std::string_view name); // Throws: Error{InvalidArgument}.

struct QuantInitOptions {
    QuantMethod method = QuantMethod::Qpissa;
    InitOptions adapters; // its method, slice and copyBase have no meaning here
    int iters = 1; // T of LoftQ and QPiSSA
    QuantType type = QuantType::Nf4;
    std::int64_t blockSize = kQuantBlock;
    bool doubleQuant = false;
};

// Writes the four-bit base in bitsandbytes' layout (core/quant/README.md) as a Hugging Face folder at
// `directory`, which transformers and PEFT load, and the fresh adapter at directory/<method>_init. A
// few matrices are in memory at a time. What is not quantized keeps the model's dtype; that of a GGUF
// becomes bfloat16. `directory` is written beside and renamed.
// Throws: Error{InvalidArgument} for a rank above a matrix's smaller side or T below 1; Error{Numeric}
//   naming a matrix with NaN or Inf; Error{Io}; Cancelled, leaving nothing behind.
InitReport initQuantized(const ModelFiles& files, const QuantInitOptions& options,
                         const std::filesystem::path& directory, const JobContext& job);

} // namespace pissarro::core
