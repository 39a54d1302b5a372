// SPDX-License-Identifier: GPL-3.0-or-later
// The open model asked, and others beside it: what pissarro-cli generate says, token by token, until a person stops it; turns
// asked anew, another token gone on from, and all of it kept.
#include "core/file/atomic_file.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/chat.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <memory>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::runCli;

namespace {

using core::PromptTemplate;

ChatSettings sampled(std::int64_t tokens)
{
    ChatSettings how;
    how.maxNewTokens = tokens;
    how.sampling.temperature = 1.3;
    how.sampling.topP = 0.95;
    how.sampling.seed = 7;
    how.form = PromptTemplate::Plain;
    return how;
}

ChatSettings greedy(std::int64_t tokens)
{
    ChatSettings how;
    how.maxNewTokens = tokens;
    how.sampling.greedy = true;
    how.form = PromptTemplate::Plain;
    return how;
}

constexpr std::int64_t kForEver = 1'000'000; // days of tokens

} // namespace

class TestChat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
        tests::writeTinyModel(model().toStdString());
        tests::writeTinyTokenizer(model().toStdString());
        // No token ends a reply, nor does the context: how long it is depends on who asks.
        QFile config(model() + QStringLiteral("/config.json"));
        QVERIFY(config.open(QIODevice::ReadOnly));
        QByteArray text = config.readAll();
        config.close();
        QVERIFY(text.contains("\"eos_token_id\": 2"));
        text.replace("\"eos_token_id\": 2", "\"eos_token_id\": null");
        QVERIFY(text.contains("\"max_position_embeddings\": 128"));
        text.replace("\"max_position_embeddings\": 128", "\"max_position_embeddings\": 4000000");
        core::writeFileAtomically(config.fileName().toStdString(), text.toStdString());
        m_chat = std::make_unique<Chat>();
    }
    void cleanup()
    {
        m_chat.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void saysWhatTheCommandLineSays_data()
    {
        QTest::addColumn<bool>("isGreedy");
        QTest::addColumn<bool>("chat");
        QTest::newRow("greedy") << true << false;
        QTest::newRow("sampled") << false << false;
        QTest::newRow("in the model's template") << false << true;
    }
    void saysWhatTheCommandLineSays()
    {
        QFETCH(bool, isGreedy);
        QFETCH(bool, chat);
        ChatSettings how = isGreedy ? greedy(20) : sampled(20);
        how.form = chat ? PromptTemplate::Chat : PromptTemplate::Plain;
        const QString adapter = makeAdapter();
        openModel();
        m_chat->addColumn(adapter);
        ask(QStringLiteral("Where"), how);
        QVERIFY(std::holds_alternative<Ready>(m_chat->state()));
        QCOMPARE(m_chat->columns().size(), std::size_t(2));
        QStringList arguments {QStringLiteral("generate"),         model(),
                               QStringLiteral("--prompt"),         QStringLiteral("Where"),
                               QStringLiteral("--max-new-tokens"), QStringLiteral("20")};
        if (isGreedy) {
            arguments << QStringLiteral("--greedy");
        } else {
            arguments << QStringLiteral("--temperature") << QStringLiteral("1.3")
                      << QStringLiteral("--top-p") << QStringLiteral("0.95")
                      << QStringLiteral("--seed") << QStringLiteral("7");
        }
        if (chat) {
            arguments << QStringLiteral("--chat");
        }
        QCOMPARE(reply(0).text + QLatin1Char('\n'), QString::fromUtf8(runCli(arguments).out));
        arguments << QStringLiteral("--adapter") << adapter;
        QCOMPARE(reply(1).text + QLatin1Char('\n'), QString::fromUtf8(runCli(arguments).out));
        QVERIFY(reply(1).text != reply(0).text);
        for (std::size_t column : {0U, 1U}) {
            QVERIFY(std::holds_alternative<Ready>(reply(column).state) && !reply(column).stopped);
            QCOMPARE(reply(column).tokens.size(), std::size_t(20));
            QVERIFY(reply(column).tokensPerSecond > 0.0 && reply(column).firstSeconds > 0.0);
        }
    }

    // The second question is answered when the files are gone.
    void readsTheModelOnce_forTwoQuestions()
    {
        openModel();
        ask(QStringLiteral("Where"), greedy(8));
        const QString first = reply(0).text;
        QVERIFY(!first.isEmpty());
        QVERIFY(QDir(model()).removeRecursively());
        m_chat->askAgain(0, QStringLiteral("Where"), greedy(8));
        wait();
        QCOMPARE(m_chat->failure(), nullptr);
        QCOMPARE(reply(0).text, first);
    }

    void comesInPieces_andStopsWithinAToken()
    {
        openModel();
        m_chat->addColumn(makeAdapter());
        QStringList seen;
        connect(m_chat.get(), &Chat::changed, this, [&] {
            if (m_chat->isRunning() && !reply(1).tokens.empty()) {
                seen << reply(1).text;
            }
        });
        m_chat->ask(QStringLiteral("Where"), sampled(kForEver));
        QTRY_VERIFY_WITH_TIMEOUT(seen.size() > 2, hangMs());
        QVERIFY(seen.last().startsWith(seen.first()) && seen.last() != seen.first());
        m_chat->ask(QStringLiteral("Again"), greedy(1)); // nothing: one is being answered
        QCOMPARE(m_chat->prompts(), QStringList(QStringLiteral("Where")));
        m_chat->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_chat->isRunning(), hangMs());
        QVERIFY(std::holds_alternative<Ready>(m_chat->state()));
        const ChatReply base = reply(0);
        const ChatReply tuned = reply(1);
        QCOMPARE(base.tokens.size(), tuned.tokens.size()); // a step gives a token of each
        QVERIFY(base.stopped && tuned.stopped);
        QVERIFY(tuned.text.startsWith(seen.last()));
        m_chat->askAgain(0, QStringLiteral("Where"),
                         sampled(3)); // what was stopped is in nobody's way
        wait();
        QVERIFY(!reply(0).stopped);
        QVERIFY(base.text.startsWith(reply(0).text));
    }

    // The other model answers all the same.
    void whatFails_isSaidOfItsReply()
    {
        openModel();
        const QString none = m_folder->filePath(QStringLiteral("nowhere"));
        m_chat->addColumn(none);
        ask(QStringLiteral("Where"), greedy(5));
        QVERIFY(m_chat->failure() != nullptr);
        QCOMPARE(m_chat->failure()->what, QStringLiteral("nowhere could not answer"));
        QCOMPARE(m_chat->failure()->file, none);
        QVERIFY2(m_chat->failure()->why.contains(none), qPrintable(m_chat->failure()->why));
        QVERIFY(std::holds_alternative<Failed>(reply(1).state));
        QVERIFY(std::holds_alternative<Ready>(reply(0).state));
        QCOMPARE(reply(0).tokens.size(), std::size_t(5));
    }

    void anAdapterThatIsWrittenAnew_isReadAnew()
    {
        openModel();
        const QString adapter = makeAdapter();
        m_chat->addColumn(adapter);
        ask(QStringLiteral("Where"), greedy(12));
        const QString before = reply(1).text;
        QVERIFY(QDir(adapter).removeRecursively());
        QCOMPARE(makeAdapter(QStringLiteral("9")), adapter);
        m_chat->askAgain(0, QStringLiteral("Where"), greedy(12));
        wait();
        QCOMPARE(m_chat->failure(), nullptr);
        QVERIFY(reply(1).text != before);
    }

    // Columns are added, ordered and taken away between turns; each goes on with its own answers.
    void columns_comeAndGo()
    {
        openModel();
        const QString adapter = makeAdapter();
        ask(QStringLiteral("Where"), greedy(6));
        m_chat->addColumn(adapter);
        m_chat->addColumn(adapter); // it is there
        QCOMPARE(m_chat->columns().size(), std::size_t(2));
        QVERIFY(!m_chat->columns()[1].replies[0].isAsked());
        ChatSettings how = greedy(6);
        how.form = PromptTemplate::Chat;
        ask(QStringLiteral("to"), how);
        QCOMPARE(m_chat->columns()[0].replies.size(), std::size_t(2));
        QVERIFY(!m_chat->columns()[1].replies[0].isAsked() && !reply(1).text.isEmpty());
        // Both were told the first answer there is.
        QVERIFY(reply(0).promptIds == reply(1).promptIds);
        const int base = m_chat->columns()[0].id;
        const QString said = reply(1).text;
        m_chat->moveColumn(base, 1);
        QCOMPARE(reply(0).text, said);
        QCOMPARE(m_chat->columns()[1].id, base);
        m_chat->removeColumn(base);
        QCOMPARE(m_chat->columns().size(), std::size_t(1));
        m_chat->removeColumn(m_chat->columns()[0].id); // the last one stays
        QCOMPARE(m_chat->columns().size(), std::size_t(1));
        for (int i = 0; i < 5; ++i) {
            m_chat->addColumn(m_folder->filePath(QString::number(i)));
        }
        QCOMPARE(m_chat->columns().size(), Chat::kMostColumns);
        QVERIFY(m_chat->columns().back().path.endsWith(QLatin1Char('4')));
    }

    // What comes behind the token that took the place of another is what the model says behind it.
    void goesOn_fromAnotherToken()
    {
        openModel();
        ask(QStringLiteral("Where"), greedy(10));
        const ChatReply before = reply(0);
        const auto other = before.tokens[4].likeliest[1];
        m_chat->goOn({m_chat->columns()[0].id, 0, 4}, 1, greedy(10));
        wait();
        const ChatReply after = reply(0);
        QCOMPARE(after.tokens.size(), std::size_t(other.special ? 5 : 10));
        bool letters = true; // the command line cannot be given a special token as text
        for (std::size_t i = 0; i < 5; ++i) {
            QCOMPARE(after.tokens[i].choice.id, i < 4 ? before.tokens[i].choice.id : other.id);
            letters = letters && !after.tokens[i].choice.text.empty();
        }
        QCOMPARE(after.tokens[4].rank, std::int64_t(2));
        QVERIFY(after.promptIds == before.promptIds);
        if (letters) {
            const QString begun = QStringLiteral("Where") + after.text.left(5); // a letter a token
            const auto rest = runCli({QStringLiteral("generate"), model(),
                                      QStringLiteral("--prompt"), begun, QStringLiteral("--greedy"),
                                      QStringLiteral("--max-new-tokens"), QStringLiteral("5")});
            QCOMPARE(begun + QString::fromUtf8(rest.out),
                     QStringLiteral("Where") + after.text + QLatin1Char('\n'));
        }
        m_chat->goOn({m_chat->columns()[0].id, 0, 99}, 0, greedy(2)); // no such token
        QVERIFY(!m_chat->isRunning());
    }

    void tokens_areWeighed_andTextsMeasured()
    {
        openModel();
        m_chat->addColumn(makeAdapter());
        ask(QStringLiteral("Where"), greedy(6));
        std::vector<std::pair<int, double>> chances;
        connect(m_chat.get(), &Chat::weighed, this,
                [&](const ChatPlace& /*place*/, const std::vector<std::pair<int, double>>& found) {
                    chances = found;
                });
        m_chat->weigh({m_chat->columns()[0].id, 0, 3});
        QTRY_VERIFY_WITH_TIMEOUT(chances.size() == 2, hangMs());
        const double own = std::exp(reply(0).tokens[3].choice.logProbability);
        QCOMPARE(chances[0].first, m_chat->columns()[0].id);
        QVERIFY(std::abs(chances[0].second - own) < 1e-4);
        QVERIFY(std::abs(chances[1].second - own) > 1e-6); // another model

        m_chat->measure(QStringLiteral("WhereDidItGo"));
        QVERIFY(m_chat->isMeasuring());
        QTRY_VERIFY_WITH_TIMEOUT(!m_chat->isMeasuring(), hangMs());
        for (const ChatColumn& column : m_chat->columns()) {
            QVERIFY2(column.measured && column.measured->perplexity,
                     qPrintable(column.notMeasured));
            QVERIFY(*column.measured->perplexity > 1.0);
        }
        QVERIFY(*m_chat->columns()[0].measured->perplexity
                != *m_chat->columns()[1].measured->perplexity);
    }

    // A conversation is a file as soon as something was said; a turn asked anew is another one beside it.
    void conversations_areKept_andOpened()
    {
        openModel();
        m_chat->setSystem(QStringLiteral("Be"));
        ask(QStringLiteral("Where"), greedy(5));
        ask(QStringLiteral("to"), greedy(5));
        const QString first = m_chat->columns()[0].replies[0].text;
        QTRY_COMPARE_WITH_TIMEOUT(kept().size(), std::size_t(1), hangMs());
        QTRY_COMPARE_WITH_TIMEOUT(turnsOf(kept()[0]), std::size_t(2), hangMs());
        const auto file = kept()[0];
        m_chat->askAgain(1, QStringLiteral("now"), greedy(5));
        wait();
        QTRY_COMPARE_WITH_TIMEOUT(kept().size(), std::size_t(2), hangMs());
        QCOMPARE(core::readConversation(file).prompts[1], std::string("to")); // nothing is lost
        m_chat->clear();
        QVERIFY(m_chat->prompts().isEmpty() && m_chat->columns()[0].replies.empty());
        m_chat->setSystem({});
        QSignalSpy changed(m_chat.get(), &Chat::changed);
        m_chat->open(QString::fromStdString(file.string()));
        QTRY_COMPARE_WITH_TIMEOUT(m_chat->prompts().size(), 2, hangMs());
        QCOMPARE(m_chat->system(), QStringLiteral("Be"));
        QCOMPARE(m_chat->columns()[0].replies[0].text, first);
        QCOMPARE(m_chat->columns()[0].replies[0].tokens.size(), std::size_t(5));
        ask(QStringLiteral("on"), greedy(5)); // into the same file
        QTRY_COMPARE_WITH_TIMEOUT(turnsOf(file), std::size_t(3), hangMs());
        QCOMPARE(kept().size(), std::size_t(2));

        QSignalSpy notKept(m_chat.get(), &Chat::notKept);
        m_chat->open(m_folder->filePath(QStringLiteral("nothing.json")));
        QVERIFY(notKept.wait(hangMs()));
        QCOMPARE(m_chat->prompts().size(), 3);
    }

    // The model is told of before what it took away.
    void endsWithItsModel()
    {
        openModel();
        m_chat->addColumn(makeAdapter());
        m_chat->ask(QStringLiteral("Where"), sampled(kForEver));
        QTRY_VERIFY_WITH_TIMEOUT(!reply(0).tokens.empty(), hangMs());
        QSignalSpy changed(m_chat.get(), &Chat::changed);
        m_chat->takeModel({core::ModelFiles::open(model().toStdString())});
        QVERIFY(changed.isEmpty());
        QVERIFY(m_chat->prompts().isEmpty() && !m_chat->isRunning());
        QCOMPARE(m_chat->columns().size(), std::size_t(1));
        m_chat->tellWhatIsGone();
        QVERIFY(!changed.isEmpty());
        ask(QStringLiteral("Where"), greedy(4)); // of the new one
        QCOMPARE(reply(0).tokens.size(), std::size_t(4));
    }

private:
    QString model() const { return m_folder->filePath(QStringLiteral("model")); }
    const ChatReply& reply(std::size_t column) const
    {
        return m_chat->columns()[column].replies.back();
    }

    static std::vector<std::filesystem::path> kept()
    {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : core::listConversations(core::defaultConversationFolder())) {
            files.push_back(entry.file);
        }
        return files;
    }
    static std::size_t turnsOf(const std::filesystem::path& file)
    {
        return core::readConversation(file).prompts.size();
    }

    void openModel()
    {
        m_chat->takeModel({core::ModelFiles::open(model().toStdString())});
        m_chat->tellWhatIsGone();
    }
    void ask(const QString& prompt, const ChatSettings& how)
    {
        m_chat->ask(prompt, how);
        wait();
    }
    void wait()
    {
        QVERIFY(m_chat->isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!m_chat->isRunning(), hangMs());
    }

    // The PiSSA start of the model as if it had been learned: put on the untouched model it is another one.
    QString makeAdapter(const QString& rank = QStringLiteral("4")) const
    {
        const QString pair = m_folder->filePath(QStringLiteral("pair"));
        QDir(pair).removeRecursively();
        const auto made =
            runCli({QStringLiteral("init"), model(), QStringLiteral("--rank"), rank,
                    QStringLiteral("--alpha"), QStringLiteral("8"), QStringLiteral("-o"), pair});
        Q_ASSERT(made.exitCode == 0);
        return pair + QStringLiteral("/pissa_init");
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Chat> m_chat;
};

QTEST_GUILESS_MAIN(TestChat)
#include "tst_chat.moc"
