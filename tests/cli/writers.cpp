// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/writers.h"

#include "tests/cli/cli_process.h"
#include "tests/cli/hostile_cases.h"
#include "tests/cli/tiny_model.h"

#include <QCryptographicHash>
#include <QDirIterator>
#include <QFile>

namespace pissarro::tests {

QStringList writerTraining()
{
    return {"train",   "--model",   "model", "--data",   "data.jsonl", "--steps",
            "1",       "--rank",    "2",     "--alpha",  "2",          "--dtype",
            "float32", "--threads", "1",     "--device", "cpu"};
}

std::vector<Writer> writers()
{
    const QStringList few {"--modules", "*.0.*.q_proj"};
    const QString adapter = "run/adapter";
    return {
        {"spectrum json",
         Writes::File,
         ".json",
         QStringList {"spectrum", "model", "-o", "@"} + few,
         {"model"}},
        {"spectrum csv",
         Writes::File,
         ".csv",
         QStringList {"spectrum", "model", "-o", "@"} + few,
         {"model"}},
        {"spectrum safetensors",
         Writes::File,
         ".safetensors",
         QStringList {"spectrum", "model", "-o", "@"} + few,
         {"model"}},
        {"spectrum against",
         Writes::File,
         ".json",
         QStringList {"spectrum", "model", "--against", adapter, "--rank", "2", "-o", "@"} + few,
         {"model", adapter}},
        {"spectrum against, csv",
         Writes::File,
         ".csv",
         QStringList {"spectrum", "model", "--against", adapter, "--rank", "2", "-o", "@"} + few,
         {"model", adapter}},
        {"spectrum against, safetensors",
         Writes::File,
         ".safetensors",
         QStringList {"spectrum", "model", "--against", adapter, "--rank", "2", "-o", "@"} + few,
         {"model", adapter}},
        {"meter json",
         Writes::File,
         ".json",
         QStringList {"spectrum", "model", "--meter", "--ranks", "2", "--niters", "1", "--repeats",
                      "1", "-o", "@"}
             + few,
         {"model"}},
        {"meter csv",
         Writes::File,
         ".csv",
         QStringList {"spectrum", "model", "--meter", "--ranks", "2", "--niters", "1", "--repeats",
                      "1", "-o", "@"}
             + few,
         {"model"}},
        {"meter markdown",
         Writes::File,
         ".md",
         QStringList {"spectrum", "model", "--meter", "--ranks", "2", "--niters", "1", "--repeats",
                      "1", "-o", "@"}
             + few,
         {"model"}},
        {"advise",
         Writes::File,
         ".json",
         QStringList {"advise", "model", "-o", "@"} + few,
         {"model"}},
        {"quant-error",
         Writes::File,
         ".json",
         QStringList {"quant-error", "model", "--rank", "2", "--iters", "1", "-o", "@"} + few,
         {"model"}},
        {"logits",
         Writes::File,
         ".safetensors",
         {"logits", "model", "--ids", "ids.json", "--adapter", adapter, "-o", "@"},
         {"model", "ids.json", adapter}},
        {"generate",
         Writes::File,
         ".jsonl",
         {"generate", "model", "--prompts", "data.jsonl", "--adapter", adapter, "--max-new-tokens",
          "1", "--greedy", "-o", "@"},
         {"model", "data.jsonl", adapter}},
        {"init pissa",
         Writes::Folder,
         "",
         {"init", "model", "--rank", "2", "--rank-map", "map.json", "--threads", "1", "-o", "@"},
         {"model"}},
        {"init lora",
         Writes::Folder,
         "",
         {"init", "model", "--method", "lora", "--rank", "2", "-o", "@"},
         {"model"}},
        {"init qlora",
         Writes::Folder,
         "",
         {"init", "model", "--method", "qlora", "--rank", "2", "--block", "64", "-o", "@"},
         {"model"}},
        {"export lora",
         Writes::Folder,
         "",
         {"export", "run", "--as", "lora", "-o", "@"},
         {"run", "model"}},
        {"export pair",
         Writes::Folder,
         "",
         {"export", "run", "--as", "pair", "-o", "@"},
         {"run", "model"}},
        {"export merged",
         Writes::Folder,
         "",
         {"export", "run", "--as", "merged", "-o", "@"},
         {"run", "model"}},
        {"train", Writes::Folder, "", writerTraining() + QStringList {"-o", "@"}, {"model"}},
        {"train twins",
         Writes::Folder,
         "",
         writerTraining() + QStringList {"--twin", "lora", "-o", "@"},
         {"model"}},
        {"train on",
         Writes::Folder,
         "",
         writerTraining() + QStringList {"--method", "lora", "--init-adapter", adapter, "-o", "@"},
         {"model", adapter}},
    };
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
    QFile map(folder + "/map.json");
    if (!map.open(QIODevice::WriteOnly) || map.write(R"({"rank_pattern": {"q_proj": 2}})") < 0) {
        return "map.json cannot be written";
    }
    map.close();
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
