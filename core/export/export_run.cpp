// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/export_run.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/export/run_export_p.h"
#include "core/tensor/guarded.h"
#include "core/text/message_text.h"

#include <c10/core/GradMode.h>

#include <algorithm>

namespace pissarro::core::inline exports {

namespace fs = std::filesystem;

std::vector<StoredState> exportableStates(const fs::path& runDirectory)
{
    const RunSummary run = readRun(runDirectory);
    std::vector<StoredState> states = storedStates(run);
    if (states.empty()) { // of full fine-tuning RUN/model may be all there is
        states.push_back(hasAdapter(run.spec.method) ? findState(run, {}) : stateOf(run, {}));
    }
    std::stable_partition(states.begin(), states.end(),
                          [](const StoredState& state) { return state.isBest; });
    return states;
}

ExportReport exportRun(const fs::path& runDirectory, const ExportOptions& options,
                       const fs::path& directory, const JobContext& job)
{
    ExportReport report;
    guarded("export of " + shownPath(runDirectory), [&] {
        const c10::NoGradGuard noGrad;
        RunExport run(runDirectory, options.checkpoint, job);
        checkOutputFolder(directory, run.ruleFor(options)); // before any work
        if (!run.full()) {
            run.readAdapters();
        } else if (!options.form.info().ofFull) {
            throw Error(
                ErrorKind::Format,
                fmt::format("{}: is a full fine-tuning, which has no adapter (expected --as "
                            "merged)",
                            runDirectory.string()));
        }
        report.directory = directory;
        report.state = run.state();
        const auto fill = [&](const fs::path& folder) {
            options.form.info().write(run, {folder, fs::absolute(directory), directory}, options,
                                      report);
        };
        writeOutputFolder(directory, fill, run.ruleFor(options));
    });
    return report;
}

} // namespace pissarro::core::inline exports
