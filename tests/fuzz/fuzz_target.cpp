// SPDX-License-Identifier: GPL-3.0-or-later
// The target of the reader that the build names.
#include "tests/fuzz/readers.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

pissarro::fuzz::Reader chosen()
{
    for (const pissarro::fuzz::Reader& reader : pissarro::fuzz::readers()) {
        if (std::string_view(reader.name) == PISSARRO_READER) {
            return reader;
        }
    }
    std::abort(); // CMake names one that is not in readers()
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const pissarro::fuzz::Reader kReader = chosen();
    kReader.read({reinterpret_cast<const char*>(data), size});
    return 0;
}
