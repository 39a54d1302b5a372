// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/generate.h"

#include "app/cli/inference_options.h"
#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/dataset/data_mix.h"
#include "core/dataset/dataset.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/file/output_marker.h"
#include "core/text/number_text.h"
#include "core/tokenizer/tokenizer.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

struct Options {
    core::InferenceModel model;
    std::optional<core::StoredState> took; // of a run
    core::GenerateOptions how;
    std::string prompt;
    std::string idsOut;
    std::string prompts; // a file of them
    std::string promptTemplate = "alpaca";
    std::int64_t limit = 0; // prompts taken of the file; 0: all
    std::int64_t batchSize = 32;
    Output output;
    bool json = false;
};

double perSecond(std::size_t count, double seconds)
{
    return seconds > 0.0 ? static_cast<double>(count) / seconds : 0.0;
}

// With the state of the run that spoke, where it was one.
void printJson(ordered_json json, const Options& options, Session& session)
{
    if (options.took) {
        json["checkpoint"] = stateJson(*options.took);
    }
    session.console.json(json);
}

// The prompts of a data file, template applied; or the lines of a .txt file as they are.
std::vector<std::string> readPrompts(const Options& options, Console& console,
                                     const core::JobContext& job)
{
    const std::filesystem::path path = options.prompts;
    std::vector<std::string> prompts;
    if (path.extension() == ".txt") {
        const auto mapped = core::MappedFile::open(path);
        std::istringstream lines(std::string(reinterpret_cast<const char*>(mapped->bytes().data()),
                                             mapped->bytes().size()));
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty()) {
                prompts.push_back(line);
            }
        }
        core::requireIntact(mapped->bytes().data());
    } else {
        const auto wanted = core::parsePromptTemplate(options.promptTemplate);
        const auto tokenizer = wanted.isModels()
            ? core::tokenizerOf(core::partsOf(options.model.model, {}, options.model.checkpoint))
            : nullptr;
        core::DataFile file = core::readDataFile(path, wanted, tokenizer.get(), job);
        for (const core::Said& note : file.notes) {
            console.message(fmt::format("{}: {}", options.prompts, note.text()));
        }
        for (core::DataRow& row : file.rows) {
            prompts.push_back(std::move(row.prompt));
        }
    }
    if (prompts.empty()) {
        throw core::Error(
            core::ErrorKind::Format,
            fmt::format("{}: holds no prompt (expected one a line)", options.prompts));
    }
    if (options.limit > 0 && options.limit < static_cast<std::int64_t>(prompts.size())) {
        prompts.resize(static_cast<std::size_t>(options.limit));
    }
    return prompts;
}

ExitCode generateFile(const Options& options, Session& session)
{
    const std::string& file = options.output.path;
    std::vector<std::filesystem::path> read = core::dataPlaces(options.prompts);
    read.emplace_back(options.model.adapter);
    const core::OutputRule rule = options.output.fileRule(options.model.model, std::move(read));
    const std::vector<std::string> prompts = readPrompts(options, session.console, session.job());
    const auto start = core::Clock::now();
    double prefill = 0.0;
    double decode = 0.0;
    std::size_t done = 0;
    std::size_t promptTokens = 0;
    std::size_t newTokens = 0;
    session.tellOfDevice(options.model.device);
    core::GenerateOptions how = options.how;
    how.rendered = session.given("--template") && options.promptTemplate == "chat";
    const auto results = core::generateAll(
        options.model, prompts, how, options.batchSize,
        [&](std::size_t count) {
            session.job().checkpoint(
                static_cast<double>(count) / static_cast<double>(prompts.size()), "Generating");
        },
        session.job());
    std::string lines;
    for (const core::GenerateResult& result : results) {
        const ordered_json line {
            {"prompt", prompts[done]}, {"text", result.text}, {"new_ids", result.newIds}};
        // The mark of a file of lines stands in the first of them.
        lines += dumped(done++ == 0 && !file.empty() ? core::markedJson(line) : line) + "\n";
        promptTokens += result.promptIds.size();
        newTokens += result.newIds.size();
        prefill += result.prefillSeconds;
        decode += result.decodeSeconds;
    }
    if (!file.empty()) {
        core::writeOutputFile(file, lines, rule);
    }
    if (options.json) {
        printJson({{"prompts", prompts.size()},
                   {"prompt_tokens", promptTokens},
                   {"new_tokens", newTokens},
                   {"prefill_s", prefill},
                   {"decode_s", decode},
                   {"new_tokens_per_s", perSecond(newTokens, decode)}},
                  options, session);
    } else if (file.empty()) {
        session.console.product(lines);
    }
    const double seconds = core::secondsSince(start);
    session.console.message(fmt::format(
        "{} prompts, {} new tokens in {} ({} tokens/s after the prompts)", prompts.size(),
        newTokens, durationText(seconds), core::fixedText(perSecond(newTokens, decode), 1)));
    return ExitCode::Done;
}

ExitCode generate(const Options& options, Session& session)
{
    if (session.given("--prompt") == session.given("--prompts")) {
        throw UsageError("give --prompt or --prompts, one of them");
    }
    if (session.given("--prompts")) {
        return generateFile(options, session);
    }
    const std::string& idsFile = options.idsOut;
    const core::OutputRule rule = Output {idsFile, options.output.force}.fileRule(
        options.model.model, {options.model.adapter});
    const auto show = [&](std::string_view text) {
        if (!options.json) {
            session.console.product(text);
        }
    };
    session.tellOfDevice(options.model.device);
    const core::GenerateResult result =
        core::generate(options.model, options.prompt, options.how, show, session.job());
    show("\n");
    if (!idsFile.empty()) {
        core::writeOutputFile(idsFile, dumped(ordered_json(result.newIds)) + "\n", rule);
    }
    if (options.json) {
        printJson({{"text", result.text},
                   {"prompt_ids", result.promptIds},
                   {"new_ids", result.newIds},
                   {"prefill_s", result.prefillSeconds},
                   {"decode_s", result.decodeSeconds}},
                  options, session);
    }
    session.console.message(
        fmt::format("{} prompt tokens in {}, {} new tokens in {} ({} tokens/s)",
                    result.promptIds.size(), durationText(result.prefillSeconds),
                    result.newIds.size(), durationText(result.decodeSeconds),
                    core::fixedText(perSecond(result.newIds.size(), result.decodeSeconds), 1)));
    return ExitCode::Done;
}

void addSampling(CLI::App& verb, core::GenerateOptions& how)
{
    auto* greedy = verb.add_flag("--greedy", how.greedy, "always the likeliest token");
    addReal(verb, "--temperature", how.temperature, "of sampling, above 0")
        ->check(aboveZero())
        ->excludes(greedy);
    addReal(verb, "--top-p", how.topP, "sample from the likeliest tokens of this total probability")
        ->check(realBetween(1e-9, 1.0))
        ->excludes(greedy);
    addWhole(verb, "--top-k", how.topK, {0}, "sample from so many of the likeliest tokens; 0: all")
        ->excludes(greedy);
    addReal(verb, "--min-p", how.minP,
            "sample from tokens at least this share as likely as the likeliest")
        ->check(realBetween(0.0, 1.0))
        ->excludes(greedy);
    addReal(verb, "--repetition-penalty", how.repetitionPenalty,
            "on tokens that occurred, above 0; 1: none")
        ->check(aboveZero());
    addTexts(verb, "--stop", how.stops,
             "text that ends the answer, left out of it; may be repeated");
    addWhole(verb, "--seed", how.seed, {}, "of sampling");
}

} // namespace

void addGenerate(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("generate", "Text that the model, perhaps with an adapter, continues with",
                  "pissarro-cli generate model.gguf --chat --greedy --prompt "
                  "\"What is the capital of France?\"",
                  [options](Session& session) {
                      tellInto(session, options->model, options->took);
                      return generate(*options, session);
                  });
    addInferenceModel(verb, options->model);
    core::GenerateOptions& how = options->how;
    verb.add_option("--prompt", options->prompt, "text to continue");
    auto* prompts = verb.add_option("--prompts", options->prompts,
                                    "file of prompts instead: a data file (.jsonl, .json), or "
                                    ".txt with one a line");
    verb.add_option("--template", options->promptTemplate, "of a data file's prompts")
        ->check(CLI::IsMember({"alpaca", "chat", "plain"}))
        ->needs(prompts)
        ->capture_default_str();
    addWhole(verb, "--limit", options->limit, {0}, "prompts taken of the file; 0: all")
        ->needs(prompts);
    addWhole(verb, "--batch-size", options->batchSize, {1, 4096}, "prompts at a time")
        ->needs(prompts);
    addOutput(verb, options->output, "JSON lines to write: prompt, text, new_ids of each")
        ->needs(prompts);
    verb.add_flag("--chat", how.chat, "the prompt is a message in the model's chat template");
    addWhole(verb, "--max-new-tokens", how.maxNewTokens, {1}, "at most this many");
    addSampling(verb, how);
    verb.add_option("--ids-out", options->idsOut,
                    "JSON list to write the new token ids to (a bare list holds no mark: --force "
                    "does not replace it)")
        ->excludes(prompts);
    addJson(verb, options->json);
}

} // namespace pissarro::cli
