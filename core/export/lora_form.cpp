// SPDX-License-Identifier: GPL-3.0-or-later
// A plain LoRA for the untouched base: PiSSA's conversion has twice the rank.
#include "core/export/run_export_p.h"

namespace pissarro::core::inline exports {

namespace {

void write(RunExport& run, const ExportPlace& place, const ExportOptions& /*options*/,
           ExportReport& report)
{
    if (run.isHeld()) {
        copyFiles(run.run().directory / "adapter", place.folder, run.job());
    } else {
        writePeftAdapter(place.folder, run.plain().adapters, run.plain().description);
    }
    const PeftAdapter written = readPeftAdapter(place.folder, *run.baseFiles());
    run.compare(run.baseFiles(), {{}, written.adapters, written.saved}, RunExport::On::Untouched,
                report);
    report.adapterDirectory = place.asked;
    report.base = run.baseFiles()->path();
    report.isForOwnBase = isFourBit(run.run().spec.method);
    report.rank = run.plain().description.rank;
}

} // namespace

const ExportFormInfo kLoraForm {
    .name = "lora",
    .title = "LoRA adapter",
    .help = "a plain LoRA for the untouched base",
    .writesBase = false,
    .write = write,
};

} // namespace pissarro::core::inline exports
