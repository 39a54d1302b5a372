// SPDX-License-Identifier: GPL-3.0-or-later
// The real SmolLM2-135M against transformers and PEFT (golden/smollm2_*, made by golden/scripts/smollm2_*.py on the folder
// that make_smollm2.py writes): forward pass, singular values, greedy replies, the 20-step curves of PiSSA and LoRA.
#include "core/adapter/adapter_tensors.h"
#include "core/decoder/decoder_tensors.h"
#include "core/linalg/spectrum.h"
#include "core/run/run_directory.h"
#include "core/train/trainer.h"
#include "core/weights/weights.h"
#include "tests/tools/golden.h"
#include "tests/tools/patience.h"

#include <QProcess>
#include <QTemporaryDir>

#include <fstream>
#include <nlohmann/json.hpp>

using namespace pissarro::core;
using namespace pissarro::tests;

class TestSmolLM2 : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        PISSARRO_NEEDS(golden());
        const std::filesystem::path deps = PISSARRO_DEPS;
        PISSARRO_NEEDS(deps / "peers" / "bin" / "python");
        std::filesystem::path gguf;
        for (const auto& entry : std::filesystem::directory_iterator(deps / "model")) {
            gguf = entry.path().extension() == ".gguf" ? entry.path() : gguf;
        }
        m_root = m_temporary.path().toStdString();
        QProcess process;
        process.start(QString::fromStdString((deps / "peers" / "bin" / "python").string()),
                      {QString::fromStdString((golden() / "scripts" / "make_smollm2.py").string()),
                       QString::fromStdString((m_root / "model").string()), "--gguf",
                       QString::fromStdString(gguf.string())});
        QVERIFY(process.waitForFinished(hangMs()));
        if (process.exitCode() != 0) {
            QSKIP("make_smollm2.py needs numpy in .deps/peers: run ./dev test");
        }
        m_files = ModelFiles::open(m_root / "model");
        QCOMPARE(m_files->linearModules().size(), std::size_t {210});
    }

    void forwardEqualsTransformers()
    {
        const Golden want(golden() / "smollm2_forward.safetensors");
        const Decoder decoder(m_files, at::kFloat, at::kCPU, JobContext());
        const at::Tensor ids = want["input_ids"];
        const at::Tensor logits = decoder.logits(ids, {});
        QVERIFY(maxDifference(logits.select(1, 63), want["last_logits"])
                < 1e-3); // logits of up to 30
        QVERIFY(maxDifference(logits[0].narrow(0, 0, 4), want["logits_row0_pos0to3"]) < 1e-3);
        const at::Tensor logProb = at::log_softmax(logits.narrow(1, 0, 63), -1)
                                       .gather(2, ids.narrow(1, 1, 63).unsqueeze(2))
                                       .squeeze(2);
        QVERIFY(maxDifference(logProb, want["token_logprob"]) < 1e-3);
        QVERIFY(std::abs(-logProb.mean().item<double>() - want["loss"].item<double>()) < 1e-4);
    }

    void singularValuesEqualTorch()
    {
        const Golden want(golden() / "smollm2_singular_values_top64.safetensors");
        for (const LinearModule& module : m_files->linearModules()) {
            if (module.layer % 10 != 3) {
                continue; // three layers with all seven kinds; the sweep over all is in the bench
            }
            const Spectrum spectrum =
                computeSpectrum(loadWeight(*m_files, module.name + ".weight"), {}, JobContext());
            const at::Tensor values = want[module.name];
            for (std::int64_t i = 0; i < values.numel(); ++i) {
                const double w = values[i].item<double>();
                QVERIFY(std::abs(spectrum.values[static_cast<std::size_t>(i)] - w) < 1e-4 * w);
            }
        }
    }

    void greedyEqualsTransformers()
    {
        const auto cases = nlohmann::json::parse(std::ifstream(golden() / "smollm2_greedy.json"));
        const Decoder decoder(m_files, at::kFloat, at::kCPU, JobContext());
        QVERIFY(!cases.empty());
        for (const auto& one : cases) {
            KvCache cache;
            at::Tensor logits =
                decoder.feed({one["prompt_ids"].get<std::vector<std::int32_t>>()}, cache)[0];
            for (const auto& want : one["new_ids"]) {
                const auto next = logits.argmax().item<std::int64_t>();
                QCOMPARE(next, want.get<std::int64_t>());
                logits = decoder.feed({std::vector {static_cast<std::int32_t>(next)}}, cache)[0];
            }
        }
    }

    void curvesEqualPeft_data()
    {
        QTest::addColumn<QString>("method");
        QTest::newRow("pissa") << "pissa";
        QTest::newRow("lora") << "lora";
    }

    // float32 and 20 steps of AdamW on 4.9 M parameters: the peers' own SVDs move the losses by less than 2e-4.
    void curvesEqualPeft()
    {
        QFETCH(QString, method);
        const auto curves = nlohmann::json::parse(std::ifstream(golden() / "smollm2_curves.json"));
        const auto run = curves["runs"][method.toStdString()];
        RunSpec spec;
        spec.model = (m_root / "model").string();
        spec.batches = (golden() / "smollm2_batches.safetensors").string();
        spec.method = methodNamed(method.toStdString());
        spec.rank = 16;
        spec.alpha = 16;
        spec.learningRate = 2e-4;
        spec.schedule = Schedule::Constant;
        spec.warmupRatio = 0;
        spec.dtype = BaseDType::Float32;
        spec.steps = 20;
        if (spec.method == methodNamed("lora")) {
            const Golden start(golden() / "smollm2_lora_init.safetensors");
            AdapterSet adapters;
            for (const LinearModule& module : m_files->linearModules()) {
                const std::string key = "base_model.model." + module.name;
                adapters.push_back({module.name, start[key + ".lora_A.default.weight"],
                                    start[key + ".lora_B.default.weight"], 1.0});
            }
            writePeftAdapter(m_root / "start", adapters, {spec.model, 16, 16});
            spec.initAdapter = (m_root / "start").string();
        }
        TrainObserver silent;
        const auto directory = m_root / method.toStdString();
        train({spec, {}, directory, false, nullptr}, silent, JobContext());
        const auto records = MetricsTail(directory).poll();
        QCOMPARE(records.size(), run["loss"].size());
        for (std::size_t i = 0; i < records.size(); ++i) {
            const double loss = run["loss"][i];
            const double norm = run["grad_norm"][i];
            QVERIFY2(std::abs(records[i].loss - loss) < 5e-4,
                     std::to_string(records[i].loss - loss).c_str());
            QVERIFY2(std::abs(records[i].gradNorm / norm - 1) < 5e-3,
                     std::to_string(records[i].gradNorm / norm).c_str());
        }
    }

private:
    QTemporaryDir m_temporary;
    std::filesystem::path m_root;
    std::shared_ptr<const ModelFiles> m_files;
};

QTEST_GUILESS_MAIN(TestSmolLM2)

#include "tst_smollm2.moc"
