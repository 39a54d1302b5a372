// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/four_bit.h"
#include "core/text/enum_names.h"

#include <array>
#include <cstdint>

namespace pissarro::core {

template <>
struct EnumNames<QuantType> {
    static constexpr std::array all {
        Named<QuantType> {QuantType::Nf4, "nf4"},
        Named<QuantType> {QuantType::Fp4, "fp4"},
    };
};

} // namespace pissarro::core

namespace pissarro::core::inline settings {

// How a matrix is put into four bits; passed whole to whatever does it.
struct QuantOptions {
    QuantType type = QuantType::Nf4;
    std::int64_t blockSize = kQuantBlock; // values that share an absmax; a multiple of 64
    // The absmax values themselves in 8 bits: offset by their mean, blocks of 256, dynamic map.
    bool doubleQuant = false;

    bool operator==(const QuantOptions&) const = default;
};

} // namespace pissarro::core::inline settings
