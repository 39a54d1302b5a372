// SPDX-License-Identifier: GPL-3.0-or-later
// What scripts rely on before any work is done: exit codes, one error line, help.
#include "tests/cli/cli_process.h"
#include "tests/tools/patience.h"

#include <QtTest/QtTest>

using namespace pissarro::tests;

class TestUsage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refuses_wrongUsage_data();
    void refuses_wrongUsage();
    void refuses_whatIsNoWholeNumber_data();
    void refuses_whatIsNoWholeNumber();
    void refuses_whatIsNoWholeNumberEither();
    void refuses_whatIsNoSize();
    void refuses_badInput_data();
    void refuses_badInput();
    void keeps_theErrorOnOneShortLine();
    void explains_everyVerbWithAnExample_data();
    void explains_everyVerbWithAnExample();
    void tells_everySettingOfARun();
    void tells_itsVersion();
    void fails_whenStdoutIsFull();
    void logs_whatAReportNeeds();
};

void TestUsage::refuses_wrongUsage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const QString& line, const QString& part) {
        QTest::newRow(name) << line.split(' ', Qt::SkipEmptyParts) << part;
    };
    row("no verb", "", "--help");
    row("unknown verb", "paint x", "paint");
    row("no model", "inspect", "MODEL");
    row("unknown flag", "inspect x --loud", "--loud");
    row("unknown method", "train --model m --data d --method magic", "magic");
    row("no data", "train --model m", "--data");
    row("data and batches", "train --model m --data d --batches b", "--batches");
    row("steps and epochs", "train --model m --data d --steps 1 --epochs 1", "--steps");
    row("rate below 0", "train --model m --data d --lr -1", "--lr must be above 0");
    row("rate no number", "train --model m --data d --lr 1e-4x", "1e-4x");
    row("rate not finite", "train --model m --data d --lr inf", "inf");
    row("twin like the run", "train --model m --data d --method lora --twin lora", "--twin lora");
    row("seed below 0", "train --model m --data d --seed -1", "from 0 to 18446744073709551615");
    row("seed of 2^64", "init m -o x --seed 18446744073709551616", "18446744073709551616");
    row("seed of words", "generate m --prompt a --seed 1x", "1x");
    row("seed of a fast SVD", "spectrum m -o x.json --seed -1", "found \"-1\"");
    row("resume without folder", "train --resume", "-o RUNDIR");
    row("rank 0", "init m --rank 0 -o x", "must be a whole number from 1");
    row("no output", "init m", "--output");
    row("spectrum of unknown kind", "spectrum m -o x.txt", ".safetensors");
    row("text and file", "tokenize m --text a --file b", "--file");
    row("neither text nor file", "tokenize m", "--text");
    row("greedy with temperature", "generate m --prompt a --greedy --temperature 2",
        "--temperature");
    row("export to nowhere", "export r --as lora", "--output");
    row("export of unknown kind", "export r --as paint -o x", "paint");
}

void TestUsage::refuses_wrongUsage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, part);
    const CliResult result = runCli(arguments);
    QCOMPARE(result.exitCode, 2);
    QVERIFY(result.hasOneError({part}));
    QVERIFY(result.out.isEmpty());
}

void TestUsage::refuses_whatIsNoWholeNumber_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("flag");
    const auto row = [](const QString& line, const char* flag) {
        QTest::addRow("%s %s", qUtf8Printable(line.section(' ', 0, 0)), flag) << line << flag;
    };
    for (const char* flag :
         {"--rank", "--niter", "--oversampling", "--iters", "--block", "--batch-size",
          "--grad-accum", "--max-length", "--steps", "--seed", "--threads", "--checkpoint-every",
          "--keep-checkpoints", "--eval-every", "--patience", "--eval-task-rows",
          "--eval-task-every"}) {
        row("train --model m --data d", flag);
    }
    for (const char* flag : {"--max-new-tokens", "--top-k", "--seed", "--threads"}) {
        row("generate m --prompt a", flag);
    }
    row("generate m --prompts p.json", "--limit");
    row("generate m --prompts p.json", "--batch-size");
    for (const char* flag : {"--rows", "--max-new-tokens", "--top-k", "--seed", "--samples",
                             "--batch-size", "--threads", "--window", "--stride"}) {
        row("eval m --task gsm8k --data d -o x", flag);
    }
    for (const char* flag : {"--rows", "--max-new-tokens", "--batch-size", "--threads"}) {
        row("judge a --judge m -o x", flag);
    }
    for (const char* flag :
         {"--port", "--batch-size", "--queue", "--max-new-tokens", "--threads"}) {
        row("serve m", flag);
    }
    for (const char* flag : {"--rank", "--seed", "--niter", "--oversampling"}) {
        row("spectrum m -o x.json", flag);
    }
    row("spectrum m -o x.json --meter", "--repeats");
    for (const char* flag : {"--rank", "--seed", "--niter", "--iters", "--block"}) {
        row("init m -o x", flag);
    }
    row("quant-error m -o x.json", "--rank");
    row("quant-error m -o x.json", "--iters");
    for (const char* flag : {"--iters", "--min-rank", "--max-rank"}) {
        row("advise m -o x.json", flag);
    }
    for (const char* flag : {"--workers", "--threads", "--trial-steps"}) {
        row("sweep s.json -o x", flag);
    }
    row("runs", "--limit");
    row("watch r", "--last");
    row("compare a b", "--directions");
}

// CLI11 would read it as sixteen.
void TestUsage::refuses_whatIsNoWholeNumber()
{
    QFETCH(QString, line);
    QFETCH(QString, flag);
    const CliResult result = runCli(line.split(' ') + QStringList {flag, QStringLiteral("0x10")});
    QCOMPARE(result.exitCode, 2);
    QVERIFY2(result.hasOneError({flag, "must be a whole number", "0x10"}), result.err.constData());
}

void TestUsage::refuses_whatIsNoWholeNumberEither()
{
    for (const char* text :
         {"", " 5", "5 ", "+5", "-1", "1.0", "1e3", "1_000", "99999999999999999999"}) {
        for (const QStringList& line :
             {QStringList {"train", "--model", "m", "--data", "d", "--steps"},
              QStringList {"generate", "m", "--prompt", "a", "--top-k"}}) {
            const CliResult result = runCli(line + QStringList {text});
            QVERIFY2(result.exitCode == 2, text);
            QVERIFY2(result.hasOneError({line.back(), "must be a whole number from 0"}),
                     result.err.constData());
            QVERIFY2(result.err.size() < 200, result.err.constData()); // no range of 300 digits
        }
    }
}

void TestUsage::refuses_whatIsNoSize()
{
    for (const char* text :
         {"", "-1", "0", "0GB", "GB", "1.5GB", "5 G B", "0x10", "99999999999EB"}) {
        const CliResult result =
            runCli({"export", "r", "--as", "merged", "-o", "x", "--max-shard-size", text});
        QVERIFY2(result.exitCode == 2, text);
        QVERIFY(result.hasOneError({"--max-shard-size", "must be a size above 0"}));
    }
    for (const char* text : {"010", "5GB", "800 mib", "1k", "7B"}) {
        const CliResult result =
            runCli({"export", "nowhere", "--as", "merged", "-o", "x", "--max-shard-size", text});
        QVERIFY2(result.exitCode == 3, text); // only the run is missing
    }
}

void TestUsage::refuses_badInput_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const QString& line, const QString& part) {
        QTest::newRow(name) << line.split(' ', Qt::SkipEmptyParts) << part;
    };
    row("missing model", "inspect nowhere --json", "nowhere");
    row("missing tokenizer", "tokenize nowhere --text a", "nowhere");
    row("text list missing", "tokenize nowhere --file list.json", "list.json");
    row("text list no list", "tokenize nowhere --file object.json", "object.json");
    row("text list with number", "tokenize nowhere --file numbers.json", "item 1");
    row("run file missing", "train none.json", "none.json");
    row("run file not JSON", "train torn.json", "torn.json");
    row("run file with unknown key", "train unknown.json", "unknown.json");
    row("run file out of range", "train range.json", "range.json");
    row("nothing to resume", "train --resume -o empty", "empty");
    row("no run to export", "export empty --as lora -o out/adapter", "empty");
    row("no folder for the output", "spectrum nowhere -o no/such/s.json", "no/such");
    row("prompt to no model", "generate nowhere --prompt hi", "nowhere");
    row("logits of missing ids", "logits nowhere --ids list.json -o l.safetensors", "list.json");
}

void TestUsage::refuses_badInput()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, part);
    const QTemporaryDir folder;
    const auto write = [&](const char* name, const char* text) {
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    };
    write("object.json", R"({"a": "b"})");
    write("numbers.json", R"(["a", 2])");
    write("torn.json", R"({"model": "m", )");
    write("unknown.json", R"({"model": "m", "data": "d", "colour": "red"})");
    write("range.json", R"({"model": "m", "data": "d", "learning_rate": -1})");
    QVERIFY(QDir(folder.path()).mkdir("empty"));
    const QStringList before =
        QDir(folder.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot);

    const CliResult result = runCli(arguments, folder.path());
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({part}));
    QVERIFY(result.out.isEmpty());
    QStringList after = QDir(folder.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
    after.removeAll(QStringLiteral("out")); // the folder that was to hold the output
    QCOMPARE(after, before);
}

void TestUsage::keeps_theErrorOnOneShortLine()
{
    const QString hostile = QStringLiteral("line\nbreak \x1b[31m ") + QString(3000, QChar(0x20ac));
    const CliResult file = runCli({"inspect", hostile});
    QCOMPARE(file.exitCode, 3);
    const CliResult flag = runCli({"train", "--method", hostile});
    QCOMPARE(flag.exitCode, 2);
    for (const CliResult& result : {file, flag}) {
        QVERIFY(result.hasOneError());
        QVERIFY(!result.err.contains('\x1b'));
        QCOMPARE(result.err.count('\n'), 1);
        QVERIFY(!QString::fromUtf8(result.err)
                     .contains(QChar::ReplacementCharacter)); // no torn character
    }
    QVERIFY(flag.hasOneError({"--method", "line break", "see pissarro-cli train --help"}));
}

void TestUsage::explains_everyVerbWithAnExample_data()
{
    QTest::addColumn<QString>("verb");
    for (const char* verb :
         {"inspect", "spectrum", "advise", "init",  "train", "generate", "logits",      "tokenize",
          "render",  "data",     "score",  "eval",  "sweep", "export",   "quant-error", "runs",
          "models",  "serve",    "judge",  "watch", "pause", "stop"}) {
        QTest::newRow(verb) << QString::fromLatin1(verb);
    }
}

void TestUsage::explains_everyVerbWithAnExample()
{
    QFETCH(QString, verb);
    QVERIFY(runCli({QStringLiteral("--help")}).out.contains(verb.toUtf8()));
    const CliResult result = runCli({verb, QStringLiteral("--help")});
    QCOMPARE(result.exitCode, 0);
    QVERIFY(result.out.contains("Example:\n  pissarro-cli " + verb.toUtf8()));
    QVERIFY(result.err.isEmpty());
}

// The help is made from core's table; the file is what it was before, --init-adapter and --rslora in the order of run.json.
void TestUsage::tells_everySettingOfARun()
{
    QFile file(QStringLiteral(PISSARRO_SOURCE "/tests/cli/train_help.txt"));
    QVERIFY(file.open(QFile::ReadOnly));
    const CliResult result = runCli({QStringLiteral("train"), QStringLiteral("--help")});
    QCOMPARE(result.exitCode, 0);
    QCOMPARE(QString::fromUtf8(result.out).split(QLatin1Char('\n')),
             QString::fromUtf8(file.readAll()).split(QLatin1Char('\n')));
}

void TestUsage::tells_itsVersion()
{
    const CliResult result = runCli({QStringLiteral("--version")});
    QCOMPARE(result.exitCode, 0);
    const QRegularExpression form(QStringLiteral("^pissarro-cli [0-9]+\\.[0-9]+\\.[0-9]+\n$"));
    QVERIFY(form.match(QString::fromUtf8(result.out)).hasMatch());
}

void TestUsage::fails_whenStdoutIsFull()
{
    const QString model = demoModel();
    if (model.isEmpty()) {
        QSKIP("no model below .deps/model: run ./dev setup");
    }
    QProcess process;
    process.setStandardOutputFile(QStringLiteral("/dev/full"));
    process.start(QStringLiteral(PISSARRO_CLI), {QStringLiteral("inspect"), model});
    QVERIFY(process.waitForFinished(hangMs()));
    QCOMPARE(process.exitCode(), 1);
    QVERIFY(process.readAllStandardError().startsWith("error: stdout"));
}

void TestUsage::logs_whatAReportNeeds()
{
    const QTemporaryDir state;
    const QByteArray before = qgetenv("XDG_STATE_HOME");
    qputenv("XDG_STATE_HOME", state.path().toUtf8());
    const CliResult result = runCli({"generate", "nowhere", "--prompt", "a secret"});
    const CliResult help = runCli({"--help"});
    qputenv("XDG_STATE_HOME", before);
    QCOMPARE(result.exitCode, 3);
    const QString path = state.path() + "/pissarro/pissarro.log";
    const QString log = QString::fromUtf8(contentOf(path));
    const auto has = [&log](const QString& pattern) {
        return log.contains(QRegularExpression("^[0-9-]{10}T[0-9:.]{12}Z " + pattern,
                                               QRegularExpression::MultilineOption));
    };
    QVERIFY2(
        has(R"(info \d+/\d+ pissarro-cli \d\S+, verb generate, on \d+ threads?, \w+.*, [\d.]+ GB, LibTorch \d)"),
        qPrintable(log));
    QVERIFY2(has("info [0-9]+/[0-9]+ pissarro-cli [0-9.]+, verb generate, on [0-9]+ threads?, "
                 "[a-z0-9]+.*, [0-9.]+ GB, LibTorch [0-9]"),
             qPrintable(log));
    QVERIFY2(has("info [0-9]+/[0-9]+ opening nowhere begins$"), qPrintable(log));
    QVERIFY2(has("error [0-9]+/[0-9]+ opening nowhere failed after [0-9.]+ s: .*nowhere"),
             qPrintable(log));
    const QByteArray line = result.errorLines().value(0).mid(7); // behind "error: "
    QVERIFY2(
        has("error [0-9]+/[0-9]+ " + QRegularExpression::escape(QString::fromUtf8(line)) + "$"),
        qPrintable(log));
    QVERIFY(!log.contains("secret"));
    QVERIFY2(help.out.contains(path.toUtf8()), help.out.constData());
}

QTEST_GUILESS_MAIN(TestUsage)

#include "tst_usage.moc"
