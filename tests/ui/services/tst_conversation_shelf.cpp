// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations that were kept, listed, renamed, thrown away and put back; questions of a task's file.
#include "core/infer/conversation.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/conversation_keeper.h"
#include "ui/services/conversation_shelf.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

core::Conversation conversation(const std::string& title)
{
    core::Conversation talk;
    talk.title = title;
    talk.prompts = {"a"};
    talk.sides = {{"", "Base", {core::ConversationReply {"b"}}}};
    return talk;
}

} // namespace

class TestConversationShelf : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->path()));
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void listsRenamesAndThrowsAway()
    {
        core::saveConversation(core::defaultConversationFolder(), {}, conversation("first"));
        core::saveConversation(core::defaultConversationFolder(), {}, conversation("second"));
        ConversationShelf shelf;
        shelf.refresh();
        QTRY_COMPARE_WITH_TIMEOUT(shelf.entries().size(), std::size_t(2), hangMs());
        const QString file = QString::fromStdString(shelf.entries()[0].file.string());
        shelf.rename(file, QStringLiteral("other"));
        QTRY_VERIFY_WITH_TIMEOUT(!shelf.isRunning(), hangMs());
        QVERIFY(shelf.failure() == nullptr);
        QCOMPARE(core::readConversation(file.toStdString()).title, std::string("other"));
        shelf.discard(file);
        QTRY_VERIFY_WITH_TIMEOUT(!shelf.isRunning(), hangMs());
        if (shelf.failure() != nullptr) { // a disk without a trash of ours: it stays, and is told
            QVERIFY(QFile::exists(file));
            return;
        }
        QVERIFY(!QFile::exists(file) && shelf.canRestore());
        QCOMPARE(shelf.entries().size(), std::size_t(1));
        shelf.restore();
        QTRY_VERIFY_WITH_TIMEOUT(!shelf.isRunning(), hangMs());
        QVERIFY(QFile::exists(file) && !shelf.canRestore());
        QCOMPARE(shelf.entries().size(), std::size_t(2));
        shelf.rename(m_folder->filePath(QStringLiteral("none.json")), QStringLiteral("x"));
        QTRY_VERIFY_WITH_TIMEOUT(shelf.failure() != nullptr, hangMs());
    }

    // Written one after the other, the newest state of each; also what waits when the program ends.
    void keeps_whatGrows()
    {
        {
            ConversationKeeper keeper;
            QSignalSpy kept(&keeper, &ConversationKeeper::kept);
            keeper.begin();
            for (int i = 0; i < 20; ++i) {
                keeper.keep(conversation("state " + std::to_string(i)));
            }
            QTRY_VERIFY_WITH_TIMEOUT(!kept.isEmpty() && !keeper.isBusy(), hangMs());
            const auto entries = core::listConversations(core::defaultConversationFolder());
            QCOMPARE(entries.size(), std::size_t(1));
            QCOMPARE(entries[0].title, std::string("state 19"));
            keeper.begin();
            keeper.keep(conversation("another"));
            keeper.begin();
            keeper.keep(conversation("and one"));
        }
        QCOMPARE(core::listConversations(core::defaultConversationFolder()).size(), std::size_t(3));
    }

    void readsQuestions_ofATask()
    {
        const QString file = m_folder->filePath(QStringLiteral("test.jsonl"));
        test::writeBytes(file.toStdString(),
                         "{\"question\": \"How many?\", \"answer\": \"two\\n#### 2\"}\n");
        TestQuestions questions;
        questions.read(file);
        QTRY_VERIFY_WITH_TIMEOUT(!questions.isRunning(), hangMs());
        QVERIFY2(questions.failure() == nullptr,
                 qPrintable(questions.failure() ? questions.failure()->why : QString()));
        QCOMPARE(questions.questions().size(), std::size_t(1));
        QCOMPARE(questions.questions()[0].prompt, std::string("How many?"));
        questions.read(m_folder->filePath(QStringLiteral("none.jsonl")));
        QTRY_VERIFY_WITH_TIMEOUT(questions.failure() != nullptr, hangMs());
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestConversationShelf)
#include "tst_conversation_shelf.moc"
