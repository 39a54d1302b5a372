// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/adapter/export_run.h"

#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

struct Options {
    std::string run;
    std::string form = "lora";
    std::string output;
    bool json = false;
};

ExitCode exportRun(const Options& options, Session& session)
{
    makeFolderOf(options.output);
    const core::ExportReport report = core::exportLora(options.run, options.output, session.job());
    if (options.json) {
        session.console.json({{"directory", report.directory.string()},
                              {"as", options.form},
                              {"rank", report.rank},
                              {"max_logit_difference", report.maxLogitDifference}});
    } else {
        session.console.result(report.directory.string() + "\n");
        session.console.message("rank " + std::to_string(report.rank)
                                + "; logits on the untouched base differ from the trained model by "
                                + exactNumber(report.maxLogitDifference) + " at most");
    }
    return ExitCode::Done;
}

} // namespace

void addExport(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("export", "A run's adapter for other programs, checked by its logits",
                  "pissarro-cli export runs/gsm8k-pissa --as lora -o gsm8k-adapter",
                  [options](Session& session) { return exportRun(*options, session); });
    verb.add_option("RUNDIR", options->run, "run directory, as train writes it")->required();
    verb.add_option("--as", options->form, "lora: a plain LoRA for the untouched base")
        ->check(CLI::IsMember({"lora"}))
        ->required();
    verb.add_option("-o,--output", options->output, "folder to write")->required();
    addJson(verb, options->json);
}

} // namespace pissarro::cli
