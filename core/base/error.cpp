// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <system_error>

namespace pissarro::core::inline base {

Error Error::within(std::string_view context) const
{
    Error outer(m_kind, std::string(context) + ": " + what());
    outer.m_context = std::make_shared<const std::string>(context);
    return outer;
}

Error Error::withinOnce(std::string_view context) const
{
    return m_context && *m_context == context ? *this : within(context);
}

std::string systemErrorText(int errorNumber)
{
    return std::generic_category().message(errorNumber);
}

} // namespace pissarro::core::inline base
