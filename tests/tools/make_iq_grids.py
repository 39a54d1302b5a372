# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes core/format/ggml/iq_grids.cpp: the grids of ggml's IQ types, out of the gguf package (MIT licence).

    .deps/peers/bin/python tests/tools/make_iq_grids.py     made with gguf 0.19.0
"""
import pathlib

import numpy as np
from gguf import quants

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/format/ggml/iq_grids.cpp"
HEAD = """// SPDX-License-Identifier: GPL-3.0-or-later
// Written by tests/tools/make_iq_grids.py; do not edit. The numbers are ggml's, as Python's gguf package has them:
// Copyright (c) 2023-2024 The ggml authors, MIT licence.
// Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
// files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
// modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
// Software is furnished to do so, subject to the following conditions: the above copyright notice and this permission notice
// shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY
// OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR
// PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
// LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
// THE USE OR OTHER DEALINGS IN THE SOFTWARE.
#include "core/format/ggml/iq_grids_p.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// Four rows a word, 16 bits each; a row is eight places of two bits, or four of four bits, in a table of numbers.
template <typename Row, std::size_t Words, std::size_t Numbers>
constexpr std::array<Row, 4 * Words> expanded(const std::array<std::uint64_t, Words>& packed,
                                              const std::array<std::uint8_t, Numbers>& numbers)
{
    constexpr std::size_t kBits = 16 / sizeof(Row);
    std::array<Row, 4 * Words> rows {};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::uint64_t places = packed[i / 4] >> 16 * (i % 4);
        for (std::size_t j = 0; j < sizeof(Row); ++j) {
            const std::size_t place = places >> kBits * j & ((1U << kBits) - 1);
            rows[i] |= Row {numbers[place]} << 8 * j;
        }
    }
    return rows;
}

// clang-format off
"""


def packed(kind):
    """The grid as 16 bits a row: places of its numbers, two or four bits each."""
    kind.init_grid()
    grid = kind.grid.reshape(kind.grid_shape)
    places = np.searchsorted(np.array(kind.grid_map), grid)
    assert (np.array(kind.grid_map)[places] == grid).all()
    bits = 16 // grid.shape[1]
    return (places.astype(np.uint64) << (np.arange(grid.shape[1], dtype=np.uint64) * np.uint64(bits))).sum(1, dtype=np.uint64)


def main():
    text = HEAD
    for name, kind in (("Iq2Xxs", quants.IQ2_XXS), ("Iq2Xs", quants.IQ2_XS), ("Iq2S", quants.IQ2_S), ("Iq3Xxs", quants.IQ3_XXS),
                       ("Iq3S", quants.IQ3_S), ("Iq1", quants.IQ1_S)):
        words = packed(kind).reshape(-1, 4) << np.array([0, 16, 32, 48], np.uint64)
        words = [f"0x{int(word):016x}" for word in words.sum(1, dtype=np.uint64)]
        lines = [", ".join(words[i:i + 5]) for i in range(0, len(words), 5)]
        text += f"constexpr std::array<std::uint64_t, {len(words)}> k{name}Packed {{\n    " + ",\n    ".join(lines) + "};\n"
    text += "\n"
    for name, kind in (("Iq2", quants.IQ2_XXS), ("Iq3Xxs", quants.IQ3_XXS), ("Iq3S", quants.IQ3_S)):
        numbers = [int(x) for x in kind.grid_map]
        numbers += [0] * ((4 if len(numbers) < 5 else 16) - len(numbers))
        text += f"constexpr std::array<std::uint8_t, {len(numbers)}> k{name}Numbers {{{', '.join(map(str, numbers))}}};\n"
    text += "constexpr std::array<std::uint8_t, 4> kIq1Numbers {0, 8, 16, 0};\n// clang-format on\n\n} // namespace\n\n"
    for name, rows, row, numbers in (("Iq2Xxs", 256, 64, "Iq2"), ("Iq2Xs", 512, 64, "Iq2"), ("Iq2S", 1024, 64, "Iq2"),
                                     ("Iq3Xxs", 256, 32, "Iq3Xxs"), ("Iq3S", 512, 32, "Iq3S"), ("Iq1", 2048, 64, "Iq1")):
        text += f"constinit const std::array<std::uint{row}_t, {rows}> k{name}Grid =\n"
        text += f"    expanded<std::uint{row}_t>(k{name}Packed, k{numbers}Numbers);\n"
    OUT.write_text(text + "\n} // namespace pissarro::core::inline format::inline ggml\n")


main()
