// SPDX-License-Identifier: GPL-3.0-or-later
// The base that was trained on, and beside it the adapter as it was trained.
#include "core/adapter/make_adapter_tensors.h"
#include "core/export/run_export_p.h"
#include "core/model/base_files.h"
#include "core/model/provenance.h"
#include "core/weights/model_writer.h"

namespace pissarro::core::inline exports {

namespace {

namespace fs = std::filesystem;

// The base that was trained on, and what leads back from it to the untouched model.
void writeBase(RunExport& run, const fs::path& folder, const ExportOptions& options,
               ExportReport& report)
{
    const bool reduces = reducesBase(run.run().spec);
    const std::string method(methodName(run.run().spec.method));
    const auto made = factorsMadeWith(run.trainedFiles()->path());
    if (run.trainedFiles()->isFourBit() && options.dtype.empty()
        && !reduces) { // as it is, in four bits
        copyFiles(run.trainedFiles()->path(), folder, run.job());
        if (made) {
            fs::create_directories(folder / made->filename());
            copyFiles(*made, folder / made->filename(), run.job());
        }
        return;
    }
    run.writeModel(*run.trainedFiles(),
                   reduces ? weightsPlus(*run.trainedFiles(), run.taken(), -1.0) : WeightProvider(),
                   folder, options, report);
    if (!run.taken().empty()) {
        writeProvenance(folder, run.baseFiles()->path(), method);
        writePeftAdapter(folder / factorsFolder(method, FactorsAre::Init), run.taken(),
                         {run.baseFiles()->path().string(), run.run().spec.rank,
                          run.run().spec.alpha, run.run().spec.rslora, run.trainedFiles().get()});
    }
}

void write(RunExport& run, const ExportPlace& place, const ExportOptions& options,
           ExportReport& report)
{
    writeBase(run, place.folder, options, report);
    const RunSpec& spec = run.run().spec;
    const std::string name = factorsFolder(methodName(spec.method), FactorsAre::Trained);
    writePeftAdapter(place.folder / name, run.trained(),
                     {place.target.string(), spec.rank, spec.alpha, spec.rslora,
                      run.trainedFiles().get(), spec.dropout, run.plain().description.saved});
    const PeftAdapter written = readPeftAdapter(place.folder / name, *run.trainedFiles());
    run.compare(ModelFiles::open(place.folder), {{}, written.adapters, written.saved},
                RunExport::On::Trained, report);
    report.adapterDirectory = place.target / name;
    report.base = place.target;
    report.rank = spec.rank;
}

} // namespace

const ExportFormInfo kPairForm {
    .name = "pair",
    .title = "Model and adapter",
    .help = "the residual base and the adapter as trained",
    .write = write,
};

} // namespace pissarro::core::inline exports
