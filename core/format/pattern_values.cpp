// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/pattern_values.h"

namespace pissarro::core::inline format {

bool namesMany(const std::string& key)
{
    return !key.starts_with("model.")
        || key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
        != std::string::npos;
}

} // namespace pissarro::core::inline format
