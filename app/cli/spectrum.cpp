// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/field_options.h"
#include "app/cli/spectrum_compare.h"
#include "app/cli/spectrum_report.h"
#include "app/cli/verb.h"
#include "core/analysis/part_spectra.h"
#include "core/analysis/spectrum_sweep.h"
#include "core/base/fmt.h"
#include "core/model/model_files.h"
#include "core/session/open_model.h"
#include "core/settings/fields.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

namespace pissarro::cli {

namespace {

struct Options {
    std::string model;
    std::vector<std::string> modules;
    std::string method = "exact";
    std::int64_t rank = 16;
    core::FastSvd fast;
    std::uint64_t seed = 0;
    std::string device = "auto";
    std::string against;
    bool meter = false;
    std::string ranks = "1,2,4,8,16,32,64,128";
    std::string niters = "1,2,4,8,16";
    std::string oversamplings = "8";
    int repeats = 3;
    Output output;
    bool json = false;
};

void requireRank(const std::vector<core::LinearModule>& modules, std::int64_t rank)
{
    for (const core::LinearModule& module : modules) {
        if (rank > module.smallerSide()) {
            throw core::Error(core::ErrorKind::InvalidArgument,
                              fmt::format("{}: rank {} is above the smaller side of the matrix "
                                          "(expected 1 to {} for {} x {}); choose a smaller --rank "
                                          "or other --modules",
                                          module.name, rank, module.smallerSide(), module.rows,
                                          module.cols));
        }
    }
}

// One result for each module, in the model's order, and those of parts. Matrices without singular values become
// warnings. Throws: Error{Format} when not one of them has any.
std::vector<core::ModuleSpectrum> sweep(const std::shared_ptr<const core::ModelFiles>& files,
                                        const std::vector<core::LinearModule>& modules,
                                        const Options& options, Session& session)
{
    core::SpectrumOptions how;
    how.rank = options.method == "fast" ? options.rank : 0;
    how.fast = options.fast;
    how.seed = options.seed;
    how.device = options.device;
    session.tellOfDevice(how.device);
    std::unordered_map<std::string, core::ModuleSpectrum> found;
    core::sweepSpectra(
        files, modules, how, core::SweepPriority(),
        [&](core::ModuleSpectrum result) { found[result.module] = std::move(result); },
        session.job());
    std::vector<core::ModuleSpectrum> results;
    for (const core::LinearModule& module : modules) {
        core::ModuleSpectrum result = std::move(found.at(module.name));
        if (!result.problem.empty()) {
            files->requireFinite(module.name + ".weight"); // names the file
            throw core::Error(
                core::ErrorKind::Format,
                fmt::format("{}: {} {}", files->path().string(), module.name, result.problem));
        }
        results.push_back(std::move(result));
    }
    // Behind them, of matrices that make several things at once, those of each.
    for (core::ModuleSpectrum& part : core::partSpectra(*files, modules, how, session.job())) {
        results.push_back(std::move(part));
    }
    return results;
}

MeterRequest meterRequest(const Options& options)
{
    MeterRequest request;
    constexpr std::int64_t kMostColumns = 65'536;
    request.how.ranks = parseWholeNumbers("--ranks", options.ranks, 1, kMostColumns);
    request.how.niters.clear();
    for (const std::int64_t niter : parseWholeNumbers("--niters", options.niters, 0, 1000)) {
        request.how.niters.push_back(static_cast<int>(niter));
    }
    request.how.oversamplings =
        parseWholeNumbers("--oversamplings", options.oversamplings, 0, kMostColumns);
    request.how.repeats = options.repeats;
    request.how.seed = options.seed;
    request.output = options.output;
    request.json = options.json;
    return request;
}

ExitCode spectrum(const Options& options, Session& session)
{
    if (options.meter && !options.against.empty()) {
        throw UsageError("--meter and --against cannot be used together");
    }
    if (options.meter || !options.against.empty()) {
        const auto request = meterRequest(options);
        const auto files = core::ModelFiles::open(core::weightsOf(options.model));
        const auto modules = core::selectModules(*files, splitPatterns(options.modules));
        return options.meter
            ? spectrumMeter(*files, modules, request, session)
            : spectrumAgainst(files, modules,
                              {options.against, options.rank, options.output, options.json},
                              session);
    }
    const std::string& file = options.output.path;
    if (!file.empty()) {
        SpectrumReport::requireKnownEnding(file);
    }
    const core::OutputRule rule = options.output.fileRule(options.model);
    const auto files = core::ModelFiles::open(core::weightsOf(options.model));
    const auto modules = core::selectModules(*files, splitPatterns(options.modules));
    if (session.given("--rank")) {
        requireRank(modules, options.rank);
    }
    const SpectrumReport report(sweep(files, modules, options, session), options.rank);
    if (!file.empty()) {
        report.write(file, rule);
        session.console.message("wrote " + file);
    }
    if (options.json) {
        session.console.json(report.toJson(/*withValues=*/file.empty()));
    } else {
        session.console.result(report.toText());
    }
    return ExitCode::Done;
}

void addMeterOptions(CLI::App& verb, Options& options)
{
    auto* meter = verb.add_flag("--meter", options.meter,
                                "time and error of the fast decomposition on these matrices, by "
                                "setting");
    verb.add_option("--ranks", options.ranks, "of --meter")->needs(meter)->capture_default_str();
    verb.add_option("--niters", options.niters, "of --meter")->needs(meter)->capture_default_str();
    verb.add_option("--oversamplings", options.oversamplings, "of --meter")
        ->needs(meter)
        ->capture_default_str();
    addWhole(verb, "--repeats", options.repeats, {1, 100}, "timings of --meter; the median counts")
        ->needs(meter);
}

} // namespace

void addSpectrum(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "spectrum", "Singular values of weight matrices, and what a rank keeps",
        "pissarro-cli spectrum model.gguf --modules '*.{q,v}_proj' --rank 32 -o spectra.json",
        [options](Session& session) { return spectrum(*options, session); });
    addModel(verb, options->model);
    addTexts(verb, "--modules", options->modules,
             "modules by pattern: *, ? and {a,b} on whole paths, or a type such as q_proj; "
             "default: every linear matrix of the layers");
    verb.add_option("--method", options->method, "all values exactly, or the leading ones fast")
        ->check(CLI::IsMember({"exact", "fast"}))
        ->capture_default_str();
    addWhole(verb, "--rank", options->rank, {1},
             "rank of energy_at_rank; with fast also the number of values");
    addFields(verb, core::fastSvdFields(), options->fast);
    addWhole(verb, "--seed", options->seed, {}, "of the random test matrix (fast)");
    verb.add_option(
            "--device", options->device,
            "auto (a GPU, where there is one, for matrices of 1,024 and more), cpu, cuda or "
            "cuda:N")
        ->capture_default_str();
    verb.add_option("--against", options->against,
                    "a fine-tuned form of MODEL, or a PEFT adapter for it (RUN/adapter, not "
                    "pissa_init, which belongs to the residual): spectra of the difference and its "
                    "angles to the --rank principal directions");
    addMeterOptions(verb, *options);
    addOutput(verb, options->output,
              "file to write: .json, .csv or .safetensors by its ending; .json, .csv or .md "
              "with --meter");
    addJson(verb, options->json);
}

} // namespace pissarro::cli
