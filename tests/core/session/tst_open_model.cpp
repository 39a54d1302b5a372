// SPDX-License-Identifier: GPL-3.0-or-later
// What opens a model, an adapter or a run, and going on from what was exported. Peers: golden/peft-llama, made by PEFT.
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/export/export_run.h"
#include "core/init/init_model.h"
#include "core/init/init_quantized.h"
#include "core/model/provenance.h"
#include "core/session/given_adapter_tensors.h"
#include "core/session/open_model.h"
#include "core/session/open_model_tensors.h"
#include "core/session/session.h"
#include "core/train/trainer.h"
#include "core/weights/model_writer.h"
#include "tests/tools/tiny_llama.h"

#include <ATen/ATen.h>

#include <QTemporaryDir>

#include <fstream>
#include <nlohmann/json.hpp>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

namespace fs = std::filesystem;

nlohmann::json readJson(const fs::path& path)
{
    return nlohmann::json::parse(std::ifstream(path));
}

void writeJson(const fs::path& path, const nlohmann::json& json)
{
    std::ofstream(path) << json.dump();
}

ExportOptions as(ExportForm form, const std::string& dtype)
{
    ExportOptions options;
    options.form = form;
    options.dtype = dtype;
    return options;
}

} // namespace

class TestOpenModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { PISSARRO_NEEDS(golden()); }
    void init()
    {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_root = m_temporary->path().toStdString();
    }

    // init_lora_weights "pissa": PEFT takes the principal part out of the base whenever it loads the folder.
    void putsAPissaFolderOnItsResidual()
    {
        const Golden want(golden() / "peft-llama" / "pissa_as_lora_check.safetensors");
        const at::Tensor got = logitsOf(tiny(), golden() / "peft-llama" / "pissa_trained_peft");
        QVERIFY(maxDifference(got, want["logits_trained_pissa"]) < 1e-4);
        const at::Tensor plain = logitsOf(tiny(), golden() / "peft-llama" / "pissa_as_lora_peft");
        QVERIFY(maxDifference(plain, want["logits_base_plus_converted"]) < 1e-4);
        QVERIFY(maxDifference(got, plain) < 1e-4);
    }

    void refusesToTrainFromSuchAFolder()
    {
        RunSpec spec = tinySpec(methodNamed("lora"));
        spec.initAdapter = (golden() / "peft-llama" / "pissa_trained_peft").string();
        try {
            trainInto("run", spec);
            QFAIL("trained on the unreduced base");
        } catch (const Error& e) {
            QVERIFY2(std::string(e.what()).find("pissa") != std::string::npos, e.what());
        }
        QVERIFY(!fs::exists(m_root / "run"));
    }

    void warnsOfWhatIsNotAsItSays()
    {
        const fs::path adapter = m_root / "adapter";
        fs::copy(golden() / "peft-llama" / "lora_trained_peft", adapter);
        nlohmann::json config = readJson(adapter / "adapter_config.json");
        config["base_model_name_or_path"] = "org/another";
        config["target_modules"] = {"q_proj", "v_proj"};
        config["novelty"] = 3;
        writeJson(adapter / "adapter_config.json", config);
        std::string said;
        InferenceModel model {tiny().string(), adapter};
        model.warn = [&](std::string_view line) { said += std::string(line) + "\n"; };
        session::open(model, session::Tokens::NotNeeded, JobContext());
        for (const char* word : {"org/another", "novelty", "left out, as PEFT does"}) {
            QVERIFY2(said.find(word) != std::string::npos, said.c_str());
        }
    }

    void opensARunAsTheTunedModel_data()
    {
        QTest::addColumn<QString>("method");
        for (const Method method :
             {methodNamed("pissa"), methodNamed("lora"), methodNamed("qpissa"),
              methodNamed("qlora"), methodNamed("full")}) {
            const std::string name(methodName(method));
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
        }
    }

    void opensARunAsTheTunedModel()
    {
        QFETCH(QString, method);
        const RunSpec spec = tinySpec(methodNamed(method.toStdString()));
        const RunSummary run = trainInto("run", spec);
        const at::Tensor tuned = logitsOf(m_root / "run");
        exportRun(m_root / "run", as(ExportForm::Merged, "float32"), m_root / "merged",
                  JobContext());
        QVERIFY(maxDifference(tuned, logitsOf(m_root / "merged")) < 1e-4);
        if (hasAdapter(spec.method)) {
            const TrainedModel trained = openTrained(run, at::kFloat, JobContext());
            QVERIFY(maxDifference(trained.decoder->logits(ids(), mask()), tuned) < 1e-4);
        }
        QVERIFY_THROWS_EXCEPTION(Error, partsOf((m_root / "run").string(), m_root));
    }

    // A kept step is what a run that ended there wrote itself, for every way to take it.
    void opensAndExportsAKeptStep_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<int>("dtype");
        for (const Method method :
             {methodNamed("pissa"), methodNamed("lora"), methodNamed("qpissa"),
              methodNamed("qlora"), methodNamed("full")}) {
            for (const BaseDType dtype : {BaseDType::Float32, BaseDType::BFloat16}) {
                QTest::addRow("%s %s", std::string(methodName(method)).c_str(),
                              std::string(dtypeTitle(dtype)).c_str())
                    << QString::fromStdString(std::string(methodName(method)))
                    << static_cast<int>(dtype);
            }
        }
    }

    void opensAndExportsAKeptStep()
    {
        QFETCH(QString, method);
        QFETCH(int, dtype);
        RunSpec spec = tinySpec(methodNamed(method.toStdString()));
        spec.dtype = static_cast<BaseDType>(dtype);
        spec.rslora = spec.method == methodNamed("pissa");
        if (spec.method == methodNamed("full")) {
            spec.targets = {"*.q_proj"}; // what does not train is in the type of the run too
        }
        spec.checkpointEvery = 1;
        spec.keepCheckpoints = 10;
        trainInto("run", spec);
        spec.steps = 2;
        trainInto("short", spec);
        const at::Tensor wanted = logitsOf(m_root / "short");
        QCOMPARE(maxDifference(logitsAt("2"), wanted), 0.0);
        QVERIFY(maxDifference(logitsAt("4"), wanted) > 1e-4);
        QCOMPARE(maxDifference(logitsAt("4"), logitsOf(m_root / "run")), 0.0);

        ExportOptions options = as(ExportForm::Merged, "float32");
        options.checkpoint = parseStateChoice("2");
        const ExportReport report =
            exportRun(m_root / "run", options, m_root / "merged", JobContext());
        QVERIFY(report.state.step == 2 && !report.state.isLast && !report.state.isBest);
        QVERIFY(maxDifference(logitsOf(m_root / "merged"), wanted) < 1e-4);
        if (!hasAdapter(spec.method)) {
            return;
        }
        options.form = ExportForm::Lora;
        exportRun(m_root / "run", options, m_root / "lora", JobContext());
        const Golden own(m_root / "short" / "adapter" / "adapter_model.safetensors");
        const Golden got(m_root / "lora" / "adapter_model.safetensors");
        for (const TensorView& view : own.views()) {
            QCOMPARE(maxDifference(got[view.name], own[view.name]), 0.0);
        }
        nlohmann::json config = readJson(m_root / "lora" / "adapter_config.json");
        nlohmann::json ownConfig = readJson(m_root / "short" / "adapter" / "adapter_config.json");
        for (nlohmann::json* one : {&config, &ownConfig}) { // each run has its own four bits
            if (isFourBit(spec.method)) {
                one->erase("base_model_name_or_path");
            }
        }
        QCOMPARE(config, ownConfig);
        options.form = ExportForm::Pair;
        exportRun(m_root / "run", options, m_root / "pair", JobContext()); // proves itself
    }

    // A rate at which the held-out loss soon grows.
    void takesTheBest_unlessToldOtherwise()
    {
        const RunSummary run = trainInto("run", overfit());
        QVERIFY(run.bestStep > 0 && run.bestStep < run.step);
        const auto took = [&](const std::string& choice) {
            StoredState state;
            InferenceModel model {(m_root / "run").string()};
            model.checkpoint = choice.empty() ? StateChoice() : parseStateChoice(choice);
            model.took = [&](const StoredState& one) { state = one; };
            session::open(model, session::Tokens::NotNeeded, JobContext());
            return state;
        };
        QVERIFY(took("").step == run.bestStep && took("").isBest && !took("").isLast);
        QCOMPARE(took("best").step, run.bestStep);
        QVERIFY(took("last").step == run.step && took("last").isLast && !took("last").isBest);
        QCOMPARE(maxDifference(logitsAt("best"), logitsOf(m_root / "run")), 0.0);
        const at::Tensor last = logitsAt("last");
        QVERIFY(maxDifference(last, logitsAt("best")) > 1e-2);
        const TrainedModel trained =
            openTrained(run, findState(run, parseStateChoice("last")), at::kFloat, JobContext());
        QVERIFY(maxDifference(trained.decoder->logits(ids(), mask()), last) < 1e-3);
        QVERIFY_THROWS_EXCEPTION(Error, logitsAt("1000"));

        // A person makes room: the result is still there, and only it.
        fs::remove_all(m_root / "run" / "checkpoints");
        QCOMPARE(took("last").step, run.bestStep); // nothing newer is kept
        fs::remove_all(m_root / "run" / "best");
        QVERIFY(took("").step == run.bestStep && took("best").isBest);
        QVERIFY_THROWS_EXCEPTION(Error, took("last"));
    }

    // The export of a full run once compared RUN/model with its own copy, which finds nothing.
    void findsADamagedModel()
    {
        RunSpec spec = tinySpec(methodNamed("full"));
        spec.dtype = BaseDType::BFloat16;
        trainInto("run", spec);
        const ExportOptions merged = as(ExportForm::Merged, "");
        const fs::path model = m_root / "run" / "model";
        QVERIFY(
            exportRun(m_root / "run", merged, m_root / "whole", JobContext()).comparedWithState);
        std::fstream file(model / "model.safetensors",
                          std::ios::binary | std::ios::in | std::ios::out);
        file.seekg(-1, std::ios::end); // of a number's exponent
        const char last = static_cast<char>(file.peek());
        file.seekp(-1, std::ios::end);
        file.put(static_cast<char>(last ^ 1));
        file.close();
        try {
            exportRun(m_root / "run", merged, m_root / "out", JobContext());
            QFAIL("exported a damaged model");
        } catch (const Error& e) {
            for (const char* part : {"run/model: ", ".weight is not what the run", "step-4"}) {
                QVERIFY2(std::string(e.what()).find(part) != std::string::npos, e.what());
            }
        }
        QVERIFY(!fs::exists(m_root / "out"));
        fs::remove_all(model); // as the message says: the state is taken
        exportRun(m_root / "run", merged, m_root / "out", JobContext());
        QCOMPARE(maxDifference(logitsOf(m_root / "out"), logitsOf(m_root / "whole")), 0.0);
        fs::copy(m_root / "whole", model); // kept alone, there is nothing to compare it with
        fs::remove_all(m_root / "run" / "checkpoints");
        QVERIFY(
            !exportRun(m_root / "run", merged, m_root / "only", JobContext()).comparedWithState);
    }

    void refusesAModelThatChanged()
    {
        fs::copy(tiny(), m_root / "model", fs::copy_options::recursive);
        RunSpec spec = tinySpec(methodNamed("lora"));
        spec.model = (m_root / "model").string();
        trainInto("run", spec);
        logitsOf(m_root / "run");
        std::fstream file(m_root / "model" / "model.safetensors",
                          std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(-2, std::ios::end);
        file.put('\x11');
        file.close();
        QVERIFY_THROWS_EXCEPTION(Error, logitsOf(m_root / "run"));
    }

    // «is not held: it cannot change»: the residual of a four-bit folder is no four bits any more.
    void exportsWhatTrainedOnFourBits_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<int>("dtype");
        for (const Method method : {methodNamed("pissa"), methodNamed("lora")}) {
            for (const BaseDType dtype : {BaseDType::Float32, BaseDType::BFloat16}) {
                QTest::addRow("%s %s", std::string(methodName(method)).c_str(),
                              std::string(dtypeTitle(dtype)).c_str())
                    << QString::fromStdString(std::string(methodName(method)))
                    << static_cast<int>(dtype);
            }
        }
    }

    void exportsWhatTrainedOnFourBits()
    {
        QFETCH(QString, method);
        QFETCH(int, dtype);
        const fs::path base = m_root / "nf4";
        QuantInitOptions options;
        options.adapters.method = methodNamed("qlora");
        options.adapters.rank = 4;
        options.adapters.alpha = 4;
        initQuantized(*ModelFiles::open(tiny()), options, base, JobContext());
        RunSpec spec = tinySpec(methodNamed(method.toStdString()));
        spec.model = base.string();
        spec.dtype = static_cast<BaseDType>(dtype);
        const RunSummary run = trainInto("run", spec);
        const at::Tensor trained =
            openTrained(run, at::kFloat, JobContext()).decoder->logits(ids(), mask());
        exportRun(m_root / "run", as(ExportForm::Lora, ""), m_root / "lora", JobContext());
        QVERIFY(maxDifference(logitsOf(base, m_root / "lora"), trained) < 2e-3);
        exportRun(m_root / "run", as(ExportForm::Pair, "float32"), m_root / "pair", JobContext());
        const fs::path tuned = m_root / "pair" / (std::string(methodName(spec.method)) + "_ft");
        QVERIFY(maxDifference(logitsOf(m_root / "pair", tuned), trained) < 2e-3);
        exportRun(m_root / "run", as(ExportForm::Merged, "float32"), m_root / "merged",
                  JobContext());
        QVERIFY(maxDifference(logitsOf(m_root / "merged"), trained) < 2e-3);
    }

    // Stage 2 begins at the pair of stage 1; its plain LoRA for the untouched base holds both.
    void goesOnFromAPair_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<int>("dtype");
        QTest::addColumn<QString>("stored");
        QTest::newRow("float32") << "pissa" << int(BaseDType::Float32) << "float32";
        QTest::newRow("bfloat16") << "pissa" << int(BaseDType::BFloat16) << "bfloat16";
        QTest::newRow("as lora") << "lora" << int(BaseDType::Float32) << "float32";
        QTest::newRow("float32 on bfloat16") << "pissa" << int(BaseDType::Float32) << "bfloat16";
    }

    void goesOnFromAPair()
    {
        QFETCH(QString, method);
        QFETCH(int, dtype);
        QFETCH(QString, stored);
        RunSpec first = tinySpec(methodNamed("pissa"));
        first.dtype = static_cast<BaseDType>(dtype);
        trainInto("first", first);
        exportRun(m_root / "first", as(ExportForm::Pair, stored.toStdString()), m_root / "pair",
                  JobContext());
        RunSpec second = first;
        second.method = methodNamed(method.toStdString());
        second.model = (m_root / "pair").string();
        second.initAdapter = (m_root / "pair" / "pissa_ft").string();
        second.steps = 2;
        const RunSummary run = trainInto("second", second);
        QVERIFY(run.stepZero->passed);
        QVERIFY2(run.stepZero->verdict.find("goes on") != std::string::npos,
                 run.stepZero->verdict.c_str());

        // W + plain LoRA = R + B_t A_t: the trained model, of which stage 1 is the larger part.
        const auto untouched = ModelFiles::open(tiny());
        exportRun(m_root / "second", as(ExportForm::Lora, ""), m_root / "lora", JobContext());
        const AdapterSet both = readPeftAdapter(m_root / "lora", *untouched).adapters;
        const AdapterSet one = readPeftAdapter(m_root / "first" / "adapter", *untouched).adapters;
        const TrainedModel trained = openTrained(run, at::kFloat, JobContext());
        const AdapterSet start =
            readPeftAdapter(m_root / "first" / "pissa_init", *untouched).adapters;
        for (std::size_t i = 0; i < both.size(); ++i) {
            const at::Tensor delta = product(both[i]);
            QVERIFY(relativeDifference(delta, product(trained.trained[i]) - product(start[i]))
                    < 1e-4);
            QVERIFY(relativeDifference(delta, product(one[i])) < 1.0); // stage 1 is in it
            QVERIFY(relativeDifference(delta, product(one[i])) > 1e-3); // and stage 2
        }
        QCOMPARE(readPeftAdapter(m_root / "lora", *untouched).adapters.front().rank(),
                 2 * first.rank);

        // The pair of stage 2 leads on as well, and a resumed run keeps what was taken.
        exportRun(m_root / "second", as(ExportForm::Pair, stored.toStdString()), m_root / "pair2",
                  JobContext());
        RunSpec third = second;
        third.model = (m_root / "pair2").string();
        third.initAdapter =
            (m_root / "pair2" / (std::string(methodName(second.method)) + "_ft")).string();
        QVERIFY(trainInto("third", third).stepZero->passed);
    }

    void tellsAForeignAdapterAndAWrongBase()
    {
        RunSpec spec = tinySpec(methodNamed("pissa"));
        trainInto("first", spec);
        exportRun(m_root / "first", as(ExportForm::Pair, "bfloat16"), m_root / "pair",
                  JobContext());
        // Of another model of the same shape.
        RunSpec other = spec;
        other.model = (golden() / "tiny" / "llama-rope-linear").string();
        trainInto("other", other);
        exportRun(m_root / "other", as(ExportForm::Pair, "bfloat16"), m_root / "pair-other",
                  JobContext());
        const auto files = ModelFiles::open(m_root / "pair");
        const auto examine = [&](const fs::path& adapter) {
            return examineGiven(readPeftAdapter(adapter, *files).adapters, *files, JobContext());
        };
        const GivenAdapter own = examine(m_root / "pair" / "pissa_ft");
        QVERIFY(own.misfit <= 1.0 && own.isOnResidual() && !own.isForeign() && !own.fresh);
        QVERIFY(own.kinship > 0.9);
        QVERIFY(examine(m_root / "pair" / "pissa_init").fresh);
        QVERIFY(examine(m_root / "pair-other" / "pissa_ft").isForeign());
        RunSpec wrong = spec;
        wrong.model = (m_root / "pair").string();
        wrong.initAdapter = (m_root / "pair-other" / "pissa_ft").string();
        QVERIFY_THROWS_EXCEPTION(Error, trainInto("wrong", wrong));

        // The right factors, but the base says that it came from another model.
        writeProvenance(m_root / "pair", golden() / "tiny" / "llama-rope-linear", "pissa");
        const GivenAdapter astray = examine(m_root / "pair" / "pissa_ft");
        QVERIFY(astray.misfit > 100.0);
    }

    // A tied config whose stored head is another one is read untied; what is written says so.
    void writesAnUntiedHeadAsSuch()
    {
        const fs::path model = m_root / "model";
        fs::copy(tiny(), model);
        nlohmann::json config = readJson(model / "config.json");
        config["tie_word_embeddings"] = true;
        writeJson(model / "config.json", config);
        fillModelFolder(*ModelFiles::open(model), m_root, "float32", {}, JobContext());
        QCOMPARE(readJson(m_root / "config.json")["tie_word_embeddings"], nlohmann::json(false));
        QCOMPARE(maxDifference(logitsOf(m_root), logitsOf(tiny())), 0.0);
    }

    // Factors of some layers only: PEFT must not put fresh ones on the others.
    void namesModulesWhereLayersDiffer()
    {
        RunSpec spec = tinySpec(methodNamed("lora"));
        spec.targets = {"model.layers.0.self_attn.q_proj", "*.v_proj"};
        trainInto("run", spec);
        const auto targets =
            readJson(m_root / "run" / "adapter" / "adapter_config.json")["target_modules"];
        QCOMPARE(targets, nlohmann::json({"model.layers.0.self_attn.q_proj", "v_proj"}));
    }

private:
    static at::Tensor product(const Adapter& adapter)
    {
        return at::mm(adapter.b_OR, adapter.a_RI) * adapter.scale;
    }

    at::Tensor logitsAt(const std::string& state) const
    {
        InferenceModel model {(m_root / "run").string()};
        model.checkpoint = parseStateChoice(state);
        return session::open(model, session::Tokens::NotNeeded, JobContext())
            .decoder->logits(ids(), mask());
    }

    // A run that its evaluations end.
    RunSpec overfit() const
    {
        const fs::path rows = m_root / "rows.jsonl";
        std::ofstream file(rows);
        for (int i = 0; i < 24; ++i) {
            file << "{\"prompt\": \"What is row " << i << "?\", \"completion\": \" It is "
                 << i * 37 % 101 << "\"}"
                 << "\n";
        }
        RunSpec spec = tinySpec(methodNamed("pissa"));
        spec.batches.clear();
        spec.data = rows.string();
        spec.promptTemplate = PromptTemplate::Plain;
        spec.batchSize = 2;
        spec.learningRate = 0.03;
        spec.steps = 60;
        spec.evalRatio = 0.3;
        spec.evalEvery = 1;
        spec.patience = 3;
        return spec;
    }

    RunSummary trainInto(const char* folder, const RunSpec& spec) const
    {
        return trainQuietly(spec, m_root / folder);
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path m_root;
};

QTEST_GUILESS_MAIN(TestOpenModel)
#include "tst_open_model.moc"
