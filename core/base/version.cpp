// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/version.h"

namespace pissarro::core::inline base {

const char* version()
{
    return PISSARRO_VERSION;
}

} // namespace pissarro::core::inline base
