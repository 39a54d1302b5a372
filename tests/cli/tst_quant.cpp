// SPDX-License-Identifier: GPL-3.0-or-later
// quant-error and init with a four-bit base; four-bit folders that lie.
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/model/model_folders.h"
#include "tests/tools/patience.h"

#include <QJsonArray>
#include <QtTest/QtTest>

#include <csignal>
#include <cstring>
#include <limits>

using namespace pissarro;
using namespace pissarro::tests;

namespace {

const QByteArray kFirst = "model.layers.0.self_attn.q_proj.weight";

using Tensors = std::vector<test::StoredTensor>;

test::StoredTensor& named(Tensors& tensors, const char* suffix)
{
    const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& one) {
        return one.name == kFirst.toStdString() + suffix;
    });
    Q_ASSERT(found != tensors.end());
    return *found;
}

void replaceIn(test::StoredTensor& state, const std::string& what, const std::string& with)
{
    const auto at = state.bytes.find(what);
    Q_ASSERT(at != std::string::npos && what.size() == with.size());
    state.bytes.replace(at, what.size(), with);
}

void drop(Tensors& tensors, const char* suffix)
{
    const std::string name = kFirst.toStdString() + suffix;
    std::erase_if(tensors, [&](const auto& one) { return one.name == name; });
}

} // namespace

class TestQuant : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(path("tiny").toStdString());
        const CliResult made = runCli({"init", path("tiny"), "--method", "qlora", "--rank", "4",
                                       "--double-quant", "-o", path("nested")});
        QVERIFY2(made.exitCode == 0, made.err.constData());
    }

    void ranks_areDecimal()
    {
        const CliResult result = runCli({"quant-error", path("tiny"), "--rank", "010", "--iters",
                                         "02", "--json", "-o", path("decimal.json")});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QCOMPARE(result.json()["rank"].toInt(), 10); // not eight
        QCOMPARE(result.json()["iters"].toInt(), 2);
    }

    void errors_areToldByModuleAndType()
    {
        const CliResult result = runCli({"quant-error", path("tiny"), "--rank", "4", "--iters", "3",
                                         "--other-types", "--json", "-o", path("errors.json")});
        QCOMPARE(result.exitCode, 0);
        const QJsonObject document = result.json();
        QCOMPARE(document, jsonObjectOf(path("errors.json")));
        QCOMPARE(document["rank"].toInt(), 4);
        QCOMPARE(document["iters"].toInt(), 3);
        double sum = 0.0;
        int ahead = 0;
        const QJsonArray modules = document["modules"].toArray();
        QVERIFY(!modules.isEmpty());
        for (const QJsonValue& value : modules) {
            const QJsonObject one = value.toObject();
            const double qlora = one["qlora"]["nuclear"].toDouble();
            for (const char* method : {"loftq", "qpissa"}) {
                const double left = one[method]["nuclear"].toDouble();
                QVERIFY(left > 0.0 && left < qlora);
                QCOMPARE(one["reduction"][method].toDouble(), 100.0 * (1.0 - left / qlora));
                const QJsonArray each = one["nuclear_by_iteration"][method].toArray();
                QCOMPARE(each.size(), 3);
                QCOMPARE(each.last().toDouble(), left);
                QVERIFY(one[method]["spectral"].toDouble() <= one[method]["frobenius"].toDouble());
                QVERIFY(one[method]["frobenius"].toDouble() <= left);
                QVERIFY(one[method]["max"].toDouble() <= one[method]["spectral"].toDouble());
            }
            QVERIFY(one["int8"]["nuclear"].toDouble() < qlora);
            QVERIFY(one["fp4"]["nuclear"].toDouble() > qlora);
            sum += one["reduction"]["qpissa"].toDouble();
            ahead +=
                one["loftq"]["nuclear"].toDouble() < one["qpissa"]["nuclear"].toDouble() ? 1 : 0;
        }
        const double average = document["average"]["qpissa"].toDouble();
        QVERIFY(std::abs(average - sum / static_cast<double>(modules.size())) < 1e-9);
        QCOMPARE(document["loftq_ahead"].toInt(), ahead);
        QCOMPARE(document["by_type"].toObject().size(), 7);
    }

    // The base of one iteration and its adapter are those of ten, begun and left off.
    void methodsDiffer_andFoldersOpen()
    {
        for (const char* method : {"qlora", "loftq", "qpissa"}) {
            const QString folder = path(method);
            const CliResult made = runCli({"init", path("tiny"), "--method", method, "--rank", "4",
                                           "--iters", "2", "-o", folder, "--json"});
            QVERIFY2(made.exitCode == 0, made.err.constData());
            QCOMPARE(made.json()["base"].toString(), folder);
            QVERIFY(QFile::exists(folder + "/" + method + "_init/adapter_model.safetensors"));
            const CliResult opened = runCli({"inspect", folder, "--json"});
            QCOMPARE(opened.exitCode, 0);
            QStringList dtypes;
            for (const QJsonValue& module : opened.json()["modules"].toArray()) {
                if (module["name"].toString().endsWith("_proj")) {
                    dtypes << module["dtype"].toString();
                }
            }
            dtypes.removeDuplicates();
            QCOMPARE(dtypes, QStringList {"NF4"});
            // Trains in place of the plain base, with its own adapter.
            CliResult trained = runCli(
                {"train", "--model", folder, "--init-adapter", folder + "/" + method + "_init",
                 "--method", "lora", "--rank", "4", "--alpha", "16", "--dtype", "float32",
                 "--steps", "2", "--batches", batches(), "-o", path(QString("run-") + method)});
            QVERIFY2(trained.exitCode == 0, trained.err.replace("\n", " | ").constData());
        }
        QVERIFY(contentOf(path("qlora/model.safetensors"))
                != contentOf(path("qpissa/model.safetensors")));
        // LoftQ's first base is QLoRA's; its second is not.
        QVERIFY(contentOf(path("qlora/model.safetensors"))
                != contentOf(path("loftq/model.safetensors")));
    }

    void wrongArguments_areRefused_data()
    {
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        QTest::newRow("no iteration")
            << QStringList {"--method", "qpissa", "--iters", "0"} << 2 << "--iters";
        QTest::newRow("no rank") << QStringList {"--method", "loftq", "--rank", "0"} << 2
                                 << "--rank";
        QTest::newRow("rank above a side")
            << QStringList {"--method", "qpissa", "--rank", "4096"} << 3 << "4096";
        QTest::newRow("block size")
            << QStringList {"--method", "qlora", "--block", "48"} << 2 << "--block";
        QTest::newRow("type") << QStringList {"--method", "qlora", "--type", "int3"} << 2
                              << "--type";
    }
    void wrongArguments_areRefused()
    {
        QFETCH(const QStringList, more);
        QFETCH(const int, code);
        QFETCH(const QString, says);
        const CliResult result =
            runCli(QStringList {"init", path("tiny"), "-o", path("never")} + more);
        QCOMPARE(result.exitCode, code);
        QVERIFY(result.hasOneError({says}));
        QVERIFY(!QFile::exists(path("never")));
    }

    void aFolderThatLies_isRefused_data()
    {
        QTest::addColumn<int>("lie");
        QTest::addColumn<QString>("says");
        const auto row = [this](const char* name, const char* says,
                                const std::function<void(Tensors&)>& spoil) {
            QTest::newRow(name) << static_cast<int>(m_lies.size()) << says;
            m_lies.push_back(spoil);
        };
        m_lies.clear();
        row("block size", "block size 48", [](Tensors& tensors) {
            replaceIn(named(tensors, ".quant_state.bitsandbytes__nf4"), "\"blocksize\":64",
                      "\"blocksize\":48");
        });
        row("quant type", "quant type 'af4'", [](Tensors& tensors) {
            named(tensors, ".quant_state.bitsandbytes__nf4").name =
                kFirst.toStdString() + ".quant_state.bitsandbytes__af4";
        });
        row("no JSON", "describes nothing", [](Tensors& tensors) {
            named(tensors, ".quant_state.bitsandbytes__nf4").bytes[0] = 'x';
        });
        row("absmax NaN", "NaN or Inf", [](Tensors& tensors) {
            const float nan = std::numeric_limits<float>::quiet_NaN();
            std::memcpy(named(tensors, ".nested_absmax").bytes.data(), &nan, sizeof nan);
        });
        row("nested state missing", "nested_absmax",
            [](Tensors& tensors) { drop(tensors, ".nested_absmax"); });
        row("nested map missing", "nested_quant_map",
            [](Tensors& tensors) { drop(tensors, ".nested_quant_map"); });
        row("absmax missing", "absmax' is missing",
            [](Tensors& tensors) { drop(tensors, ".absmax"); });
        row("codes cut", "expected", [](Tensors& tensors) {
            test::StoredTensor& codes = named(tensors, "");
            codes.bytes.resize(codes.bytes.size() / 2);
            codes.shape[0] /= 2;
        });
        row("another code table", "another table",
            [](Tensors& tensors) { named(tensors, ".quant_map").bytes[1] ^= 1; });
        row("no state", "is missing|expected F32|the shape",
            [](Tensors& tensors) { drop(tensors, ".quant_state.bitsandbytes__nf4"); });
    }
    void aFolderThatLies_isRefused()
    {
        QFETCH(const int, lie);
        QFETCH(const QString, says);
        const std::string folder = path("lie").toStdString();
        std::filesystem::remove_all(folder);
        std::filesystem::copy(path("nested").toStdString(), folder,
                              std::filesystem::copy_options::recursive);
        Tensors tensors = test::tensorsOf(std::filesystem::path(folder) / "model.safetensors");
        m_lies.at(static_cast<std::size_t>(lie))(tensors);
        test::writeTensors(std::filesystem::path(folder) / "model.safetensors", tensors);
        const CliResult result = runCli({"spectrum", path("lie"), "-o", path("never.json")});
        QCOMPARE(result.exitCode, 3);
        QVERIFY(result.hasOneError({"model.safetensors", "model.layers.0.self_attn.q_proj"}));
        const QStringList any = says.split('|');
        QVERIFY2(std::any_of(any.begin(), any.end(),
                             [&](const QString& one) { return result.err.contains(one.toUtf8()); }),
                 result.err.constData());
        QVERIFY(!QFile::exists(path("never.json")));
    }

    void stoppedInTheMiddle_nothingIsLeft()
    {
        if (demoModel().isEmpty()) {
            QSKIP("SmolLM2 is not there: run ./dev setup");
        }
        QProcess process;
        process.start(QStringLiteral(PISSARRO_CLI),
                      {"init", demoModel(), "--method", "qpissa", "--iters", "1000", "-o",
                       path("stopped/folder")});
        QVERIFY(process.waitForStarted(hangMs()));
        QTRY_VERIFY_WITH_TIMEOUT(!QDir(path("stopped"))
                                      .entryList(QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot)
                                      .isEmpty(),
                                 hangMs()); // the folder beside its final name
        QTest::qWait(500);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(
            process.waitForFinished(hangMs())); // within an iteration, of which there are minutes
        QCOMPARE(process.exitCode(), 130);
        QCOMPARE(
            QDir(path("stopped")).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
            QStringList());
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    QString batches()
    {
        const QString file = path("batches.safetensors");
        if (!QFile::exists(file)) {
            writeTinyBatches(file.toStdString(), 2);
        }
        return file;
    }

    QTemporaryDir m_folder;
    std::vector<std::function<void(Tensors&)>> m_lies;
};

QTEST_GUILESS_MAIN(TestQuant)

#include "tst_quant.moc"
