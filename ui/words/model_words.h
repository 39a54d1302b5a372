// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"
#include "core/tensor/devices.h"

#include <QString>

namespace pissarro::ui {

QString weightTypeOf(
    const core::ModelFiles& files); // "bfloat16", "Q4_1": of most weights inside the layers
QString
modelFact(const core::ModelFiles& files); // "LLaMA · 30 layers · 134.5 M parameters · bfloat16"

// "CPU · 2 threads"; a card's title is its maker's.
QString deviceTitle(const core::DeviceInfo& device);

} // namespace pissarro::ui
