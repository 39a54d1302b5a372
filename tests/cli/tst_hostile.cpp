// SPDX-License-Identifier: GPL-3.0-or-later
// Bad input at the command line: exit 3, one short line that names the file, nothing written, in
// time and memory. What each reader refuses in detail is proved beside it, in tests/core.
#include "tests/cli/hostile_cases.h"
#include "tests/cli/measured_cli.h"

#include <QDirIterator>
#include <QtTest/QtTest>

#include <filesystem>
#include <fstream>
#include <future>
#include <sys/stat.h>

using namespace pissarro::tests;

namespace {

namespace fs = std::filesystem;

constexpr double kSeconds = 20.0;
constexpr qint64 kBytes = 900LL << 20; // above those of a start: a sanitizer takes a gigabyte

// The verb on the files of `folder`, with what it writes going to `folder`/out.
QStringList commandOf(const QString& verb, const QString& folder)
{
    const auto in = [&](const char* name) { return folder + "/" + name; };
    QString model = in("model");
    for (const char* file : {"model.gguf", "model.pt"}) {
        model = QFile::exists(in(file)) ? in(file) : model;
    }
    const QMap<QString, QStringList> commands {
        {"inspect", {model}},
        {"spectrum", {model, "-o", in("out/spectra.json")}},
        {"init", {model, "--threads", "1", "-o", in("out/result")}},
        {"train",
         {"--model", model, "--data", in("data.jsonl"), "--steps", "1", "--dtype", "float32",
          "--threads", "1", "--device", "cpu", "-o", in("out/result")}},
        {"logits", {model, "--ids", in("ids.json"), "-o", in("out/logits.safetensors")}},
        {"tokenize", {model, "--file", in("text.json")}},
        {"generate",
         {model, "--prompt", "a cab", "--max-new-tokens", "2", "--ids-out", in("out/ids.json")}},
        {"export", {in("run"), "--as", "lora", "-o", in("out/export")}},
    };
    return QStringList {verb} + commands.value(verb);
}

// An evaluation of the run out/result, as far as compare reads it.
void writeEvaluation(const QString& folder)
{
    QVERIFY(QDir().mkpath(folder));
    writeContent(folder + "/summary.json",
                 R"({"task": "own", "rule": "number", "models": [{"name": "result", "score": 1.0,
                     "correct": 1, "questions": 1, "interval": [0.2, 1.0]}]})");
    writeContent(folder + "/result.jsonl", "{\"index\": 0, \"correct\": true}\n");
}

// The model once more, as house/tiny of a Hugging Face cache.
void writeHub(const fs::path& folder)
{
    const fs::path repository = folder / "hub" / "models--house--tiny";
    fs::create_directories(repository / "refs");
    fs::create_directories(repository / "snapshots");
    fs::copy(folder / "model", repository / "snapshots" / "abc123");
    std::ofstream(repository / "refs" / "main") << "abc123";
}

// Every file and folder below, with its size.
QStringList contentsOf(const QString& folder)
{
    QStringList names;
    QDirIterator files(folder,
                       QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QFileInfo file(files.next());
        names.append(file.filePath() + (file.isFile() ? " " + QString::number(file.size()) : ""));
    }
    names.sort();
    return names;
}

// A verb that is at work on a lie.
struct Attempt {
    QString verb;
    QTemporaryDir folder;
    QStringList before;
    std::future<MeasuredResult> result;
};

const std::vector<HostileCase>& cases()
{
    static const std::vector<HostileCase> all = [] {
        std::vector<HostileCase> list = hostileWeights();
        for (const auto& more : {hostileModels(), hostileTexts()}) {
            list.insert(list.end(), more.begin(), more.end());
        }
        return list;
    }();
    return all;
}

} // namespace

class TestHostile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void works_withRightInputs_data();
    void works_withRightInputs();
    void refuses_everyLie_data();
    void refuses_everyLie();
    void ends_whateverAFileIs_data();
    void ends_whateverAFileIs();

private:
    void judge(const HostileCase& lie, Attempt& attempt);
    void demandBounds(const MeasuredResult& result) const;

    const QTemporaryDir m_right;
    const QTemporaryDir
        m_trained; // right inputs, out/result being a run, hub/ a cache of Hugging Face's
    qint64 m_startBytes = 0;
};

void TestHostile::initTestCase()
{
    writeRightInputs(m_right.path().toStdString());
    m_startBytes = runMeasured({QStringLiteral("--version")}).peakBytes;
    QVERIFY(m_startBytes > 0);
    const QString trained = m_trained.path();
    writeRightInputs(trained.toStdString());
    const MeasuredResult result = runMeasured(commandOf("train", trained));
    QVERIFY2(result.exitCode == 0, result.err.constData());
    writeEvaluation(trained + "/asked");
    writeHub(trained.toStdString());
}

void TestHostile::works_withRightInputs_data()
{
    QTest::addColumn<bool>("gguf");
    QTest::newRow("folder") << false;
    QTest::newRow("GGUF") << true;
}

// Else a row below could fail for another reason than its lie.
void TestHostile::works_withRightInputs()
{
    QFETCH(bool, gguf);
    for (const char* verb :
         {"inspect", "spectrum", "init", "train", "logits", "tokenize", "generate"}) {
        const QTemporaryDir folder;
        writeRightInputs(folder.path().toStdString());
        if (gguf) {
            writeRightGguf(folder.path().toStdString());
        }
        const MeasuredResult result = runMeasured(commandOf(verb, folder.path()));
        QVERIFY2(result.exitCode == 0, (verb + QByteArray(": ") + result.err).constData());
        QVERIFY(result.errorLines().isEmpty());
    }
}

void TestHostile::refuses_everyLie_data()
{
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < cases().size(); ++i) {
        QTest::newRow(cases()[i].row) << static_cast<int>(i);
    }
}

// The verbs run side by side, each in a folder of its own; a right folder after them still works.
void TestHostile::refuses_everyLie()
{
    QFETCH(int, index);
    const HostileCase& lie = cases()[static_cast<std::size_t>(index)];
    std::vector<Attempt> attempts(static_cast<std::size_t>(lie.verbs.size()));
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        Attempt& attempt = attempts[i];
        attempt.verb = lie.verbs[static_cast<qsizetype>(i)];
        const QString folder = attempt.folder.path();
        writeRightInputs(folder.toStdString());
        lie.spoil(folder.toStdString());
        attempt.before = contentsOf(folder);
        attempt.result =
            std::async(std::launch::async, runMeasured, commandOf(attempt.verb, folder) + lie.more);
    }
    for (Attempt& attempt : attempts) {
        judge(lie, attempt);
        if (QTest::currentTestFailed()) {
            return;
        }
    }
    QCOMPARE(runMeasured(commandOf("inspect", m_right.path())).exitCode, 0);
}

void TestHostile::judge(const HostileCase& lie, Attempt& attempt)
{
    const MeasuredResult result = attempt.result.get();
    const QByteArray told = attempt.verb.toUtf8() + ": " + result.err;
    QVERIFY2(result.exitCode == 3, told.constData());
    QVERIFY2(result.hasOneError({lie.names, lie.says}), qPrintable(attempt.verb));
    QVERIFY2(result.out.isEmpty(), result.out.constData());
    QCOMPARE(contentsOf(attempt.folder.path()), attempt.before);
    demandBounds(result);
}

void TestHostile::demandBounds(const MeasuredResult& result) const
{
    QVERIFY2(result.cpuSeconds < kSeconds, qPrintable(QString::number(result.cpuSeconds)));
    QVERIFY2(result.peakBytes < m_startBytes + kBytes,
             qPrintable(QString::number(result.peakBytes)));
}

void TestHostile::ends_whateverAFileIs_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QStringList>("command"); // DIR: the folder
    const QString run = "DIR/out/result";
    const QStringList compare {"compare", run, "--no-update"};
    const QStringList generate {"--prompt", "a cab", "--max-new-tokens", "2"};
    const auto add = [](const char* row, const QString& file, const QStringList& command) {
        QTest::newRow(row) << file << command;
    };
    for (const char* file : {".lock", "metrics.jsonl", "log.txt", ".order", "run.json"}) {
        const QString place = QString("out/result/") + file;
        add(qPrintable(QString("%1, compare").arg(file)), place, compare);
        add(qPrintable(QString("%1, export").arg(file)), place,
            {"export", run, "--as", "lora", "-o", "DIR/out/export"});
        add(qPrintable(QString("%1, runs").arg(file)), place, {"runs", "DIR/out"});
    }
    add(".lock, generate", "out/result/.lock", QStringList {"generate", run} + generate);
    add("metrics.jsonl, generate", "out/result/metrics.jsonl",
        QStringList {"generate", run} + generate);
    add("adapter_config.json, export", "out/result/adapter/adapter_config.json",
        {"export", run, "--as", "lora", "-o", "DIR/out/export"});
    add("tokenizer.json, tokenize", "model/tokenizer.json",
        {"tokenize", "DIR/model", "--file", "DIR/text.json"});
    for (const char* file : {"tokenizer.json", "tokenizer_config.json", "config.json",
                             "model.safetensors", "generation_config.json"}) {
        add(qPrintable(QString("%1, inspect").arg(file)), QString("model/") + file,
            {"inspect", "DIR/model"});
        add(qPrintable(QString("%1, generate of a model").arg(file)), QString("model/") + file,
            QStringList {"generate", "DIR/model"} + generate);
    }
    add("refs/main, inspect", "hub/models--house--tiny/refs/main", {"inspect", "house/tiny"});
    for (const char* file : {"summary.json", "result.jsonl"}) {
        add(qPrintable(QString("%1, compare --eval").arg(file)), QString("asked/") + file,
            compare + QStringList {"--eval", "DIR/asked"});
    }
}

// A FIFO that nobody writes to and a link to an endless device, in a folder that was downloaded: it is refused by name, or is
// as if it were not there.
void TestHostile::ends_whateverAFileIs()
{
    QFETCH(QString, file);
    QFETCH(QStringList, command);
    for (const bool isFifo : {true, false}) {
        const QTemporaryDir folder;
        fs::copy(m_trained.path().toStdString(), folder.path().toStdString(),
                 fs::copy_options::recursive | fs::copy_options::overwrite_existing);
        const std::string place = folder.filePath(file).toStdString();
        fs::remove(place);
        if (isFifo) {
            QCOMPARE(::mkfifo(place.c_str(), 0600), 0);
        } else {
            fs::create_symlink("/dev/zero", place);
        }
        QStringList arguments = command;
        arguments.replaceInStrings("DIR", folder.path());
        qputenv("HF_HUB_CACHE", folder.filePath("hub").toUtf8());
        const MeasuredResult result = runMeasured(arguments);
        qunsetenv("HF_HUB_CACHE");
        const QByteArray told = QByteArray(isFifo ? "FIFO: " : "/dev/zero: ") + result.err;
        QVERIFY2(result.exitCode == 0 || result.exitCode == 3, told.constData());
        QVERIFY2(result.exitCode == 0 || result.hasOneError(), told.constData());
        QVERIFY2(fs::exists(fs::symlink_status(place)), told.constData());
        demandBounds(result);
    }
}

QTEST_GUILESS_MAIN(TestHostile)
#include "tst_hostile.moc"
