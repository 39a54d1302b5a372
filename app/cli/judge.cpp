// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/inference_options.h"
#include "core/base/fmt.h"
#include "core/evaluate/judging.h"
#include "core/serve/model_server.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

namespace pissarro::cli {

namespace {

struct Options {
    core::JudgingSpec spec;
    std::vector<std::string> answers;
    core::InferenceModel model; // that judges
    std::optional<core::StoredState> took; // of a run
    core::JudgeAddress address;
    std::string name; // of the judge
    core::JudgeOptions how;
    bool pairs = false;
    Output output;
    bool json = false;
};

std::unique_ptr<core::Judge> openedJudge(Options& options, Session& session)
{
    if (session.given("--judge") == session.given("--judge-url")) {
        throw UsageError("give --judge or --judge-url, one of them");
    }
    if (session.given("--judge-url")) {
        options.address.model = options.name;
        return core::callJudge(options.address, options.how, session.job());
    }
    options.model.warn = [&session](std::string_view line) { session.console.warning(line); };
    session.tellOfDevice(options.model.device);
    return core::openJudge(
        options.model, options.name.empty() ? core::servedName(options.model.model) : options.name,
        options.how, session.job());
}

std::string meanText(const core::SampleSummary& scores)
{
    return scores.count > 0 ? core::fixedText(scores.mean, 2) : std::string("none");
}

std::string textOf(const core::Judging& judging)
{
    std::string text;
    for (const core::JudgedModel& model : judging.models) {
        const auto& range = model.all.interval;
        text += fmt::format("{}: {}{} of 10 by {} ratings (first turn {}, second turn {})\n",
                            core::terminalLine(model.name), meanText(model.all),
                            range ? fmt::format(" ({} to {})", core::fixedText(range->low, 2),
                                                core::fixedText(range->high, 2))
                                  : std::string(),
                            core::groupedText(model.all.count), meanText(model.firstTurn),
                            meanText(model.secondTurn));
    }
    for (const core::JudgedPair& pair : judging.pairs) {
        text +=
            fmt::format("{} against {}: {} won, {} lost, {} tied\n", core::terminalLine(pair.first),
                        core::terminalLine(pair.second), core::groupedText(pair.won),
                        core::groupedText(pair.lost), core::groupedText(pair.tied));
    }
    return text;
}

void tellOfNonsense(const core::Judging& judging, Session& session)
{
    constexpr std::size_t kNamed = 3;
    if (judging.unread.empty()) {
        return;
    }
    std::string places;
    for (std::size_t i = 0; i < std::min(kNamed, judging.unread.size()); ++i) {
        places += fmt::format("{}{}", i == 0 ? "" : "; ", judging.unread[i]);
    }
    session.console.warning(fmt::format(
        "{} of {} judgments of {} hold no verdict and do not count: {}{}", judging.unread.size(),
        judging.judgments, judging.judge, places, judging.unread.size() > kNamed ? "; …" : ""));
}

ExitCode judge(Options& options, Session& session)
{
    options.spec.answers.assign(options.answers.begin(), options.answers.end());
    options.spec.mode = options.pairs ? core::JudgeMode::Pair : core::JudgeMode::Single;
    if (session.given("--baseline") && !options.pairs) {
        throw UsageError("--baseline is of --pairs; add that, or leave it out");
    }
    core::JudgingOptions how;
    how.folder = options.output.path;
    how.overwrite = options.output.force ? core::Overwrite::Ours : core::Overwrite::Never;
    how.warn = [&session](std::string_view line) { session.console.warning(line); };
    const auto judge = openedJudge(options, session);
    const core::Judging judging = core::judgeAnswers(options.spec, *judge, how, session.job());
    if (options.json) {
        session.console.json(core::toJson(judging));
    } else {
        session.console.result(textOf(judging));
    }
    tellOfNonsense(judging, session);
    session.console.message("judgments: " + judging.file.string());
    return ExitCode::Done;
}

void addJudges(CLI::App& verb, Options& options)
{
    verb.add_option("--judge", options.model.model,
                    "model that judges: folder, .gguf file, id of the local cache, or a run");
    verb.add_option("--judge-url", options.address.url,
                    "server that judges, with OpenAI's API: http://127.0.0.1:8000/v1");
    verb.add_option("--judge-name", options.name,
                    "of the judge in the results; with --judge-url its model there (default: the "
                    "first that it lists)");
    verb.add_option("--judge-key", options.address.key,
                    "API key of that server; better in $PISSARRO_JUDGE_KEY")
        ->envname("PISSARRO_JUDGE_KEY");
    verb.add_flag("--allow-remote", options.address.mayBeElsewhere,
                  "agrees that questions and answers go, unencrypted, to a server that is not this "
                  "machine");
    addWhole(verb, "--max-new-tokens", options.how.maxNewTokens, {1},
             "of a judgment, at most this many");
    addWhole(verb, "--batch-size", options.how.together, {1, 1024}, "questions at a time");
    addComputing(verb, options.model);
}

} // namespace

void addJudge(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("judge", "Has answers of MT-Bench rated, or compared in pairs, by a model",
                  "pissarro-cli judge eval/mt-bench --judge judge.gguf -o judged",
                  [options](Session& session) { return judge(*options, session); });
    verb.add_option("ANSWERS", options->answers,
                    "folders of evaluations of mt-bench, or FastChat's model_answer/MODEL.jsonl")
        ->required();
    addJudges(verb, *options);
    verb.add_option("--questions", options->spec.questions,
                    "MT-Bench's question.jsonl; default: that of the evaluation");
    verb.add_option("--references", options->spec.references,
                    "FastChat's reference_answer/….jsonl; default: what the questions hold");
    verb.add_flag("--pairs", options->pairs,
                  "which of two is better, each pair twice with places swapped; without it each "
                  "answer is rated from 1 to 10");
    verb.add_option(
        "--baseline", options->spec.baseline,
        "of pairs: the model that each other one is compared with; without it each two");
    addWhole(verb, "--rows,--limit", options->spec.rows, {0},
             "the first so many questions; 0: all");
    addOutput(verb, options->output,
              "folder to write; one that holds the same judging is gone on with")
        ->required();
    addJson(verb, options->json);
}

} // namespace pissarro::cli
