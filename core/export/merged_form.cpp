// SPDX-License-Identifier: GPL-3.0-or-later
// One model: the untouched base plus the update, or what full fine-tuning made.
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/export/run_export_p.h"
#include "core/text/message_text.h"
#include "core/weights/model_writer.h"

namespace pissarro::core::inline exports {

namespace {

// A copy of RUN/model would always equal it: it is the state on disk that tells of a damaged one.
void requireHeldModel(const RunExport& run, const ModelFiles& held)
{
    if (run.state().directory.empty()) {
        return;
    }
    const auto weight =
        differingWeight(*run.trainedFiles(), held,
                        trainedWeights(run.run(), run.state(), run.trainedFiles()), run.job());
    if (weight) {
        throw Error(
            ErrorKind::Format,
            fmt::format("{}: {} is not what the run learned ({} has other numbers); the "
                        "folder was changed or damaged: remove it, and the export takes the "
                        "state",
                        shownPath(held.path()), *weight, shownPath(run.state().directory)));
    }
}

void write(RunExport& run, const ExportPlace& place, const ExportOptions& options,
           ExportReport& report)
{
    if (run.full() && run.isHeld()) {
        const auto trained = ModelFiles::open(run.run().directory / "model");
        report.comparedWithState = !run.state().directory.empty();
        requireHeldModel(run, *trained);
        run.expectModel(trained);
        run.writeModel(*trained, {}, place.folder, options, report);
    } else if (run.full()) {
        const WeightProvider weights = trainedWeights(run.run(), run.state(), run.trainedFiles());
        run.expectWeights(weights);
        ExportOptions own = options;
        own.dtype = own.dtype.empty() ? std::string(dtypeTitle(run.run().spec.dtype)) : own.dtype;
        run.writeModel(*run.trainedFiles(), weights, place.folder, own, report);
    } else {
        run.checkPlainLora();
        const WeightProvider sums = weightsPlus(*run.baseFiles(), run.plain().adapters, 1.0);
        const SavedWeights& saved = run.plain().description.saved;
        run.writeModel(
            *run.baseFiles(),
            [&](const std::string& name) {
                const auto whole = saved.find(name);
                return whole == saved.end() ? sums(name) : whole->second;
            },
            place.folder, options, report);
    }
    run.compare(ModelFiles::open(place.folder), {}, RunExport::On::Untouched, report);
}

} // namespace

const ExportFormInfo kMergedForm {
    .name = "merged",
    .title = "Merged model",
    .help = "one model",
    .ofFull = true,
    .write = write,
};

} // namespace pissarro::core::inline exports
