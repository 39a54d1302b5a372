// SPDX-License-Identifier: GPL-3.0-or-later
// spectrum and init: what they write, in every form.
#include "core/format/safetensors.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QJsonArray>
#include <QtTest/QtTest>

#include <cmath>
#include <cstring>

using namespace pissarro;
using namespace pissarro::tests;

class TestSpectrum : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyModel(model().toStdString()); }
    void writes_everyMatrixAsJson();
    void writes_theSameValuesInEveryForm();
    void finds_theLeadingValuesFast();
    void refuses_aRankAboveTheSmallerSide();
    void refuses_aDeviceThatIsNotThere();
    void refuses_aPatternThatMatchesNothing();
    void refuses_aMatrixWithNan();
    void writes_pissaAdaptersAndTheirBase();
    void writes_loraAdaptersAlone();
    void leaves_nothingBehindWhenAMatrixIsBroken();

private:
    QString model() const { return m_folder.filePath("tiny"); }
    QString file(const char* name) const { return m_folder.filePath(name); }

    const QTemporaryDir m_folder;
};

namespace {

std::vector<double> valuesOf(const core::TensorView& view)
{
    std::vector<double> values(static_cast<std::size_t>(view.elements()));
    std::memcpy(values.data(), view.data, view.sizeBytes);
    return values;
}

double squaredNorm(const core::TensorView& view)
{
    std::vector<float> values(static_cast<std::size_t>(view.elements()));
    core::toFloat32(view, 0, view.elements(), values.data());
    double sum = 0.0;
    for (const float value : values) {
        sum += double(value) * double(value);
    }
    return sum;
}

} // namespace

void TestSpectrum::writes_everyMatrixAsJson()
{
    const CliResult result = runCli({"spectrum", model(), "--rank", "4", "-o", file("all.json")});
    QCOMPARE(result.exitCode, 0);
    const QJsonArray modules = jsonObjectOf(file("all.json"))["modules"].toArray();
    QCOMPARE(modules.size(), kTinyModules);
    const auto weights = core::SafetensorsFile::open(model().toStdString() + "/model.safetensors");
    for (const QJsonValue& module : modules) {
        const std::string name = module["name"].toString().toStdString();
        const core::TensorView& weight = weights.at(name + ".weight");
        QCOMPARE(qint64(module["rows"].toInt()), qint64(weight.shape[0]));
        QCOMPARE(qint64(module["cols"].toInt()), qint64(weight.shape[1]));
        const QJsonArray values = module["singular_values"].toArray();
        QCOMPARE(qint64(values.size()), qint64(std::min(weight.shape[0], weight.shape[1])));
        double sum = 0.0;
        double leading = 0.0;
        for (int i = 0; i < values.size(); ++i) {
            QVERIFY(i == 0 || values[i].toDouble() <= values[i - 1].toDouble());
            sum += values[i].toDouble() * values[i].toDouble();
            leading += i < 4 ? values[i].toDouble() * values[i].toDouble() : 0.0;
        }
        const double norm = squaredNorm(weight);
        QVERIFY(std::abs(sum - norm) < 1e-5 * norm);
        QVERIFY(std::abs(module["energy_at_rank"].toDouble() - leading / norm) < 1e-6);
        QVERIFY(
            std::abs(module["stable_rank"].toDouble() - norm / std::pow(values[0].toDouble(), 2))
            < 1e-4);
        QVERIFY(module["effective_rank"].toDouble() > 1.0);
        QVERIFY(module["effective_rank"].toDouble() <= double(values.size()));
    }
}

void TestSpectrum::writes_theSameValuesInEveryForm()
{
    const QStringList base {"spectrum", model(), "--modules", "*.1.mlp.{up,down}_proj", "-o"};
    for (const char* name : {"two.json", "two.csv", "two.safetensors"}) {
        QCOMPARE(runCli(base + QStringList {file(name)}).exitCode, 0);
    }
    const QJsonArray modules = jsonObjectOf(file("two.json"))["modules"].toArray();
    const auto tensors = core::SafetensorsFile::open(file("two.safetensors").toStdString());
    const QList<QByteArray> lines = contentOf(file("two.csv")).split('\n');
    QCOMPARE(modules.size(), 2);
    QCOMPARE(tensors.tensors().size(), std::size_t(2));
    QCOMPARE(lines.size(), 1 + 2 * int(kTinyWidth) + 1);
    int line = 1;
    for (const QJsonValue& module : modules) {
        const std::vector<double> values =
            valuesOf(tensors.at(module["name"].toString().toStdString()));
        const QJsonArray written = module["singular_values"].toArray();
        QCOMPARE(std::size_t(written.size()), values.size());
        for (int i = 0; i < written.size();
             ++i) { // bit for bit: numbers read back to the same double
            QCOMPARE(written[i].toDouble(), values[std::size_t(i)]);
            QCOMPARE(lines[line++].split(',')[2].toDouble(), values[std::size_t(i)]);
        }
    }
    const CliResult printed = runCli({"spectrum", model(), "--modules", "q_proj", "--json"});
    QCOMPARE(printed.json()["modules"].toArray().size(), int(kTinyLayers));
    QVERIFY(printed.json()["modules"].toArray().first().toObject().contains("singular_values"));
}

void TestSpectrum::finds_theLeadingValuesFast()
{
    const QString all = file("exact.json");
    QCOMPARE(runCli({"spectrum", model(), "-o", all}).exitCode, 0);
    QCOMPARE(runCli({"spectrum", model(), "--method", "fast", "--rank", "3", "--niter", "16", "-o",
                     file("fast.json")})
                 .exitCode,
             0);
    const QJsonArray exact = jsonObjectOf(all)["modules"].toArray();
    const QJsonArray fast = jsonObjectOf(file("fast.json"))["modules"].toArray();
    QCOMPARE(fast.size(), exact.size());
    for (int i = 0; i < fast.size(); ++i) {
        const QJsonArray leading = fast[i]["singular_values"].toArray();
        QCOMPARE(leading.size(), 3);
        QVERIFY(fast[i]["effective_rank"].isNull());
        for (int k = 0; k < 3; ++k) {
            const double value = exact[i]["singular_values"].toArray()[k].toDouble();
            QVERIFY(std::abs(leading[k].toDouble() - value) < 1e-3 * value);
        }
    }
}

void TestSpectrum::refuses_aRankAboveTheSmallerSide()
{
    const CliResult result = runCli({"spectrum", model(), "--rank", "17", "-o", file("no.json")});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({"k_proj", "16", "17"}));
    QVERIFY(!QFile::exists(file("no.json")));
    const CliResult init = runCli({"init", model(), "--rank", "17", "-o", file("no-init")});
    QCOMPARE(init.exitCode, 3);
    QVERIFY(init.hasOneError({"17"}));
    QVERIFY(!QFile::exists(file("no-init")));
}

void TestSpectrum::refuses_aDeviceThatIsNotThere()
{
    const CliResult result =
        runCli({"spectrum", model(), "--device", "cuda:9", "-o", file("no.json")});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({"cuda:9", "expected auto, cpu", "--device"}));
    for (const char* method : {"pissa", "qpissa"}) {
        const CliResult init = runCli({"init", model(), "--method", method, "--rank", "2",
                                       "--device", "cuda:9", "-o", file("no-init")});
        QCOMPARE(init.exitCode, 3);
        QVERIFY(init.hasOneError({"device \"cuda:9\""}) && !init.err.contains("model.layers"));
    }
    QVERIFY(!QFile::exists(file("no.json")) && !QFile::exists(file("no-init")));
}

void TestSpectrum::refuses_aPatternThatMatchesNothing()
{
    const CliResult result =
        runCli({"spectrum", model(), "--modules", "*.z_proj", "-o", file("no.csv")});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({"*.z_proj"}));
    QVERIFY(!QFile::exists(file("no.csv")));
}

void TestSpectrum::refuses_aMatrixWithNan()
{
    const QString broken = file("nan");
    writeTinyModel(broken.toStdString(), "model.layers.0.mlp.up_proj.weight");
    const CliResult result = runCli({"spectrum", broken, "-o", file("nan.json")});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({"model.safetensors", "up_proj", "NaN"}));
    QVERIFY(!QFile::exists(file("nan.json")));
    const CliResult sound =
        runCli({"spectrum", broken, "--modules", "*.0.mlp.down_proj", "-o", file("sound.json")});
    QCOMPARE(sound.exitCode, 0);
}

void TestSpectrum::writes_pissaAdaptersAndTheirBase()
{
    const QString out = file("deep/pissa");
    const CliResult result = runCli(
        {"init", model(), "--method", "pissa", "--rank", "4", "--alpha", "4", "-o", out, "--json"});
    QCOMPARE(result.exitCode, 0);
    QCOMPARE(result.json()["modules"].toInt(), int(kTinyModules));
    QVERIFY(QFile::exists(out + "/config.json"));
    const QJsonObject config = jsonObjectOf(out + "/pissa_init/adapter_config.json");
    QCOMPARE(config["r"].toInt(), 4);
    QCOMPARE(config["lora_alpha"].toDouble(), 4.0);
    const auto base = core::SafetensorsFile::open((out + "/model.safetensors").toStdString());
    const auto whole = core::SafetensorsFile::open((model() + "/model.safetensors").toStdString());
    const auto adapter =
        core::SafetensorsFile::open((out + "/pissa_init/adapter_model.safetensors").toStdString());
    QCOMPARE(adapter.tensors().size(), std::size_t(2 * kTinyModules));
    // The residual keeps what the four leading singular values leave, the rest of the model is as
    // it was.
    const char* weight = "model.layers.0.self_attn.q_proj.weight";
    QVERIFY(squaredNorm(base.at(weight)) < 0.9 * squaredNorm(whole.at(weight)));
    QCOMPARE(squaredNorm(base.at("lm_head.weight")), squaredNorm(whole.at("lm_head.weight")));
}

void TestSpectrum::writes_loraAdaptersAlone()
{
    const QString out = file("lora");
    const CliResult result = runCli(
        {"init", model(), "--method", "lora", "--rank", "4", "--svd", "fast", "-o", out, "--json"});
    QCOMPARE(result.exitCode, 0);
    QVERIFY(result.err.contains("warning: --svd"));
    QVERIFY(result.json()["base"].isNull());
    QVERIFY(QFile::exists(out + "/lora_init/adapter_model.safetensors"));
    QVERIFY(!QFile::exists(out + "/model.safetensors"));
    const QString copy = file("lora-copy");
    QCOMPARE(runCli({"init", model(), "--method", "lora", "--rank", "4", "--copy-base", "-o", copy})
                 .exitCode,
             0);
    QVERIFY(QFile::exists(copy + "/model.safetensors"));
}

void TestSpectrum::leaves_nothingBehindWhenAMatrixIsBroken()
{
    const QString broken = file("nan2");
    writeTinyModel(broken.toStdString(), "model.layers.1.self_attn.o_proj.weight");
    const CliResult result = runCli({"init", broken, "--rank", "4", "-o", file("broken-init")});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({"o_proj"}));
    QVERIFY(!QFile::exists(file("broken-init")));
    for (const QString& name : QDir(m_folder.path()).entryList(QDir::AllEntries | QDir::Hidden)) {
        QVERIFY2(!name.contains("broken-init"), qPrintable(name)); // nor a temporary one
    }
}

QTEST_GUILESS_MAIN(TestSpectrum)
#include "tst_spectrum.moc"
