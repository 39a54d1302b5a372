// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/stop_rows.h"

#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QJsonArray>

namespace pissarro::tests {

namespace {

constexpr int kRows = 60'000;

// Ten thousand questions and answers.
QByteArray conversation()
{
    QByteArray messages = "[";
    for (int i = 0; i < 10'000; ++i) {
        const QByteArray number = QByteArray::number(i);
        messages += (i == 0 ? "" : ",") + QByteArray("{\"role\": \"user\", \"content\": \"What is ")
            + number + " and one?\"}, {\"role\": \"assistant\", \"content\": \"One more than "
            + number + ".\"}";
    }
    return messages + "]";
}

QByteArray questionOf(int row)
{
    const QByteArray number = QByteArray::number(row);
    return "How many apples are " + number + " apples and " + number
        + " more, put into one basket by two people on a Sunday?";
}

void writeQuestions(const QString& in)
{
    QByteArray data;
    QByteArray texts = "[\"\"";
    QByteArray own;
    QByteArray choice;
    QByteArray answers;
    QByteArray text;
    for (int row = 0; row < kRows; ++row) {
        const QByteArray question = questionOf(row);
        const QByteArray sum = QByteArray::number(2 * row);
        data += "{\"instruction\": \"" + question + "\", \"output\": \"There are " + sum
            + " apples in it, of course.\"}\n";
        texts += ",\"" + question + "\"";
        own += "{\"prompt\": \"" + question + "\", \"expected\": " + sum + "}\n";
        choice += "{\"question\": \"" + question + "\", \"choices\": [\"There are " + sum
            + ".\", \"Nobody knows.\"], \"answer\": 0}\n";
        // Words before the number, so that the expression has something to look at.
        answers += "{\"output\": \"" + question.repeated(10) + " " + sum
            + "\", \"gold\": \"(apples|people)[^?]*[?] [0-9]+$\"}\n";
        text += question + "\n";
    }
    writeContent(in + "data.jsonl", data);
    writeContent(in + "texts.json", texts + "]");
    writeContent(in + "own.jsonl", own);
    writeContent(in + "choice.jsonl", choice);
    writeContent(in + "answers.jsonl", answers);
    writeContent(in + "text.txt", text);
}

// MT-Bench's questions, and what two models said to them, as FastChat has it.
void writeAnswered(const QString& in)
{
    QByteArray questions;
    QByteArray a;
    QByteArray b;
    for (int id = 1; id <= 80; ++id) {
        const QByteArray number = QByteArray::number(id);
        questions += "{\"question_id\": " + number
            + R"(, "category": "writing", "turns": ["Write of spring.", "Now of autumn."]})" + "\n";
        const auto answer = [&number](const char* name) {
            return "{\"question_id\": " + number + ", \"answer_id\": \"" + name + number
                + "\", \"model_id\": \"" + name
                + R"(", "choices": [{"index": 0, "turns": ["It is green.", "It is brown."]}]})"
                + "\n";
        };
        a += answer("a");
        b += answer("b");
    }
    writeContent(in + "question.jsonl", questions);
    writeContent(in + "a.jsonl", a);
    writeContent(in + "b.jsonl", b);
}

// A sweep of two runs; `more`: keys of it beside base and axes.
void writeSweep(const QString& file, const QJsonObject& base, const QJsonObject& more)
{
    QJsonObject sweep = more;
    sweep["base"] = base;
    sweep["axes"] = QJsonObject {{"rank", QJsonArray {4, 8}}};
    writeContent(file, QJsonDocument(sweep).toJson());
}

QStringList training(const QString& folder, const QString& model)
{
    return {"train",        "--model", model,          "--data",  folder + "/data.jsonl",
            "--rank",       "8",       "--batch-size", "8",       "--max-length",
            "256",          "--dtype", "float32",      "--steps", "1000",
            "--eval-ratio", "0.3",     "--eval-every", "1"};
}

void addAnalysis(std::vector<StopRow>& rows, const QString& folder, const QString& model)
{
    const QString out = folder + "/out/";
    const QString run = folder + "/run";
    const auto add = [&rows](const char* name, const QStringList& command) {
        rows.push_back({name, command});
    };
    add("spectrum", {"spectrum", model, "-o", out + "spectra.json"});
    add("spectrum, fast",
        {"spectrum", model, "--method", "fast", "--rank", "64", "-o", out + "spectra.json"});
    add("spectrum, against",
        {"spectrum", model, "--against", run, "--rank", "8", "-o", out + "spectra.json"});
    add("spectrum, meter",
        {"spectrum", model, "--meter", "--modules", "*.{0,9,19,29}.*", "-o", out + "meter.md"});
    add("advise, energy",
        {"advise", model, "--by", "energy", "--value", "0.9", "-o", out + "map.json"});
    add("advise, quant-error",
        {"advise", model, "--by", "quant-error", "--value", "0.8", "-o", out + "map.json"});
    add("quant-error",
        {"quant-error", model, "--rank", "64", "--iters", "5", "-o", out + "errors.json"});
    add("init", {"init", model, "--method", "pissa", "--rank", "64", "-o", out + "base"});
    add("init, fast",
        {"init", model, "--method", "pissa", "--rank", "64", "--svd", "fast", "-o", out + "base"});
    add("init, qpissa",
        {"init", model, "--method", "qpissa", "--rank", "64", "--iters", "5", "-o", out + "base"});
    const QStringList train = training(folder, model);
    add("train, pissa", train + QStringList {"--method", "pissa", "-o", out + "run"});
    add("train, qpissa and a twin",
        train
            + QStringList {"--method", "qpissa", "--iters", "5", "--twin", "lora", "-o",
                           out + "run"});
    add("train, full", train + QStringList {"--method", "full", "-o", out + "run"});
    add("compare", {"compare", run, "-o", out + "report.html"});
    add("compare, rank map", {"compare", run, "--rank-map", out + "map.json"});
    add("paper",
        {"paper", "table2-llama2-7b", "--model", model, "--data", folder + "/data.jsonl", "-o",
         out + "recipe.json"});
}

void addText(std::vector<StopRow>& rows, const QString& folder, const QString& model)
{
    const QString in = folder + "/";
    const QString out = folder + "/out/";
    const auto add = [&rows](const char* name, const QStringList& command) {
        rows.push_back({name, command});
    };
    add("generate",
        {"generate", model, "--prompts", in + "data.jsonl", "--template", "alpaca",
         "--max-new-tokens", "400", "--batch-size", "8"});
    add("logits", {"logits", model, "--ids", in + "ids.json", "-o", out + "logits.safetensors"});
    add("tokenize", {"tokenize", model, "--file", in + "texts.json", "--json"});
    add("inspect", {"inspect", in + "long", "--json"});
    add("render", {"render", model, "--messages", in + "conversation.json", "--json"});
    for (const char* form : {"lora", "pair", "merged"}) {
        rows.push_back({QString("export, %1").arg(QLatin1String(form)),
                        {"export", in + "run", "--as", form, "-o", out + form}});
    }
    add("score", {"score", in + "answers.jsonl", "--task", "own", "--rule", "regex", "--json"});
    add("serve", {"serve", model, "--port", "0"});
}

QStringList asking(const QString& folder, const QString& model, const char* task, const char* data)
{
    return {
        "eval", model, "--task", task, "--data", folder + "/" + data, "-o", folder + "/out/eval"};
}

void addAsking(std::vector<StopRow>& rows, const QString& folder, const QString& model)
{
    const QString grows = "eval/evaluation.json";
    rows.push_back({"eval, own",
                    asking(folder, model, "own", "own.jsonl")
                        + QStringList {"--rule", "number", "--template", "plain",
                                       "--max-new-tokens", "400", "--batch-size", "8"},
                    grows});
    rows.push_back({"eval, perplexity", asking(folder, model, "perplexity", "text.txt"), grows});
    rows.push_back(
        {"eval, choice",
         asking(folder, model, "choice", "choice.jsonl") + QStringList {"--template", "plain"},
         grows});
    rows.push_back({"judge",
                    {"judge", folder + "/a.jsonl", folder + "/b.jsonl", "--questions",
                     folder + "/question.jsonl", "--judge", model, "--judge-name", "small",
                     "--max-new-tokens", "400", "-o", folder + "/out/judged"},
                    "judged/judging.json"});
}

void addSweeps(std::vector<StopRow>& rows, const QString& folder)
{
    const QStringList sweep {"sweep", folder + "/sweep.json"};
    rows.push_back(
        {"sweep", sweep + QStringList {"-o", folder + "/out/sweep"}, "sweep/sweep.json"});
    rows.push_back({"sweep, dry run", sweep + QStringList {"--dry-run"}});
    rows.push_back({"sweep, find rates", sweep + QStringList {"--find-rates"}});
    rows.push_back(
        {"sweep, try ranks", sweep + QStringList {"--try-ranks", "4,8", "--trial-steps", "1000"}});
}

void writeSweeps(const QString& folder)
{
    const QString model = demoModel();
    QJsonObject base {{"model", model},    {"data", folder + "/data.jsonl"},
                      {"method", "lora"},  {"batch_size", 8},
                      {"max_length", 256}, {"dtype", "float32"},
                      {"device", "cpu"},   {"steps", 1000}};
    writeSweep(folder + "/sweep.json", base, {});
    // Small steps: foretold and begun within seconds.
    base.remove("data");
    base["batches"] = folder + "/batches.safetensors";
    base["steps"] = 100'000;
    writeSweep(folder + "/trained.json", base, {});
    base["steps"] = 1; // so that the runs are soon asked
    writeSweep(folder + "/asked.json", base,
               {{"eval",
                 QJsonObject {{"task", "own"},
                              {"rule", "number"},
                              {"data", folder + "/own.jsonl"},
                              {"max_new_tokens", 400}}}});
}

} // namespace

void writeStopInputs(const QString& folder)
{
    const QString in = folder + "/";
    writeQuestions(in);
    writeAnswered(in);
    writeContent(in + "conversation.json", conversation());
    QByteArray row("[1");
    for (int i = 1; i < 512; ++i) {
        row += "," + QByteArray::number(i % 4000);
    }
    row += "]";
    writeContent(in + "ids.json", "[" + QByteArrayList(16, row).join(',') + "]");
    writeTinyModel((in + "long").toStdString(), nullptr, 3000);
    writeSweeps(folder);
}

std::vector<StopRow> stopRows(const QString& folder, const QString& model)
{
    std::vector<StopRow> rows;
    addAnalysis(rows, folder, model);
    addText(rows, folder, model);
    addAsking(rows, folder, model);
    addSweeps(rows, folder);
    return rows;
}

std::vector<StopPhase> stopPhases(const QString& folder, const QString& model)
{
    const QString out = folder + "/out/";
    const QString sweep = "sweep/sweep.json";
    const QByteArray begins = ": begins";
    const QByteArray asks = "asking the finished runs";
    const QByteArray serves = "answering until";
    const StopRow train {"train",
                         {"train", "--model", model, "--batches", folder + "/batches.safetensors",
                          "--method", "lora", "--rank", "4", "--dtype", "float32", "--steps",
                          "100000", "-o", out + "run"}};
    const StopRow swept {"sweep", {"sweep", folder + "/trained.json", "-o", out + "sweep"}, sweep};
    const StopRow asked {
        "sweep, its eval", {"sweep", folder + "/asked.json", "-o", out + "sweep"}, sweep};
    const StopRow serve {"serve", {"serve", model, "--port", "0"}};
    const StopRow merged {"export",
                          {"export", folder + "/run", "--as", "merged", "-o", out + "merged"}};
    std::vector<StopRow> asking;
    addAsking(asking, folder, model);
    return {{merged, "", 0},     {asking.front(), "", 2000}, {train, "ready after", 700},
            {swept, begins, 0},  {swept, begins, 3000},      {asked, asks, 0},
            {asked, asks, 3000}, {serve, serves, 0},         {serve, serves, 700}};
}

} // namespace pissarro::tests
