// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/enum_names.h"

#include <array>
#include <cstdint>

namespace pissarro::core::inline settings {

enum class SvdKind { Exact, Fast }; // Fast: randomised (svd_tensors.h)

} // namespace pissarro::core::inline settings

namespace pissarro::core {

template <>
struct EnumNames<SvdKind> {
    static constexpr std::array all {
        Named<SvdKind> {SvdKind::Exact, "exact"},
        Named<SvdKind> {SvdKind::Fast, "fast"},
    };
};

} // namespace pissarro::core

namespace pissarro::core::inline settings {

// How near the randomised decomposition comes to the exact one.
struct FastSvd {
    int niter = 16; // power iterations, each with orthonormalisation; linear in time
    std::int64_t oversampling =
        8; // columns of the range finder beyond the rank; cut to what the matrix has

    bool operator==(const FastSvd&) const = default;
};

// How singular triplets are found; passed whole to whatever finds some.
struct SvdOptions {
    SvdKind kind = SvdKind::Exact;
    FastSvd fast; // SvdKind::Fast only

    bool operator==(const SvdOptions&) const = default;
};

} // namespace pissarro::core::inline settings
