// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::core::inline base {

const char* version(); // of this program: "0.1.0"

} // namespace pissarro::core::inline base
