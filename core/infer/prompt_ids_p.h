// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline infer {

// Throws: Error{InvalidArgument} where there is none, or one that the model's embedding has no row for. `name` begins the
// message.
void requireRows(const session::Choir& choir, std::size_t voice,
                 const std::vector<std::int32_t>& ids, const std::string& name);

} // namespace pissarro::core::inline infer
