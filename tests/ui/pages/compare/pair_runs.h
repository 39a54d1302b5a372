// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of two runs closely share: PiSSA and LoRA trained for real on the tiny model of tests/cli, four steps with a
// checkpoint every two.
#pragma once

#include "tests/core/compare/compared_runs.h"
#include "ui/words/format.h"

#include <QString>

namespace pissarro::tests {

struct PairRuns : TinyPlace {
    PairRuns() { train(spec("pissa"), "runs", {core::methodNamed("lora")}); }

    QString root() const { return ui::textOf(scratch / "runs"); }
    QString pissa() const { return root() + QStringLiteral("/pissa"); }
    QString lora() const { return root() + QStringLiteral("/lora"); }
};

} // namespace pissarro::tests
