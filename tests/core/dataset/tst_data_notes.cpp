// SPDX-License-Identifier: GPL-3.0-or-later
// What of a data file is not used or not learned, and is told.
#include "core/dataset/dataset.h"
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QTest>

using namespace pissarro;
using core::PromptTemplate;
using test::json;

namespace {

core::DataFile readText(const test::Scratch& folder, const std::string& text,
                        PromptTemplate promptTemplate = PromptTemplate::Plain,
                        const core::Tokenizer* tokenizer = nullptr)
{
    test::writeBytes(folder / "d.jsonl", text);
    return core::readDataFile(folder / "d.jsonl", promptTemplate, tokenizer);
}

QStringList notesOf(const core::DataFile& file)
{
    QStringList said;
    for (const core::Said& note : file.notes) {
        said.append(QString::fromStdString(note.text()));
    }
    return said;
}

// Rows with more beside the pair, or within the answer.
QString beside(const char* more)
{
    return QString::fromUtf8(R"({"question": "P", "answer": "R", %1})")
        .arg(QString::fromUtf8(more));
}

QString answer(const char* more)
{
    return QString::fromUtf8(
               R"({"messages": [{"role": "user", "content": "P"}, {"role": "assistant", "content": "R", %1}]})")
        .arg(QString::fromUtf8(more));
}

QString field(const char* name)
{
    return QStringLiteral("the field '%1' of 1 row is not used").arg(QString::fromUtf8(name));
}

QString figures(const char* names)
{
    return QStringLiteral("numbers and flags that are not used: ") + QString::fromUtf8(names);
}

} // namespace

class DataNotesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void names_whatItDoesNotUse_data()
    {
        QTest::addColumn<QString>("row");
        QTest::addColumn<QString>("notes");
        const auto row = [](const char* name, const QString& text, const QString& notes) {
            QTest::newRow(name) << text << notes;
        };
        row("several words", beside(R"("hint": "two words")"), field("hint"));
        row("one word", beside(R"("label": "yes")"), field("label"));
        row("no spaces", beside(R"("hint": "提示文字")"), field("hint"));
        row("input", beside(R"("input": "x")"), field("input"));
        row("a list", beside(R"("choices": ["red one here", "blue one"])"), field("choices"));
        row("an object", beside(R"("context": {"title": "a", "text": "b"})"), field("context"));
        row("numbers", beside(R"("score": 3, "ok": true, "rate": "0.5")"),
            figures("'ok', 'rate', 'score'"));
        row("bookkeeping",
            beside(R"("id": "x1", "idx": 4, "task_id": "t", "source": "gpt4", "url": "a.b/c")"),
            QString());
        row("a text under such a name", beside(R"("source": "two words", "url": "网址")"),
            field("source") + QLatin1Char('\n') + field("url"));
        row("nothing", beside(R"("a": "", "b": " ", "c": null, "d": [], "e": {})"), QString());
        row("two system texts", beside(R"("system": "S", "system_prompt": "T")"),
            field("system_prompt"));
        row("one of two system texts", beside(R"("system": "", "system_prompt": "S")"), QString());
        row("what a text has no place for",
            R"({"text": "R", "system": "S", "history": [["a", "b"]]})",
            field("history") + QLatin1Char('\n') + field("system"));
        row("two conversations",
            R"({"conversations": [{"from": "human", "value": "a"}], "messages": [{"role": "user", "content": "P"}, {"role": "assistant", "content": "R"}]})",
            field("conversations"));
        row("two contents", answer(R"("value": "other")"), field("messages: value"));
        row("two roles", answer(R"("from": "human")"), field("messages: from"));
        row("twins that agree", answer(R"("from": "gpt", "value": "R")"), QString());
        row("a thought", answer(R"("reasoning_content": "word")"),
            field("messages: reasoning_content"));
        row("a mark of unknown meaning", answer(R"("mask": true)"), figures("'messages: mask'"));
        row("a key of a part",
            R"({"messages": [{"role": "user", "content": [{"type": "text", "text": "P", "title": "T"}]}, {"role": "assistant", "content": "R"}]})",
            field("messages: content: title"));
        row("both beside an instruction",
            R"({"instruction": "P", "input": "Q", "context": "C", "output": "R"})",
            field("context"));
    }
    void names_whatItDoesNotUse()
    {
        QFETCH(QString, row);
        QFETCH(QString, notes);
        const test::Scratch scratch;
        const auto file = readText(scratch, row.toStdString());
        QCOMPARE(notesOf(file).join(QLatin1Char('\n')), notes);
        QCOMPARE(file.rows.at(0).response, std::string("R"));
    }

    void counts_theFieldsThatItDoesNotUse()
    {
        const test::Scratch scratch;
        const std::string row = R"({"question": "a", "answer": "b", "hint": "c"})"
                                "\n";
        const auto file = readText(scratch, row + row);
        QCOMPARE(file.notes.size(), std::size_t {1});
        QCOMPARE(file.notes.front().text(), std::string("the field 'hint' of 2 rows is not used"));
        json many = {{"question", "a"}, {"answer", "b"}};
        for (int i = 0; i < 40; ++i) {
            many["f" + std::to_string(i)] = "text";
        }
        const auto wide = readText(scratch, many.dump());
        QCOMPARE(wide.notes.size(), std::size_t {33});
        QCOMPARE(wide.notes.back().text(), std::string("8 more fields are not used"));
    }

    void heeds_marksOfWhatIsLearned_data()
    {
        QTest::addColumn<QString>("row");
        QTest::addColumn<bool>("learned");
        const auto row = [](const char* name, const QString& text, bool learned) {
            QTest::newRow(name) << text << learned;
        };
        const auto beside = [](const char* mark) {
            return QString::fromUtf8(
                       R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], %1})")
                .arg(QString::fromUtf8(mark));
        };
        const auto within = [](const char* mark) {
            return QString::fromUtf8(
                       R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", %1}]})")
                .arg(QString::fromUtf8(mark));
        };
        row("weight beside", beside(R"("weight": 0)"), false);
        row("train beside", beside(R"("train": false)"), false);
        row("text of a table", beside(R"("weight": "0", "train": "")"), false);
        row("flag of a table", beside(R"("train": "False")"), false);
        row("to be learned", beside(R"("weight": 1, "train": "True")"), true);
        row("weight", within(R"("weight": 0)"), false);
        row("loss_weight", within(R"("loss_weight": 0)"), false);
        row("loss", within(R"("loss": false)"), false);
        row("loss that is told", within(R"("loss": true)"), true);
        row("a text", R"({"text": "a", "weight": 0})", false);
        row("a labelled text", R"({"text": "a", "label": false})", true); // no mark of KTO's
        row("a preferred answer",
            R"({"prompt": "a", "chosen": "b", "rejected": "c", "train": false})", false);
        row("a pair", R"({"question": "a", "answer": "b", "weight": 0})", false);
    }
    void heeds_marksOfWhatIsLearned()
    {
        QFETCH(QString, row);
        QFETCH(bool, learned);
        const test::Scratch scratch;
        QCOMPARE(readText(scratch, row.toStdString()).rows.at(0).learned, learned);
    }

    // Where the template knows one answer it is the last that is to be learned, and the others are counted.
    void counts_answersThatTheTemplateCannotLearn()
    {
        const test::Scratch scratch;
        const auto read = [&](const char* first, const char* last) {
            const auto file = readText(
                scratch,
                QString::fromUtf8(
                    R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"%1}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"%2}]})")
                    .arg(QString::fromUtf8(first), QString::fromUtf8(last))
                    .toStdString());
            return file;
        };
        const std::string note = "1 answer before the last one of its conversation is not learned: "
                                 "only the template chat, the model's own, learns every answer";
        for (const char* mark : {"", R"(, "weight": 1)"}) {
            const auto both = read(mark, mark);
            QCOMPARE(both.notes.size(), std::size_t {1});
            QCOMPARE(both.notes.front().text(), note);
            QCOMPARE(both.rows.at(0).response, std::string("d"));
        }
        const auto last = read(R"(, "weight": 0)", R"(, "weight": 1)");
        QVERIFY(last.notes.empty() && last.rows.at(0).learned);
        const auto first = read(R"(, "weight": 1)", R"(, "weight": 0)");
        QVERIFY(first.notes.empty() && first.rows.at(0).learned);
        QCOMPARE(first.rows.at(0).prompt, std::string("a"));
        QCOMPARE(first.rows.at(0).response, std::string("b"));
    }

    void tells_ofMessagesThatAreNotLearned()
    {
        const test::Scratch scratch;
        const auto marked = readText(
            scratch,
            R"({"messages": [{"role": "user", "content": "a", "train": true}, {"role": "assistant", "content": "b"}]})");
        QCOMPARE(marked.notes.size(), std::size_t {1});
        QCOMPARE(marked.notes.front().text(),
                 std::string("1 row marks a message of the question as to be learned: it is not, "
                             "answers alone are"));
        const auto open = readText(
            scratch,
            R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]})");
        QCOMPARE(open.notes.size(), std::size_t {1});
        QCOMPARE(open.notes.front().text(),
                 std::string("1 conversation ends with messages that no answer follows: those are "
                             "left out"));
    }

    void tells_whatOfATreeIsNotUsed()
    {
        const test::Scratch scratch;
        const auto file = readText(
            scratch,
            R"({"message_id": "1", "parent_id": null, "role": "prompter", "text": "P", "lang": "en"})"
            "\n"
            R"({"message_id": "2", "parent_id": "1", "role": "assistant", "text": "R", "lang": "en", "rank": 0})"
            "\n"
            R"({"message_id": "3", "parent_id": "2", "role": "prompter", "text": "Q", "lang": "en"})"
            "\n"
            R"({"message_id": "4", "parent_id": "2", "role": "prompter", "text": "X", "deleted": true})");
        QCOMPARE(file.rows.size(), std::size_t {1});
        QCOMPARE(notesOf(file).mid(1),
                 (QStringList {
                     QStringLiteral("1 message of the tree leads to no answer and is left out"),
                     QStringLiteral("1 message of the tree is marked as deleted and is left out"),
                     QStringLiteral("the field 'lang' of 3 rows is not used"), figures("'rank'")}));
    }

    // A thought has three names, of which a template may know another one.
    void names_keysThatTheChatTemplateDoesNotKnow()
    {
        const test::Scratch scratch;
        const auto notes = [&](const char* message) {
            const json config = {
                {"bos_token", "<s>"},
                {"eos_token", "</s>"},
                {"chat_template",
                 std::string("{% for m in messages %}<{{ m.role }}>") + message
                     + "</s>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"}};
            const auto tokenizer = openJson(scratch, test::smallTokenizer(), config);
            return notesOf(readText(scratch, answer(R"("thinking": "word")").toStdString(),
                                    PromptTemplate::Chat, tokenizer.get()));
        };
        QCOMPARE(notes("{{ m.reasoning_content }}{{ m.content }}"), QStringList());
        QCOMPARE(notes("{{ m.content }}"), QStringList {field("messages: thinking")});
    }
};

QTEST_GUILESS_MAIN(DataNotesTest)
#include "tst_data_notes.moc"
