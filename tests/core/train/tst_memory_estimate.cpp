// SPDX-License-Identifier: GPL-3.0-or-later
// What a run is foretold to write, against what it writes. (Memory is foretold in tests/cli/tst_train.cpp.)
#include "core/format/safetensors.h"
#include "core/train/memory_estimate.h"
#include "core/train/trainer.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/decoder/family_models.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

// Tensors in the files below: headers and settings are some kilobytes more, whatever the model.
std::int64_t tensorBytesBelow(const fs::path& folder)
{
    std::int64_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == ".safetensors") {
            const auto file = SafetensorsFile::open(entry.path());
            for (const TensorView& view : file.tensors()) {
                bytes += static_cast<std::int64_t>(view.sizeBytes);
            }
        }
    }
    return bytes;
}

} // namespace

class MemoryEstimateTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Dense layers between those of a mixture hold less, and each layer counts as what it is.
    void layersThatDiffer_countEachForItself()
    {
        const auto activationsOf = [](const char* dense) {
            const tests::FamilyModel model(
                "qwen2_moe",
                std::string(
                    R"({"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 8,
                    "shared_expert_intermediate_size": 12, "mlp_only_layers": )")
                    .append(dense)
                    .append("}"));
            RunSpec spec;
            spec.method = methodNamed("lora");
            spec.rank = 2;
            return estimateMemory(*model.files(), spec, {}, 10'000).activations;
        };
        const std::int64_t dense = activationsOf("[0, 1]");
        const std::int64_t mixed = activationsOf("[0]");
        const std::int64_t sparse = activationsOf("[]");
        QVERIFY(dense < mixed && mixed < sparse);
        QCOMPARE(activationsOf("[1]"), mixed);
    }

    void theDisk_isForetold_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<bool>("twin");
        QTest::addColumn<int>("every");
        QTest::addColumn<QString>("optimizer");
        QTest::newRow("PiSSA") << "pissa" << false << 2 << "adamw";
        QTest::newRow("PiSSA and LoRA") << "pissa" << true << 2 << "adamw";
        QTest::newRow("PiSSA, one checkpoint") << "pissa" << false << 0 << "adamw";
        QTest::newRow("LoRA") << "lora" << false << 2 << "adamw";
        QTest::newRow("full") << "full" << false << 2 << "adamw";
        QTest::newRow("QLoRA") << "qlora" << false << 2 << "adamw";
        for (const OptimizerKind* kind :
             allOptimizers()) { // on the wide model, whose factors are not small
            const std::string name(kind->name);
            QTest::addRow("wide, %s", name.c_str())
                << "lora" << false << 2 << QString::fromStdString(name);
        }
    }

    // At most what is foretold, and not less than two thirds: a checkpoint more is counted, the one being written.
    void theDisk_isForetold()
    {
        QFETCH(QString, method);
        QFETCH(bool, twin);
        QFETCH(int, every);
        QFETCH(QString, optimizer);
        const test::Scratch scratch;
        QByteArray(QTest::currentDataTag()).startsWith("wide")
            ? tests::writeWideModel(scratch / "model")
            : tests::writeTinyModel(scratch / "model");
        tests::writeTinyBatches(scratch / "batches.safetensors", 4);
        RunSpec spec;
        spec.model = (scratch / "model").string();
        spec.batches = (scratch / "batches.safetensors").string();
        spec.method = methodNamed(method.toStdString());
        spec.optimizer = optimizer.toStdString();
        spec.rank = 4;
        spec.alpha = 4;
        spec.steps = 9;
        spec.checkpointEvery = every;
        spec.checkpointMinutes = 0.0;
        spec.keepCheckpoints = 3;
        spec.quant.blockSize = 64;
        spec.dtype = BaseDType::Float32;
        spec.device = "cpu";
        const std::vector<Method> twins =
            twin ? std::vector {methodNamed("lora")} : std::vector<Method> {};
        TrainObserver silent;
        train({spec, twins, scratch / "run", false, nullptr}, silent, JobContext());
        const auto foretold =
            estimateDisk(*ModelFiles::open(scratch / "model"), spec, twins, spec.steps).total();
        const std::int64_t written = tensorBytesBelow(scratch / "run");
        const QByteArray figures =
            QString("%1 foretold, %2 written").arg(foretold).arg(written).toUtf8();
        QVERIFY2(written <= foretold, figures.constData());
        QVERIFY2(3 * written >= 2 * foretold, figures.constData());
    }

    // The optimizer's share is that of a checkpoint on disk, byte for byte, whichever it is.
    void theOptimizer_isForetoldToTheByte_data()
    {
        QTest::addColumn<QString>("optimizer");
        QTest::addColumn<QString>("method");
        for (const OptimizerKind* kind : allOptimizers()) {
            const std::string name(kind->name);
            for (const char* method : {"lora", "full"}) {
                QTest::addRow("%s, %s", name.c_str(), method)
                    << QString::fromStdString(name) << method;
            }
        }
    }
    void theOptimizer_isForetoldToTheByte()
    {
        QFETCH(QString, optimizer);
        QFETCH(QString, method);
        const test::Scratch scratch;
        tests::writeWideModel(scratch / "model");
        tests::writeTinyBatches(scratch / "batches.safetensors", 1);
        RunSpec spec;
        spec.model = (scratch / "model").string();
        spec.batches = (scratch / "batches.safetensors").string();
        spec.method = methodNamed(method.toStdString());
        spec.optimizer = optimizer.toStdString();
        spec.rank = 4;
        spec.alpha = 4;
        spec.steps = 1;
        spec.dtype = BaseDType::Float32;
        spec.device = "cpu";
        TrainObserver silent;
        train({spec, {}, scratch / "run", false, nullptr}, silent, JobContext());
        const auto estimate = estimateMemory(*ModelFiles::open(scratch / "model"), spec, {}, 48);
        const std::int64_t trained = readRun(scratch / "run").trainableParameters;
        QCOMPARE(tensorBytesBelow(scratch / "run" / "checkpoints"),
                 4 * trained + estimate.optimizer);
    }
};

QTEST_GUILESS_MAIN(MemoryEstimateTest)
#include "tst_memory_estimate.moc"
