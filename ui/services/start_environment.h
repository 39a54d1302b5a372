// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::ui {

// Settings that core, LibTorch and the trainers that are started from here read from the environment. What a person says
// there (OMP_NUM_THREADS=2 pissarro) stands over what is set in the window.

constexpr const char* kThreadsVariable = "OMP_NUM_THREADS";
constexpr const char* kCacheVariable = "PISSARRO_CACHE_MB";

// Puts the settings there. Threads: before there is a second one, so before anything is computed.
void applyToEnvironment();

// Whether the variable was set from outside: the setting has no effect.
bool isSetOutside(const char* variable);

} // namespace pissarro::ui
