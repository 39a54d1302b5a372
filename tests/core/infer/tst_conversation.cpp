// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations as files: all comes back, other programs find their messages, and nothing is written over.
#include "core/base/error.h"
#include "core/infer/conversation.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

TalkToken token(std::int32_t id, const std::string& text)
{
    TalkToken one {{id, text, -0.25}, 2};
    one.likeliest = {{id + 1, "x", -0.125}, {id, text, -0.25}};
    return one;
}

// Two turns; the second side came with the second.
Conversation someConversation()
{
    Conversation talk;
    talk.title = "Über π";
    talk.model = "/models/one";
    talk.system = "Be brief";
    talk.prompts = {"What is π?", "And 2π?"};
    talk.sides = {{"", "Base", {{{"3.14", {token(4, "3"), token(5, ".14")}, false}}, {{"6.28"}}}},
                  {"/runs/pissa", "PiSSA r16", {std::nullopt, {{"6.", {}, true}}}}};
    return talk;
}

std::string rolesOf(const nlohmann::json& messages)
{
    std::string roles;
    for (const auto& message : messages) {
        roles += message.at("role").get<std::string>().substr(0, 1);
    }
    return roles;
}

} // namespace

class TestConversation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void comesBack()
    {
        const SavedConversation saved = saveConversation(folder(), {}, someConversation());
        const Conversation read = readConversation(saved.file);
        const Conversation wrote = someConversation();
        QCOMPARE(read.title, wrote.title);
        QCOMPARE(read.model, wrote.model);
        QCOMPARE(read.system, wrote.system);
        QVERIFY(read.prompts == wrote.prompts);
        std::stop_source stop;
        stop.request_stop();
        const JobContext stopped(stop.get_token());
        QVERIFY_THROWS_EXCEPTION(Cancelled, readConversation(saved.file, stopped));
        QVERIFY_THROWS_EXCEPTION(Cancelled, listConversations(folder(), stopped));
        QCOMPARE(read.sides.size(), wrote.sides.size());
        for (std::size_t side = 0; side < read.sides.size(); ++side) {
            QCOMPARE(read.sides[side].path, wrote.sides[side].path);
            QCOMPARE(read.sides[side].title, wrote.sides[side].title);
            QCOMPARE(read.sides[side].replies.size(), 2U);
        }
        QVERIFY(!read.sides[1].replies[0]);
        QVERIFY(read.sides[1].replies[1]->stopped && !read.sides[0].replies[0]->stopped);
        const std::vector<TalkToken>& tokens = read.sides[0].replies[0]->tokens;
        QCOMPARE(tokens.size(), 2U);
        QCOMPARE(tokens[1].choice.id, 5);
        QCOMPARE(tokens[1].choice.text, std::string(".14"));
        QCOMPARE(tokens[1].choice.logProbability, -0.25);
        QCOMPARE(tokens[1].rank, std::int64_t(2));
        QCOMPARE(tokens[1].likeliest.size(), 2U);
        QCOMPARE(tokens[1].likeliest[0].id, 6);
    }

    void messages_areEveryonesReading()
    {
        const fs::path file = saveConversation(folder(), {}, someConversation()).file;
        const auto json = nlohmann::json::parse(test::readBytes(file));
        QCOMPARE(rolesOf(json.at("messages")), std::string("suaua"));
        QCOMPARE(json.at("messages").at(2).at("content").get<std::string>(), std::string("3.14"));
        QVERIFY(!json.at("messages").at(2).contains("logprobs"));
        QCOMPARE(rolesOf(json.at("sides").at(1).at("messages")), std::string("suua"));
        QCOMPARE(json.at("generator").get<std::string>(), std::string("pissarro"));
        const auto bare = nlohmann::json::parse(conversationText(someConversation()));
        QVERIFY(bare.at("messages") == json.at("messages"));
    }

    void othersMessages_areRead()
    {
        const fs::path file = m_scratch / "theirs.json";
        test::writeBytes(file, R"({"messages": [{"role": "user", "content": "a"},
            {"role": "assistant", "content": "b", "logprobs": {"content": [{"token": "b"}]}},
            {"role": "user", "content": "c"}]})");
        const Conversation read = readConversation(file);
        QCOMPARE(read.sides.size(), 1U);
        QCOMPARE(read.prompts.size(), 2U);
        QCOMPARE(read.sides[0].replies[0]->text, std::string("b"));
        QVERIFY(read.sides[0].replies[0]->tokens.empty());
        QVERIFY(!read.sides[0].replies[1]);
    }

    // A side is told its own answers; of a turn that it was not asked, the first one there is.
    void messagesFor_areItsOwn()
    {
        Conversation talk = someConversation();
        talk.prompts.push_back("Why?");
        const auto told = talk.messagesFor(1, 2);
        QCOMPARE(told.size(), 6U);
        QCOMPARE(told[0].role, std::string("system"));
        QCOMPARE(told[2].content, std::string("3.14")); // the base's
        QCOMPARE(told[4].content, std::string("6."));
        QCOMPARE(told[5].content, std::string("Why?"));
        talk.sides[0].replies[0].reset(); // nobody answered: the turn is left out
        QCOMPARE(talk.messagesFor(1, 2).size(), 4U);
        QCOMPARE(talk.messagesFor(0, 0).size(), 2U);
    }

    // Where it lies; beside what another program wrote there since.
    void nothingIsWrittenOver()
    {
        Conversation talk = someConversation();
        SavedConversation saved = saveConversation(folder(), {}, talk);
        talk.title = "again";
        const SavedConversation again = saveConversation(folder(), saved, talk);
        QCOMPARE(again.file, saved.file);
        QCOMPARE(readConversation(again.file).title, std::string("again"));
        test::writeBytes(again.file, "{\"messages\": []}");
        fs::last_write_time(again.file, fs::last_write_time(again.file) + std::chrono::seconds(5));
        const SavedConversation beside = saveConversation(folder(), again, talk);
        QVERIFY(beside.file != again.file);
        QCOMPARE(test::readBytes(again.file), std::string("{\"messages\": []}"));
        fs::remove(beside.file); // deleted elsewhere: it is written all the same
        QVERIFY(fs::exists(saveConversation(folder(), beside, talk).file));
        QCOMPARE(stampOf(m_scratch / "nothing").modifiedNs, std::int64_t(0));
    }

    void areListed_theNewestFirst()
    {
        QVERIFY(listConversations(folder() / "nowhere").empty());
        QVERIFY(defaultConversationFolder().is_absolute());
        const fs::path place = m_scratch / "listed";
        const SavedConversation first = saveConversation(place, {}, someConversation());
        fs::last_write_time(first.file, fs::last_write_time(first.file) - std::chrono::hours(1));
        Conversation talk = someConversation();
        talk.title = "second";
        const SavedConversation second = saveConversation(place, {}, talk);
        QVERIFY(first.file != second.file);
        test::writeBytes(place / "torn.json", "{\"messages\": [");
        fs::last_write_time(place / "torn.json",
                            fs::last_write_time(first.file) - std::chrono::hours(1));
        const auto entries = listConversations(place);
        QCOMPARE(entries.size(), 3U);
        QCOMPARE(entries[0].title, std::string("second"));
        QCOMPARE(entries[0].turns, 2U);
        QCOMPARE(entries[1].file, first.file);
        QVERIFY(!entries[2].problem.empty());

        renameConversation(first.file, "renamed");
        const Conversation renamed = readConversation(first.file);
        QCOMPARE(renamed.title, std::string("renamed"));
        QCOMPARE(renamed.sides[0].replies[0]->tokens.size(), 2U); // all else stays
    }

    void refuses_whatIsNone_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("what");
        const auto row = [](const char* text, const char* what) {
            QTest::newRow(text) << QString::fromLatin1(text) << QString::fromLatin1(what);
        };
        row("[1, 2]", "messages");
        row("{\"messages\": 3}", "messages");
        row("{\"messages\": [{\"role\": \"user\"}]}", "content");
        row("{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}]}", "turn");
        row("{\"messages\": [], \"sides\": [{}]}", "messages");
        row("{\"messages\": [], \"model\": \"m\\u0000x\"}", "model is 'm\\x00x'");
        row("{\"messages\": [], \"sides\": [{\"messages\": [], \"path\": \"p\\u0000\"}]}",
            "path is 'p\\x00'");
        row("nothing", "JSON");
    }
    void refuses_whatIsNone()
    {
        QFETCH(QString, text);
        QFETCH(QString, what);
        const fs::path file = m_scratch / "bad.json";
        test::writeBytes(file, text.toStdString());
        const auto error = test::errorOf([&] { readConversation(file); });
        QCOMPARE(test::complaint(error, file, what.toStdString()), QString());
    }

    // 100 kB that would be four million replies once each side has one a turn.
    void refuses_sidesTimesTurns()
    {
        const fs::path file = m_scratch / "many.json";
        const QByteArray side = R"({"messages": []},)";
        const QByteArray turn = R"({"role": "user", "content": ""},)";
        const QByteArray turns = turn.repeated(2000).chopped(1);
        test::writeBytes(file,
                         ("{\"messages\": [], \"sides\": [" + side.repeated(2000)
                          + "{\"messages\": [" + turns + "]}]}")
                             .toStdString());
        const auto error = test::errorOf([&] { readConversation(file); });
        QCOMPARE(test::complaint(error, file, "million turns"), QString());
    }

private:
    fs::path folder() const { return m_scratch / "conversations"; }

    test::Scratch m_scratch;
};

QTEST_GUILESS_MAIN(TestConversation)
#include "tst_conversation.moc"
