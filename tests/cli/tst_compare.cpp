// SPDX-License-Identifier: GPL-3.0-or-later
// spectrum --against and --meter: an update beside its base, the fast SVD beside the exact one.
#include "core/format/safetensors.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QJsonArray>
#include <QtTest/QtTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

using namespace pissarro;
using namespace pissarro::tests;

class TestCompare : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void compares_withAnAdapterAndItsMergedModel();
    void writes_theComparisonInEveryForm();
    void compares_withItself();
    void refuses_aWrongComparison_data();
    void refuses_aWrongComparison();
    void measures_theFastDecomposition();
    void refuses_aWrongMeter_data();
    void refuses_aWrongMeter();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    // The modules of `spectrum tiny --against tuned --rank 3`; empty when it failed.
    QJsonArray comparedWith(const QString& tuned) const;

    const QTemporaryDir m_folder;
};

namespace {

constexpr std::size_t kRank = 4; // of the LoRA that is compared

std::vector<double> numbersOf(const QJsonValue& array)
{
    std::vector<double> numbers;
    for (const QJsonValue& value : array.toArray()) {
        numbers.push_back(value.toDouble());
    }
    return numbers;
}

double sumOfSquares(const std::vector<double>& values)
{
    return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

bool descendsWithinOne(const std::vector<double>& cosines)
{
    return std::is_sorted(cosines.rbegin(), cosines.rend())
        && std::all_of(cosines.begin(), cosines.end(),
                       [](double value) { return value >= 0.0 && value <= 1.0; });
}

} // namespace

void TestCompare::initTestCase()
{
    qputenv("OMP_NUM_THREADS", "1"); // two threads would wait for each other on a busy machine
    qputenv("XDG_CACHE_HOME", path("cache").toUtf8());
    writeTinyModel(path("tiny").toStdString());
    writeTinyModel(path("nan").toStdString(), "model.layers.1.mlp.up_proj.weight");
    writeTinyModel(path("shallow").toStdString(), nullptr, 1);
    writeTinyBatches(path("batches.safetensors").toStdString(), 4);
    QCOMPARE(runCli({"train",    "--model", path("tiny"), "--batches", path("batches.safetensors"),
                     "--method", "lora",    "--rank",     "4",         "--alpha",
                     "4",        "--lr",    "1e-3",       "--dtype",   "float32",
                     "--steps",  "2",       "--threads",  "1",         "--device",
                     "cpu",      "-o",      path("run")})
                 .exitCode,
             0);
    QCOMPARE(runCli({"export", path("run"), "--as", "merged", "-o", path("merged")}).exitCode, 0);
}

QJsonArray TestCompare::comparedWith(const QString& tuned) const
{
    const CliResult result =
        runCli({"spectrum", path("tiny"), "--against", tuned, "--rank", "3", "--json"});
    return result.exitCode == 0 ? result.json()["modules"].toArray() : QJsonArray();
}

void TestCompare::compares_withAnAdapterAndItsMergedModel()
{
    const QJsonArray alone =
        runCli({"spectrum", path("tiny"), "--json"}).json()["modules"].toArray();
    const QJsonArray adapter = comparedWith(path("run/adapter"));
    const QJsonArray merged = comparedWith(path("merged"));
    QCOMPARE(adapter.size(), int(kTinyModules));
    QCOMPARE(merged.size(), int(kTinyModules));
    for (int i = 0; i < adapter.size(); ++i) {
        QCOMPARE(adapter[i]["name"], alone[i]["name"]);
        const std::vector<double> base = numbersOf(adapter[i]["base_singular_values"]);
        QVERIFY(std::abs(base[0] - alone[i]["singular_values"][0].toDouble()) < 1e-6 * base[0]);
        const std::vector<double> delta = numbersOf(adapter[i]["delta_singular_values"]);
        const double change = adapter[i]["relative_norm"].toDouble();
        QVERIFY(change > 0.0);
        QVERIFY(std::abs(std::sqrt(sumOfSquares(delta) / sumOfSquares(base)) - change)
                < 1e-6 * change);
        QVERIFY(delta[kRank] < 1e-5 * delta[0]); // a LoRA of rank 4 changes no more directions
        for (const char* side : {"output_cosines", "input_cosines"}) {
            const std::vector<double> cosines = numbersOf(adapter[i][side]);
            QCOMPARE(cosines.size(), std::size_t(3));
            QVERIFY(descendsWithinOne(cosines));
            QVERIFY(std::abs(cosines[0] - merged[i][side][0].toDouble()) < 1e-2);
        }
        QVERIFY(std::abs(merged[i]["relative_norm"].toDouble() - change) < 1e-2 * change);
    }
}

void TestCompare::writes_theComparisonInEveryForm()
{
    const QJsonObject first = comparedWith(path("run/adapter"))[0].toObject();
    for (const char* name : {"delta.json", "delta.csv", "delta.safetensors"}) {
        const CliResult result = runCli({"spectrum", path("tiny"), "--against", path("run/adapter"),
                                         "--rank", "3", "-o", path(name)});
        QCOMPARE(result.exitCode, 0);
        QVERIFY(result.out.contains(first["name"].toString().toUtf8()));
    }
    QCOMPARE(jsonObjectOf(path("delta.json"))["modules"][0].toObject(), first);
    const double largest = first["delta_singular_values"][0].toDouble();
    const QList<QByteArray> cells = contentOf(path("delta.csv")).split('\n')[1].split(',');
    QCOMPARE(cells[0], first["name"].toString().toUtf8());
    QCOMPARE(cells[2].toDouble(), first["base_singular_values"][0].toDouble());
    QCOMPARE(cells[4].toDouble(), largest);
    double stored = 0.0;
    const auto file = core::SafetensorsFile::open(path("delta.safetensors").toStdString());
    const core::TensorView& delta = file.at(first["name"].toString().toStdString() + ".delta");
    QCOMPARE(delta.dtype, core::DType::F64);
    std::memcpy(&stored, delta.data, sizeof stored);
    QCOMPARE(stored, largest);
}

void TestCompare::compares_withItself()
{
    const CliResult result =
        runCli({"spectrum", path("tiny"), "--against", path("tiny"), "--json"});
    QCOMPARE(result.exitCode, 0);
    for (const QJsonValue& module : result.json()["modules"].toArray()) {
        QCOMPARE(module["relative_norm"].toDouble(-1.0), 0.0);
        for (const double value : numbersOf(module["delta_singular_values"])) {
            QCOMPARE(value, 0.0);
        }
        QVERIFY(module["output_cosines"].toArray().isEmpty()); // nothing has no direction
    }
    QCOMPARE(runCli({"spectrum", path("tiny"), "--against", path("tiny")}).exitCode,
             0); // as text too
}

void TestCompare::refuses_aWrongComparison_data()
{
    QTest::addColumn<QStringList>("how");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const char* how, int code, const char* part) {
        QTest::newRow(name) << QString(how).split(' ') << code << part;
    };
    row("another model", "--against shallow", 3, "model.layers.1.self_attn.q_proj");
    row("not there", "--against nowhere", 3, "nowhere");
    row("NaN", "--against nan", 3, "up_proj");
    row("unknown ending", "--against tiny -o refused.md", 2, ".safetensors");
    row("no such folder", "--against tiny -o no/such/refused.json", 3, "no/such");
    row("no such module", "--against tiny --modules z_proj", 3, "z_proj");
    row("and --meter", "--against tiny --meter -o refused.json", 2, "--against");
}

void TestCompare::refuses_aWrongComparison()
{
    QFETCH(QStringList, how);
    QFETCH(int, code);
    QFETCH(QString, part);
    const CliResult result = runCli(QStringList {"spectrum", "tiny"} + how, m_folder.path());
    QCOMPARE(result.exitCode, code);
    QVERIFY(result.hasOneError({part}));
    QVERIFY(result.out.isEmpty());
    QVERIFY(!QFile::exists(path("refused.md")) && !QFile::exists(path("refused.json")));
}

void TestCompare::measures_theFastDecomposition()
{
    const QStringList line {"spectrum", path("tiny"), "--meter",  "--modules", "q_proj,k_proj",
                            "--ranks",  "2,5",        "--niters", "0,6",       "--oversamplings",
                            "2,4",      "--repeats",  "1",        "--json",    "-o"};
    QJsonArray rows;
    for (const char* name : {"meter.md", "meter.csv", "meter.json"}) {
        const CliResult result = runCli(line + QStringList {path(name)});
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(result.json()["matrices"].toInt(), 2 * int(kTinyLayers));
        rows = result.json()["rows"].toArray();
    }
    QCOMPARE(jsonObjectOf(path("meter.json"))["rows"].toArray(), rows);
    QCOMPARE(rows.size(), 2 * 2 * 2 + 2); // every setting, and exact at each rank
    QCOMPARE(contentOf(path("meter.csv")).count('\n'), 1 + rows.size());
    QVERIFY(contentOf(path("meter.md")).contains("| exact |"));
    double worst[2] = {0.0, 0.0}; // niter 0, niter 6
    for (const QJsonValue& row : rows) {
        QVERIFY(row["seconds"].toDouble() > 0.0);
        QVERIFY(row["projected_seconds"].toDouble() > row["seconds"].toDouble());
        const double error = row["subspace_error"].toDouble(-1.0);
        QVERIFY(error >= 0.0 && error <= 1.0);
        QVERIFY(row["reconstruction_error"].toDouble(-1.0) >= 0.0);
        QVERIFY(row["method"].toString() == "fast" || error == 0.0);
        double& most = worst[row["niter"].toInt() == 6 ? 1 : 0];
        most = std::max(most, error);
    }
    QVERIFY(worst[1] < 0.5 * worst[0]);
}

void TestCompare::refuses_aWrongMeter_data()
{
    QTest::addColumn<QStringList>("how");
    QTest::addColumn<QString>("part");
    for (const char* flag : {"--ranks", "--niters", "--oversamplings"}) {
        for (const char* list : {"1,,2", "x", "1,", "1.5", "-1", "", "1;2"}) {
            QTest::addRow("%s %s", flag, list)
                << QStringList {"--meter", QString(flag) + "=" + list} << QString(flag);
        }
        QTest::addRow("%s alone", flag) << QStringList {flag, "1"} << QString("--meter");
    }
    QTest::newRow("rank 0") << QStringList {"--meter", "--ranks", "0"} << "--ranks";
    QTest::newRow("no repeat") << QStringList {"--meter", "--repeats", "0"} << "--repeats";
    QTest::newRow("unknown ending") << QStringList {"--meter", "-o", "refused.txt"} << ".md";
    QTest::newRow("columns without end")
        << QStringList {"--meter", "--oversamplings", "9223372036854775807"} << "--oversamplings";
}

void TestCompare::refuses_aWrongMeter()
{
    QFETCH(QStringList, how);
    QFETCH(QString, part);
    const CliResult result = runCli(QStringList {"spectrum", "tiny"} + how, m_folder.path());
    QCOMPARE(result.exitCode, 2);
    QVERIFY(result.hasOneError({part}));
    QVERIFY(result.out.isEmpty());
    QVERIFY(!QFile::exists(path("refused.txt")));
}

QTEST_GUILESS_MAIN(TestCompare)
#include "tst_compare.moc"
