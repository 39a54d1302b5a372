// SPDX-License-Identifier: GPL-3.0-or-later
// Blind votes: kept as they come, torn and damaged files, the order of the two, and what they come to.
#include "core/evaluate/evaluate.h"
#include "core/evaluate/votes.h"
#include "core/stats/significance.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;

namespace {

Vote vote(std::int64_t question, const std::string& left, const std::string& right,
          VoteWinner winner)
{
    Vote one;
    one.questionId = question;
    one.modelA = left;
    one.modelB = right;
    one.winner = winner;
    one.time = 1.5;
    return one;
}

} // namespace

class TestVotes : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void areKeptAsTheyCome()
    {
        const test::Scratch scratch;
        QVERIFY(readVotes(scratch.path()).empty());
        test::writeBytes(scratch / kEvaluationFile, "{}");
        const std::vector<Vote> first {vote(81, "base", "pissa", VoteWinner::B)};
        appendVotes(scratch.path(), first);
        const std::vector<Vote> more {vote(82, "pissa", "base", VoteWinner::Tie),
                                      vote(81, "pissa", "base", VoteWinner::A)};
        appendVotes(scratch.path(), more);
        const std::vector<Vote> read = readVotes(scratch.path());
        QCOMPARE(read.size(), 3U);
        QCOMPARE(read[0].questionId, 81);
        QCOMPARE(read[0].modelB, std::string("pissa"));
        QVERIFY(read[0].winner == VoteWinner::B && read[1].winner == VoteWinner::Tie);
        QCOMPARE(read[1].turn, 2);
        QCOMPARE(read[2].time, 1.5);
        const auto line = nlohmann::json::parse(voteLine(read[0]));
        QCOMPARE(line["winner"].dump(), std::string("\"model_b\""));
        QCOMPARE(line["judge"].dump(), std::string("\"human\""));
    }

    void aTornLine_isCutOff()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / kEvaluationFile, "{}");
        const std::string whole = voteLine(vote(81, "a", "b", VoteWinner::A));
        test::writeBytes(scratch / kVotesFile, whole + "{\"question_id\":82,\"mod");
        QCOMPARE(readVotes(scratch.path()).size(), 1U);
        const std::vector<Vote> next {vote(83, "a", "b", VoteWinner::B)};
        appendVotes(scratch.path(), next);
        const std::vector<Vote> read = readVotes(scratch.path());
        QCOMPARE(read.size(), 2U);
        QCOMPARE(read[1].questionId, 83);
        QCOMPARE(test::readBytes(scratch / kVotesFile), whole + voteLine(next[0]));
    }

    void whatIsNone_isNamed()
    {
        const test::Scratch scratch;
        const std::vector<Vote> one {vote(81, "a", "b", VoteWinner::A)};
        QVERIFY(errorOf([&] { appendVotes(scratch.path(), one); }).has_value());
        QVERIFY(!test::fs::exists(scratch / kVotesFile));
        test::writeBytes(scratch / kVotesFile,
                         voteLine(one[0])
                             + R"({"question_id":82,"model_a":"a","model_b":"b","winner":"c"})"
                             + "\n");
        const auto error = errorOf([&] { readVotes(scratch.path()); });
        QVERIFY(error.has_value());
        QVERIFY2(std::string(error->what()).find("line 2") != std::string::npos, error->what());
        std::string twice = voteLine(one[0]);
        twice.insert(1, R"("winner": "model_b", )");
        test::writeBytes(scratch / kVotesFile, twice);
        const auto doubled = errorOf([&] { readVotes(scratch.path()); });
        QVERIFY(doubled.has_value());
        QVERIFY2(std::string(doubled->what()).find("'winner' stands twice") != std::string::npos,
                 doubled->what());
    }

    // The last vote on a question counts, whichever model stood left.
    void comeToATally()
    {
        std::vector<Vote> votes {vote(1, "a", "b", VoteWinner::A), vote(2, "b", "a", VoteWinner::A),
                                 vote(3, "b", "a", VoteWinner::B),
                                 vote(4, "a", "b", VoteWinner::Tie),
                                 vote(5, "a", "c", VoteWinner::A)};
        VoteTally tally = tallyOf(votes, "a", "b");
        QCOMPARE(tally.winsOfA, 2);
        QCOMPARE(tally.winsOfB, 1);
        QCOMPARE(tally.ties, 1);
        QCOMPARE(tally.winRate, 2.5 / 4.0);
        QVERIFY(tally.tooFewToTell());
        QVERIFY(tally.interval == wilsonInterval(2, 3));
        QCOMPARE(tally.p, mcnemarP(2, 1));
        votes.push_back(vote(1, "b", "a", VoteWinner::A)); // thought better
        tally = tallyOf(votes, "a", "b");
        QCOMPARE(tally.winsOfA, 1);
        QCOMPARE(tally.winsOfB, 2);
        QVERIFY(voteOn(votes, 1, "a", "b") == &votes.back());
        QVERIFY(voteOn(votes, 1, "b", "a") == &votes.back());
        QVERIFY(voteOn(votes, 5, "a", "b") == nullptr);
        const VoteTally none = tallyOf(votes, "b", "c");
        QCOMPARE(none.voted(), 0);
        QCOMPARE(none.winRate, 0.5);
        for (std::int64_t question = 10; question < 20; ++question) {
            votes.push_back(vote(question, "a", "b", VoteWinner::A));
        }
        QVERIFY(!tallyOf(votes, "a", "b").tooFewToTell());
    }

    void theOrder_isACoin_thatFallsAlike()
    {
        int swapped = 0;
        for (std::int64_t question = 0; question < 400; ++question) {
            const bool isLeft = isSwapped(question, "base", "pissa");
            swapped += isLeft ? 1 : 0;
            QCOMPARE(isSwapped(question, "base", "pissa"), isLeft);
            QCOMPARE(isSwapped(question, "pissa", "base"), !isLeft); // the same one stands left
        }
        QVERIFY2(swapped > 150 && swapped < 250, qPrintable(QString::number(swapped)));
    }
};

QTEST_GUILESS_MAIN(TestVotes)
#include "tst_votes.moc"
