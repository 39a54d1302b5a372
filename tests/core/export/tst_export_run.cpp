// SPDX-License-Identifier: GPL-3.0-or-later
// What other programs get of a run, figured out again from the run's own state: merged weights are the base and the adapter in
// float64, within float32's 1e-6 of entries of size 1.
#include "core/adapter/adapter_tensors.h"
#include "core/base/error.h"
#include "core/export/export_form.h"
#include "core/export/export_run.h"
#include "core/train/trainer.h"
#include "core/weights/weights.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
namespace fs = std::filesystem;

namespace {

// W + s B A of each adapter on `base`, by module; of DoRA its rows as long as the magnitude.
std::map<std::string, at::Tensor> mergedOf(const ModelFiles& base, const AdapterSet& adapters)
{
    std::map<std::string, at::Tensor> merged;
    for (const Adapter& one : adapters) {
        at::Tensor whole = loadWeight(base, one.module + ".weight", at::kDouble)
            + one.scale * one.b_OR.to(at::kDouble).mm(one.a_RI.to(at::kDouble));
        if (one.magnitude_O.defined()) {
            whole *= one.magnitude_O.to(at::kDouble).div(whole.square().sum(1).sqrt()).unsqueeze(1);
        }
        merged[one.module] = whole;
    }
    return merged;
}

} // namespace

class TestExportRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(m_folder / "model");
        writeTinyBatches(m_folder / "batches.safetensors", 4);
        m_base = ModelFiles::open(m_folder / "model");
        for (const char* name : {"lora", "pissa", "lora_dora", "pissa_dora"}) {
            const std::string method = std::string(name).substr(0, std::string(name).find('_'));
            RunSpec spec;
            spec.adapterKind = method == name ? "lora" : "dora";
            spec.model = (m_folder / "model").string();
            spec.batches = (m_folder / "batches.safetensors").string();
            spec.method = methodNamed(method);
            spec.rank = 4;
            spec.alpha = 8;
            spec.steps = 3;
            spec.learningRate = 1e-2; // far enough to be seen
            spec.warmupRatio = 0.0;
            spec.dtype = BaseDType::Float32;
            spec.device = "cpu";
            spec.threads = 1;
            TrainObserver silent;
            train({spec, {}, m_folder / name, false, nullptr}, silent, JobContext());
        }
    }

    void forms_readBack()
    {
        QCOMPARE(exportFormNames(), std::string("lora, pair, merged"));
        for (const ExportForm form : allExportForms()) {
            QVERIFY(parseExportForm(exportFormName(form)) == form);
            QVERIFY(!form.info().title.empty() && !form.info().help.empty());
            QVERIFY(form.info().write != nullptr);
        }
        QVERIFY(!ExportForm::Lora.info().writesBase && ExportForm::Merged.info().ofFull);
        const auto error = test::errorOf([] { parseExportForm("gguf"); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
    }

    void runs_data()
    {
        QTest::addColumn<QString>("run");
        QTest::newRow("lora") << QStringLiteral("lora");
        QTest::newRow("pissa") << QStringLiteral("pissa"); // whose plain LoRA has twice the rank
        QTest::newRow("DoRA") << QStringLiteral("lora_dora");
        QTest::newRow("PiSSA with magnitudes") << QStringLiteral("pissa_dora");
    }

    // The plain LoRA on the untouched base and the merged model are the same weights, which have moved.
    void loraAndMerged_areOneModel_data() { runs_data(); }
    void loraAndMerged_areOneModel()
    {
        QFETCH(QString, run);
        const fs::path directory = m_folder / run.toStdString();
        const ExportReport lora = exported(directory, ExportForm::Lora, run + "_lora");
        QCOMPARE(lora.rank, std::int64_t {run.startsWith(QLatin1String("pissa")) ? 8 : 4});
        QVERIFY(lora.maxLogitDifference < 2e-3);
        QCOMPARE(lora.state.step, std::int64_t {3});
        const auto plain =
            mergedOf(*m_base, readPeftAdapter(lora.adapterDirectory, *m_base).adapters);
        QCOMPARE(plain.size(), std::size_t {kTinyModules});
        const ExportReport merged = exported(directory, ExportForm::Merged, run + "_merged");
        QVERIFY(merged.adapterDirectory.empty());
        QCOMPARE(merged.dtype, std::string("float32"));
        const auto model = ModelFiles::open(merged.directory);
        double moved = 0.0;
        for (const auto& [module, wanted] : plain) {
            const at::Tensor found = loadWeight(*model, module + ".weight", at::kDouble);
            const double size = wanted.abs().max().item<double>();
            QVERIFY(maxDifference(found, wanted)
                    < 1e-5 * size); // PiSSA's: a sum of two terms of that size
            const at::Tensor before = loadWeight(*m_base, module + ".weight", at::kDouble);
            moved = std::max(moved, maxDifference(found, before) / size);
        }
        QVERIFY2(moved > 1e-3, qPrintable(QString::number(moved)));
    }

    // The residual base with the trained adapter is that model too.
    void thePair_isThatModel_data()
    {
        QTest::addColumn<QString>("run");
        QTest::newRow("pissa") << QStringLiteral("pissa");
        QTest::newRow("PiSSA with magnitudes") << QStringLiteral("pissa_dora");
    }
    void thePair_isThatModel()
    {
        QFETCH(QString, run);
        const fs::path directory = m_folder / run.toStdString();
        const ExportReport pair = exported(directory, ExportForm::Pair, run + "_pair");
        QCOMPARE(pair.rank, std::int64_t {4});
        const auto residual = ModelFiles::open(pair.directory);
        const auto both =
            mergedOf(*residual, readPeftAdapter(pair.adapterDirectory, *residual).adapters);
        const ExportReport merged = exported(directory, ExportForm::Merged, run + "_again");
        const auto model = ModelFiles::open(merged.directory);
        for (const auto& [module, wanted] : both) {
            const at::Tensor found = loadWeight(*model, module + ".weight", at::kDouble);
            QVERIFY(maxDifference(found, wanted) < 1e-5 * wanted.abs().max().item<double>());
        }
    }

    void states_areListed()
    {
        const auto states = exportableStates(m_folder / "lora");
        QVERIFY(!states.empty());
        QCOMPARE(states.front().step, std::int64_t {3});
        QVERIFY(test::errorOf([&] { exportableStates(m_folder / "model"); }).has_value());
    }

    // Neither the run nor a folder of somebody's is written over.
    void folders_areRefused()
    {
        const fs::path run = m_folder / "lora";
        const auto refused = [&](const fs::path& to) {
            return test::errorOf([&] { exportRun(run, {}, to, JobContext()); }).has_value();
        };
        QVERIFY(refused(run));
        QVERIFY(refused(m_folder / "model"));
        fs::create_directories(m_folder / "full");
        test::writeBytes(m_folder / "full/thesis.txt", "x");
        QVERIFY(refused(m_folder / "full"));
        QVERIFY(fs::exists(m_folder / "full/thesis.txt"));
    }

private:
    ExportReport exported(const fs::path& run, ExportForm form, const QString& name)
    {
        ExportOptions options;
        options.form = form;
        return exportRun(run, options, m_folder / name.toStdString(), JobContext());
    }

    test::Scratch m_folder;
    std::shared_ptr<const ModelFiles> m_base;
};

QTEST_GUILESS_MAIN(TestExportRun)
#include "tst_export_run.moc"
