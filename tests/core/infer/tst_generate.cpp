// SPDX-License-Identifier: GPL-3.0-or-later
// A reply as it grows: token by token, in turn with another model's, ended by a person.
#include "core/base/error.h"
#include "core/infer/generate.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <optional>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

GenerateOptions sampled(std::uint64_t seed)
{
    GenerateOptions options;
    options.maxNewTokens = 12;
    options.temperature = 1.2;
    options.topP = 0.9;
    options.seed = seed;
    return options;
}

GenerateOptions greedy()
{
    GenerateOptions options = sampled(0);
    options.greedy = true;
    return options;
}

const std::function<void(std::string_view)> kNobody;

} // namespace

class TestGenerate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::writeTinyModel(model());
        tests::writeTinyTokenizer(model());
        m_session =
            session::open(InferenceModel {model().string()}, session::Tokens::Needed, JobContext());
    }

    // Each token by itself, and what generate() makes of the same question.
    void growsAToken_aStep_data()
    {
        QTest::addColumn<bool>("isGreedy");
        QTest::newRow("greedy") << true;
        QTest::newRow("sampled") << false;
    }
    void growsAToken_aStep()
    {
        QFETCH(bool, isGreedy);
        const GenerateOptions how = isGreedy ? greedy() : sampled(3);
        const JobContext job;
        Reply reply(m_session, "Where", how, job);
        QVERIFY(!reply.isOver());
        QVERIFY(!reply.result().promptIds.empty() && reply.result().newIds.empty());
        std::string text;
        for (std::size_t tokens = 1; !reply.isOver(); ++tokens) {
            text += reply.step();
            QCOMPARE(reply.result().newIds.size(), tokens);
        }
        QCOMPARE(text, reply.result().text);
        QVERIFY(static_cast<std::int64_t>(reply.result().newIds.size()) <= how.maxNewTokens);
        QVERIFY(reply.result().prefillSeconds > 0.0);

        std::string streamed;
        const GenerateResult whole = generate(
            m_session, "Where", how, [&](std::string_view piece) { streamed += piece; }, job);
        QVERIFY(whole.newIds == reply.result().newIds);
        QVERIFY(whole.promptIds == reply.result().promptIds);
        QCOMPARE(whole.text, text);
        QCOMPARE(streamed, text);
        const auto batch = generateAll(
            m_session, {"Where"}, how, 1, [](std::size_t) {}, job);
        QVERIFY(batch.front().newIds == whole.newIds);
    }

    // Two replies that take turns say what each says alone.
    void takesTurns_withAnother()
    {
        const JobContext job;
        const std::vector<std::string> prompts {"Where", "to"};
        std::vector<GenerateResult> alone;
        std::vector<Reply> replies;
        for (const std::string& prompt : prompts) {
            alone.push_back(generate(m_session, prompt, sampled(5), kNobody, job));
            replies.emplace_back(m_session, prompt, sampled(5), job);
        }
        for (bool speaks = true; speaks;) {
            speaks = false;
            for (Reply& reply : replies) {
                if (!reply.isOver()) {
                    reply.step();
                    speaks = true;
                }
            }
        }
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            QVERIFY(replies[i].result().newIds == alone[i].newIds);
        }
        QVERIFY(alone[0].newIds != alone[1].newIds);
    }

    // A stop that was asked for between two tokens: there is no other one.
    void endsWithinAToken()
    {
        std::stop_source stop;
        const JobContext job(stop.get_token());
        std::optional<Reply> reply; // of a seed with which it goes on after two tokens
        for (std::uint64_t seed = 0; !reply; ++seed) {
            QVERIFY(seed < 100);
            reply.emplace(m_session, "Where", sampled(seed), job);
            reply->step();
            if (!reply->isOver()) {
                reply->step();
            }
            if (reply->isOver()) {
                reply.reset();
            }
        }
        stop.request_stop();
        QVERIFY_EXCEPTION_THROWN(reply->step(), Cancelled);
        QCOMPARE(reply->result().newIds.size(), std::size_t(2));
    }

    void theTemplate_standsAroundTheMessage()
    {
        GenerateOptions how = greedy();
        how.chat = true;
        const JobContext job;
        const Reply asked(m_session, "Where", how, job);
        how.chat = false;
        const Reply plain(m_session, "QWhereA", how, job);
        QVERIFY(asked.result().promptIds == plain.result().promptIds);
    }

    void refuses_whatCannotBeAsked()
    {
        const JobContext job;
        const auto refused = [&](std::string_view prompt, const GenerateOptions& how) {
            const auto error =
                test::errorOf([&] { const Reply reply(m_session, prompt, how, job); });
            return error && error->kind() == ErrorKind::InvalidArgument;
        };
        QVERIFY(refused("", greedy()));
        GenerateOptions how = sampled(1);
        how.temperature = 0.0;
        QVERIFY(refused("Where", how));
        how = greedy();
        how.maxNewTokens = 0;
        QVERIFY(refused("Where", how));
    }

private:
    fs::path model() const { return m_scratch / "model"; }

    test::Scratch m_scratch;
    session::Session m_session;
};

QTEST_GUILESS_MAIN(TestGenerate)
#include "tst_generate.moc"
