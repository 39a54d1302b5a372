// SPDX-License-Identifier: GPL-3.0-or-later
// What -o names and is there stays, with every verb that writes (DESIGN §7, «Outputs»): each is tried on a file or
// folder of a person, on its own earlier output, on its inputs and on the folder above them, without and with --force.
#include "core/file/output_marker.h"
#include "core/run/run_place.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/writers.h"

#include <QDir>
#include <QtTest/QtTest>

#include <csignal>
#include <filesystem>

using namespace pissarro;
using namespace pissarro::tests;

class TestOutputs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const QByteArray problem = writeWriterInputs(m_folder.path());
        QVERIFY2(problem.isEmpty(), problem.constData());
    }

    void init() // whatever the case before made, each begins with the inputs alone
    {
        QDir(path("place")).removeRecursively();
        QVERIFY(QDir().mkpath(path("place")));
    }

    void keeps_whatAPersonHas_data() { rows(); }
    void keeps_whatAPersonHas()
    {
        const Writer writer = currentWriter();
        const QString place = "place/mine" + QString(writer.ending);
        if (writer.what == Writes::File) {
            write(place, "two years of work");
        } else {
            QVERIFY(QDir().mkpath(path(place + "/adapter")));
            write(place + "/log.txt", "mine");
            write(place + "/adapter/keep.bin", "x");
        }
        refuses(writer, place, {});
        refuses(writer, place, {"--force"});
    }

    void replaces_itsOwn_data() { rows(); }
    void replaces_itsOwn()
    {
        const Writer writer = currentWriter();
        const QString place = "place/own" + QString(writer.ending);
        if (writer.what == Writes::Folder) {
            QVERIFY(QDir().mkpath(path(place))); // an empty one is free
        }
        const CliResult first = run(writer, place, {});
        QVERIFY2(first.exitCode == 0, first.err.constData());
        if (writer.goesOn) {
            QCOMPARE(run(writer, place, {}).exitCode, 0);
        } else {
            refuses(writer, place, {});
        }
        const auto id = [&] { return QFileInfo(path(place)).metadataChangeTime(); };
        const QDateTime before = id();
        const CliResult again =
            run(writer, place + (writer.what == Writes::Folder ? "/" : ""), {"--force"});
        QVERIFY2(again.exitCode == 0, again.err.constData());
        QVERIFY(id() > before);
        QCOMPARE(
            QDir(path("place")).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
            QStringList {QFileInfo(place).fileName()});
        if (writer.what == Writes::Folder) { // a file that a person put there
            for (const char* name : {"notes.txt", "mine.jsonl"}) {
                write(place + "/" + name, "mine");
                refuses(writer, place, {"--force"}, name);
                QVERIFY(QFile::remove(path(place + "/" + name)));
            }
        }
    }

    // Each input, made this program's own so that nothing but its being an input protects it.
    void keeps_itsInputs_data() { rows(); }
    void keeps_itsInputs()
    {
        const Writer writer = currentWriter();
        for (const QString& input : writer.inputs) {
            const bool isFolder = QFileInfo(path(input)).isDir();
            const bool isModel = QFile::exists(path(input + "/config.json"));
            if (isModel) {
                core::markFolder(path(input).toStdString());
            }
            QStringList places;
            if (writer.what == Writes::Folder) {
                places << input << input + "/"
                       << "./" + input + "/../" + QFileInfo(input).fileName() << ".";
                QVERIFY(QFile::link(path(input), path("place/link")));
                places << "place/link";
            } else if (isFolder) {
                const QString inside = firstFileIn(input);
                QVERIFY(QFile::link(path(inside), path("place/link" + QString(writer.ending))));
                std::filesystem::create_hard_link(
                    path(inside).toStdString(),
                    path("place/hard" + QString(writer.ending)).toStdString());
                places << "place/link" + QString(writer.ending)
                       << "place/hard" + QString(writer.ending);
                if (inside.endsWith(writer.ending)) {
                    places << inside;
                }
            } else if (input.endsWith(writer.ending)) {
                places << input;
            }
            for (const QString& place : places) {
                for (const QStringList& more : {QStringList(), QStringList {"--force"}}) {
                    refuses(writer, place, more);
                }
            }
            if (isModel) {
                QFile::remove(path(input + "/.pissarro"));
            }
            init();
        }
    }

    // 506 to 516 of the shared cases: the model's weights, the data, the map, the ids.
    void keeps_singleInputs()
    {
        const auto stay = [&](const QStringList& arguments) {
            for (const QStringList& more : {QStringList(), QStringList {"--force"}}) {
                const auto before = contentsBelow(m_folder.path());
                const CliResult result = run(arguments + more);
                QVERIFY2(result.exitCode == 3 && result.hasOneError(), result.err.constData());
                QCOMPARE(contentsBelow(m_folder.path()), before);
            }
        };
        stay({"spectrum", "model", "-o", "model/model.safetensors"});
        write("all.mix.json", R"({"files": [{"path": "data.jsonl"}]})");
        stay({"generate", "model", "--prompts", "all.mix.json", "-o", "data.jsonl"});
        stay({"data", "all.mix.json", "--bad-rows", "data.jsonl"});
        stay({"generate", "model", "--prompts", "data.jsonl", "-o", "data.jsonl"});
        stay({"generate", "model", "--prompt", "a", "--ids-out", "model/config.json"});
        stay({"advise", "model", "-o", "model/config.json"});
        stay({"quant-error", "model", "--rank", "2", "-o", "model/config.json"});
        stay({"logits", "model", "--ids", "ids.json", "-o", "ids.json"});
        stay({"logits", "model", "--ids", "ids.json", "-o", "model/model.safetensors"});
    }

    void keeps_aBareListOfIds() // which can hold no mark
    {
        const QStringList command {"generate",         "model", "--prompt",  "a cab",
                                   "--max-new-tokens", "2",     "--ids-out", "place/ids.json"};
        QCOMPARE(run(command).exitCode, 0);
        QVERIFY(QJsonDocument::fromJson(contentOf(path("place/ids.json"))).isArray());
        QCOMPARE(run(command).exitCode, 3);
        QCOMPARE(run(command + QStringList {"--force"}).exitCode, 3);
    }

    // --resume makes no folder a run's.
    void resumes_inNoForeignFolder()
    {
        write("spec.json", contentOf(path("run/run.json")));
        QVERIFY(QDir().mkpath(path("place/mine/adapter")));
        write("place/mine/log.txt", "mine");
        const auto before = contentsBelow(m_folder.path());
        const CliResult result = run({"train", "spec.json", "--resume", "-o", "place/mine"});
        QVERIFY2(result.exitCode == 3 && result.hasOneError({"mine"}), result.err.constData());
        QCOMPARE(contentsBelow(m_folder.path()), before);
    }

    // As a window starts its trainer; and as a person would try to replace that run by its own spec.
    void trains_byTheSpecInTheRunFolder()
    {
        const std::filesystem::path place = path("place/spec").toStdString();
        core::claimRunDirectory(place, {core::methodNamed("pissa")}, {});
        QStringList command {"train", "place/spec/spec.json", "-o", "place/spec"};
        write("place/spec/spec.json", contentOf(path("run/run.json")));
        const CliResult first = run(command);
        QVERIFY2(first.exitCode == 0, first.err.constData());
        QVERIFY(QFile::exists(path("place/spec/spec.json")));
        const auto before = contentsBelow(m_folder.path());
        for (const QStringList& more : {QStringList(), QStringList {"--force"}}) {
            const CliResult again = run(command + more);
            QVERIFY2(again.exitCode == 3, again.err.constData());
            QCOMPARE(contentsBelow(m_folder.path()), before);
        }
        // Another run's spec is an input like any.
        command[1] = "place/spec/spec.json";
        command.last() = "place/other";
        QVERIFY(run(command).exitCode == 0);
    }

    void replaces_noRunThatTrains()
    {
        QStringList command = writerTraining() + QStringList {"-o", "place/busy"};
        command[command.indexOf("--steps") + 1] = "1000000";
        for (QString& argument : command) {
            if (QFile::exists(path(argument))) {
                argument = path(argument);
            }
        }
        command.last() = path("place/busy");
        runCliUntil(command, "step 2/", [&](qint64 pid) {
            const CliResult second = runCli(command + QStringList {"--force"});
            ::kill(static_cast<pid_t>(pid), SIGKILL);
            QVERIFY2(second.exitCode == 3, second.err.constData());
            QVERIFY(second.hasOneError({"is in use"}));
        });
        QVERIFY(QFile::exists(path("place/busy/run.json")));
    }

private:
    static void rows()
    {
        QTest::addColumn<int>("index");
        const auto all = writers();
        for (std::size_t i = 0; i < all.size(); ++i) {
            QTest::newRow(all[i].name) << static_cast<int>(i);
        }
    }

    static Writer currentWriter()
    {
        QFETCH(int, index);
        return writers()[static_cast<std::size_t>(index)];
    }

    CliResult run(const QStringList& arguments) const { return runCli(arguments, m_folder.path()); }

    CliResult run(const Writer& writer, const QString& place, const QStringList& more) const
    {
        return run(writer.at(place, more));
    }

    // Exit 3, one error line that names the place, and not a byte changed anywhere.
    void refuses(const Writer& writer, const QString& place, const QStringList& more,
                 const QString& says = {})
    {
        const auto before = contentsBelow(m_folder.path());
        const CliResult result = run(writer, place, more);
        QVERIFY2(result.exitCode == 3,
                 qPrintable(QString("%1 -o %2 %3: exit %4\n%5")
                                .arg(writer.name, place, more.join(' '))
                                .arg(result.exitCode)
                                .arg(QString::fromUtf8(result.err))));
        QVERIFY(result.hasOneError(says.isEmpty() ? QStringList() : QStringList {says}));
        QVERIFY2(contentsBelow(m_folder.path()) == before, qPrintable(place + " was touched"));
    }

    QString firstFileIn(const QString& folder) const
    {
        for (const char* name : {"/model.safetensors", "/adapter_model.safetensors",
                                 "/adapter/adapter_model.safetensors"}) {
            if (QFile::exists(path(folder + name))) {
                return folder + name;
            }
        }
        return {};
    }

    QString path(const QString& name) const { return m_folder.filePath(name); }
    void write(const QString& name, const QByteArray& bytes) const
    {
        writeContent(path(name), bytes);
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestOutputs)
#include "tst_outputs.moc"
