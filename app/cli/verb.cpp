// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"

#include "core/base/fmt.h"
#include "core/model/model_files.h"
#include "core/session/open_model.h"
#include "core/tensor/devices.h"
#include "core/text/number_text.h"

#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

namespace pissarro::cli {

core::JobContext Session::job() const
{
    return core::JobContext(interrupt.token(), [this](double fraction, std::string_view stage) {
        console.progress(fraction, stage);
    });
}

void Session::endsAtOnce() const
{
    interrupt.softenFirst([&shown = console] {
        shown.error("interrupted; nothing more was written");
        std::_Exit(static_cast<int>(ExitCode::Interrupted));
    });
}

void Session::tellOfDevice(const std::string& device) const
{
    if (const std::string note = core::autoDeviceNote(device); !note.empty()) {
        console.message(note);
    }
}

CLI::App& VerbTable::add(const std::string& name, const std::string& description,
                         const std::string& example, VerbMain main)
{
    CLI::App* verb = m_app.add_subcommand(name, description);
    verb->footer("Example:\n  " + example);
    m_mains[name] = std::move(main);
    return *verb;
}

void VerbTable::alias(const std::string& name, const std::string& other)
{
    m_app.get_subcommand(name)->alias(other);
    m_mains[other] = m_mains.at(name);
}

const CLI::App* VerbTable::parsed() const
{
    const auto verbs = m_app.get_subcommands();
    return verbs.empty() ? nullptr : verbs.front();
}

ExitCode VerbTable::run(Session& session) const
{
    const CLI::App* verb = parsed();
    assert(verb != nullptr);
    Session own {session.console, session.interrupt, verb};
    return m_mains.at(verb->get_name())(own);
}

void addModel(CLI::App& verb, std::string& model)
{
    verb.add_option("MODEL", model,
                    "Hugging Face folder, .gguf file, id in the local Hugging Face cache, or the "
                    "directory of a run")
        ->required();
}

void addJson(CLI::App& verb, bool& json)
{
    verb.add_flag("--json", json, "print one JSON document on stdout and nothing else");
}

CLI::Option* addReal(CLI::App& verb, const std::string& names, double standard,
                     std::function<void(double)> take, const std::string& description)
{
    return verb
        .add_option_function<std::string>(
            names,
            [take = std::move(take), names](const std::string& text) {
                const auto value = core::numberIn<double>(text);
                if (!value || !std::isfinite(*value)) {
                    throw CLI::ValidationError(names,
                                               fmt::format("must be a number, found \"{}\"", text));
                }
                take(*value);
            },
            description)
        ->type_name("REAL")
        ->default_str(exactNumber(standard));
}

CLI::Option* addReal(CLI::App& verb, const std::string& names, double& target,
                     const std::string& description)
{
    return addReal(
        verb, names, target, [&target](double value) { target = value; }, description);
}

CLI::Validator aboveZero()
{
    return {[](const std::string& text) {
                const auto value = core::numberIn<double>(text);
                return value && *value > 0.0 ? std::string()
                                             : fmt::format("must be above 0, found \"{}\"", text);
            },
            "ABOVE 0"};
}

CLI::Validator realBetween(double lowest, double highest)
{
    const std::string range = std::isinf(highest)
        ? fmt::format("from {} on", core::numberText(lowest))
        : fmt::format("from {} to {}", core::numberText(lowest), core::numberText(highest));
    return {[lowest, highest, range](const std::string& text) {
                const auto value = core::numberIn<double>(text);
                return value && *value >= lowest && *value <= highest // NaN: neither
                    ? std::string()
                    : fmt::format("must be a number {}, found \"{}\"", range, text);
            },
            std::isinf(highest)
                ? "FROM " + core::numberText(lowest)
                : fmt::format("in [{} - {}]", core::numberText(lowest), core::numberText(highest))};
}

std::vector<std::string> methodNames(bool (*is)(core::Method))
{
    std::vector<std::string> names;
    for (const core::Method method : is != nullptr ? core::methodsWhere(is) : core::allMethods()) {
        names.emplace_back(method->name);
    }
    return names;
}

CLI::Option* addTexts(CLI::App& verb, const std::string& names, std::vector<std::string>& target,
                      const std::string& description)
{
    return addTexts(
        verb, names, [&target](const std::string& text) { target.push_back(text); }, description);
}

CLI::Option* addTexts(CLI::App& verb, const std::string& names,
                      std::function<void(const std::string&)> take, const std::string& description)
{
    return verb.add_option_function<std::string>(names, std::move(take), description)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->expected(1)
        ->trigger_on_parse();
}

std::vector<std::string> splitPatterns(const std::vector<std::string>& texts)
{
    std::vector<std::string> patterns;
    for (const std::string& text : texts) {
        std::string pattern;
        int depth = 0;
        for (const char c : text) {
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (c == ',' && depth <= 0) {
                patterns.push_back(std::move(pattern));
                pattern.clear();
            } else {
                pattern += c;
            }
        }
        patterns.push_back(std::move(pattern));
    }
    return patterns;
}

CLI::Option* addCheckpoint(CLI::App& verb, core::StateChoice& choice)
{
    return verb
        .add_option_function<std::string>(
            "--checkpoint",
            [&choice](const std::string& text) {
                try {
                    choice = core::parseStateChoice(text);
                } catch (const core::Error& e) {
                    throw CLI::ValidationError("--checkpoint", e.what());
                }
            },
            "state of a run: best, last, or a step that is kept; default: the best where "
            "evaluations chose one, else the last")
        ->type_name("best|last|STEP");
}

nlohmann::ordered_json stateJson(const core::StoredState& state)
{
    return {{"step", state.step}, {"best", state.isBest}, {"last", state.isLast}};
}

std::vector<std::int64_t> parseWholeNumbers(const std::string& flag, const std::string& text,
                                            std::int64_t lowest, std::int64_t highest)
{
    std::vector<std::int64_t> numbers;
    const char* at = text.data();
    const char* end = at + text.size();
    while (true) {
        std::int64_t number = 0;
        const auto read = std::from_chars(at, end, number);
        if (read.ec != std::errc() || number < lowest || number > highest
            || (read.ptr != end && *read.ptr != ',')) {
            throw UsageError(
                fmt::format("{} must be whole numbers from {} to {} with commas between "
                            "(1,2,4), found \"{}\"",
                            flag, lowest, highest, text));
        }
        numbers.push_back(number);
        if (read.ptr == end) {
            return numbers;
        }
        at = read.ptr + 1;
    }
}

core::OutputRule Output::rule(std::vector<std::filesystem::path> inputs) const
{
    return {std::move(inputs), force ? core::Overwrite::Ours : core::Overwrite::Never};
}

core::OutputRule Output::fileRule(const std::string& model,
                                  std::vector<std::filesystem::path> more) const
{
    more.emplace_back(model);
    core::OutputRule found = rule(std::move(more));
    if (!path.empty()) {
        core::checkOutputFile(
            path, found); // a name that cannot be is told of before a model that is not there
        core::resolveModel(model); // one that is not there is told of before its places
        found = found.with(core::readPlaces(model));
        core::checkOutputFile(path, found);
    }
    return found;
}

CLI::Option* addOutput(CLI::App& verb, Output& output, const std::string& description,
                       const std::string& names)
{
    CLI::Option* option = verb.add_option(names, output.path, description);
    if (verb.get_option_no_throw("--force") == nullptr) {
        verb.add_flag("--force", output.force,
                      "replace an earlier output there, if this program wrote all of it");
    }
    return option;
}

} // namespace pissarro::cli
