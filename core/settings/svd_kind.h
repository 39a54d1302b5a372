// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::core {

enum class SvdKind { Exact, Fast }; // Fast: randomised (svd_tensors.h)

} // namespace pissarro::core
