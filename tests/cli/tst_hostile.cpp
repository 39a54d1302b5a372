// SPDX-License-Identifier: GPL-3.0-or-later
// Bad input at the command line: exit 3, one short line that names the file, nothing written, in
// time and memory. What each reader refuses in detail is proved beside it, in tests/core.
#include "tests/cli/hostile_cases.h"
#include "tests/cli/measured_cli.h"

#include <QDirIterator>
#include <QtTest/QtTest>

#include <future>

using namespace pissarro::tests;

namespace {

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

private:
    void judge(const HostileCase& lie, Attempt& attempt);

    const QTemporaryDir m_right;
    qint64 m_startBytes = 0;
};

void TestHostile::initTestCase()
{
    writeRightInputs(m_right.path().toStdString());
    m_startBytes = runMeasured({QStringLiteral("--version")}).peakBytes;
    QVERIFY(m_startBytes > 0);
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
    QVERIFY2(result.cpuSeconds < kSeconds, qPrintable(QString::number(result.cpuSeconds)));
    QVERIFY2(result.peakBytes < m_startBytes + kBytes,
             qPrintable(QString::number(result.peakBytes)));
}

QTEST_GUILESS_MAIN(TestHostile)
#include "tst_hostile.moc"
