// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/paper.h"

#include "app/cli/verb.h"
#include "core/file/output.h"

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    std::string experiment; // empty: the list
    std::string model = "MODEL";
    std::string data = "DATA";
    std::string form = "sweep";
    Output output;
    bool json = false;
};

std::string listText()
{
    std::string text;
    for (const core::PaperExperiment& one : core::paperExperiments()) {
        text += one.key + std::string(one.key.size() < 20 ? 20 - one.key.size() : 1, ' ')
            + one.title + "\n";
    }
    return text;
}

ordered_json toJson(const core::PaperExperiment& one)
{
    ordered_json figures = ordered_json::array();
    for (const core::PaperFigure& figure : one.figures) {
        figures.push_back(
            {{"row", figure.row}, {"column", figure.column}, {"value", figure.value}});
        if (!std::isnan(figure.deviation)) {
            figures.back()["deviation"] = figure.deviation;
        }
    }
    return {{"key", one.key},     {"title", one.title}, {"about", one.about},
            {"model", one.model}, {"data", one.data},   {"tasks", one.tasks},
            {"unit", one.unit},   {"figures", figures}, {"commands", one.commands},
            {"notes", one.notes}};
}

std::string toText(const core::PaperExperiment& one)
{
    std::string text =
        one.title + "\n" + one.about + "\nModel: " + one.model + "\nData: " + one.data + "\n\n";
    for (const core::PaperFigure& figure : one.figures) {
        text += "  " + figure.row + ", " + figure.column + ": " + exactNumber(figure.value)
            + (std::isnan(figure.deviation) ? "" : " +- " + exactNumber(figure.deviation)) + "\n";
    }
    for (const std::string& command : one.commands) {
        text += "\n" + command;
    }
    for (const std::string& note : one.notes) {
        text += "\n" + note;
    }
    return text + "\n";
}

ExitCode showList(bool json, Session& session)
{
    if (!json) {
        session.console.result(listText());
        return ExitCode::Done;
    }
    ordered_json all = ordered_json::array();
    for (const core::PaperExperiment& one : core::paperExperiments()) {
        all.push_back(toJson(one));
    }
    session.console.json({{"experiments", all}});
    return ExitCode::Done;
}

ExitCode paper(const Options& options, Session& session)
{
    if (options.experiment.empty()) {
        if (!options.output.path.empty()) {
            throw UsageError("-o writes the recipe of an experiment; name one of the list");
        }
        return showList(options.json, session);
    }
    const core::PaperExperiment& one = core::paperExperiment(options.experiment);
    if (!options.output.path.empty()) {
        const core::OutputRule rule = options.output.rule({options.model, options.data});
        if (options.form == "sweep" && one.axes.empty()) {
            throw UsageError(one.key + " trains nothing; what is run: " + one.commands.front());
        }
        core::writeOutputFile(options.output.path,
                              options.form == "sweep"
                                  ? core::paperSweepJson(one, options.model, options.data)
                                  : core::paperSpecJson(one, options.model, options.data),
                              rule);
        session.console.message("wrote " + options.output.path);
    }
    if (options.json) {
        session.console.json(toJson(one));
    } else {
        session.console.result(toText(one));
    }
    return ExitCode::Done;
}

} // namespace

void addPaper(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "paper", "The experiments of the PiSSA paper: recipes to run again, and its figures",
        "pissarro-cli paper table2-llama2-7b --model ./Llama-2-7b-hf --data metamath.jsonl -o "
        "sweep.json",
        [options](Session& session) { return paper(*options, session); });
    verb.add_option("EXPERIMENT", options->experiment, "one of the list; without: the list");
    verb.add_option("--model", options->model, "model to put into the recipe")
        ->capture_default_str();
    verb.add_option("--data", options->data, "data to put into the recipe")->capture_default_str();
    verb.add_option("--as", options->form,
                    "sweep: SWEEP.json with all axes; spec: RUN.json of its first run")
        ->check(CLI::IsMember({"sweep", "spec"}))
        ->capture_default_str();
    addOutput(verb, options->output, "recipe to write, for sweep or train");
    addJson(verb, options->json);
}

} // namespace pissarro::cli
