// SPDX-License-Identifier: GPL-3.0-or-later
// A model that stays open between calls, and that nothing else opens one.
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/file/atomic_file.h"
#include "core/infer/generate.h"
#include "core/model/provenance.h"
#include "core/session/session.h"
#include "core/text/regex.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <ATen/ATen.h>

#include <QTest>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

GenerateOptions greedy()
{
    GenerateOptions options;
    options.greedy = true;
    options.maxNewTokens = 6;
    return options;
}

const std::function<void(std::string_view)> kNobody;

} // namespace

class TestSession : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch = std::make_unique<test::Scratch>();
        tests::writeTinyModel(model());
        tests::writeTinyTokenizer(model());
    }

    // By what lies there, not only by what was typed: the untouched model that a residual base was made from, too.
    void whatIsRead_isKnown()
    {
        const fs::path base = *m_scratch / "base";
        tests::writeTinyModel(base);
        writeProvenance(base, model(), "pissa");
        RunSpec spec;
        spec.method = methodNamed("pissa");
        spec.model = base.string();
        spec.initAdapter = (base / "pissa_init").string();
        spec.data = (*m_scratch / "all.mix.json").string();
        test::writeBytes(spec.data, R"({"files": [{"path": "rows.jsonl"}]})");
        const auto has = [](const std::vector<fs::path>& places, const fs::path& wanted) {
            return std::find(places.begin(), places.end(), wanted) != places.end();
        };
        const auto ofTraining = readPlaces(spec);
        for (const fs::path& wanted :
             {base, model(), base / "pissa_init", fs::path(spec.data), *m_scratch / "rows.jsonl"}) {
            QVERIFY2(has(ofTraining, wanted), wanted.c_str());
        }
        const auto ofModel = readPlaces(base.string(), *m_scratch / "adapter");
        QVERIFY(has(ofModel, base) && has(ofModel, model())
                && has(ofModel, *m_scratch / "adapter"));
        RunSummary run;
        run.directory = *m_scratch / "run";
        run.spec = spec;
        const auto ofRun = readPlaces(run);
        QVERIFY(has(ofRun, run.directory) && has(ofRun, base) && has(ofRun, model()));
        QVERIFY(!has(readPlaces("no/such/model"), model())); // and nothing is thrown
    }

    // Two calls read weights and tokenizer once: the second is answered when the files are gone.
    void twoCalls_readTheModelOnce()
    {
        const InferenceModel named {model().string()};
        const session::Session session =
            session::open(named, session::Tokens::Needed, JobContext());
        const GenerateResult first = generate(session, "abc", greedy(), kNobody, JobContext());
        QVERIFY(!first.newIds.empty());
        fs::remove_all(model());
        const GenerateResult again = generate(session, "abc", greedy(), kNobody, JobContext());
        QCOMPARE(again.text, first.text);
        QVERIFY(again.newIds == first.newIds);
        const auto all = generateAll(
            session, {"abc", "xyz"}, greedy(), 1, [](std::size_t) {}, JobContext());
        QVERIFY(all.front().newIds == first.newIds);
        const auto error =
            test::errorOf([&] { generate(named, "abc", greedy(), kNobody, JobContext()); });
        QVERIFY(error.has_value());
    }

    // Every reading of weights tells how far it is, layer by layer: opening does, generating does not.
    void weightsAreRead_onceForTwoCalls()
    {
        int layersRead = 0;
        const JobContext job({}, [&](double, std::string_view stage) {
            layersRead += stage == "Loading weights" ? 1 : 0;
        });
        const session::Session session =
            session::open(InferenceModel {model().string()}, session::Tokens::Needed, job);
        QCOMPARE(layersRead, static_cast<int>(tests::kTinyLayers));
        generate(session, "abc", greedy(), kNobody, job);
        generate(session, "xyz", greedy(), kNobody, job);
        QCOMPARE(layersRead, static_cast<int>(tests::kTinyLayers));
    }

    // An adapter on the weights that another session holds: the numbers of one with weights of its own.
    void beside_theWeightsAreHeldOnce()
    {
        const session::Session base =
            session::open(InferenceModel {model().string()}, session::Tokens::Needed, JobContext());
        const fs::path folder = writeAdapter(*base.files);
        const InferenceModel tuned {model().string(), folder};
        const session::Session beside =
            session::openBeside(base, tuned, session::Tokens::Needed, JobContext());
        const session::Session own = session::open(tuned, session::Tokens::Needed, JobContext());
        for (const LinearModule& module : base.files->linearModules()) {
            const void* held = base.decoder->weightOf(module.name).const_data_ptr();
            QVERIFY(beside.decoder->weightOf(module.name).const_data_ptr() == held);
            QVERIFY(own.decoder->weightOf(module.name).const_data_ptr() != held);
        }
        const at::Tensor ids_BT = at::arange(12, at::kLong).view({2, 6});
        const at::Tensor logits = beside.decoder->logits(ids_BT, {});
        QVERIFY(at::equal(logits, own.decoder->logits(ids_BT, {})));
        QVERIFY(!at::equal(logits, base.decoder->logits(ids_BT, {}))); // or it adds nothing
    }

    // Where something is to be taken out of the base, or the types differ, nothing is shared that would have to change.
    void beside_whatDiffers_isReadAnew()
    {
        const session::Session base =
            session::open(InferenceModel {model().string()}, session::Tokens::Needed, JobContext());
        const at::Tensor ids_BT = at::arange(12, at::kLong).view({2, 6});
        const at::Tensor before = base.decoder->logits(ids_BT, {});
        const fs::path folder = writeAdapter(*base.files);
        const std::string config = folder / "adapter_config.json";
        std::string text = readWholeFile(config, std::uint64_t {1} << 20U);
        nlohmann::json json = nlohmann::json::parse(text);
        json["init_lora_weights"] = "pissa";
        test::writeBytes(config, json.dump());
        const InferenceModel reduced {model().string(), folder};
        const auto beside =
            session::openBeside(base, reduced, session::Tokens::Needed, JobContext());
        const auto own = session::open(reduced, session::Tokens::Needed, JobContext());
        QVERIFY(at::equal(beside.decoder->logits(ids_BT, {}), own.decoder->logits(ids_BT, {})));
        QVERIFY(at::equal(base.decoder->logits(ids_BT, {}), before)); // it is as it was

        InferenceModel rounded {model().string()};
        rounded.dtype = BaseDType::BFloat16;
        const auto other =
            session::openBeside(base, rounded, session::Tokens::Needed, JobContext());
        QVERIFY(other.decoder->type() == at::kBFloat16);
        QVERIFY(other.files != base.files);
    }

    // One that is opened for a call gives what one that stays open gives.
    void aCallOfItsOwn_givesTheSame()
    {
        const InferenceModel named {model().string()};
        const session::Session session =
            session::open(named, session::Tokens::Needed, JobContext());
        const GenerateResult kept = generate(session, "abc", greedy(), kNobody, JobContext());
        const GenerateResult own = generate(named, "abc", greedy(), kNobody, JobContext());
        QVERIFY(own.newIds == kept.newIds);
        QVERIFY(own.promptIds == kept.promptIds);
    }

    void says_whatWasOpened()
    {
        const session::Session session =
            session::open(InferenceModel {model().string()}, session::Tokens::Needed, JobContext());
        QVERIFY(fs::equivalent(session.provenance.base, model()));
        QVERIFY(!session.provenance.run && session.provenance.adapter.empty());
        QVERIFY(fs::equivalent(session.files->path(), model()));
        QCOMPARE(session.decoder->config().vocabulary, tests::kTinyVocabulary);
    }

    // Logits need no tokenizer, text does.
    void theTokenizer_isAskedForWhereItIsNeeded()
    {
        fs::remove(model() / "tokenizer.json");
        const InferenceModel named {model().string()};
        const auto weights = session::open(named, session::Tokens::NotNeeded, JobContext());
        QVERIFY(weights.decoder && !weights.tokenizer);
        const auto error =
            test::errorOf([&] { session::open(named, session::Tokens::Needed, JobContext()); });
        QVERIFY(error.has_value());
    }

    // Trainer, step 0, export and inference ask session for a decoder; none of them builds one. Adapters are put on one there,
    // and where they are trained. Files are opened there too; the trainer opens what it was asked to train, which its runs
    // and step 0 are given, and export what it wrote.
    void nothingElseOpensAModel()
    {
        const Regex builds(R"(make_(unique|shared)<Decoder>|new Decoder\b|\bDecoder \w+[({])");
        const Regex attaches("decoder->attach\\(");
        const Regex opens(R"(\bModelFiles::open\()");
        const fs::path core = fs::path(PISSARRO_SOURCE) / "core";
        int builders = 0;
        int attachers = 0;
        int opened = 0; // by whoever trains
        for (const auto& entry : fs::recursive_directory_iterator(core)) {
            const std::string folder = entry.path().parent_path().filename().string();
            const bool other =
                folder == "decoder" || folder == "tokenizer"; // its own; another class
            if (entry.path().extension() != ".cpp" || other) {
                continue;
            }
            const std::string text = readWholeFile(entry.path(), std::uint64_t {1} << 20U);
            const auto countOf = [&text](const Regex& expression) {
                int found = 0;
                expression.forEachMatch(text, [&](std::size_t, std::size_t) { ++found; });
                return found;
            };
            const int built = countOf(builds);
            const int attached = countOf(attaches);
            builders += built;
            attachers += attached;
            QVERIFY2(built == 0 || folder == "session", entry.path().c_str());
            QVERIFY2(attached == 0 || folder == "session" || folder == "train",
                     entry.path().c_str());
            const int files = countOf(opens);
            opened += folder == "train" ? files : 0;
            // core/compare reads W of the untouched model, core/catalog headers alone: no decoder
            const bool mayOpen = folder == "session" || folder == "model" || folder == "export"
                || folder == "compare" || folder == "catalog"
                || entry.path().filename() == "shared_inputs.cpp";
            QVERIFY2(files == 0 || mayOpen, entry.path().c_str());
        }
        QCOMPARE(builders, 1); // or the expressions find nothing any more
        QCOMPARE(opened, 1);
        QVERIFY(attachers > 1);
    }

private:
    fs::path model() const { return *m_scratch / "model"; }
    // A PEFT folder for every matrix of the model, of rank 2 and random numbers.
    fs::path writeAdapter(const ModelFiles& files) const
    {
        AdapterSet adapters;
        for (const LinearModule& module : files.linearModules()) {
            adapters.push_back(loraFactors(module, 2, 2.0, moduleSeed(1, module.name)));
            adapters.back().b_OR = adapters.back().a_RI.sum() * at::ones({module.rows, 2});
        }
        writePeftAdapter(*m_scratch / "adapter", adapters,
                         {model().string(), 2, 4.0, false, &files});
        return *m_scratch / "adapter";
    }

    std::unique_ptr<test::Scratch> m_scratch;
};

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
