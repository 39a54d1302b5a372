// SPDX-License-Identifier: GPL-3.0-or-later
// advise, and what init and train do with a rank map and a slice.
#include "core/format/safetensors.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QJsonArray>
#include <QtTest/QtTest>

#include <cmath>
#include <map>
#include <numeric>

using namespace pissarro;
using namespace pissarro::tests;

class TestAdvise : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void advises_aRankForEveryMatrix_data();
    void advises_aRankForEveryMatrix();
    void keeps_theEnergyAskedFor();
    void exceeds_noBudget();
    void holds_boundsAndScale();
    void refuses_wrongAdvice_data();
    void refuses_wrongAdvice();
    void initialises_theRanksOfAMap();
    void trains_theRanksOfAMap();
    void refuses_aWrongRankMap_data();
    void refuses_aWrongRankMap();
    void leaves_nothingWhenOnlyTheTwinTakesTheMap();
    void takes_theSliceAskedFor_data();
    void takes_theSliceAskedFor();
    void trains_aSlice();
    void refuses_aWrongSlice_data();
    void refuses_aWrongSlice();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    QString model() const { return path("tiny"); }
    QString write(const QString& name, const QByteArray& text) const;
    // train --model tiny with small fixed settings, then `more`.
    QStringList train(const QStringList& more) const;

    struct Matrix {
        qint64 rows = 0;
        qint64 cols = 0;
        std::vector<double> values; // singular ones
    };
    std::map<QString, Matrix> m_matrices; // by module, as `spectrum` finds them
    const QTemporaryDir m_folder;
};

namespace {

constexpr int kRank = 4;

std::vector<double> numbersOf(const QJsonValue& array)
{
    std::vector<double> numbers;
    for (const QJsonValue& value : array.toArray()) {
        numbers.push_back(value.toDouble());
    }
    return numbers;
}

double sumOfSquares(const std::vector<double>& values, std::size_t first, std::size_t count)
{
    double sum = 0.0;
    for (std::size_t i = first; i < first + count; ++i) {
        sum += values.at(i) * values.at(i);
    }
    return sum;
}

double squaredNorm(const core::TensorView& view)
{
    std::vector<float> values(static_cast<std::size_t>(view.elements()));
    core::toFloat32(view, 0, view.elements(), values.data());
    return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

core::SafetensorsFile tensorsIn(const QString& folder, const char* file = "model.safetensors")
{
    return core::SafetensorsFile::open((folder + "/" + file).toStdString());
}

// The rank that an adapter folder holds for a module, from its factors' shapes.
qint64 rankIn(const QString& folder, const QString& module)
{
    const auto file = tensorsIn(folder, "adapter_model.safetensors");
    const std::string prefix = "base_model.model." + module.toStdString();
    const std::int64_t rank = file.at(prefix + ".lora_A.weight").shape[0];
    return file.at(prefix + ".lora_B.weight").shape[1] == rank ? rank : -1;
}

} // namespace

void TestAdvise::initTestCase()
{
    qputenv("OMP_NUM_THREADS", "1"); // two threads would wait for each other on a busy machine
    qputenv("XDG_CACHE_HOME", path("cache").toUtf8());
    writeTinyModel(model().toStdString());
    writeTinyModel(path("nan").toStdString(), "model.layers.1.mlp.up_proj.weight");
    writeTinyBatches(path("batches.safetensors").toStdString(), 4);
    const CliResult result = runCli({"spectrum", model(), "--json"});
    QCOMPARE(result.exitCode, 0);
    for (const QJsonValue& module : result.json()["modules"].toArray()) {
        m_matrices[module["name"].toString()] = {module["rows"].toInt(), module["cols"].toInt(),
                                                 numbersOf(module["singular_values"])};
    }
    QCOMPARE(qint64(m_matrices.size()), qint64(kTinyModules));
}

QString TestAdvise::write(const QString& name, const QByteArray& text) const
{
    QFile file(path(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size()) {
        qFatal("%s cannot be written", qPrintable(file.fileName()));
    }
    return file.fileName();
}

QStringList TestAdvise::train(const QStringList& more) const
{
    return QStringList {
               "train",     "--model", model(),    "--batches", path("batches.safetensors"),
               "--rank",    "4",       "--alpha",  "4",         "--lr",
               "1e-3",      "--dtype", "float32",  "--steps",   "2",
               "--threads", "1",       "--device", "cpu"}
    + more;
}

// --- advise

void TestAdvise::advises_aRankForEveryMatrix_data()
{
    QTest::addColumn<QStringList>("how");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const QStringList& how, const char* reason) {
        QTest::newRow(name) << how << reason;
    };
    row("energy, which is the default", {}, "90 %");
    row("energy", {"--by", "energy", "--value", "0.5"}, "50 %");
    row("knee", {"--by", "knee"}, "knee");
    row("threshold", {"--by", "threshold"}, "median");
    row("threshold by noise", {"--by", "threshold", "--value", "0.1"}, "0.1");
    row("budget", {"--by", "budget", "--value", "5e3"}, "of 5,000 parameters");
    row("budget in bytes", {"--by", "budget", "--value", "20KB"}, "of 5,000 parameters");
    row("budget for all", {"--by", "budget", "--value", "10MB"}, "of 2,500,000 parameters");
    row("quantization error", {"--by", "quant-error"}, "QPiSSA with T = 1 leaves at most 80 %");
    row("quantization error of LoftQ",
        {"--by", "quant-error", "--value", "60%", "--method", "loftq", "--iters", "2"},
        "LoftQ with T = 2 leaves at most 60 %");
}

void TestAdvise::advises_aRankForEveryMatrix()
{
    QFETCH(QStringList, how);
    QFETCH(QString, reason);
    const QString file = path("advice.json");
    const CliResult result =
        runCli(QStringList {"advise", model(), "--json", "--force", "-o", file} + how);
    QCOMPARE(result.exitCode, 0);
    const QJsonObject advice = result.json();
    QCOMPARE(jsonObjectOf(file), advice);
    const QJsonObject ranks = advice["rank_pattern"].toObject();
    const QJsonObject alphas = advice["alpha_pattern"].toObject();
    QCOMPARE(std::size_t(ranks.size()), m_matrices.size());
    QCOMPARE(alphas.keys(), ranks.keys());
    qint64 parameters = 0;
    for (const auto& [module, matrix] : m_matrices) {
        const int rank = ranks[module].toInt();
        QVERIFY2(rank >= 1 && rank <= std::min(matrix.rows, matrix.cols), qPrintable(module));
        QCOMPARE(alphas[module].toDouble(), double(rank));
        parameters += rank * (matrix.rows + matrix.cols);
    }
    QCOMPARE(qint64(advice["parameters"].toInt()), parameters);
    QVERIFY2(advice["reason"].toString().contains(reason), qPrintable(advice["reason"].toString()));
    QVERIFY(advice["reason"].toString().endsWith('.'));
    QVERIFY(advice["reference"].toString().contains(QRegularExpression("(19|20)\\d\\d")));
}

void TestAdvise::keeps_theEnergyAskedFor()
{
    const QJsonObject ranks =
        runCli({"advise", model(), "--value", "0.9", "--json"}).json()["rank_pattern"].toObject();
    for (const auto& [module, matrix] : m_matrices) {
        const auto rank = std::size_t(ranks[module].toInt());
        const double whole = sumOfSquares(matrix.values, 0, matrix.values.size());
        QVERIFY(sumOfSquares(matrix.values, 0, rank) >= 0.9 * whole);
        QVERIFY(sumOfSquares(matrix.values, 0, rank - 1) < 0.9 * whole);
    }
    const QJsonObject percent = runCli({"advise", model(), "--value", "90%", "--json"}).json();
    QCOMPARE(percent["rank_pattern"].toObject(), ranks);
    const CliResult few = runCli({"advise", model(), "--modules", "q_proj,*.1.mlp.*", "--json"});
    QCOMPARE(few.json()["rank_pattern"].toObject().size(), int(kTinyLayers) + 3);
}

void TestAdvise::exceeds_noBudget()
{
    const std::int64_t cheapest = kTinyKvWidth + kTinyWidth; // what a rank of k_proj costs
    for (const int budget : {928, 929, 5'000, 12'345}) {
        const QJsonObject advice = runCli({"advise", model(), "--by", "budget", "--value",
                                           QString::number(budget), "--json"})
                                       .json();
        const int parameters = advice["parameters"].toInt();
        QVERIFY(parameters <= budget);
        QVERIFY(budget - parameters < cheapest); // and nothing that fits is left out
        QCOMPARE(advice["rank_pattern"].toObject().size(), int(kTinyModules));
    }
}

void TestAdvise::holds_boundsAndScale()
{
    for (const char* by : {"energy", "knee", "budget"}) {
        QStringList line {"advise",     model(), "--by",       by,  "--scale", "2",
                          "--min-rank", "3",     "--max-rank", "7", "--json"};
        if (line.contains("budget")) {
            line += {"--value", "6000"};
        }
        const QJsonObject advice = runCli(line).json();
        const QJsonObject ranks = advice["rank_pattern"].toObject();
        QCOMPARE(ranks.size(), int(kTinyModules));
        for (const QString& module : ranks.keys()) {
            QVERIFY(ranks[module].toInt() >= 3 && ranks[module].toInt() <= 7);
            QCOMPARE(advice["alpha_pattern"][module].toDouble(), 2.0 * ranks[module].toInt());
        }
    }
    const QJsonObject cut =
        runCli({"advise", model(), "--value", "1", "--max-rank", "20", "--json"}).json();
    QCOMPARE(cut["rank_pattern"]["model.layers.0.self_attn.k_proj"].toInt(), int(kTinyKvWidth));
    QCOMPARE(cut["rank_pattern"]["model.layers.0.self_attn.q_proj"].toInt(), 20);
}

void TestAdvise::refuses_wrongAdvice_data()
{
    QTest::addColumn<QStringList>("how");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const char* how, int code, const char* part) {
        QTest::newRow(name) << QString(how).split(' ') << code << part;
    };
    row("energy 0", "tiny --value 0", 2, "--value 0");
    row("energy above 1", "tiny --value 1.5", 2, "--value 1.5");
    row("energy in words", "tiny --value abc", 2, "--value abc");
    row("energy NaN", "tiny --value nan", 2, "--value nan");
    row("percent forgotten", "tiny --value 90", 2, "90%");
    row("energy with a unit", "tiny --value 1MB", 2, "--value 1MB");
    row("no budget", "tiny --by budget", 2, "--value");
    row("budget in words", "tiny --by budget --value much", 2, "much");
    row("budget below 0", "tiny --by budget --value -5", 2, "-5");
    row("budget without end", "tiny --by budget --value inf", 2, "inf");
    row("budget in percent", "tiny --by budget --value 90%", 2, "90%");
    row("budget too small", "tiny --by budget --value 927", 3, "927");
    row("budget below the bounds", "tiny --by budget --value 1000 --min-rank 2", 3, "1,856");
    row("noise below 0", "tiny --by threshold --value -1", 2, "-1");
    row("noise without end", "tiny --by threshold --value inf", 2, "inf");
    row("quantization error 0", "tiny --by quant-error --value 0", 2, "--value 0");
    row("quantization error above 1", "tiny --by quant-error --value 80", 2, "80%");
    row("quantization error NaN", "tiny --by quant-error --value nan", 2, "--value nan");
    row("quantization error in bytes", "tiny --by quant-error --value 1MB", 2, "--value 1MB");
    row("quantization error below 0", "tiny --by quant-error --value -0.5", 2, "--value -0.5");
    row("no such method", "tiny --by quant-error --method qlora", 2, "qlora");
    row("no iteration", "tiny --by quant-error --iters 0", 2, "--iters");
    row("NaN to be quantized", "nan --by quant-error", 3, "model.layers.1.mlp.up_proj");
    row("bounds crossed", "tiny --min-rank 5 --max-rank 4", 2, "--min-rank");
    row("rank 0", "tiny --min-rank 0", 2, "a whole number from 1");
    row("unknown rule", "tiny --by feeling", 2, "feeling");
    row("no such module", "tiny --modules z_proj", 3, "z_proj");
    row("no such model", "nowhere", 3, "nowhere");
    row("no folder for the output", "tiny -o no/such/refused.json", 3, "no/such");
    row("NaN in a matrix", "nan", 3, "model.layers.1.mlp.up_proj");
}

void TestAdvise::refuses_wrongAdvice()
{
    QFETCH(QStringList, how);
    QFETCH(int, code);
    QFETCH(QString, part);
    const QStringList output =
        how.contains("-o") ? QStringList() : QStringList {"-o", "refused.json"};
    const CliResult result = runCli(QStringList {"advise"} + how + output, m_folder.path());
    QCOMPARE(result.exitCode, code);
    QVERIFY(result.hasOneError({part}));
    QVERIFY(result.out.isEmpty());
    QVERIFY(!QFile::exists(path("refused.json")));
}

// --- --rank-map

void TestAdvise::initialises_theRanksOfAMap()
{
    const QString map = path("map.json");
    const CliResult advised =
        runCli({"advise", model(), "--by", "budget", "--value", "6000", "-o", map, "--json"});
    const QJsonObject ranks = advised.json()["rank_pattern"].toObject();
    for (const char* method : {"pissa", "lora"}) {
        const QString out = path("mapped-") + method;
        const CliResult result =
            runCli({"init", model(), "--method", method, "--rank", "4", "--alpha", "4",
                    "--rank-map", map, "--threads", "1", "-o", out, "--json"});
        QCOMPARE(result.exitCode, 0);
        QCOMPARE(result.json()["trainable_parameters"], advised.json()["parameters"]);
        const QString adapter = out + "/" + method + "_init";
        const QJsonObject config = jsonObjectOf(adapter + "/adapter_config.json");
        for (const auto& [module, matrix] : m_matrices) {
            const int rank = ranks[module].toInt();
            QCOMPARE(rankIn(adapter, module), qint64(rank));
            QCOMPARE(config["rank_pattern"].toObject().value(module).toInt(kRank), rank);
            QCOMPARE(config["alpha_pattern"].toObject().value(module).toDouble(kRank),
                     double(rank));
        }
    }
    // A key may be the end of a module's path or a regular expression, as PEFT reads them.
    const QString few =
        write("few.json", R"({"rank_pattern": {"q_proj": 2, "layers.1.mlp.(gate|up)_proj": 3}})");
    QCOMPARE(runCli({"init", model(), "--rank", "4", "--rank-map", few, "--threads", "1", "-o",
                     path("few")})
                 .exitCode,
             0);
    for (const auto& [module, matrix] : m_matrices) {
        const bool third = module.endsWith("1.mlp.gate_proj") || module.endsWith("1.mlp.up_proj");
        QCOMPARE(rankIn(path("few/pissa_init"), module),
                 qint64(module.endsWith("q_proj") ? 2
                            : third               ? 3
                                                  : kRank));
    }
}

void TestAdvise::trains_theRanksOfAMap()
{
    const QString map = path("trained.json");
    const QJsonObject advice =
        runCli({"advise", model(), "--value", "40%", "-o", map, "--json"}).json();
    const QJsonObject ranks = advice["rank_pattern"].toObject();
    const CliResult result =
        runCli(train({"--twin", "lora", "--rank-map", map, "-o", path("trained"), "--json"}));
    QCOMPARE(result.exitCode, 0);
    for (const QJsonValue& run : result.json()["runs"].toArray()) {
        QCOMPARE(run["trainable_parameters"], advice["parameters"]);
        const QString folder = path("trained/") + run["method"].toString();
        const QJsonObject spec = jsonObjectOf(folder + "/run.json");
        QCOMPARE(spec["rank_pattern"].toObject(), ranks);
        QCOMPARE(spec["alpha_pattern"].toObject(), advice["alpha_pattern"].toObject());
        const int doubled = run["method"].toString() == "pissa" ? 2 : 1; // as a plain LoRA
        for (const QString& module : ranks.keys()) {
            QCOMPARE(rankIn(folder + "/adapter", module), qint64(doubled * ranks[module].toInt()));
        }
    }
    // The run file is enough to repeat it: the map's own file is not needed again.
    QVERIFY(QFile::remove(map));
    QCOMPARE(runCli({"train", path("trained/pissa/run.json"), "-o", path("again")}).exitCode, 0);
    QCOMPARE(contentOf(path("again/adapter/adapter_model.safetensors")),
             contentOf(path("trained/pissa/adapter/adapter_model.safetensors")));
}

void TestAdvise::refuses_aWrongRankMap_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const QByteArray& text, const char* part) {
        QTest::newRow(name) << text << part;
    };
    row("no JSON", R"({"rank_pattern": )", "wrong.json");
    row("an array", R"([{"rank_pattern": {"q_proj": 4}}])", "wrong.json");
    row("no pattern", R"({"q_proj": 4})", "rank_pattern");
    row("a pattern that is no object", R"({"rank_pattern": [4]})", "rank_pattern");
    row("rank 0", R"({"rank_pattern": {"q_proj": 0}})", "q_proj");
    row("rank beyond any", R"({"rank_pattern": {"q_proj": 99999999999999999999}})", "q_proj");
    row("half a rank", R"({"rank_pattern": {"q_proj": 2.5}})", "q_proj");
    row("a rank in quotes", R"({"rank_pattern": {"q_proj": "4"}})", "q_proj");
    row("rank above the smaller side", R"({"rank_pattern": {"k_proj": 17}})", "rank 17");
    row("alpha 0", R"({"rank_pattern": {}, "alpha_pattern": {"q_proj": 0}})", "alpha_pattern");
    row("another model's", R"({"rank_pattern": {"model.layers.2.self_attn.q_proj": 2}})",
        "model.layers.2.self_attn.q_proj");
    row("a key that is no expression", R"({"rank_pattern": {"(q_proj": 2}})", "(q_proj");
    row("not there", {}, "wrong.json");
}

void TestAdvise::refuses_aWrongRankMap()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, part);
    QFile::remove(path("wrong.json"));
    const QString map = text.isNull() ? path("wrong.json") : write("wrong.json", text);
    for (const QStringList& line :
         {QStringList {"init", model(), "--rank", "4", "-o", path("refused")},
          train({"--twin", "lora", "-o", path("refused")})}) {
        const CliResult result = runCli(line + QStringList {"--rank-map", map});
        QCOMPARE(result.exitCode, 3);
        QVERIFY(result.hasOneError({part}));
        QVERIFY(result.out.isEmpty());
        QVERIFY2(!QFile::exists(path("refused")), qPrintable(line.join(' ')));
    }
}

void TestAdvise::leaves_nothingWhenOnlyTheTwinTakesTheMap()
{
    const QString map = write("twin.json", R"({"rank_pattern": {"k_proj": 17}})");
    const CliResult result = runCli(
        train({"--method", "full", "--twin", "pissa", "--rank-map", map, "-o", path("full-twin")}));
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({"rank 17", "k_proj"}));
    QVERIFY(!QFile::exists(path("full-twin")));
}

// --- --slice

void TestAdvise::takes_theSliceAskedFor_data()
{
    QTest::addColumn<QString>("slice");
    QTest::addColumn<double>("share");
    QTest::newRow("principal") << "principal" << 0.0;
    QTest::newRow("middle") << "middle" << 0.5;
    QTest::newRow("minor") << "minor" << 1.0;
    QTest::newRow("0.25") << "0.25" << 0.25;
}

void TestAdvise::takes_theSliceAskedFor()
{
    QFETCH(QString, slice);
    QFETCH(double, share);
    const QString out = path("slice-") + slice;
    QCOMPARE(runCli({"init", model(), "--rank", "4", "--alpha", "4", "--svd", "exact", "--slice",
                     slice, "--threads", "1", "-o", out})
                 .exitCode,
             0);
    const auto whole = tensorsIn(model());
    const auto residual = tensorsIn(out);
    for (const auto& [module, matrix] : m_matrices) {
        // What the residual lacks is the energy of just these four values.
        const std::string weight = module.toStdString() + ".weight";
        const double norm = squaredNorm(whole.at(weight));
        const auto first = std::llround(share * double(matrix.values.size() - kRank));
        const double taken = sumOfSquares(matrix.values, std::size_t(first), kRank);
        const double lacking = norm - squaredNorm(residual.at(weight));
        QVERIFY2(std::abs(lacking - taken) < 1e-5 * norm, qPrintable(module));
    }
}

void TestAdvise::trains_aSlice()
{
    const CliResult result =
        runCli(train({"--slice", "middle", "--svd", "exact", "-o", path("sliced"), "--json"}));
    QCOMPARE(result.exitCode, 0);
    QCOMPARE(jsonObjectOf(path("sliced/run.json"))["slice"].toDouble(), 0.5);
    QCOMPARE(contentOf(path("sliced/pissa_init/adapter_model.safetensors")),
             contentOf(path("slice-middle/pissa_init/adapter_model.safetensors")));
    const CliResult lora = runCli(
        train({"--method", "lora", "--slice", "middle", "-o", path("sliced-lora"), "--json"}));
    QCOMPARE(lora.exitCode, 0);
    QVERIFY(lora.err.contains("warning: --slice"));
}

void TestAdvise::refuses_aWrongSlice_data()
{
    QTest::addColumn<QStringList>("how");
    QTest::addColumn<QString>("part");
    QTest::newRow("with the fast SVD")
        << QStringList {"--slice", "middle", "--svd", "fast"} << "exact";
    for (const char* slice : {"2", "-0.1", "abc", "0.5x", "nan", ""}) {
        QTest::addRow("\"%s\"", slice)
            << QStringList {"--slice", slice} << "principal, middle, minor";
    }
}

void TestAdvise::refuses_aWrongSlice()
{
    QFETCH(QStringList, how);
    QFETCH(QString, part);
    for (const QStringList& line :
         {QStringList {"init", model(), "--rank", "4", "-o", path("refused")},
          train({"-o", path("refused")})}) {
        const CliResult result = runCli(line + how);
        QCOMPARE(result.exitCode, 2);
        QVERIFY(result.hasOneError({"--slice", part}));
        QVERIFY(!QFile::exists(path("refused")));
    }
}

QTEST_GUILESS_MAIN(TestAdvise)
#include "tst_advise.moc"
