// SPDX-License-Identifier: GPL-3.0-or-later
// The tiny model and the demo's rows, and a run of both.
#pragma once

#include "core/run/run_spec.h"

#include <QString>

namespace pissarro::tests {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kDemoData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");

// LoRA that goes on until somebody ends it.
inline core::RunSpec endlessRun()
{
    core::RunSpec spec;
    spec.model = kTinyModel.toStdString();
    spec.data = kDemoData.toStdString();
    spec.method = core::methodNamed("lora");
    spec.rank = 4;
    spec.alpha = 4;
    spec.batchSize = 1;
    spec.maxLength = 256;
    spec.steps = 1'000'000;
    spec.dtype = core::BaseDType::Float32;
    return spec;
}

} // namespace pissarro::tests
