// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluate.h"

#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

namespace pissarro::cli {

namespace {

struct Options {
    core::EvaluationSpec spec;
    core::StateChoice checkpoint;
    std::vector<std::string> models;
    std::vector<std::string> names;
    double temperature = 0.0; // 0: greedy
    std::string python = "python3";
    bool resume = false;
    bool runCode = false;
    Output output;
    bool json = false;
};

std::vector<std::string> taskNames()
{
    std::vector<std::string> names;
    for (const core::EvaluatedTask& task : core::evaluatedTasks()) {
        names.emplace_back(task.name);
    }
    return names;
}

template <class Enum>
std::vector<std::string> namesOfAll()
{
    std::vector<std::string> names;
    for (const auto& entry : core::EnumNames<Enum>::all) {
        names.emplace_back(entry.name);
    }
    return names;
}

// Whoever goes on with the evaluation may stand in another folder: what lies on the disk is kept by its whole path.
std::string wholePath(const std::string& path)
{
    std::error_code failed;
    if (path.empty() || !std::filesystem::exists(path, failed)) {
        return path; // an id of the cache
    }
    const auto whole = std::filesystem::absolute(path, failed).lexically_normal();
    return failed ? path : whole.string();
}

// What the line names, each with a name of its own.
std::vector<core::EvaluatedModel> modelsOf(const Options& options, const Session& session)
{
    if (options.names.size() > options.models.size()) {
        throw UsageError("there are more --name than models; give one each, in their order");
    }
    std::vector<core::EvaluatedModel> models;
    bool isRun = false;
    for (std::size_t i = 0; i < options.models.size(); ++i) {
        core::EvaluatedModel model = core::evaluatedModel(options.models[i]);
        if (session.given("--checkpoint") && model.adapter.empty()
            && core::partsOf(model.model, {}, options.checkpoint).run) {
            model.checkpoint = options.checkpoint;
            isRun = true;
        }
        if (i < options.names.size()) {
            model.name = options.names[i];
        }
        model.model = wholePath(model.model);
        model.adapter = wholePath(model.adapter.string());
        models.push_back(std::move(model));
    }
    if (session.given("--checkpoint") && !isRun) {
        throw UsageError(
            "--checkpoint is for the directory of a run, and none is named; leave it out");
    }
    core::makeNamesUnique(models);
    return models;
}

std::string percent(double share)
{
    return core::fixedText(100.0 * share, 2);
}

std::string scoreText(const core::ModelScore& model)
{
    const std::string name = core::terminalLine(model.name);
    if (model.loss) {
        const core::Perplexity found = core::perplexityOf(*model.loss);
        const auto number = [](const std::optional<double>& value) {
            return value ? core::fixedText(*value, 4) : std::string("undefined");
        };
        const auto& range = model.perplexityInterval;
        return name + (model.isPseudo ? ": pseudo-perplexity " : ": perplexity ")
            + number(found.perplexity)
            + (range ? " (" + core::fixedText(range->low, 4) + " to "
                       + core::fixedText(range->high, 4) + ")"
                     : "")
            + ", mean loss " + number(found.meanNll) + " over "
            + core::groupedText(model.loss->scored) + " tokens\n";
    }
    if (model.labels && model.rules.empty()) {
        return name + ": " + core::labelScoreText(*model.labels) + "\n";
    }
    if (model.rules.empty()) {
        return name + ": " + core::groupedText(model.tokens)
            + " tokens written, to be judged afterwards\n";
    }
    std::string text;
    for (const core::RuleScore& rule : model.rules) {
        text += name + ": " + core::groupedText(rule.correct) + " of "
            + core::groupedText(rule.answers) + " correct, " + percent(rule.score) + " % ("
            + percent(rule.interval.low) + " to " + percent(rule.interval.high) + ") by the rule "
            + rule.rule;
        for (const auto& [k, share] : rule.passAt) {
            text += fmt::format(", pass@{} {} %", k, percent(share));
        }
        if (model.labels) {
            text += ", " + core::labelScoreText(*model.labels);
        }
        text += "\n";
    }
    return text;
}

std::string chanceText(double p)
{
    constexpr double kLeast = 0.0001; // below it four digits say 0, which no p is
    return p < kLeast ? std::string("p < 0.0001") : fmt::format("p {}", core::fixedText(p, 4));
}

std::string pairText(const core::ModelPair& pair)
{
    const std::string a = core::terminalLine(pair.a);
    const std::string b = core::terminalLine(pair.b);
    const std::string names = a + " and " + b + ": ";
    if (pair.nllDifference) {
        return names + "mean loss differs by " + core::fixedText(*pair.nllDifference, 4) + ", "
            + chanceText(pair.p) + "\n";
    }
    const core::PairedAnswers& answers = pair.answers;
    if (answers.questions() == 0) {
        return {};
    }
    return names + "both " + core::groupedText(answers.both) + ", only " + a + " "
        + core::groupedText(answers.onlyA) + ", only " + b + " " + core::groupedText(answers.onlyB)
        + ", neither " + core::groupedText(answers.none) + "; " + chanceText(pair.p)
        + " (McNemar's exact test)\n";
}

ExitCode evaluate(Options options, Session& session)
{
    core::EvaluationSpec& spec = options.spec;
    spec.models = modelsOf(options, session);
    spec.data = wholePath(spec.data.string());
    if (session.given("--window") && !session.given("--stride")) {
        spec.windows.stride = std::max<std::int64_t>(1, spec.windows.length / 2);
    }
    spec.sampling.greedy = options.temperature == 0.0;
    spec.sampling.temperature = spec.sampling.greedy ? 1.0 : options.temperature;
    if (core::evaluatedTask(spec.task).runsCode && !options.runCode) {
        throw UsageError(std::string(core::evaluatedTask(spec.task).title)
                         + " is scored by running what the model wrote, in a sandbox; agree to "
                           "that with --run-code");
    }
    session.tellOfDevice(spec.device);
    core::EvaluateOptions how;
    how.folder = options.output.path;
    how.overwrite = options.output.force ? core::Overwrite::Ours : core::Overwrite::Never;
    how.resume = options.resume;
    how.consent = options.runCode ? core::CodeConsent::Given : core::CodeConsent::NotGiven;
    how.python = options.python;
    how.warn = [&session](std::string_view line) { session.console.warning(line); };
    const core::Evaluation evaluation = core::runEvaluation(spec, how, session.job());
    if (options.json) {
        session.console.json(core::toJson(evaluation.summary));
        return ExitCode::Done;
    }
    std::string text;
    for (const core::ModelScore& model : evaluation.summary.models) {
        text += scoreText(model);
    }
    for (const core::ModelPair& pair : evaluation.summary.pairs) {
        text += pairText(pair);
    }
    session.console.result(text);
    return ExitCode::Done;
}

void addSpeech(CLI::App& verb, Options& options)
{
    core::EvaluationSpec& spec = options.spec;
    core::Sampling& how = spec.sampling;
    addWhole(verb, "--max-new-tokens", spec.maxNewTokens, {1}, "of an answer, at most this many");
    addTexts(verb, "--stop", spec.stops,
             "text that ends an answer, left out of it; may be repeated");
    addReal(verb, "--temperature", options.temperature,
            "of sampling; 0: always the likeliest token (default)")
        ->check(realBetween(0.0, std::numeric_limits<double>::infinity()));
    addWhole(verb, "--top-k", how.topK, {0}, "sample from so many of the likeliest tokens; 0: all");
    addReal(verb, "--top-p", how.topP, "sample from the likeliest tokens of this total probability")
        ->check(realBetween(0.0, 1.0));
    addReal(verb, "--min-p", how.minP,
            "sample from tokens at least this share as likely as the likeliest")
        ->check(realBetween(0.0, 1.0));
    addReal(verb, "--repetition-penalty", how.repetitionPenalty,
            "on tokens that occurred, above 0; 1: none")
        ->check(aboveZero());
    addWhole(verb, "--seed", how.seed, {}, "of sampling");
    addWhole(verb, "--samples", spec.samples, {1, 10'000}, "answers to each question, for pass@k");
}

void addMachine(CLI::App& verb, core::EvaluationSpec& spec)
{
    addWhole(verb, "--batch-size", spec.batchSize, {1, 4096}, "questions at a time");
    verb.add_option_function<std::string>(
            "--dtype",
            [&spec](const std::string& text) { spec.dtype = core::parseBaseDType(text); },
            "computed in; the file's own dtype is converted")
        ->check(CLI::IsMember({"float32", "bfloat16"}))
        ->default_str("float32");
    verb.add_option("--device", spec.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    addWhole(verb, "--threads", spec.threads, {0, 1024}, "0: as many as this process may use");
}

void addWindows(CLI::App& verb, core::WindowPlan& windows)
{
    verb.add_option_function<std::string>(
            "--windows",
            [&windows](const std::string& text) {
                windows.rule =
                    core::parseIn(core::EnumNames<core::WindowRule>::all, "--windows", text);
            },
            "of perplexity: how a long text is cut")
        ->check(CLI::IsMember(namesOfAll<core::WindowRule>()))
        ->default_str("stride");
    addWhole(verb, "--window", windows.length, {2, 1'048'576},
             "of perplexity: tokens that are seen at once");
    addWhole(verb, "--stride", windows.stride, {1, 1'048'576},
             "of perplexity: tokens from window to window");
}

void addQuestions(CLI::App& verb, Options& options)
{
    core::EvaluationSpec& spec = options.spec;
    verb.add_option("WHAT", options.models,
                    "each a run's directory, a model, or MODEL+ADAPTERDIR; those on one base "
                    "answer together")
        ->required();
    verb.add_option("--task", spec.task, "what they are put to")
        ->required()
        ->check(CLI::IsMember(taskNames()));
    verb.add_option("--data", spec.data,
                    "the task's questions, an object a line; texts for perplexity")
        ->required();
    addTexts(verb, "--name", options.names, "of each model in the results, in their order");
    addCheckpoint(verb, options.checkpoint);
    const auto rules = core::ruleNames();
    verb.add_option("--rule", spec.rule,
                    "whose score is the score: as the paper's scripts judge (default), or as is "
                    "usual; the others are told too")
        ->check(CLI::IsMember(std::vector<std::string>(rules.begin(), rules.end())));
    verb.add_option_function<std::string>(
            "--template,--prompt-template",
            [&spec](const std::string& text) {
                spec.promptTemplate = core::parsePromptTemplate(text);
            },
            "that stands around a question")
        ->check(CLI::IsMember(namesOfAll<core::PromptTemplate>()))
        ->default_str("alpaca");
    addWhole(verb, "--rows,--limit", spec.rows, {0}, "the first so many questions; 0: all");
}

} // namespace

void addEvaluate(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("eval", "Puts models to a task: scores with intervals, and every answer",
                  "pissarro-cli eval run/pissa run/lora model --task gsm8k --data test.jsonl "
                  "--rows 200 -o eval",
                  [options](Session& session) { return evaluate(*options, session); });
    verbs.alias("eval", "evaluate");
    addQuestions(verb, *options);
    addSpeech(verb, *options);
    addWindows(verb, options->spec.windows);
    addMachine(verb, options->spec);
    addOutput(verb, options->output,
              "folder to write; one that holds the same evaluation is gone on with")
        ->required();
    verb.add_flag("--resume", options->resume, "there has to be an evaluation to go on with")
        ->excludes(verb.get_option("--force"));
    verb.add_flag("--run-code", options->runCode,
                  "agrees that programs which a model wrote are run, in a sandbox; where there is "
                  "none, nothing is run");
    verb.add_option("--python", options->python, "what runs them")->capture_default_str();
    addJson(verb, options->json);
}

} // namespace pissarro::cli
