// SPDX-License-Identifier: GPL-3.0-or-later
// Every verb under every way to say how many threads: each ends, says how many it uses, and one matrix has the bits of many.
#include "core/format/safetensors.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <sched.h>

using namespace pissarro;
using namespace pissarro::tests;

namespace {

struct Way {
    const char* name;
    QMap<QString, QString> environment;
    QStringList flags; // where the verb has --threads
    bool oneCore = false;
};

const QList<Way>& ways()
{
    static const QList<Way> all {
        {"as it is", {}, {}},
        {"OMP_NUM_THREADS=1", {{"OMP_NUM_THREADS", "1"}}, {}},
        {"OMP_NUM_THREADS=3", {{"OMP_NUM_THREADS", "3"}}, {}},
        {"OMP_NUM_THREADS=64", {{"OMP_NUM_THREADS", "64"}}, {}},
        {"MKL_NUM_THREADS=1", {{"MKL_NUM_THREADS", "1"}}, {}},
        {"OMP_THREAD_LIMIT=1", {{"OMP_THREAD_LIMIT", "1"}}, {}},
        {"OMP_THREAD_LIMIT=1 --threads 2", {{"OMP_THREAD_LIMIT", "1"}}, {"--threads", "2"}},
        {"OMP_NUM_THREADS=1 --threads 3", {{"OMP_NUM_THREADS", "1"}}, {"--threads", "3"}},
        {"--threads 64", {}, {"--threads", "64"}},
        {"one core", {}, {}, true},
        {"one core, --threads 3", {}, {"--threads", "3"}, true},
    };
    return all;
}

// Has "threads" on the command line.
bool takesThreads(const QString& verb)
{
    return QStringList {"init", "quant-error", "train", "logits", "generate", "eval", "sweep"}
        .contains(verb);
}

} // namespace

class TestThreads : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("PISSARRO_CACHE_MB", "0"); // each decomposition is made
        writeTinyModel(path("tiny").toStdString());
        writeTinyBatches(path("batches.safetensors").toStdString(), 4);
        write("ids.json", "[[1, 2, 3, 4, 5]]");
        writeTinyModel(path("speaker").toStdString());
        writeTinyTokenizer(path("speaker").toStdString());
        write("own.jsonl", "{\"prompt\": \"a cab\", \"expected\": \"a\"}\n");
        write("answers.jsonl", "{\"output\": \"a\", \"gold\": \"a\"}\n");
        const QJsonObject base {{"model", path("tiny")},
                                {"batches", path("batches.safetensors")},
                                {"steps", 1},
                                {"dtype", "float32"},
                                {"rank", 2},
                                {"alpha", 2},
                                {"method", "lora"},
                                {"device", "cpu"}};
        write("sweep.json", QJsonDocument(QJsonObject {{"base", base}}).toJson());
        QCOMPARE(
            runCli(tinyTraining(m_folder.path(), {"--steps", "1", "-o", path("run")})).exitCode, 0);
        m_stories = QStringLiteral(PISSARRO_SHARED "/data/models/stories260k");
    }

    void everyVerb_ends_data()
    {
        QTest::addColumn<QString>("verb");
        QTest::addColumn<int>("way");
        for (const char* verb :
             {"inspect", "spectrum", "spectrum fast", "advise", "advise quant-error", "quant-error",
              "init", "init qpissa", "train", "logits", "generate", "tokenize", "export", "eval",
              "compare", "sweep", "score"}) {
            for (int way = 0; way < ways().size(); ++way) {
                QTest::addRow("%s, %s", verb, ways()[way].name) << QString(verb) << way;
            }
        }
    }

    void everyVerb_ends()
    {
        QFETCH(QString, verb);
        QFETCH(int, way);
        if ((verb == "generate" || verb == "tokenize") && !QFile::exists(m_stories)) {
            QSKIP("a model with a tokenizer is not there (../shared)");
        }
        QTemporaryDir cache; // of spectra
        const CliResult result = run(commandOf(verb), ways()[way], cache.path());
        QVERIFY2(result.exitCode == 0, result.err.constData());
    }

    void run_saysTheThreadsItUses_data()
    {
        QTest::addColumn<int>("way");
        QTest::addColumn<QString>("text");
        const auto at = [](const char* name) {
            return static_cast<int>(
                std::find_if(ways().begin(), ways().end(),
                             [&](const Way& way) { return QString(way.name) == name; })
                - ways().begin());
        };
        QTest::newRow("wish") << at("OMP_NUM_THREADS=1") << "CPU, 1 thread";
        QTest::newRow("limit") << at("OMP_THREAD_LIMIT=1 --threads 2") << "CPU, 1 thread";
        QTest::newRow("named") << at("OMP_NUM_THREADS=1 --threads 3") << "CPU, 3 threads";
        QTest::newRow("many") << at("--threads 64") << "CPU, 64 threads";
        QTest::newRow("one core") << at("one core") << "CPU, 1 thread";
    }

    void run_saysTheThreadsItUses()
    {
        QFETCH(int, way);
        QFETCH(QString, text);
        const QStringList command = commandOf("train");
        QCOMPARE(run(command, ways()[way], path("cache")).exitCode, 0);
        QCOMPARE(jsonObjectOf(command.back() + "/run.json")["run"].toObject()["device"].toString(),
                 text);
    }

    // One module alone, then all of them, however many threads.
    void oneModule_hasTheBitsOfAll()
    {
        const QString module = "model.layers.1.mlp.down_proj";
        const auto valuesOf = [&](const QStringList& more, const Way& way) {
            QTemporaryDir cache;
            const QString out = path("spectra.safetensors");
            QFile::remove(out);
            const CliResult result =
                run(QStringList {"spectrum", path("tiny"), "-o", out} + more, way, cache.path());
            if (result.exitCode != 0) {
                return std::vector<std::byte>();
            }
            const auto file = core::SafetensorsFile::open(out.toStdString());
            const core::TensorView& view = file.at(module.toStdString());
            return std::vector<std::byte>(view.data, view.data + view.sizeBytes);
        };
        const auto alone = valuesOf({"--modules", module}, ways().front());
        QVERIFY(!alone.empty());
        for (const Way& way : ways()) {
            QVERIFY2(valuesOf({}, way) == alone, way.name);
        }
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }

    void write(const QString& name, const QByteArray& text) const
    {
        writeContent(path(name), text);
    }

    // Ends with the name of what it writes, a new one each time.
    QStringList commandOf(const QString& verb)
    {
        const QString tiny = path("tiny");
        const QString out = path("out" + QString::number(++m_outputs));
        if (verb == "train") {
            QStringList all = tinyTraining(m_folder.path(), {"--steps", "2", "-o", out});
            all.remove(all.indexOf("--threads"), 2);
            return all;
        }
        const QMap<QString, QStringList> commands {
            {"inspect", {"inspect", tiny}},
            {"spectrum", {"spectrum", tiny, "-o", out + ".json"}},
            {"spectrum fast",
             {"spectrum", tiny, "--method", "fast", "--rank", "4", "-o", out + ".json"}},
            {"advise", {"advise", tiny, "--by", "energy", "--value", "0.9", "-o", out + ".json"}},
            {"advise quant-error",
             {"advise", tiny, "--by", "quant-error", "--value", "0.8", "-o", out + ".json"}},
            {"quant-error", {"quant-error", tiny, "--rank", "4", "-o", out + ".json"}},
            {"init", {"init", tiny, "--method", "pissa", "--rank", "4", "-o", out}},
            {"init qpissa", {"init", tiny, "--method", "qpissa", "--rank", "4", "-o", out}},
            {"logits", {"logits", tiny, "--ids", path("ids.json"), "-o", out + ".safetensors"}},
            {"generate", {"generate", m_stories, "--prompt", "Once", "--max-new-tokens", "4"}},
            {"tokenize", {"tokenize", m_stories, "--text", "Once"}},
            {"export", {"export", path("run"), "--as", "lora", "-o", out}},
            {"eval",
             {"eval", path("speaker"), "--task", "own", "--data", path("own.jsonl"), "--rule",
              "exact", "--max-new-tokens", "2", "--template", "plain", "-o", out}},
            {"compare", {"compare", path("run"), "-o", out + ".json"}},
            {"sweep", {"sweep", path("sweep.json"), "-o", out}},
            {"score", {"score", "--task", "own", "--rule", "exact", path("answers.jsonl")}},
        };
        return commands.value(verb);
    }

    CliResult run(QStringList arguments, const Way& way, const QString& cache)
    {
        if (takesThreads(arguments.front())) {
            arguments = QStringList {arguments.front()} + way.flags + arguments.mid(1);
        }
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char* name : {"OMP_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT"}) {
            environment.remove(name);
        }
        for (auto one = way.environment.begin(); one != way.environment.end(); ++one) {
            environment.insert(one.key(), one.value());
        }
        environment.insert("XDG_CACHE_HOME", cache);
        process.setProcessEnvironment(environment);
        if (way.oneCore) {
            process.setChildProcessModifier([] {
                cpu_set_t all;
                sched_getaffinity(0, sizeof all, &all);
                cpu_set_t one;
                CPU_ZERO(&one);
                for (int i = 0; i < CPU_SETSIZE; ++i) {
                    if (CPU_ISSET(i, &all)) {
                        CPU_SET(i, &one);
                        break;
                    }
                }
                sched_setaffinity(0, sizeof one, &one);
            });
        }
        process.start(QStringLiteral(PISSARRO_CLI), arguments);
        CliResult result;
        if (process.waitForFinished(hangMs())) {
            result.exitCode = process.exitCode();
        } else {
            process.kill();
            process.waitForFinished();
            qWarning("it stands still");
        }
        result.out = process.readAllStandardOutput();
        result.err = process.readAllStandardError();
        return result;
    }

    QTemporaryDir m_folder;
    QString m_stories;
    int m_outputs = 0;
};

QTEST_GUILESS_MAIN(TestThreads)
#include "tst_threads.moc"
