// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::ui {

class Recent;
class Workbench;

// What a page may ask: each takes what it needs of them. They outlive every page.
struct Services {
    Workbench& workbench;
    Recent& recent;
};

} // namespace pissarro::ui
