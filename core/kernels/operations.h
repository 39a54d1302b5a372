// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

namespace pissarro::core::kernels {

// Which operations compute, weakest first. LibTorch: its own operators everywhere, as on a GPU; what it lacks (four-bit
// codes, split masters) runs plain. Plain, Avx2, Avx512: our elementwise kernels by that instruction set, products and
// attention by LibTorch but for those of few rows. Avx512Bf16: our bfloat16 products and attention too. Amx: as
// Avx512Bf16, with large bfloat16 products left to LibTorch's matrix tiles.
// What LibTorch and oneDNN pick for themselves is not bound by it; ATEN_CPU_CAPABILITY and ONEDNN_MAX_CPU_ISA do that.
enum class Operations { LibTorch, Plain, Avx2, Avx512, Avx512Bf16, Amx };

std::string_view operationsName(Operations operations); // "libtorch", "plain", "avx2", ... "amx"

// Those that this processor and this build have, weakest first: LibTorch and Plain always are.
const std::vector<Operations>& presentOperations();

// Those of this process: what the environment variable PISSARRO_OPS names, else the strongest present.
// Throws: Error{InvalidArgument} for a name that is none, or that the processor or the build lacks. Threads: any.
Operations operations();

} // namespace pissarro::core::kernels
