// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/export/export_run.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace pissarro::cli {

namespace {

struct Options {
    std::string run;
    std::string form;
    Output output;
    core::ExportOptions how;
    bool json = false;
};

void warnUnused(const Options& options, Session& session)
{
    for (const char* flag : {"--dtype", "--max-shard-size"}) {
        if (!core::parseExportForm(options.form).info().writesBase && session.given(flag)) {
            session.console.warning(
                fmt::format("{} has no meaning for {}, which writes no base", flag, options.form));
        }
    }
}

ExitCode exportRun(const Options& options, Session& session)
{
    warnUnused(options, session);
    core::ExportOptions how = options.how;
    how.output = options.output.rule({});
    how.form = core::parseExportForm(options.form);
    const core::ExportReport report =
        core::exportRun(options.run, how, options.output.path, session.job());
    session.console.message("checkpoint: " + report.state.title());
    if (report.isForOwnBase) {
        session.console.message(
            fmt::format("base: the adapter is for {}, which the run made in four bits, and gives "
                        "other results on the untouched model; give both away (--as pair), or "
                        "merged",
                        core::shownPath(report.base)));
    } else if (!report.base.empty()) {
        session.console.message("base: the adapter is for " + core::shownPath(report.base));
    }
    if (options.json) {
        const auto orNull = [](const std::string& text) {
            return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
        };
        session.console.json({{"directory", report.directory.string()},
                              {"as", options.form},
                              {"checkpoint", stateJson(report.state)},
                              {"adapter", orNull(report.adapterDirectory.string())},
                              {"base", orNull(report.base.string())},
                              {"rank", report.rank},
                              {"dtype", orNull(report.dtype)},
                              {"max_logit_difference", report.maxLogitDifference},
                              {"mean_logit_difference", report.meanLogitDifference}});
        return ExitCode::Done;
    }
    session.console.product(report.directory.string() + "\n");
    std::string text = report.rank > 0 ? fmt::format("rank {}; ", report.rank) : "";
    text += fmt::format(
        "read back and compared with {}: logits differ by {} at most, {} on average",
        report.comparedWithState ? "the trained model" : "RUN/model, all that the run keeps",
        exactNumber(report.maxLogitDifference), exactNumber(report.meanLogitDifference));
    if (!report.dtype.empty()) {
        text += fmt::format(" (weights stored as {})", report.dtype);
    }
    session.console.message(text);
    return ExitCode::Done;
}

// "5GB", "800 MiB", "1000": digits, and a unit of bytes in letters of any case behind them.
// Throws: CLI::ValidationError; none and 0 are no size.
std::uint64_t sizeIn(const std::string& text)
{
    constexpr std::string_view kUnits = "kmgtpe"; // each a thousand, or 1024 with an i, of the last
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::string unit = text.substr(std::min(text.find_first_not_of(' ', digits), text.size()));
    std::transform(unit.begin(), unit.end(), unit.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    std::optional<std::uint64_t> bytes = core::numberIn<std::uint64_t>(text.substr(0, digits));
    const std::size_t power = unit.empty() ? std::string::npos : kUnits.find(unit.front());
    const std::string_view rest =
        std::string_view(unit).substr(power == std::string_view::npos ? 0 : 1);
    const bool isBinary = power != std::string_view::npos && rest.starts_with('i');
    const std::string_view end = rest.substr(isBinary ? 1 : 0);
    const std::uint64_t factor = isBinary ? 1024 : 1000;
    for (std::size_t i = 0; power != std::string_view::npos && i <= power && bytes; ++i) {
        const bool fits = *bytes <= std::numeric_limits<std::uint64_t>::max() / factor;
        bytes = fits ? std::optional(*bytes * factor) : std::nullopt;
    }
    if (!bytes || *bytes == 0 || !(end.empty() || end == "b")) {
        throw CLI::ValidationError(
            "--max-shard-size",
            fmt::format("must be a size above 0, as 5GB, 800MiB or 1000000, found \"{}\"", text));
    }
    return *bytes;
}

} // namespace

void addExport(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("export", "A run's result for other programs, checked by its logits",
                  "pissarro-cli export runs/gsm8k-pissa --as lora -o gsm8k-adapter",
                  [options](Session& session) { return exportRun(*options, session); });
    verb.add_option("RUNDIR", options->run, "run directory, as train writes it")->required();
    std::vector<std::string> forms;
    std::string formHelp;
    std::string withBase;
    for (const core::ExportForm form : core::allExportForms()) {
        const core::ExportFormInfo& info = form.info();
        forms.emplace_back(info.name);
        formHelp += fmt::format("{}{}: {}", formHelp.empty() ? "" : "; ", info.name, info.help);
        if (info.writesBase) {
            withBase += fmt::format("{}{}", withBase.empty() ? "" : ", ", info.name);
        }
    }
    verb.add_option("--as", options->form, formHelp)->check(CLI::IsMember(forms))->required();
    verb.add_option(
            "--dtype", options->how.dtype,
            fmt::format("of the model written ({}); default: as the base is stored", withBase))
        ->check(CLI::IsMember({"float32", "bfloat16", "float16"}));
    verb.add_option_function<std::string>(
            "--max-shard-size",
            [options](const std::string& text) { options->how.shardBytes = sizeIn(text); },
            "weights of more become several files: 5GB, 800MB, or bytes")
        ->type_name("SIZE [b, kb(=1000b), kib(=1024b), ...]")
        ->default_str("5GB");
    addCheckpoint(verb, options->how.checkpoint);
    addOutput(verb, options->output, "folder to write")->required();
    addJson(verb, options->json);
}

} // namespace pissarro::cli
