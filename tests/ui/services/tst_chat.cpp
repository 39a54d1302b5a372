// SPDX-License-Identifier: GPL-3.0-or-later
// The open model asked, and an adapter beside it: what pissarro-cli generate says, token by token, until a person stops it.
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

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::runCli;

namespace {

core::GenerateOptions sampled(std::int64_t tokens)
{
    core::GenerateOptions how;
    how.maxNewTokens = tokens;
    how.temperature = 1.3;
    how.topP = 0.95;
    how.seed = 7;
    return how;
}

core::GenerateOptions greedy(std::int64_t tokens)
{
    core::GenerateOptions how;
    how.maxNewTokens = tokens;
    how.greedy = true;
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
        tests::writeTinyModel(model().toStdString());
        tests::writeTinyTokenizer(model().toStdString());
        // No token ends a reply: how long it is depends on who asks.
        QFile config(model() + QStringLiteral("/config.json"));
        QVERIFY(config.open(QIODevice::ReadOnly));
        QByteArray text = config.readAll();
        config.close();
        QVERIFY(text.contains("\"eos_token_id\": 2"));
        text.replace("\"eos_token_id\": 2", "\"eos_token_id\": null");
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
        core::GenerateOptions how = isGreedy ? greedy(20) : sampled(20);
        how.chat = chat;
        const QString adapter = makeAdapter();
        openModel();
        m_chat->setTuned(adapter);
        ask(QStringLiteral("Where"), how);
        QVERIFY(std::holds_alternative<Ready>(m_chat->state()));
        QCOMPARE(m_chat->replies().size(), std::size_t(2));
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
        const ChatReply& base = m_chat->replies()[0];
        QCOMPARE(base.text + QLatin1Char('\n'), QString::fromUtf8(runCli(arguments).out));
        arguments << QStringLiteral("--adapter") << adapter;
        const ChatReply& tuned = m_chat->replies()[1];
        QCOMPARE(tuned.text + QLatin1Char('\n'), QString::fromUtf8(runCli(arguments).out));
        QVERIFY(tuned.text != base.text);
        for (const ChatReply& reply : m_chat->replies()) {
            QVERIFY(std::holds_alternative<Ready>(reply.state) && !reply.stopped);
            QCOMPARE(reply.tokens, std::int64_t(20));
            QVERIFY(reply.tokensPerSecond > 0.0);
        }
    }

    // The second question is answered when the files are gone.
    void readsTheModelOnce_forTwoQuestions()
    {
        openModel();
        ask(QStringLiteral("Where"), greedy(8));
        const QString first = m_chat->replies().front().text;
        QVERIFY(!first.isEmpty());
        QVERIFY(QDir(model()).removeRecursively());
        ask(QStringLiteral("Where"), greedy(8));
        QCOMPARE(m_chat->failure(), nullptr);
        QCOMPARE(m_chat->replies().front().text, first);
    }

    void comesInPieces_andStopsWithinAToken()
    {
        openModel();
        m_chat->setTuned(makeAdapter());
        QStringList seen;
        connect(m_chat.get(), &Chat::changed, this, [&] {
            if (m_chat->isRunning() && m_chat->replies()[1].tokens > 0) {
                seen << m_chat->replies()[1].text;
            }
        });
        m_chat->ask(QStringLiteral("Where"), sampled(kForEver));
        QTRY_VERIFY_WITH_TIMEOUT(seen.size() > 2, hangMs());
        QVERIFY(seen.last().startsWith(seen.first()) && seen.last() != seen.first());
        m_chat->ask(QStringLiteral("Again"), greedy(1)); // nothing: one is being answered
        QCOMPARE(m_chat->prompt(), QStringLiteral("Where"));
        m_chat->stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_chat->isRunning(), hangMs());
        QVERIFY(std::holds_alternative<Ready>(m_chat->state()));
        const std::vector<ChatReply> replies = m_chat->replies();
        // They take turns: one has a token more where it was in the middle of a turn.
        QVERIFY(replies[0].tokens - replies[1].tokens <= 1);
        QVERIFY(replies[0].tokens >= replies[1].tokens && replies[0].tokens < kForEver);
        for (const ChatReply& reply : replies) {
            QVERIFY(reply.stopped && std::holds_alternative<Ready>(reply.state));
        }
        QVERIFY(replies[1].text.startsWith(seen.last()));
        ask(QStringLiteral("Where"), sampled(3)); // what was stopped is in nobody's way
        QVERIFY(!m_chat->replies()[0].stopped);
        QVERIFY(replies[0].text.startsWith(m_chat->replies()[0].text));
    }

    // The other model answers all the same.
    void whatFails_isSaidOfItsReply()
    {
        openModel();
        const QString none = m_folder->filePath(QStringLiteral("nowhere"));
        m_chat->setTuned(none);
        ask(QStringLiteral("Where"), greedy(5));
        QVERIFY(m_chat->failure() != nullptr);
        QCOMPARE(m_chat->failure()->what, QStringLiteral("nowhere could not answer"));
        QCOMPARE(m_chat->failure()->file, none);
        QVERIFY2(m_chat->failure()->why.contains(none), qPrintable(m_chat->failure()->why));
        QVERIFY(std::holds_alternative<Failed>(m_chat->replies()[1].state));
        QVERIFY(std::holds_alternative<Ready>(m_chat->replies()[0].state));
        QCOMPARE(m_chat->replies()[0].tokens, std::int64_t(5));
    }

    void anAdapterThatIsWrittenAnew_isReadAnew()
    {
        openModel();
        const QString adapter = makeAdapter();
        m_chat->setTuned(adapter);
        ask(QStringLiteral("Where"), greedy(12));
        const QString before = m_chat->replies()[1].text;
        QVERIFY(QDir(adapter).removeRecursively());
        QCOMPARE(makeAdapter(QStringLiteral("9")), adapter);
        ask(QStringLiteral("Where"), greedy(12));
        QCOMPARE(m_chat->failure(), nullptr);
        QVERIFY(m_chat->replies()[1].text != before);
    }

    // The model is told of before what it took away.
    void endsWithItsModel()
    {
        openModel();
        m_chat->setTuned(makeAdapter());
        m_chat->ask(QStringLiteral("Where"), sampled(kForEver));
        QTRY_VERIFY_WITH_TIMEOUT(m_chat->replies()[0].tokens > 0, hangMs());
        QSignalSpy changed(m_chat.get(), &Chat::changed);
        m_chat->takeModel({core::ModelFiles::open(model().toStdString())});
        QVERIFY(changed.isEmpty());
        QVERIFY(m_chat->replies().empty() && m_chat->tuned().isEmpty() && !m_chat->isRunning());
        m_chat->tellWhatIsGone();
        QCOMPARE(changed.count(), 1);
        ask(QStringLiteral("Where"), greedy(4)); // of the new one
        QCOMPARE(m_chat->replies().size(), std::size_t(1));
        QCOMPARE(m_chat->replies()[0].tokens, std::int64_t(4));
    }

private:
    QString model() const { return m_folder->filePath(QStringLiteral("model")); }

    void openModel()
    {
        m_chat->takeModel({core::ModelFiles::open(model().toStdString())});
        m_chat->tellWhatIsGone();
    }
    void ask(const QString& prompt, const core::GenerateOptions& how)
    {
        m_chat->ask(prompt, how);
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
