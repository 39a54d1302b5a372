// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <system_error>

namespace pissarro::core {

std::string systemErrorText(int errorNumber)
{
    return std::generic_category().message(errorNumber);
}

} // namespace pissarro::core
