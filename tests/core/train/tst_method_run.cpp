// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a training, one by one: its data, one run's steps by hand, and runs side by side.
#include "core/base/error.h"
#include "core/dataset/step_batches.h"
#include "core/run/run_checkpoints.h"
#include "core/train/method_run_tensors.h"
#include "core/train/training_data.h"
#include "core/train/twin_runs_tensors.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kBatches = 4;

struct Heard : TrainObserver {
    void runFailed(int run, std::string_view why) override
    {
        failed.push_back(run);
        reason = why;
    }
    void message(std::string_view text) override { messages += std::string(text) + "\n"; }

    std::vector<int> failed;
    std::string reason;
    std::string messages;
};

} // namespace

class TestMethodRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<test::Scratch>();
        writeTinyModel(*m_folder / "model");
        writeTinyBatches(*m_folder / "batches.safetensors", kBatches);
        m_files = ModelFiles::open(*m_folder / "model");
        m_spec = RunSpec();
        m_spec.model = (*m_folder / "model").string();
        m_spec.batches = (*m_folder / "batches.safetensors").string();
        m_spec.method = methodNamed("lora");
        m_spec.rank = 4;
        m_spec.alpha = 4;
        m_spec.steps = 2;
        m_spec.warmupRatio = 0.0;
        m_spec.learningRate = 1e-2;
        m_spec.dtype = BaseDType::Float32;
        m_spec.device = "cpu";
        m_spec.threads = 1;
    }

    void data_isLookedAtBeforeTheStart()
    {
        const TrainingData data = openTrainingData(m_spec, *m_files, JobContext());
        QCOMPARE(data.training->batchesPerEpoch(), kBatches);
        QCOMPARE(data.training->cursor().position, std::int64_t {0});
        QVERIFY(!data.held);
        QCOMPARE(data.probe.rows, kProbeRows);
        QVERIFY(countedTokens(data.probe) > 0);
        QCOMPARE(data.inputs.exampleCount, kBatches * 4);
        QVERIFY(!data.inputs.examples.empty());
        // Another file is another set of examples.
        const std::string before = data.inputs.examples;
        writeTinyBatches(*m_folder / "batches.safetensors", kBatches + 1);
        QVERIFY(openTrainingData(m_spec, *m_files, JobContext()).inputs.examples != before);
    }

    void data_ofAnotherVocabulary_isRefused()
    {
        writeSmallVocabulary();
        const auto small = ModelFiles::open(*m_folder / "small");
        const auto error = test::errorOf([&] { openTrainingData(m_spec, *small, JobContext()); });
        QCOMPARE(test::complaint(error, *m_folder / "batches.safetensors", "expected 0 to 3"),
                 QString());
    }

    // The loss of a fresh LoRA is the base's; a step along its gradient lowers that of the same batch.
    void aStep_isTakenByHand()
    {
        MethodRun run(m_spec, *m_folder / "run", context());
        QVERIFY(!run.isPrepared());
        run.prepare(nullptr, JobContext());
        QVERIFY(run.isPrepared());
        QVERIFY(run.summary().stepZero && run.summary().stepZero->passed);
        QCOMPARE(run.title(), std::string("LoRA r4"));
        const auto taken = [&] {
            run.accumulate(m_probe, 1.0, JobContext());
            run.takeStep(facts());
            return run.recordStep(nullptr, JobContext());
        };
        const StepRecord first = taken();
        QCOMPARE(first.step, std::int64_t {1});
        const double base = run.summary().stepZero->baseLoss;
        QVERIFY2(std::abs(first.loss - base) < 1e-5 * base,
                 qPrintable(QString::number(first.loss)));
        QVERIFY(first.gradNorm > 0.0);
        QCOMPARE(first.batchHash, std::string("00ff"));
        const StepRecord second = taken();
        QVERIFY2(second.loss < first.loss, qPrintable(QString::number(second.loss - first.loss)));
        QCOMPARE(run.state().step, std::int64_t {2});
        QCOMPARE(run.state().tokens, std::int64_t {20});
        QVERIFY(!run.owesRecord());
        run.finish(RunState::Finished, "");
        const RunSummary read = readRun(*m_folder / "run");
        QVERIFY(read.state == RunState::Finished);
        QCOMPARE(read.step, std::int64_t {2});
        QCOMPARE(newestCheckpoint(*m_folder / "run"), std::int64_t {2});
        QVERIFY(fs::exists(*m_folder / "run/adapter/adapter_config.json"));
    }

    // Two halves weighed by their share are the whole; what is given up leaves nothing behind.
    void halves_areTheWhole()
    {
        const auto firstLoss = [&](const char* name, const std::function<void(MethodRun&)>& add) {
            MethodRun run(m_spec, *m_folder / name, context());
            run.prepare(nullptr, JobContext());
            add(run);
            run.takeStep(facts());
            const StepRecord record = run.recordStep(nullptr, JobContext());
            return std::pair(record.loss, record.gradNorm);
        };
        const auto whole =
            firstLoss("whole", [&](MethodRun& run) { run.accumulate(m_probe, 1.0, JobContext()); });
        const auto halves = firstLoss("halves", [&](MethodRun& run) {
            run.accumulate(m_probe, 0.5, JobContext());
            run.dropStep();
            run.accumulate(m_probe, 0.5, JobContext());
            run.accumulate(m_probe, 0.5, JobContext());
        });
        QVERIFY(std::abs(halves.first / whole.first - 1.0) < 1e-6);
        QVERIFY(std::abs(halves.second / whole.second - 1.0) < 1e-5);
    }

    // What is written to: LoRA leaves every weight alone, PiSSA takes its start out of its targets.
    void changes_areThoseOfTheMethod()
    {
        m_spec.targets = {"q_proj"};
        const std::string query = "model.layers.0.self_attn.q_proj";
        for (const auto& [method, own, other] :
             {std::tuple("lora", false, false), std::tuple("pissa", true, false)}) {
            m_spec.method = methodNamed(method);
            const MethodRun run(m_spec, *m_folder / method, context());
            QCOMPARE(run.changes(query), own);
            QCOMPARE(run.changes("model.layers.0.mlp.up_proj"), other);
        }
    }

    // One that fails ends alone, the last one ends the request.
    void twins_failAlone()
    {
        Heard heard;
        TwinRuns runs(m_spec, heard);
        const std::vector<const char*> methods {"lora", "pissa"};
        for (const char* method : methods) {
            RunSpec spec = m_spec;
            spec.method = methodNamed(method);
            auto run = std::make_unique<MethodRun>(spec, *m_folder / "twins" / method, context());
            run->prepare(nullptr, JobContext());
            runs.add(std::move(run));
        }
        QCOMPARE(runs.indexOf(runs.at(1)), 1);
        std::vector<int> seen;
        runs.each(1, [&](TwinRuns::Entrant& one) { seen.push_back(runs.indexOf(one)); });
        QVERIFY((seen == std::vector<int> {0, 1}));
        step(runs.at(0));
        QCOMPARE(runs.hindmost(2), &runs.at(1)); // the other is a step ahead
        runs.attempt(runs.at(1), [] { throw Error(ErrorKind::Numeric, "the loss is nan"); });
        QVERIFY(runs.at(1).failed);
        QVERIFY((heard.failed == std::vector<int> {1}));
        QCOMPARE(heard.reason, std::string("the loss is nan"));
        QVERIFY(heard.messages.find("the others go on without it") != std::string::npos);
        QCOMPARE(runs.hindmost(2), &runs.at(0));
        step(runs.at(0));
        QVERIFY(runs.hindmost(2) == nullptr);
        runs.finish(RunState::Stopped, "stopped", 2);
        const auto summaries = runs.summaries();
        QVERIFY(summaries[0].state == RunState::Finished); // it took them all
        QVERIFY(summaries[1].state == RunState::Failed);
        QCOMPARE(summaries[1].message, std::string("the loss is nan"));
        QVERIFY_THROWS_EXCEPTION(
            Error, runs.attempt(runs.at(0), [] { throw Error(ErrorKind::Io, "disk full"); }));
    }

private:
    TrainContext context()
    {
        TrainingData data = openTrainingData(m_spec, *m_files, JobContext());
        TrainContext context;
        context.request = *m_folder / "run";
        context.files = m_files;
        context.targets = selectModules(*m_files, m_spec.targets);
        context.steps = m_spec.steps;
        m_probe = flatten(data.probe, at::kCPU);
        context.probe = m_probe;
        context.deviceTitle = "CPU, 1 thread";
        context.inputs = inputsOf(*m_files, data.inputs, JobContext());
        return context;
    }
    static StepFacts facts()
    {
        StepFacts facts;
        facts.batchHash = "00ff";
        facts.tokens = 10;
        return facts;
    }
    void step(TwinRuns::Entrant& one) const
    {
        one.run->accumulate(m_probe, 1.0, JobContext());
        one.run->takeStep(facts());
        one.run->recordStep(nullptr, JobContext());
    }
    // The tiny model with four tokens only.
    void writeSmallVocabulary() const
    {
        fs::create_directories(*m_folder / "small");
        std::string config = test::readBytes(*m_folder / "model/config.json");
        config.replace(config.find("\"vocab_size\": 64"), 16, "\"vocab_size\": 4 ");
        test::writeBytes(*m_folder / "small/config.json", config);
        std::vector<TensorSpec> specs;
        for (const TensorView& view : m_files->weights()) {
            specs.push_back({view.name, view.dtype, view.shape});
            if (view.shape.front() == kTinyVocabulary) {
                specs.back().shape.front() = 4;
            }
        }
        SafetensorsWriter writer(*m_folder / "small/model.safetensors", specs);
        for (std::size_t i = 0; i < specs.size(); ++i) {
            std::int64_t elements = 1;
            for (const std::int64_t side : specs[i].shape) {
                elements *= side;
            }
            writer.append(m_files->weights()[i].data, static_cast<std::size_t>(elements) * 4);
        }
        writer.commit();
    }

    std::unique_ptr<test::Scratch> m_folder;
    std::shared_ptr<const ModelFiles> m_files;
    RunSpec m_spec;
    FlatBatch m_probe;
};

QTEST_GUILESS_MAIN(TestMethodRun)
#include "tst_method_run.moc"
