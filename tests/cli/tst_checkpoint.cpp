// SPDX-License-Identifier: GPL-3.0-or-later
// --checkpoint of the verbs that take a run: which state they take, what they say of it, what they refuse.
#include "core/format/safetensors.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/hostile_cases.h"

#include <QtTest/QtTest>

using namespace pissarro;
using namespace pissarro::tests;

class TestCheckpoint : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // A run whose best step is not its last: a rate at which it learns the training rows by heart.
    void initTestCase()
    {
        writeRightInputs(m_folder.path().toStdString());
        QFile rows(m_folder.filePath("data.jsonl"));
        QVERIFY(rows.open(QIODevice::WriteOnly));
        for (int i = 0; i < 12; ++i) {
            const char letter = static_cast<char>('a' + i % 3);
            rows.write(QByteArray(R"({"question": "what is a b c", "answer": ")")
                       + QByteArray(3, letter) + "\"}\n");
        }
        rows.close();
        const CliResult trained = run({"train",      "--model",
                                       "model",      "--data",
                                       "data.jsonl", "--method",
                                       "pissa",      "--rank",
                                       "4",          "--alpha",
                                       "4",          "--dtype",
                                       "float32",    "--threads",
                                       "1",          "--device",
                                       "cpu",        "--lr",
                                       "0.03",       "--schedule",
                                       "constant",   "--warmup-ratio",
                                       "0",          "--steps",
                                       "60",         "--batch-size",
                                       "2",          "--eval-ratio",
                                       "0.4",        "--eval-every",
                                       "1",          "--patience",
                                       "3",          "--checkpoint-every",
                                       "1",          "--keep-checkpoints",
                                       "100",        "-o",
                                       "run"});
        QVERIFY2(trained.exitCode == 0, trained.err.constData());
        const QJsonObject state = jsonObjectOf(m_folder.filePath("run/run.json"))["run"].toObject();
        m_best = state["best_step"].toInt();
        m_last = int(metricsOf(m_folder.filePath("run")).size());
        QVERIFY(m_best > 1 && m_best < m_last);
    }

    void takes_theChosenState_data()
    {
        QTest::addColumn<QString>("choice");
        QTest::addColumn<int>("step");
        QTest::newRow("usual") << "" << m_best;
        QTest::newRow("best") << "best" << m_best;
        QTest::newRow("last") << "last" << m_last;
        QTest::newRow("a step") << "1" << 1;
        QTest::newRow("the best's own step") << QString::number(m_best) << m_best;
    }

    void takes_theChosenState()
    {
        QFETCH(QString, choice);
        QFETCH(int, step);
        const QStringList flag =
            choice.isEmpty() ? QStringList() : QStringList {"--checkpoint", choice};
        const auto says = [&](const CliResult& result) {
            QVERIFY2(result.exitCode == 0, result.err.constData());
            const QJsonObject state = result.json()["checkpoint"].toObject();
            QCOMPARE(state["step"].toInt(), step);
            QCOMPARE(state["best"].toBool(), step == m_best);
            QCOMPARE(state["last"].toBool(), step == m_last);
            QCOMPARE(result.err.count("checkpoint: step " + QByteArray::number(step)), 1);
        };
        const QTemporaryDir out;
        const QString own = out.filePath("own.safetensors");
        says(run(QStringList {"logits", "run", "--ids", "ids.json", "--json", "-o", own} + flag));
        says(run(QStringList {"generate", "run", "--prompt", "what is", "--greedy",
                              "--max-new-tokens", "2", "--json"}
                 + flag));
        says(run(QStringList {"export", "run", "--as", "lora", "--json", "-o", out.filePath("lora")}
                 + flag));
        says(run(
            QStringList {"export", "run", "--as", "merged", "--json", "-o", out.filePath("merged")}
            + flag));
        const QString lora = out.filePath("lora.safetensors");
        const QString merged = out.filePath("merged.safetensors");
        logits({"model", "--adapter", out.filePath("lora")}, lora);
        logits({out.filePath("merged")}, merged);
        const std::vector<float> wanted = valuesOf(own);
        QVERIFY(difference(valuesOf(lora), wanted) < 1e-4F);
        QVERIFY(difference(valuesOf(merged), wanted) < 1e-3F);
        if (step != m_best) {
            const QString usual = out.filePath("usual.safetensors");
            logits({"run"}, usual);
            QVERIFY(difference(valuesOf(usual), wanted) > 1e-2F);
        }
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QStringList>("parts");
        const QStringList kept {"checkpoint of step 1000", QString::number(m_last),
                                QString("best (step %1)").arg(m_best)};
        const QStringList logits {"logits", "run", "--ids", "ids.json", "-o", "made.safetensors"};
        const QStringList generate {"generate", "run", "--prompt", "what"};
        const QStringList exported {"export", "run", "--as", "lora", "-o", "made"};
        int row = 0;
        for (const QStringList& verb : {logits, generate, exported}) {
            QTest::addRow("not kept %d", row)
                << verb + QStringList {"--checkpoint", "1000"} << 3 << kept;
            QTest::addRow("no such word %d", row)
                << verb + QStringList {"--checkpoint", "newest"} << 2 << QStringList {"newest"};
            QTest::addRow("zero %d", row++)
                << verb + QStringList {"--checkpoint", "0"} << 2 << QStringList {"best, last"};
        }
        QStringList model = logits;
        model[1] = "model";
        QTest::newRow("logits of a model") << model + QStringList {"--checkpoint", "last"} << 2
                                           << QStringList {"--checkpoint", "directory of a run"};
        model = generate;
        model[1] = "model";
        QTest::newRow("generate with a model")
            << model + QStringList {"--checkpoint", "best"} << 2
            << QStringList {"--checkpoint", "directory of a run"};
    }

    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QStringList, parts);
        const CliResult result = run(arguments);
        QVERIFY2(result.exitCode == code, result.err.constData());
        QVERIFY2(result.hasOneError(parts), result.err.constData());
        QVERIFY(!QFile::exists(m_folder.filePath("made.safetensors")));
        QVERIFY(!QFile::exists(m_folder.filePath("made")));
    }

private:
    CliResult run(const QStringList& arguments) const { return runCli(arguments, m_folder.path()); }

    void logits(const QStringList& what, const QString& out) const
    {
        const CliResult result =
            run(QStringList {"logits"} + what + QStringList {"--ids", "ids.json", "-o", out});
        QVERIFY2(result.exitCode == 0, result.err.constData());
    }

    static std::vector<float> valuesOf(const QString& path)
    {
        const auto file = core::SafetensorsFile::open(path.toStdString());
        std::vector<float> values(std::size_t(file.at("logits").elements()));
        core::toFloat32(file.at("logits"), 0, qint64(values.size()), values.data());
        return values;
    }

    // NaN where they cannot be compared: no comparison holds then.
    static float difference(const std::vector<float>& a, const std::vector<float>& b)
    {
        float largest =
            a.size() == b.size() && !a.empty() ? 0.0F : std::numeric_limits<float>::quiet_NaN();
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
            largest = std::max(largest, std::abs(a[i] - b[i]));
        }
        return largest;
    }

    QTemporaryDir m_folder;
    int m_best = 0;
    int m_last = 0;
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "tst_checkpoint.moc"
