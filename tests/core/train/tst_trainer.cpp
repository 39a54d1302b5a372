// SPDX-License-Identifier: GPL-3.0-or-later
// The trainer against PEFT (golden/peft-*, made by golden/scripts/peft_goldens.py): loss within 1e-5 and gradient norm
// within 1e-4 relative at each step, learning rate exact. float64 training moves the peer's losses by at most 9.5e-7.
#include "core/adapter/adapter_tensors.h"
#include "core/export/export_run.h"
#include "core/run/run_directory.h"
#include "core/train/trainer.h"
#include "tests/core/train/trainer_bench.h"

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

class StopAfter : public TrainObserver {
public:
    StopAfter(std::shared_ptr<TrainControl> control, std::int64_t step)
        : m_control(std::move(control))
        , m_step(step)
    {
    }
    void stepDone(int, const StepRecord& record) override
    {
        if (record.step == m_step) {
            m_control->stopAndKeep();
        }
    }

private:
    std::shared_ptr<TrainControl> m_control;
    std::int64_t m_step;
};

} // namespace

class TestTrainer : public TrainerBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { beginTest(); }

    void equalsPeft_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("method");
        const std::vector<std::pair<const char*, const char*>> cases {
            {"peft-llama", "llama"}, {"peft-mistral-gqa", "mistral-gqa"},
            {"peft-gemma", "gemma"}, {"peft-qwen2", "qwen2"},
            {"peft-qwen3", "qwen3"}, {"peft-llama-accum", "llama"}};
        for (const auto& [folder, model] : cases) {
            if (!std::filesystem::exists(golden() / folder)) { // the tree's own are fewer
                continue;
            }
            for (const char* method : {"pissa", "lora", "full"}) {
                QTest::addRow("%s %s", folder, method)
                    << QString(folder) << QString(model) << QString(method);
            }
        }
    }

    void equalsPeft()
    {
        QFETCH(QString, folder);
        QFETCH(QString, model);
        QFETCH(QString, method);
        const auto directory = golden() / folder.toStdString();
        const auto settings = readJson(directory / "info.json")["settings"];
        RunSpec spec = specOf(model.toStdString(), directory, method.toStdString(), settings);
        if (spec.method == methodNamed("lora")) {
            spec.initAdapter = loraStart(directory, spec).string();
        }
        TrainObserver silent;
        train({spec, {}, m_root / "run", false, nullptr}, silent, JobContext());

        const Golden want(directory / (method.toStdString() + "_run.safetensors"));
        const auto records = metricsOf(m_root / "run");
        QCOMPARE(static_cast<std::int64_t>(records.size()), want["loss"].numel());
        double worstLoss = 0.0;
        double worstNorm = 0.0;
        for (std::size_t i = 0; i < records.size(); ++i) {
            const auto at = [&](const char* name) {
                return want[name][static_cast<std::int64_t>(i)].item<double>();
            };
            worstLoss = std::max(worstLoss, std::abs(records[i].loss - at("loss")));
            worstNorm = std::max(worstNorm, std::abs(records[i].gradNorm / at("grad_norm") - 1));
            QVERIFY(std::abs(records[i].learningRate - at("lr")) <= 1e-12 * spec.learningRate);
        }
        checkBelow(worstLoss, 1e-5, "loss");
        checkBelow(worstNorm, 1e-4, "gradient norm, relative,");
    }

    void adapterIsPeftsConversion()
    {
        const auto directory = golden() / "peft-llama";
        RunSpec spec =
            specOf("llama", directory, "pissa", readJson(directory / "info.json")["settings"]);
        TrainObserver silent;
        train({spec, {}, m_root / "run", false, nullptr}, silent, JobContext());
        const auto files = ModelFiles::open(spec.model);
        const PeftAdapter ours = readPeftAdapter(m_root / "run" / "adapter", *files);
        const PeftAdapter peft = readPeftAdapter(directory / "pissa_as_lora_peft", *files);
        QCOMPARE(ours.rank, peft.rank);
        QCOMPARE(ours.alpha, peft.alpha);
        QCOMPARE(ours.adapters.size(), peft.adapters.size());
        for (std::size_t i = 0; i < ours.adapters.size(); ++i) {
            QCOMPARE(ours.adapters[i].module, peft.adapters[i].module);
            const at::Tensor a =
                at::mm(ours.adapters[i].b_OR, ours.adapters[i].a_RI) * ours.adapters[i].scale;
            const at::Tensor b =
                at::mm(peft.adapters[i].b_OR, peft.adapters[i].a_RI) * peft.adapters[i].scale;
            checkBelow(maxDifference(a, b), 1e-5, ours.adapters[i].module);
        }
        const ExportReport report = exportRun(m_root / "run", {}, m_root / "out", JobContext());
        QCOMPARE(report.rank, 2 * spec.rank);
        checkBelow(report.maxLogitDifference, 1e-5, "exported logits");
    }

    void twinsAreTheRunsAlone_data()
    {
        QTest::addColumn<QString>("first");
        QTest::addColumn<QString>("twin");
        QTest::addColumn<bool>("rounded");
        const std::vector<std::pair<const char*, const char*>> pairs {
            {"pissa", "lora"}, {"lora", "pissa"},   {"full", "lora"}, {"lora", "full"},
            {"lora", "qlora"}, {"qpissa", "pissa"}, {"full", "pissa"}};
        for (const auto& [first, twin] : pairs) {
            for (const bool rounded : {false, true}) {
                QTest::addRow("%s and %s, %s", first, twin, rounded ? "bfloat16" : "float32")
                    << QString(first) << QString(twin) << rounded;
            }
        }
    }

    // Bit for bit, whichever is named first.
    void twinsAreTheRunsAlone()
    {
        QFETCH(QString, first);
        QFETCH(QString, twin);
        QFETCH(bool, rounded);
        const auto directory = golden() / "peft-llama";
        const auto settings = readJson(directory / "info.json")["settings"];
        RunSpec spec = specOf("llama", directory, first.toStdString(), settings);
        spec.dtype = rounded ? BaseDType::BFloat16 : BaseDType::Float32;
        spec.steps = 8;
        TrainObserver silent;
        const Method other = methodNamed(twin.toStdString());
        train({spec, {other}, m_root / "twins", false, nullptr}, silent, JobContext());
        for (const Method method : {spec.method, other}) {
            const std::string name(methodName(method));
            spec.method = method;
            train({spec, {}, m_root / name, false, nullptr}, silent, JobContext());
            QVERIFY(!numbersOf(m_root / name).empty());
            QCOMPARE(numbersOf(m_root / "twins" / name), numbersOf(m_root / name));
        }
    }

    // share_base: LoRA works on PiSSA's base and what that lacks, which rounds otherwise. run.json says so.
    void sharedBase_isOnlyRoundedOtherwise()
    {
        const auto directory = golden() / "peft-llama";
        RunSpec spec =
            specOf("llama", directory, "pissa", readJson(directory / "info.json")["settings"]);
        spec.shareBase = true;
        TrainObserver silent;
        train({spec, {methodNamed("lora")}, m_root / "twins", false, nullptr}, silent,
              JobContext());
        spec.method = methodNamed("lora");
        train({spec, {}, m_root / "lora", false, nullptr}, silent, JobContext());
        const auto shared = metricsOf(m_root / "twins" / "lora");
        const auto alone = metricsOf(m_root / "lora");
        bool differs = false;
        for (std::size_t i = 0; i < alone.size(); ++i) {
            checkBelow(std::abs(shared[i].loss - alone[i].loss), 1e-5, "loss of the twin");
            differs = differs || shared[i].loss != alone[i].loss;
        }
        QVERIFY(differs); // else there would be no need for the option
        QVERIFY(readRun(m_root / "twins" / "lora").spec.shareBase);
    }

    void anySplitOfTheRowsIsTheSameStep_data()
    {
        QTest::addColumn<qlonglong>("rows"); // of a micro-batch
        QTest::addColumn<QString>("method");
        QTest::addColumn<double>("dropout");
        for (const char* method : {"pissa", "lora", "full"}) {
            for (const qlonglong rows : {1, 2, 4}) {
                QTest::addRow("%lld rows, %s", rows, method) << rows << QString(method) << 0.0;
            }
        }
        for (const qlonglong rows : {1, 4}) {
            QTest::addRow("%lld rows, dropout", rows) << rows << QStringLiteral("lora") << 0.3;
        }
    }

    // Eight rows with 3 to 20 counted tokens, as one micro-batch and as several.
    void anySplitOfTheRowsIsTheSameStep()
    {
        QFETCH(qlonglong, rows);
        QFETCH(QString, method);
        QFETCH(double, dropout);
        const auto directory = golden() / "peft-llama";
        RunSpec spec = specOf("llama", directory, method.toStdString(),
                              readJson(directory / "info.json")["settings"]);
        spec.dropout = dropout;
        spec.steps = 2;
        spec.schedule = Schedule::Constant;
        spec.warmupRatio = 0.0;
        spec.seed = 3;
        TrainObserver silent;
        spec.batches = rowsOf(8, 8).string();
        spec.gradAccum = 1;
        train({spec, {}, m_root / "whole", false, nullptr}, silent, JobContext());
        spec.batches = rowsOf(8, rows).string();
        spec.gradAccum = 8 / rows;
        train({spec, {}, m_root / "split", false, nullptr}, silent, JobContext());
        const auto whole = metricsOf(m_root / "whole");
        const auto split = metricsOf(m_root / "split");
        QCOMPARE(split.size(), std::size_t {2});
        for (std::size_t i = 0; i < split.size(); ++i) {
            checkBelow(std::abs(split[i].loss - whole[i].loss), 2e-5, "loss");
            checkBelow(std::abs(split[i].gradNorm / whole[i].gradNorm - 1), 2e-5, "gradient norm");
            QCOMPARE(split[i].tokens, whole[i].tokens);
        }
    }

    // Five micro-batches, two a step: the third step of each epoch is one micro-batch, also where the run is cut.
    void epochsEndWhereTheyEnd()
    {
        const auto directory = golden() / "peft-llama";
        RunSpec spec =
            specOf("llama", directory, "lora", readJson(directory / "info.json")["settings"]);
        spec.batches = rowsOf(5, 1).string();
        spec.gradAccum = 2;
        spec.steps = 0;
        spec.epochs = 1.5;
        TrainObserver silent;
        train({spec, {}, m_root / "whole", false, nullptr}, silent, JobContext());
        const auto records = metricsOf(m_root / "whole");
        const std::vector<double> epochs {0.4, 0.8, 1.0, 1.4, 1.8};
        QCOMPARE(records.size(), epochs.size());
        const auto source = fileBatches(spec.batches);
        std::vector<std::vector<Batch>> steps;
        for (const int batches : {2, 2, 1, 2, 2}) {
            steps.emplace_back();
            for (int i = 0; i < batches; ++i) {
                steps.back().push_back(source->next());
            }
        }
        for (std::size_t i = 0; i < records.size(); ++i) {
            QCOMPARE(records[i].epoch, epochs[i]);
            QCOMPARE(records[i].batchHash, batchHash(steps[i]));
        }
        for (const std::int64_t last : {2, 3, 4}) {
            const auto cut = m_root / ("cut-" + std::to_string(last));
            auto control = std::make_shared<TrainControl>();
            StopAfter stop(control, last);
            train({spec, {}, cut, false, control}, stop, JobContext());
            train({spec, {}, cut, true, nullptr}, silent, JobContext());
            QCOMPARE(numbersOf(cut), numbersOf(m_root / "whole"));
        }
    }

    void recomputedLayersChangeNothing()
    {
        const auto directory = golden() / "peft-llama";
        RunSpec spec =
            specOf("llama", directory, "pissa", readJson(directory / "info.json")["settings"]);
        TrainObserver silent;
        train({spec, {}, m_root / "kept", false, nullptr}, silent, JobContext());
        spec.gradientCheckpointing = true;
        train({spec, {}, m_root / "recomputed", false, nullptr}, silent, JobContext());
        QCOMPARE(numbersOf(m_root / "recomputed"), numbersOf(m_root / "kept")); // bit for bit
    }

    void resumedRunIsTheUndisturbedOne_data()
    {
        QTest::addColumn<QByteArray>("optimizer");
        QTest::addColumn<QByteArray>("twin");
        QTest::addColumn<double>("dropout");
        QTest::addColumn<QByteArray>("kind");
        const QByteArray plain("lora");
        QTest::newRow("dropout") << QByteArray("adamw") << QByteArray("lora") << 0.2 << plain;
        QTest::newRow("DoRA") << QByteArray("adamw") << QByteArray("lora") << 0.0
                              << QByteArray("dora");
        for (const OptimizerKind* kind : allOptimizers()) {
            const QByteArray name(kind->name.data(), static_cast<qsizetype>(kind->name.size()));
            for (const char* twin : {"lora", "full"}) { // full: tensors that are not small
                QTest::addRow("%s, %s", name.constData(), twin)
                    << name << QByteArray(twin) << 0.0 << plain;
            }
        }
    }

    void resumedRunIsTheUndisturbedOne()
    {
        QFETCH(QByteArray, optimizer);
        QFETCH(QByteArray, twin);
        QFETCH(double, dropout);
        QFETCH(QByteArray, kind);
        const Method other = methodNamed(twin.toStdString());
        const auto directory = golden() / "peft-llama-accum";
        RunSpec spec =
            specOf("llama", directory, "pissa", readJson(directory / "info.json")["settings"]);
        spec.optimizer = optimizer.toStdString();
        spec.adapterKind = kind.toStdString();
        spec.dropout = dropout; // of the micro-batches of a step, each its own
        TrainObserver silent;
        train({spec, {other}, m_root / "whole", false, nullptr}, silent, JobContext());
        auto control = std::make_shared<TrainControl>();
        StopAfter stop(control, 4);
        const auto stopped =
            train({spec, {other}, m_root / "cut", false, control}, stop, JobContext());
        QCOMPARE(stopped.front().state, RunState::Stopped);
        QCOMPARE(metricsOf(m_root / "cut" / "pissa").size(), std::size_t {4});
        QVERIFY(std::filesystem::exists(m_root / "cut" / "pissa" / "adapter"
                                        / "adapter_model.safetensors"));
        const auto resumed =
            train({spec, {other}, m_root / "cut", true, nullptr}, silent, JobContext());
        QCOMPARE(resumed.front().state, RunState::Finished);
        QCOMPARE(numbersOf(m_root / "cut" / "pissa"), numbersOf(m_root / "whole" / "pissa"));
        QCOMPARE(
            readJson(m_root / "cut" / "pissa" / "adapter" / "adapter_config.json")["lora_dropout"]
                .get<double>(),
            dropout);
        const std::string folder = twin.toStdString();
        QCOMPARE(numbersOf(m_root / "cut" / folder), numbersOf(m_root / "whole" / folder));
    }
};

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
