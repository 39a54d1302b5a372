// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/readers.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    pissarro::fuzz::readTokenizerConfig({reinterpret_cast<const char*>(data), size});
    return 0;
}
