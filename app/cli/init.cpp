// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/field_options.h"
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/init/init_model.h"
#include "core/init/init_quantized.h"
#include "core/model/rank_pattern.h"
#include "core/session/open_model.h"
#include "core/settings/fields.h"
#include "core/text/number_text.h"

#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

struct Options {
    std::string model;
    std::string method {core::Method()->name};
    std::vector<std::string> targets;
    std::string rankMap;
    core::AdapterOptions how;
    core::QuantInitOptions quant; // its adapters are `how`
    Output output;
    bool json = false;
};

void warnUnused(const Options& options, Session& session)
{
    const auto warn = [&](std::initializer_list<const char*> flags, bool used,
                          const std::string& why) {
        for (const char* flag : flags) {
            if (!used && session.given(flag)) {
                session.console.warning(fmt::format("{} has no meaning {}", flag, why));
            }
        }
    };
    const core::Method method = core::methodNamed(options.method);
    const auto unlessUsed = [&](std::initializer_list<const char*> flags,
                                bool (*use)(core::Method)) {
        const bool several = core::methodsWhere(use).size() > 1;
        warn(flags, use(method),
             fmt::format("here: only {} {} it", core::namesWhere(use), several ? "use" : "uses"));
    };
    const bool decomposes = core::decomposes(method);
    const bool fast = decomposes && options.how.svd.kind == core::SvdKind::Fast;
    warn({"--niter", "--oversampling"}, fast, "here: only --svd fast uses it");
    unlessUsed({"--svd"}, core::decomposes);
    unlessUsed({"--slice"}, core::takesSlice);
    unlessUsed({"--iters"}, core::iterates);
    unlessUsed({"--type", "--block", "--double-quant"}, core::isFourBit);
    if (!core::isUntouched(method) && options.how.copyBase) {
        session.console.warning(fmt::format(
            "--copy-base has no meaning for {}, which always writes the base to train on",
            options.method));
    }
}

ExitCode init(const Options& options, Session& session)
{
    warnUnused(options, session);
    core::AdapterOptions how = options.how;
    how.method = core::methodNamed(options.method);
    how.targets = splitPatterns(options.targets);
    if (!options.rankMap.empty()) {
        how.patterns = core::readRankPatterns(options.rankMap);
    }
    if (how.slice > 0.0 && how.svd.kind == core::SvdKind::Fast) {
        throw UsageError("--slice needs --svd exact: the fast one finds only the leading triplets");
    }
    const auto files = core::ModelFiles::open(core::weightsOf(options.model));
    const auto modules = core::selectModules(*files, how.targets);
    core::checkRanks(modules, how.rank, how.patterns); // before a folder is made
    for (const std::string& line : core::overlapsOf(modules, how.patterns)) {
        session.console.warning(line);
    }
    how.output = options.output.rule({options.rankMap});
    session.tellOfDevice(how.device);
    core::InitReport report;
    try {
        if (core::isFourBit(how.method)) {
            core::QuantInitOptions quant = options.quant;
            quant.adapters = how;
            report = core::initQuantized(*files, quant, options.output.path, session.job());
        } else {
            report = core::initModel(*files, how, options.output.path, session.job());
        }
    } catch (const core::Error& error) {
        if (error.kind()
            == core::ErrorKind::Numeric) { // a weight holds NaN or Inf: the file is bad
            throw core::Error(core::ErrorKind::Format, error.what());
        }
        throw;
    }
    if (options.json) {
        nlohmann::ordered_json base; // null: the untouched model itself
        if (!report.baseDirectory.empty()) {
            base = report.baseDirectory.string();
        }
        session.console.json({{"method", options.method},
                              {"base", base},
                              {"adapter", report.adapterDirectory.string()},
                              {"modules", report.modules},
                              {"trainable_parameters", report.trainableParameters},
                              {"seconds", report.seconds},
                              {"decomposition_seconds", report.decompositionSeconds}});
        return ExitCode::Done;
    }
    std::string text = "adapter  " + report.adapterDirectory.string() + "\n";
    if (!report.baseDirectory.empty()) {
        text += "base     " + report.baseDirectory.string() + "\n";
    }
    text += fmt::format("{} matrices, {} trainable parameters, {} ({} of decomposition)\n",
                        report.modules, core::groupedText(report.trainableParameters),
                        durationText(report.seconds), durationText(report.decompositionSeconds));
    session.console.result(text);
    return ExitCode::Done;
}

void addAdapterOptions(CLI::App& verb, Options& options)
{
    core::AdapterOptions& how = options.how;
    verb.add_option("--method", options.method, "how the adapters start")
        ->check(CLI::IsMember(methodNames(core::hasAdapter)))
        ->capture_default_str();
    addWhole(verb, "--rank", how.rank, {1}, "of the adapters");
    addReal(verb, "--alpha", how.alpha, "scaling = alpha / rank")->check(aboveZero());
    addSpecField(verb, "rslora", how.rslora);
    verb.add_option("--rank-map", options.rankMap, core::specField("rank_pattern").help);
    addSpecField(verb, "slice", how.slice);
    addFields(verb, core::svdFields(), how.svd);
    addSpecField(verb, "iters", options.quant.iters);
    addFields(verb, core::quantFields(), options.quant.quant);
    addTexts(verb, "--targets", options.targets,
             "modules by pattern, may be repeated; default: every linear matrix of the layers");
    addWhole(verb, "--seed", how.seed, {}, "of LoRA's factors and of the fast decomposition");
    verb.add_option("--device", how.device, "where to decompose: auto, cpu, cuda or cuda:N")
        ->capture_default_str();
    addSpecField(verb, "threads", how.threads);
    verb.add_flag("--copy-base", how.copyBase,
                  core::namesWhere(core::isUntouched) + ": write the untouched base beside it too");
}

} // namespace

void addInit(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("init", "Fresh adapters in PEFT's layout and the base to train them on",
                  "pissarro-cli init model.gguf --method pissa --rank 16 --alpha 16 -o pissa-r16",
                  [options](Session& session) { return init(*options, session); });
    addModel(verb, options->model);
    addAdapterOptions(verb, *options);
    addOutput(verb, options->output, "folder to write")->required();
    addJson(verb, options->json);
}

} // namespace pissarro::cli
