// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/writers.h"

#include "tests/cli/cli_process.h"
#include "tests/cli/hostile_cases.h"
#include "tests/cli/tiny_model.h"

#include <QCryptographicHash>
#include <QDirIterator>
#include <QFile>

#include <filesystem>
#include <utility>

namespace pissarro::tests {

QStringList writerTraining()
{
    return {"train",   "--model",   "model", "--data",   "data.jsonl", "--steps",
            "1",       "--rank",    "2",     "--alpha",  "2",          "--dtype",
            "float32", "--threads", "1",     "--device", "cpu"};
}

namespace {

const QString kAdapter = "run/adapter";
const QByteArray kBase = R"({"base": {"model": "model", "data": "data.jsonl", "steps": 1, "rank": 2,
    "alpha": 2, "method": "lora", "dtype": "float32", "threads": 1, "device": "cpu"}, "axes": )";

QStringList asked(const QString& what)
{
    return {"eval",      what,    "--task",           "own", "--data",     "own.jsonl",
            "--rule",    "exact", "--max-new-tokens", "2",   "--template", "plain",
            "--threads", "1"};
}

void addFiles(std::vector<Writer>& all)
{
    const auto add = [&all](const char* name, const char* ending, const QStringList& arguments,
                            const QStringList& inputs) {
        all.push_back({name, Writes::File, ending, arguments, inputs});
    };
    const QStringList few {"--modules", "*.0.*.q_proj"};
    const QStringList spectrum = QStringList {"spectrum", "model", "-o", "@"} + few;
    add("spectrum json", ".json", spectrum, {"model"});
    add("spectrum csv", ".csv", spectrum, {"model"});
    add("spectrum safetensors", ".safetensors", spectrum, {"model"});
    const QStringList against =
        QStringList {"spectrum", "model", "--against", kAdapter, "--rank", "2", "-o", "@"} + few;
    add("spectrum against", ".json", against, {"model", kAdapter});
    add("spectrum against, csv", ".csv", against, {"model", kAdapter});
    add("spectrum against, safetensors", ".safetensors", against, {"model", kAdapter});
    const QStringList meter =
        QStringList {"spectrum", "model",     "--meter", "--ranks", "2", "--niters",
                     "1",        "--repeats", "1",       "-o",      "@"}
        + few;
    add("meter json", ".json", meter, {"model"});
    add("meter csv", ".csv", meter, {"model"});
    add("meter markdown", ".md", meter, {"model"});
    add("advise", ".json", QStringList {"advise", "model", "-o", "@"} + few, {"model"});
    add("quant-error", ".json",
        QStringList {"quant-error", "model", "--rank", "2", "--iters", "1", "-o", "@"} + few,
        {"model"});
    add("logits", ".safetensors",
        {"logits", "model", "--ids", "ids.json", "--adapter", kAdapter, "-o", "@"},
        {"model", "ids.json", kAdapter});
    add("generate", ".jsonl",
        {"generate", "model", "--prompts", "data.jsonl", "--adapter", kAdapter, "--max-new-tokens",
         "1", "--greedy", "-o", "@"},
        {"model", "data.jsonl", kAdapter});
    add("logits of a run", ".safetensors", {"logits", "run", "--ids", "ids.json", "-o", "@"},
        {"run", "model", "ids.json"});
    add("generate of a run", ".jsonl",
        {"generate", "run", "--prompts", "data.jsonl", "--max-new-tokens", "1", "--greedy", "-o",
         "@"},
        {"run", "model", "data.jsonl"});
    add("compare html", ".html", {"compare", "run", "-o", "@"}, {"run", "model"});
    const QStringList plain {"compare", "run", "--no-update", "-o", "@"};
    add("compare markdown", ".md", plain, {"run", "model"});
    add("compare pdf", ".pdf", plain, {"run", "model"});
    add("compare json", ".json", plain, {"run", "model"});
    add("rank map", ".json", {"compare", "run", "--rank-map", "@"}, {"run", "model"});
    add("bad rows", ".jsonl", {"data", "rows.jsonl", "--bad-rows", "@"}, {"rows.jsonl"});
    const QStringList paper {"paper",  "table2-llama2-7b", "--model", "model",
                             "--data", "data.jsonl",       "-o",      "@"};
    add("paper sweep", ".json", paper, {"model", "data.jsonl"});
    add("paper spec", ".json", paper + QStringList {"--as", "spec"}, {"model", "data.jsonl"});
}

void addFolders(std::vector<Writer>& all)
{
    const auto add = [&all](const char* name, const QStringList& arguments,
                            const QStringList& inputs) {
        all.push_back({name, Writes::Folder, "", arguments + QStringList {"-o", "@"}, inputs});
    };
    add("init pissa", {"init", "model", "--rank", "2", "--rank-map", "map.json", "--threads", "1"},
        {"model"});
    add("init lora", {"init", "model", "--method", "lora", "--rank", "2"}, {"model"});
    add("init qlora", {"init", "model", "--method", "qlora", "--rank", "2", "--block", "64"},
        {"model"});
    add("export lora", {"export", "run", "--as", "lora"}, {"run", "model"});
    add("export pair", {"export", "run", "--as", "pair"}, {"run", "model"});
    add("export merged", {"export", "run", "--as", "merged"}, {"run", "model"});
    add("train", writerTraining(), {"model"});
    add("train twins", writerTraining() + QStringList {"--twin", "lora"}, {"model"});
    add("train on", writerTraining() + QStringList {"--method", "lora", "--init-adapter", kAdapter},
        {"model", kAdapter});
    const auto addGrowing = [&all](const char* name, const QStringList& arguments,
                                   const QStringList& inputs, const QStringList& again) {
        all.push_back({name, Writes::Folder, "", arguments + QStringList {"-o", "@"}, inputs,
                       /*goesOn=*/true, again});
    };
    addGrowing("eval", asked("model"), {"model"}, {});
    addGrowing("eval of a run", asked("run"), {"run", "model"}, {});
    addGrowing("sweep", {"sweep", "sweep.json"}, {"model"}, {"--retry-failed"});
    addGrowing("sweep of models", {"sweep", "models.json"}, {"model", "other"}, {"--retry-failed"});
}

} // namespace

std::vector<Writer> writers()
{
    std::vector<Writer> all;
    addFiles(all);
    addFolders(all);
    return all;
}

QStringList Writer::at(const QString& place, const QStringList& more) const
{
    QStringList all = arguments;
    all.replaceInStrings("@", place);
    return all + more;
}

QByteArray writeWriterInputs(const QString& folder, bool wide)
{
    writeRightInputs(folder.toStdString());
    if (wide) {
        writeWideModel((folder + "/model").toStdString());
    }
    const QList<std::pair<QString, QByteArray>> texts {
        {"map.json", R"({"rank_pattern": {"q_proj": 2}})"},
        {"rows.jsonl", "{\"instruction\": \"a\", \"output\": \"b\"}\nno row\n"},
        {"own.jsonl", "{\"prompt\": \"a cab\", \"expected\": \"a\"}\n"},
        {"sweep.json", kBase + R"({"rank": [2]}})"},
        {"models.json", kBase + R"({"model": ["model", "other"]}})"}};
    for (const auto& [name, text] : texts) {
        QFile file(folder + "/" + name);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) < 0) {
            return name.toUtf8() + " cannot be written";
        }
    }
    std::error_code failed;
    std::filesystem::copy((folder + "/model").toStdString(), (folder + "/other").toStdString(),
                          std::filesystem::copy_options::recursive, failed);
    if (failed) {
        return "other/ cannot be written";
    }
    const CliResult trained = runCli(writerTraining() + QStringList {"-o", "run"}, folder);
    return trained.exitCode == 0 ? QByteArray() : trained.err;
}

// Every file below with what it holds, every folder, and where links lead.
QMap<QString, QByteArray> contentsBelow(const QString& folder)
{
    QMap<QString, QByteArray> all;
    QDirIterator entries(folder,
                         QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                         QDirIterator::Subdirectories);
    while (entries.hasNext()) {
        const QFileInfo entry(entries.next());
        all[entry.filePath()] = entry.isFile()
            ? QCryptographicHash::hash(contentOf(entry.filePath()), QCryptographicHash::Sha256)
            : QByteArray();
    }
    return all;
}

} // namespace pissarro::tests
