// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verb.h"
#include "core/base/fmt.h"
#include "core/dataset/data_figures.h"
#include "core/dataset/data_mix.h"
#include "core/dataset/labelled_texts.h"
#include "core/model/model_files.h"
#include "core/run/head_labels.h"
#include "core/session/open_model.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace pissarro::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kUncut = std::int64_t {1} << 30;
constexpr std::size_t kShownBad = 5;

struct Options {
    std::string file;
    std::string model;
    std::string promptTemplate = "alpaca";
    std::string columns;
    std::string learned = "all";
    std::string testSet;
    std::int64_t maxLength = 512;
    std::int64_t batchSize = 8;
    std::uint64_t seed = 0;
    std::int64_t row = 0; // 0: none is shown
    bool strict = false;
    Output bad;
    bool json = false;

    core::DataOptions how() const
    {
        core::DataOptions how;
        how.promptTemplate = core::parsePromptTemplate(promptTemplate);
        how.columns = core::parseColumnMap(columns);
        how.learned = core::parseIn(core::EnumNames<core::LearnedTurns>::all, "learn", learned);
        how.strict = strict;
        return how;
    }
};

ordered_json badJson(const core::BadRows& bad)
{
    ordered_json first = ordered_json::array();
    for (const core::BadRow& row : bad.first) {
        first.push_back({{"line", row.line}, {"why", row.why}});
    }
    return {{"count", bad.count}, {"first", first}};
}

ordered_json lengthsJson(const core::LengthFigures& lengths)
{
    return {{"shortest", lengths.shortest}, {"median", lengths.median},
            {"mean", lengths.mean},         {"percentile_95", lengths.most},
            {"longest", lengths.longest},   {"bin_width", lengths.binWidth},
            {"bins", lengths.bins}};
}

ordered_json foundJson(const core::FoundRows& found)
{
    return {{"rows", found.count}, {"lines", found.lines}};
}

ordered_json checksJson(const core::TextChecks& checks, const std::string& testSet)
{
    ordered_json out = {{"empty_answers", foundJson(checks.emptyAnswers)},
                        {"invisible_characters", foundJson(checks.invisible)}};
    if (!testSet.empty()) {
        ordered_json shared = ordered_json::array();
        for (const core::SharedText& one : checks.shared) {
            shared.push_back({{"line", one.line},
                              {"test_line", one.testLine},
                              {"share", one.share},
                              {"shared", one.shared}});
        }
        out["leakage"] = {{"test_set", testSet},
                          {"test_rows", checks.testRows},
                          {"rows", checks.near},
                          {"test_rows_met", checks.nearTest},
                          {"first", shared}};
    }
    return out;
}

ordered_json duplicatesJson(const core::Duplicates& found, const core::TokenizedData& data)
{
    ordered_json pairs = ordered_json::array();
    for (const core::Duplicates::Pair& pair : found.pairs) {
        pairs.push_back({data.examples[static_cast<std::size_t>(pair.first)].place.line,
                         data.examples[static_cast<std::size_t>(pair.again)].place.line});
    }
    return {{"rows", found.rows}, {"same_question", found.sameQuestion}, {"lines", pairs}};
}

// What a row becomes: its text in tokens, which of them are learned, and where it is cut.
ordered_json rowJson(const core::TokenizedData& whole, const Options& options,
                     const core::Tokenizer& tokenizer)
{
    const auto rows = static_cast<std::int64_t>(whole.examples.size());
    if (options.row > rows) {
        throw core::Error(core::ErrorKind::InvalidArgument,
                          fmt::format("the row {} is none of the {} rows that are learned from",
                                      options.row, rows));
    }
    const core::Example& example = whole.examples[static_cast<std::size_t>(options.row - 1)];
    ordered_json mask = ordered_json::array();
    for (std::size_t i = 0; i < example.ids.size(); ++i) {
        mask.push_back(example.isLearned(i) ? 1 : 0);
    }
    ordered_json row = {
        {"row", options.row},
        {"line", example.place.line},
        {"text", tokenizer.decode(example.ids)},
        {"ids", example.ids},
        {"mask", mask},
        {"kept",
         std::min<std::int64_t>(static_cast<std::int64_t>(example.ids.size()), options.maxLength)}};
    if (example.target) {
        row["label"] = *example.target;
    }
    return row;
}

ordered_json tokensJson(const core::TokenizedData& whole, const Options& options,
                        const core::JobContext& job)
{
    const core::CutFigures cut = core::cutFigures(whole, options.maxLength);
    const std::int64_t used = cut.rows - cut.leftOut;
    const double padding = core::paddingShare(whole.summary.lengths, options.maxLength,
                                              options.batchSize, options.seed);
    return {{"rows", whole.summary.rows},
            {"used", used},
            {"not_to_be_learned", whole.summary.unlearned},
            {"tokens_per_epoch", cut.tokens},
            {"loss_tokens_per_epoch", cut.lossTokens},
            {"lengths", lengthsJson(core::lengthFigures(whole.summary.lengths))},
            {"cut",
             {{"max_length", options.maxLength},
              {"rows", cut.cut},
              {"left_out", cut.leftOut},
              {"tokens_lost", cut.tokensLost}}},
            {"batches_per_epoch", (used + options.batchSize - 1) / options.batchSize},
            {"padding", padding},
            {"duplicates", duplicatesJson(core::duplicatesOf(whole, job), whole)}};
}

void printFound(Console& console, const char* what, const core::FoundRows& found)
{
    if (found.count > 0) {
        console.result(fmt::format("{}: {} (line {}{})\n", what, found.count, found.lines.front(),
                                   found.count > 1 ? ", …" : ""));
    }
}

void printTokens(Console& console, const ordered_json& tokens, std::int64_t maxLength)
{
    const auto number = [&](const char* path) {
        return tokens.at(ordered_json::json_pointer(path)).dump();
    };
    console.result(fmt::format("rows: {}, used: {}\n", number("/rows"), number("/used")));
    console.result(fmt::format("tokens an epoch: {}, of them count for the loss: {}\n",
                               number("/tokens_per_epoch"), number("/loss_tokens_per_epoch")));
    console.result(fmt::format("lengths: median {}, 95 % {}, longest {}\n",
                               number("/lengths/median"), number("/lengths/percentile_95"),
                               number("/lengths/longest")));
    console.result(fmt::format("cut at {}: {} rows, {} of them left out; tokens lost: {}\n",
                               maxLength, number("/cut/rows"), number("/cut/left_out"),
                               number("/cut/tokens_lost")));
    console.result(fmt::format("batches an epoch: {}, padding: {}\n", number("/batches_per_epoch"),
                               number("/padding")));
    console.result(
        fmt::format("repeated rows: {}, other answers to a question that stood before: {}\n",
                    number("/duplicates/rows"), number("/duplicates/same_question")));
}

void printChecks(Console& console, const core::TextChecks& checks)
{
    printFound(console, "empty answers", checks.emptyAnswers);
    printFound(console, "rows with invisible characters", checks.invisible);
    if (checks.testRows > 0) {
        console.result(fmt::format("near one of {} test rows: {}\n", checks.testRows, checks.near));
        for (std::size_t i = 0; i < std::min(checks.shared.size(), kShownBad); ++i) {
            const core::SharedText& one = checks.shared[i];
            console.result(fmt::format("  line {} and test line {}: {}\n", one.line, one.testLine,
                                       core::shownText(one.shared, 120)));
        }
    }
}

// What of a file is told whoever read it.
template <class Read>
void describe(ordered_json& document, const Read& read)
{
    document["kind"] = read.kind.text();
    document["columns"] = read.columns;
    document["bad"] = badJson(read.bad);
    ordered_json notes = ordered_json::array();
    for (const core::Said& note : read.notes) {
        notes.push_back(note.text());
    }
    document["notes"] = notes;
}

void print(Console& console, const Options& options, const ordered_json& document,
           const core::TextChecks& checks)
{
    const auto textOf = [](const ordered_json& value) {
        return core::jsonAs<std::string>(value).value_or(std::string());
    };
    console.result(fmt::format("{}: {}, columns: {}\n", options.file, textOf(document.at("kind")),
                               textOf(document.at("columns"))));
    for (const auto& note : document.at("notes")) {
        console.result(fmt::format("{}\n", textOf(note)));
    }
    if (document.contains("tokens")) {
        printTokens(console, document.at("tokens"), options.maxLength);
    } else {
        console.result(fmt::format("rows: {}\n", document.at("rows").dump()));
    }
    printChecks(console, checks);
    if (document.contains("row")) {
        console.result(fmt::format("{}\n", textOf(document.at("row").at("text"))));
    }
}

// What the rows are read for.
struct Reader {
    std::shared_ptr<const core::Tokenizer> tokenizer; // null: no model was named
    std::optional<core::LabelSet> labels; // of a model that sorts texts instead of writing some
};

Reader readerOf(const Options& options, const core::DataOptions& how)
{
    Reader reader;
    if (!options.model.empty()) {
        const core::ModelParts parts = core::partsOf(options.model);
        reader.tokenizer = core::tokenizerOf(parts);
        const auto files = core::baseFilesOf(parts);
        if (files->config().bidirectional) {
            reader.labels = core::labelsOf(files->config().head);
        }
    }
    if (reader.tokenizer == nullptr && (how.promptTemplate.isModels() || options.row > 0)) {
        throw UsageError("--template chat and --row need --model, whose tokenizer they ask");
    }
    if (reader.labels && !options.testSet.empty()) {
        throw UsageError("--test compares questions and answers; the model of --model sorts texts");
    }
    return reader;
}

ordered_json documentOf(const Options& options, const core::DataOptions& how, const Reader& reader,
                        const core::JobContext& job)
{
    ordered_json document = ordered_json::object();
    document["file"] = options.file;
    if (reader.tokenizer == nullptr) {
        const core::DataFile read = core::readDataFile(options.file, how, nullptr, job);
        describe(document, read);
        document["rows"] = read.rows.size();
        return document;
    }
    const core::Tokenizer& tokenizer = *reader.tokenizer;
    const core::TokenizedData whole = reader.labels
        ? core::labelledTexts(options.file, how, *reader.labels, tokenizer, kUncut, job)
        : core::tokenizeFile(options.file, how, tokenizer, kUncut, job);
    describe(document, whole);
    document["tokens"] = tokensJson(whole, options, job);
    if (options.row > 0) {
        document["row"] = rowJson(whole, options, tokenizer);
    }
    return document;
}

ExitCode run(const Options& options, Session& session)
{
    const core::JobContext job = session.job();
    const core::DataOptions how = options.how();
    const Reader reader = readerOf(options, how);
    core::OutputRule rule =
        options.bad.rule(core::dataPlaces(options.file)).with(core::dataPlaces(options.testSet));
    if (!options.model.empty()) {
        rule = rule.with(core::readPlaces(options.model));
    }
    const core::BadRowsFile bad {options.bad.path, std::move(rule)};
    if (!bad.path.empty()) {
        core::checkOutputFile(bad.path, bad.rule);
    }
    ordered_json document = documentOf(options, how, reader, job);
    core::TextChecks checks; // of questions and answers
    if (!reader.labels) {
        checks = core::checkTexts(options.file, how.columns, options.testSet, job);
        document["checks"] = checksJson(checks, options.testSet);
    }
    if (!bad.path.empty()) {
        if (reader.labels) {
            core::writeBadTexts(options.file, how, *reader.labels, bad, job);
        } else {
            core::writeBadRows(options.file, how, reader.tokenizer.get(), bad, job);
        }
    }
    if (options.json) {
        session.console.json(document);
    } else {
        print(session.console, options, document, checks);
    }
    return ExitCode::Done;
}

} // namespace

void addData(VerbTable& verbs)
{
    auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "data",
        "What a data file holds: rows, lengths, what is cut, bad and repeated rows, leakage",
        "pissarro-cli data train.jsonl --model model.gguf --test test.jsonl --json",
        [options](Session& session) { return run(*options, session); });
    verb.add_option("FILE", options->file,
                    "JSON, JSON lines, CSV, TSV or text, as it is or packed as .gz or .zst")
        ->required();
    verb.add_option("--model", options->model, "whose tokens rows are counted in");
    std::vector<std::string> templates;
    for (const core::PromptTemplate one : core::allPromptTemplates()) {
        templates.emplace_back(one.info().name);
    }
    verb.add_option("--template", options->promptTemplate, "how a row becomes a prompt")
        ->check(CLI::IsMember(templates))
        ->capture_default_str();
    verb.add_option("--map", options->columns,
                    "which columns play which role: instruction=question,output=answer");
    verb.add_option("--learn", options->learned,
                    "answers of a conversation that are learned under the chat template")
        ->check(CLI::IsMember({"all", "last"}))
        ->capture_default_str();
    verb.add_flag("--strict", options->strict, "ends at the first bad row");
    verb.add_option("--test", options->testSet,
                    "a test set that no row may be near: 13 words in a row");
    addWhole(verb, "--max-length", options->maxLength, {1}, "tokens of a row; longer ones are cut");
    addWhole(verb, "--batch-size", options->batchSize, {1}, "rows of a micro-batch");
    addWhole(verb, "--seed", options->seed, {}, "of the order of rows");
    addWhole(verb, "--row", options->row, {1}, "also shows this row, from 1, with its mask")
        ->default_str("");
    addOutput(verb, options->bad, "a file for every bad row with its reason", "--bad-rows");
    addJson(verb, options->json);
}

} // namespace pissarro::cli
