// SPDX-License-Identifier: GPL-3.0-or-later
// pissarro-cli VERB: everything that Pissarro's window does, for scripts. One file of cli/ per
// verb.
#include "app/cli/verb.h"
#include "core/base/version.h"
#include "core/file/log.h"
#include "core/kernels/operations.h"
#include "core/tensor/guarded.h"
#include "core/tensor/start_log.h"
#include "core/train/scratch_folder.h"

#include <CLI/Error.hpp>
#include <csignal>
#include <cstdio>
#include <optional>

using namespace pissarro;
using namespace pissarro::cli;

namespace {

constexpr const char* kDescription =
    "Pissarro: spectra, PiSSA initialisation and training of language models.\n"
    "Results go to stdout, messages to stderr. Exit: 0 done, 1 failed, 2 wrong usage, 3 bad input, "
    "130 interrupted.\n"
    "Log, for the report of a fault: ";

void addVerbs(VerbTable& verbs)
{
    addInspect(verbs);
    addSpectrum(verbs);
    addAdvise(verbs);
    addInit(verbs);
    addQuantError(verbs);
    addTrain(verbs);
    addSweep(verbs);
    addGenerate(verbs);
    addLogits(verbs);
    addTokenize(verbs);
    addRender(verbs);
    addData(verbs);
    addScore(verbs);
    addEvaluate(verbs);
    addExport(verbs);
    addCompare(verbs);
    addPaper(verbs);
    addRuns(verbs);
    addModels(verbs);
    addServe(verbs);
    addJudge(verbs);
    addWatch(verbs);
}

std::string helpHint(const VerbTable& verbs)
{
    const CLI::App* verb = verbs.parsed();
    return verb == nullptr ? "; pissarro-cli --help lists the verbs"
                           : "; see pissarro-cli " + verb->get_name() + " --help";
}

// Runs the verb under core's translation of foreign exceptions; every failure is one line.
ExitCode runVerb(const VerbTable& verbs, Session& session)
{
    ExitCode code = ExitCode::Failed;
    std::optional<UsageError> wrongUsage; // passes the translation
    try {
        core::guarded([&] {
            core::writeLog(core::startEntry("pissarro-cli", verbs.parsed()->get_name()));
            core::removeDeadScratch(); // of one that a second Ctrl-C has ended
            core::kernels::
                operations(); // a PISSARRO_OPS that cannot be had is refused before any work
            try {
                code = verbs.run(session);
            } catch (const UsageError& error) {
                wrongUsage = error;
            }
        });
    } catch (const core::Cancelled&) {
        session.console.error("interrupted; nothing more was written");
        return ExitCode::Interrupted;
    } catch (const core::Error& error) {
        session.console.error(error.what());
        return exitCodeOf(error.kind());
    }
    if (wrongUsage) {
        session.console.error(wrongUsage->what() + helpHint(verbs));
        return ExitCode::WrongUsage;
    }
    if (!session.console.resultsWritten()) {
        session.console.error("stdout: the result could not be written");
        return ExitCode::Failed;
    }
    return code;
}

ExitCode runCommandLine(int argc, char** argv, Session& session)
{
    CLI::App app(kDescription + core::logFile().string(), "pissarro-cli");
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("pissarro-cli ") + core::version());
    app.get_formatter()->column_width(34);
    VerbTable verbs(app);
    addVerbs(verbs);
    if (argc < 2 || (argv[1][0] != '-' && !verbs.has(argv[1]))) {
        session.console.error(argc < 2 ? "no verb; pissarro-cli --help lists them"
                                       : "unknown verb \"" + std::string(argv[1])
                                      + "\"; pissarro-cli --help lists them");
        return ExitCode::WrongUsage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) { // --help, --version
        app.exit(asked);
        return ExitCode::Done;
    } catch (const CLI::ParseError& error) {
        session.console.error(error.what() + helpHint(verbs));
        return ExitCode::WrongUsage;
    }
    return runVerb(verbs, session);
}

} // namespace

int main(int argc, char** argv)
try {
    std::signal(
        SIGXFSZ,
        SIG_IGN); // a file that may not grow is a failed write with a line, not a silent end
    Console console;
    Interrupt interrupt; // ends before the console that its handler prints to
    Session session {console, interrupt, nullptr};
    return static_cast<int>(runCommandLine(argc, argv, session));
} catch (const std::exception& error) { // not even the console could be made: no memory, no thread
    core::writeLog(core::LogLevel::Error, error.what());
    std::fprintf(stderr, "%s\n", errorLine(error.what()).c_str());
    return static_cast<int>(ExitCode::Failed);
}
