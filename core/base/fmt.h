// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// {fmt}, whole in its headers: where LibTorch's are known its own copy of {fmt} is found first, a version that the
// system's library does not have.
#ifndef FMT_HEADER_ONLY
#define FMT_HEADER_ONLY // NOLINT(cppcoreguidelines-macro-usage)
#endif
#include <fmt/core.h>
