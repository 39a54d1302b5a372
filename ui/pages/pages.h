// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/page.h"

#include <span>

namespace pissarro::ui {

// The pages of the program, in the order of the rail. A new page is a folder and a line of this list.
std::span<const PageEntry> allPages();

} // namespace pissarro::ui
