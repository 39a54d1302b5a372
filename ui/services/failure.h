// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::ui {

// What a failure belongs to, so that its readers need not guess from the words.
enum class FailureSource { Other, Model, Data, Training };

} // namespace pissarro::ui
