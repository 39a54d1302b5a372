// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/console.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "core/adapter/method.h"
#include "core/base/fmt.h"
#include "core/base/job_context.h"
#include "core/file/output.h"
#include "core/run/run_checkpoints.h"
#include "core/text/number_text.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace pissarro::cli {

// What a verb works with besides its own options.
struct Session {
    Console& console;
    Interrupt& interrupt;
    const CLI::App* verb = nullptr;

    core::JobContext job() const; // stopped by signals, reports to the progress bar
    // For a verb that asks no job and writes no file: the first signal ends the program, with its line.
    void endsAtOnce() const;
    bool given(const std::string& flag) const { return verb->count(flag) > 0; }
    void tellOfDevice(const std::string& device) const; // why auto is not the card that is there
};

using VerbMain = std::function<ExitCode(Session&)>;

// The verbs of pissarro-cli: one CLI11 subcommand each, and what runs once the line is parsed.
class VerbTable {
public:
    explicit VerbTable(CLI::App& app)
        : m_app(app)
    {
    }

    // Adds a verb. `example` is a whole command line; it ends the help text.
    CLI::App& add(const std::string& name, const std::string& description,
                  const std::string& example, VerbMain main);
    void alias(const std::string& name, const std::string& other); // the same verb by another name
    bool has(const std::string& name) const { return m_mains.contains(name); }
    const CLI::App* parsed() const; // the verb on the command line; nullptr: none
    ExitCode run(Session& session) const; // Requires: parsed()

private:
    CLI::App& m_app;
    std::map<std::string, VerbMain> m_mains;
};

// One function a file of this folder.
void addInspect(VerbTable& verbs);
void addTokenize(VerbTable& verbs);
void addRender(VerbTable& verbs);
void addData(VerbTable& verbs);
void addScore(VerbTable& verbs);
void addEvaluate(VerbTable& verbs);
void addSpectrum(VerbTable& verbs);
void addAdvise(VerbTable& verbs);
void addInit(VerbTable& verbs);
void addQuantError(VerbTable& verbs);
void addTrain(VerbTable& verbs);
void addSweep(VerbTable& verbs);
void addLogits(VerbTable& verbs);
void addGenerate(VerbTable& verbs);
void addExport(VerbTable& verbs);
void addCompare(VerbTable& verbs);
void addPaper(VerbTable& verbs);
void addRuns(VerbTable& verbs);
void addModels(VerbTable& verbs);
void addServe(VerbTable& verbs);
void addJudge(VerbTable& verbs);
void addWatch(VerbTable& verbs); // with pause and stop

// Options that several verbs have.
void addModel(CLI::App& verb, std::string& model);
void addJson(CLI::App& verb, bool& json);
// A real number read as std::from_chars reads it: the nearest double, no detour through long
// double.
CLI::Option* addReal(CLI::App& verb, const std::string& names, double standard,
                     std::function<void(double)> take, const std::string& description);
CLI::Option* addReal(CLI::App& verb, const std::string& names, double& target,
                     const std::string& description);
// core::methodName() of those that `is` says yes to, or of all: what a flag takes.
std::vector<std::string> methodNames(bool (*is)(core::Method) = nullptr);
CLI::Validator aboveZero(); // for options that hold a real number
CLI::Validator realBetween(double lowest, double highest); // both included; infinity: no end

// The whole numbers that an option takes, both ends included.
template <class Whole>
struct WholeRange {
    Whole lowest = std::numeric_limits<Whole>::min();
    Whole highest = std::numeric_limits<Whole>::max();

    // "a whole number from 1 to 8", "a whole number from 1 on"
    std::string text() const
    {
        constexpr WholeRange kAll {};
        const std::string to = std::is_signed_v<Whole> && highest == kAll.highest
            ? std::string(" on")
            : fmt::format(" to {}", highest);
        return std::is_signed_v<Whole> && lowest == kAll.lowest
            ? std::string("a whole number")
            : fmt::format("a whole number from {}{}", lowest, to);
    }
};
// CLI11 itself would read 010 as eight, 0x10 as sixteen, an empty text as 0 and -1 as 2^64 - 1: no option leaves whole
// numbers to it. Digits alone are read, in base ten: 010 is ten.
// Throws: CLI::ValidationError "must be a whole number from 1 to 8, found "0x10"".
template <class Whole>
Whole wholeNumber(const std::string& flag, const std::string& text, const WholeRange<Whole>& range)
{
    const auto value = core::numberIn<Whole>(text);
    if (!value || *value < range.lowest || *value > range.highest) {
        throw CLI::ValidationError(flag,
                                   fmt::format("must be {}, found \"{}\"", range.text(), text));
    }
    return *value;
}
// An option of several names counts by its first one in messages.
template <class Whole>
CLI::Option* addWhole(CLI::App& verb, const std::string& names, Whole& target,
                      const WholeRange<std::type_identity_t<Whole>>& range,
                      const std::string& description)
{
    const bool isOpen = range.highest == std::numeric_limits<Whole>::max();
    const std::string kind = std::is_signed_v<Whole> ? "INT" : "UINT";
    return verb
        .add_option_function<std::string>(
            names,
            [&target, range, flag = names.substr(0, names.find(','))](const std::string& text) {
                target = wholeNumber<Whole>(flag, text, range);
            },
            description)
        ->type_name(isOpen ? kind
                           : fmt::format("{} in [{} - {}]", kind, range.lowest, range.highest))
        ->default_str(fmt::format("{}", target));
}
// A text that may be given several times, one value each time; a value is taken as it is, whatever
// it holds.
CLI::Option* addTexts(CLI::App& verb, const std::string& names, std::vector<std::string>& target,
                      const std::string& description);
CLI::Option* addTexts(CLI::App& verb, const std::string& names,
                      std::function<void(const std::string&)> take, const std::string& description);
// Patterns of several options: commas outside braces separate too ("q_proj,v_proj",
// "*.{q,v}_proj").
std::vector<std::string> splitPatterns(const std::vector<std::string>& texts);

// --checkpoint: which state of a run is taken.
CLI::Option* addCheckpoint(CLI::App& verb, core::StateChoice& choice);
// Which one was taken, as the JSON of a verb says it: {"step", "best", "last"}.
nlohmann::ordered_json stateJson(const core::StoredState& state);
// "1,2,4" -> {1, 2, 4}. Throws: UsageError naming the flag for anything but whole numbers in [lowest, highest].
std::vector<std::int64_t> parseWholeNumbers(const std::string& flag, const std::string& text,
                                            std::int64_t lowest, std::int64_t highest);

// Where a verb writes: -o, or another flag that names a file, and --force. The rule itself is core's
// (core/file/output.h); a verb asks it before its work, the writer again after it.
struct Output {
    std::string path; // empty: nothing is written
    bool force = false;

    // The rule with what the verb reads; empty paths do not count.
    core::OutputRule rule(std::vector<std::filesystem::path> inputs) const;
    // The rule for a file of a verb that reads `model` and `more`, asked before any work where a file is named.
    // Throws: core::Error when it may not be written, or the model is not there.
    core::OutputRule fileRule(const std::string& model,
                              std::vector<std::filesystem::path> more = {}) const;
};

// Adds `names` (-o,--output for most) and --force, which names "-o" in its help.
CLI::Option* addOutput(CLI::App& verb, Output& output, const std::string& description,
                       const std::string& names = "-o,--output");

} // namespace pissarro::cli
