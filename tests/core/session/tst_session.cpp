// SPDX-License-Identifier: GPL-3.0-or-later
// A model that stays open between calls, and that nothing else opens one.
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/file/atomic_file.h"
#include "core/infer/generate.h"
#include "core/session/session.h"
#include "core/text/regex.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

// A piece for each letter and digit, and two special ones: as many as the tiny model has rows for.
std::string tokenizerText()
{
    const std::string letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    nlohmann::json pieces = nlohmann::json::object();
    for (const char letter : letters) {
        pieces[std::string(1, letter)] = pieces.size();
    }
    const auto added = [](int id, const char* text) {
        return nlohmann::json {{"id", id}, {"content", text}, {"special", true}};
    };
    return nlohmann::json {
        {"added_tokens", {added(62, "<s>"), added(63, "</s>")}},
        {"normalizer", nullptr},
        {"pre_tokenizer", nullptr},
        {"post_processor", nullptr},
        {"decoder", {{"type", "Fuse"}}},
        {"model", {{"type", "BPE"}, {"vocab", pieces}, {"merges", nlohmann::json::array()}}}}
        .dump();
}

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
        test::writeBytes(model() / "tokenizer.json", tokenizerText());
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

    // Trainer, step 0, export and inference ask session for a decoder; none of them builds one.
    void nothingElseBuildsADecoder()
    {
        const Regex builds(R"(make_(unique|shared)<Decoder>|new Decoder\b|\bDecoder \w+[({])");
        const fs::path core = fs::path(PISSARRO_SOURCE) / "core";
        int builders = 0;
        for (const auto& entry : fs::recursive_directory_iterator(core)) {
            const std::string folder = entry.path().parent_path().filename().string();
            const bool other =
                folder == "decoder" || folder == "tokenizer"; // its own; another class
            if (entry.path().extension() != ".cpp" || other) {
                continue;
            }
            const std::string text = readWholeFile(entry.path(), std::uint64_t {1} << 20U);
            int found = 0;
            builds.forEachMatch(text, [&](std::size_t, std::size_t) { ++found; });
            builders += found;
            QVERIFY2(found == 0 || folder == "session", entry.path().c_str());
        }
        QCOMPARE(builders, 1); // or the expression finds nothing any more
    }

private:
    fs::path model() const { return *m_scratch / "model"; }

    std::unique_ptr<test::Scratch> m_scratch;
};

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
