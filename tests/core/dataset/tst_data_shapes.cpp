// SPDX-License-Identifier: GPL-3.0-or-later
// Every published shape of ../shared/data/chat, tables, packed files, and rows that are none. Counts and sums of bytes are
// Python's own (json, csv, str.split): tests/models/data.md says how they were taken.
#include "core/dataset/column_map.h"
#include "core/dataset/data_figures.h"
#include "core/dataset/dataset.h"
#include "core/file/mapped_file.h"
#include "core/file/packed_file.h"
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QTest>

using namespace pissarro;
using core::DataFile;
using core::DataOptions;
using core::PromptTemplate;
using test::complaint;
using test::errorOf;
using test::json;

namespace {

const test::fs::path kChat = PISSARRO_SHARED "/data/chat";

// Reads as training does: bad rows are left out.
DataOptions plainly(const std::string& columns = {})
{
    DataOptions options;
    options.promptTemplate = PromptTemplate::Plain;
    options.columns = core::parseColumnMap(columns);
    options.strict = false;
    return options;
}

// Writes all that a conversation holds, so that its prefixes are those of the whole.
const json kTellsAll = {
    {"bos_token", "<s>"},
    {"eos_token", "</s>"},
    {"chat_template",
     "{% for m in messages %}<{{ m.role }}>{{ m.reasoning_content }}{{ m.content }}"
     "{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}</s>{% endfor %}"
     "{% if tools %}{% endif %}{% if add_generation_prompt %}<assistant>{% endif %}"}};

std::size_t promptBytes(const DataFile& file)
{
    std::size_t bytes = 0;
    for (const core::DataRow& row : file.rows) {
        bytes += row.prompt.size();
    }
    return bytes;
}

std::size_t responseBytes(const DataFile& file)
{
    std::size_t bytes = 0;
    for (const core::DataRow& row : file.rows) {
        bytes += row.response.size();
    }
    return bytes;
}

DataFile readText(const test::Scratch& folder, const char* name, const std::string& text,
                  const DataOptions& options)
{
    test::writeBytes(folder / name, text);
    return core::readDataFile(folder / name, options, nullptr);
}

} // namespace

class DataShapesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_publishedShapes_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("map");
        QTest::addColumn<QString>("columns");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("unlearned");
        const auto row = [](const char* name, const char* columns, int rows, int unlearned = 0,
                            const char* map = "") {
            QTest::newRow(name) << QString::fromUtf8(name) << QString::fromUtf8(map)
                                << QString::fromUtf8(columns) << rows << unlearned;
        };
        row("ag_news.csv", "instruction=description,output=label", 25, 0,
            "instruction=description,output=label");
        row("alpaca_en.json", "instruction, input, output", 14);
        row("alpaca_history_oasst_zh.json", "history, instruction, input, output", 10);
        row("alpaca_history_zh.json", "history, instruction, input, output", 2);
        row("alpaca_identity_placeholders.json", "instruction, input, output", 10);
        row("alpaca_seed_tasks_nested.jsonl", "instruction, input, output", 10);
        row("cola_no_header.tsv", "instruction=4,output=2", 30, 0, "instruction=4,output=2");
        row("dolly.jsonl", "instruction, context, response", 8);
        row("dpo_messages.jsonl", "chosen_messages", 6);
        row("dpo_sharegpt.json", "chosen", 8);
        row("hh_rlhf.jsonl", "chosen", 8);
        row("kto.json", "messages", 8, 4);
        row("messages_loss_weight.jsonl", "messages", 10);
        row("metamathqa.json", "query, response", 2);
        row("mrpc_bom_quotes.tsv", "instruction=#1 String,output=#2 String", 24, 0,
            "instruction=#1 String,output=#2 String");
        row("oasst_tree_flat.json", "messages", 20);
        row("openai_messages.jsonl", "messages", 10);
        row("openorca.jsonl", "question, response", 1);
        row("plain_text.txt", "text", 150);
        row("prompt_completion.jsonl", "prompt, completion", 10);
        row("ranking_outputs_zh.json", "instruction, input, output", 5);
        row("sharegpt_missing_turns.json", "conversations", 1);
        row("sharegpt_single_long.json", "conversations", 1);
        row("sharegpt_vicuna.json", "conversations", 10);
        row("text_c4.jsonl", "text", 6);
        row("text_only.jsonl", "text", 12);
    }
    void reads_publishedShapes()
    {
        QFETCH(QString, name);
        QFETCH(QString, map);
        QFETCH(QString, columns);
        QFETCH(int, rows);
        QFETCH(int, unlearned);
        if (!test::fs::exists(kChat)) {
            QSKIP("the published data are not here (../shared/data)");
        }
        const DataFile file =
            core::readDataFile(kChat / name.toStdString(), plainly(map.toStdString()), nullptr);
        QCOMPARE(file.bad.count, 0);
        QCOMPARE(static_cast<int>(file.rows.size()), rows);
        QCOMPARE(QString::fromStdString(file.columns), columns);
        const auto out = std::count_if(file.rows.begin(), file.rows.end(),
                                       [](const core::DataRow& row) { return !row.learned; });
        QCOMPARE(static_cast<int>(out), unlearned);
    }

    void reads_tablesAsPythonDoes()
    {
        if (!test::fs::exists(kChat)) {
            QSKIP("the published data are not here (../shared/data)");
        }
        const auto read = [](const char* name, const char* map) {
            return core::readDataFile(kChat / name, plainly(map), nullptr);
        };
        const DataFile news = read("ag_news.csv", "instruction=description,output=label");
        QCOMPARE(promptBytes(news), std::size_t {4547});
        QCOMPARE(responseBytes(news), std::size_t {156});
        const DataFile cola = read("cola_no_header.tsv", "instruction=4,output=2");
        QCOMPARE(promptBytes(cola), std::size_t {994});
        QCOMPARE(responseBytes(cola), std::size_t {30});
        // Quotes that open a cell and close it nowhere are part of its text.
        const DataFile mrpc = read("mrpc_bom_quotes.tsv", "instruction=#1 String,output=#2 String");
        QCOMPARE(promptBytes(mrpc), std::size_t {2620});
        QCOMPARE(responseBytes(mrpc), std::size_t {2847});
        QCOMPARE(responseBytes(read("plain_text.txt", "")), std::size_t {9254});
    }

    void reads_toolsUnderAChatTemplate_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("rows");
        QTest::addColumn<QString>("holds");
        QTest::newRow("OpenAI") << "openai_tool_calls.jsonl" << 10 << "<tool>";
        QTest::newRow("ShareGPT") << "sharegpt_tools.json" << 8 << "\"search_recipes\"";
        QTest::newRow("parts") << "messages_reasoning_tools.jsonl" << 6
                               << "<assistant>Okay, the user wants to track";
    }
    void reads_toolsUnderAChatTemplate()
    {
        QFETCH(QString, name);
        QFETCH(int, rows);
        QFETCH(QString, holds);
        if (!test::fs::exists(kChat)) {
            QSKIP("the published data are not here (../shared/data)");
        }
        const test::Scratch scratch;
        const auto tokenizer = openJson(scratch, test::smallTokenizer(), kTellsAll);
        DataOptions options = plainly();
        options.promptTemplate = PromptTemplate::Chat;
        const DataFile file =
            core::readDataFile(kChat / name.toStdString(), options, tokenizer.get());
        QCOMPARE(file.bad.count, 0);
        QCOMPARE(static_cast<int>(file.rows.size()), rows);
        QVERIFY2(file.rows.front().whyNotLearned.empty(), file.rows.front().whyNotLearned.c_str());
        QVERIFY2(file.rows.front().chat->text.find(holds.toStdString()) != std::string::npos,
                 file.rows.front().chat->text.c_str());
        // Other templates have no words for tools: a row that calls one is left out with that reason.
        const auto error = errorOf([&] {
            core::readDataFile(kChat / name.toStdString(),
                               {PromptTemplate::Plain, {}, core::LearnedTurns::All, true, {}},
                               nullptr);
        });
        QVERIFY(error && std::string(error->what()).find("tool") != std::string::npos);
    }

    // A run that goes on renders its rows as it did when it began.
    void tells_templatesTheDateThatItIsTold()
    {
        const test::Scratch scratch;
        json config = kTellsAll;
        config["chat_template"] =
            "{{ strftime_now('%d %b %Y') }}" + config["chat_template"].get<std::string>();
        const auto tokenizer = openJson(scratch, test::smallTokenizer(), config);
        DataOptions options = plainly();
        options.promptTemplate = PromptTemplate::Chat;
        options.now = "2031-02-03T04:05:06";
        test::writeBytes(scratch / "d.jsonl", R"({"question": "a", "answer": "b"})");
        const DataFile file = core::readDataFile(scratch / "d.jsonl", options, tokenizer.get());
        QVERIFY(file.rows.at(0).prompt.starts_with("03 Feb 2031"));
    }

    void refuses_pictures()
    {
        if (!test::fs::exists(kChat)) {
            QSKIP("the published data are not here (../shared/data)");
        }
        const auto parts = errorOf(
            [] { core::readDataFile(kChat / "messages_content_parts.jsonl", plainly(), nullptr); });
        QCOMPARE(complaint(parts, kChat / "messages_content_parts.jsonl", "'image_url'"),
                 QString());
        const auto beside =
            errorOf([] { core::readDataFile(kChat / "messages_images.json", plainly(), nullptr); });
        QCOMPARE(complaint(beside, kChat / "messages_images.json", "images"), QString());
    }

    // An answer that several conversations of a tree share is learned in one of them.
    void learns_eachAnswerOfATreeOnce()
    {
        if (!test::fs::exists(kChat)) {
            QSKIP("the published data are not here (../shared/data)");
        }
        const test::Scratch scratch;
        const auto tokenizer = openJson(scratch, test::smallTokenizer(), kTellsAll);
        DataOptions options = plainly();
        options.promptTemplate = PromptTemplate::Chat;
        const DataFile file =
            core::readDataFile(kChat / "oasst_tree_flat.json", options, tokenizer.get());
        QCOMPARE(file.rows.size(), std::size_t {20});
        std::size_t answers = 0;
        for (const core::DataRow& row : file.rows) {
            QVERIFY2(row.chat.has_value(), row.whyNotLearned.c_str());
            answers += row.chat->answers.size();
        }
        QCOMPARE(answers, std::size_t {35}); // as many as there are
    }

    void tells_whatItChose()
    {
        const test::Scratch scratch;
        const auto noteOf = [&](const std::string& row) {
            const DataFile file = readText(scratch, "d.jsonl", row, plainly());
            return QString::fromStdString(file.notes.empty() ? "" : file.notes.front().text());
        };
        QVERIFY(noteOf(R"({"prompt": "a", "chosen": "b", "rejected": "c"})").contains("preferred"));
        QVERIFY(noteOf(R"({"instruction": "a", "output": ["b", "c"]})").contains("the first"));
        QVERIFY(noteOf(R"({"instruction": "a", "output": "I am {{name}}."})").contains("{{name}}"));
    }

    void reads_preferencePairs_data()
    {
        QTest::addColumn<QString>("row");
        QTest::newRow("texts") << R"({"prompt": "P", "chosen": "R", "rejected": "no"})";
        QTest::newRow("transcript")
            << R"({"chosen": "\n\nHuman: P\n\nAssistant: R", "rejected": "\n\nHuman: P\n\nAssistant: no"})";
        QTest::newRow("messages behind a prompt")
            << R"({"prompt": [{"role": "user", "content": "P"}], "chosen": [{"role": "assistant", "content": "R"}]})";
        QTest::newRow("messages that tell all")
            << R"({"prompt": "P", "chosen": [{"role": "user", "content": "P"}, {"role": "assistant", "content": "R"}]})";
        QTest::newRow("the prompt again")
            << R"({"prompt": [{"role": "user", "content": "P"}], "chosen": [{"role": "user", "content": "P"}, {"role": "assistant", "content": "R"}]})";
        QTest::newRow("ShareGPT")
            << R"({"conversations": [{"from": "human", "value": "P"}], "chosen": {"from": "gpt", "value": "R"}})";
        QTest::newRow("an answer alone")
            << R"({"prompt": "P", "chosen": [{"role": "assistant", "content": "R"}]})";
        QTest::newRow("one message")
            << R"({"prompt": "P", "chosen": {"role": "assistant", "content": "R"}})";
    }
    void reads_preferencePairs()
    {
        QFETCH(QString, row);
        const test::Scratch scratch;
        const DataFile file = readText(scratch, "d.jsonl", row.toStdString(), plainly());
        QCOMPARE(file.rows.size(), std::size_t {1});
        QCOMPARE(file.rows[0].prompt, std::string("P"));
        QCOMPARE(file.rows[0].response, std::string("R"));
        QCOMPARE(file.notes.size(), std::size_t {1}); // that one of a pair is learned
    }

    void reads_whatStandsBesideAPreferredAnswer()
    {
        const test::Scratch scratch;
        const auto read = [&](const char* row) {
            return readText(scratch, "d.jsonl", row, plainly());
        };
        QCOMPARE(read(R"({"instruction": "P", "input": "Q", "chosen": "R", "rejected": "no"})")
                     .rows.at(0)
                     .prompt,
                 std::string("P\nQ"));
        QCOMPARE(
            read(
                R"({"system": "S", "prompt": "P", "chosen": [{"role": "assistant", "content": "R"}]})")
                .rows.at(0)
                .prompt,
            std::string("S\n\nP"));
        const DataFile other = read(
            R"({"prompt": "X", "chosen": [{"role": "user", "content": "P"}, {"role": "assistant", "content": "R"}]})");
        QCOMPARE(other.rows.at(0).prompt, std::string("P"));
        QCOMPARE(other.notes.back().text(), std::string("the field 'prompt' of 1 row is not used"));
    }

    void writes_numbersAsText()
    {
        const test::Scratch scratch;
        const DataFile file = readText(scratch, "d.jsonl",
                                       "{\"question\": 7, \"answer\": 1.50}\n{\"question\": -3, "
                                       "\"answer\": 12345678901234567890}",
                                       plainly());
        QCOMPARE(file.rows[0].prompt, std::string("7"));
        QCOMPARE(file.rows[0].response, std::string("1.5"));
        QCOMPARE(file.rows[1].response, std::string("12345678901234567890"));
    }

    void reads_csv_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("prompt"); // of the first row
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("bad");
        const auto row = [](const char* name, const QByteArray& text, const char* prompt, int rows,
                            int bad = 0) {
            QTest::newRow(name) << text << QString::fromUtf8(prompt) << rows << bad;
        };
        row("plain", "question,answer\na,b\nc,d\n", "a", 2);
        row("no line end", "question,answer\na,b", "a", 1);
        row("CRLF, byte order mark, empty lines", "\xEF\xBB\xBFquestion,answer\r\n\r\na,b\r\n\r\n",
            "a", 1);
        row("old Mac", "question,answer\ra,b\r", "a", 1);
        row("comma, quote and line feeds", "question,answer\n\"a, \"\"b\"\"\r\nc\",d\n",
            "a, \"b\"\r\nc", 1);
        row("quote within", "question,answer\na \"b\" c,d\n", "a \"b\" c", 1);
        row("text behind a quote", "question,answer\n\"a\"b,d\n", "ab", 1);
        row("semicolons", "question;answer\na,b;c\n", "a,b", 1);
        row("index without a name", ",question,answer\n0,a,b\n", "a", 1);
        row("separators at the end", "question,answer\na,b,,\n", "a", 1);
        row("another order", "answer,id,question\nb,1,a\n", "a", 1);
        row("too few cells", "question,answer\na\nc,d\n", "c", 1, 1);
        row("too many cells", "question,answer\na,b,c\nc,d\n", "c", 1, 1);
        row("not UTF-8", "question,answer\n\xFF,b\nc,d\n", "c", 1, 1);
        row("an open quote costs its line", "question,answer\n\"a,b\nc,d\ne,f\n", "c", 2, 1);
    }
    void reads_csv()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, prompt);
        QFETCH(int, rows);
        QFETCH(int, bad);
        const test::Scratch scratch;
        const DataFile file = readText(scratch, "d.csv", text.toStdString(), plainly());
        QCOMPARE(static_cast<int>(file.rows.size()), rows);
        QCOMPARE(static_cast<int>(file.bad.count), bad);
        QCOMPARE(QString::fromStdString(file.rows[0].prompt), prompt);
        QCOMPARE(file.kind.text(), std::string("CSV"));
    }

    void leavesOut_badRows_aloud()
    {
        const test::Scratch scratch;
        const std::string good = R"({"question": "a", "answer": "b"})"
                                 "\n";
        const std::string text = good + "not json\n" + good + R"({"question": "a"})" + "\n" + good;
        const DataFile file = readText(scratch, "d.jsonl", text, plainly());
        QCOMPARE(file.rows.size(), std::size_t {3});
        QCOMPARE(file.bad.count, 2);
        QCOMPARE(file.bad.first[0].line, 2);
        QVERIFY(file.bad.first[0].why.starts_with("line 2 is not JSON"));
        QVERIFY(file.bad.first[1].why.find("no response field") != std::string::npos);
        QVERIFY(file.notes.front().text().starts_with("2 rows left out that cannot be read"));
        DataOptions strict = plainly();
        strict.strict = true;
        const auto error = errorOf([&] { readText(scratch, "d.jsonl", text, strict); });
        QCOMPARE(complaint(error, scratch / "d.jsonl", "line 2 is not JSON"), QString());
        const auto none = errorOf([&] { readText(scratch, "d.jsonl", "no\nno\n", plainly()); });
        QCOMPARE(complaint(none, scratch / "d.jsonl", "line 1 is not JSON"), QString());

        const core::BadRowsFile target {scratch / "bad.jsonl", {}};
        readText(scratch, "d.jsonl", good, plainly());
        QCOMPARE(core::writeBadRows(scratch / "d.jsonl", plainly(), nullptr, target), 0);
        QVERIFY(!test::fs::exists(target.path));
        readText(scratch, "e.jsonl", text, plainly());
        QCOMPARE(core::writeBadRows(scratch / "e.jsonl", plainly(), nullptr, target), 2);
        const std::string written = test::readBytes(target.path);
        QVERIFY(written.find("\"line\":2") != std::string::npos
                && written.find("\"text\":\"not json\"") != std::string::npos);
    }

    void maps_columnsByHand()
    {
        QCOMPARE(core::columnMapText(core::parseColumnMap("output=\"a,\"\"b=\",instruction=q")),
                 std::string("instruction=q,output=\"a,\"\"b=\""));
        QVERIFY(core::parseColumnMap("").empty());
        for (const char* bad : {"question=a", "instruction", "instruction=q",
                                "instruction=,output=a", "instruction=q,output=\"a", "output=a",
                                "instruction=a,instruction=b", "instruction=q,output=\"a\"b"}) {
            const auto error = errorOf([&] { core::parseColumnMap(bad); });
            QVERIFY2(error && error->kind() == core::ErrorKind::InvalidArgument, bad);
        }
        const test::Scratch scratch;
        const DataFile file =
            readText(scratch, "d.jsonl", R"({"topic": "P", "reply": "R", "answer": "other"})",
                     plainly("instruction=topic,output=reply"));
        QCOMPARE(file.rows[0].prompt, std::string("P"));
        QCOMPARE(file.rows[0].response, std::string("R"));
        QCOMPARE(file.notes.size(), std::size_t {1});
        QCOMPARE(file.notes[0].text(), std::string("the field 'answer' of 1 row is not used"));
        const auto isNull = errorOf([&] {
            readText(scratch, "d.jsonl", R"({"topic": "P", "reply": null})",
                     plainly("instruction=topic,output=reply"));
        });
        QCOMPARE(complaint(isNull, scratch / "d.jsonl", "null in the column 'reply' for output"),
                 QString());
        const auto error = errorOf([&] {
            readText(scratch, "d.jsonl", R"({"topic": "P"})",
                     plainly("instruction=topic,output=reply"));
        });
        QCOMPARE(complaint(error, scratch / "d.jsonl", "no column 'reply' for output"), QString());
    }

    // The bytes are those of gzip 1.12 and zstd 1.5 for the same two rows.
    void reads_packedFiles()
    {
        const test::Scratch scratch;
        const QByteArray gzip = QByteArray::fromBase64(kGzip);
        const QByteArray zstd = QByteArray::fromBase64(kZstd);
        for (const auto& [name, bytes] :
             {std::pair {"d.jsonl.gz", gzip}, std::pair {"d.csv.zst", zstd}}) {
            const DataFile file = readText(scratch, name, bytes.toStdString(), plainly());
            QCOMPARE(file.rows.size(), std::size_t {2});
            QCOMPARE(file.rows[1].response, std::string("d"));
            // Two members, or frames, one behind the other are one file.
            test::writeBytes(scratch / "twice", bytes.toStdString() + bytes.toStdString());
            const auto whole = core::openUnpacked(scratch / "twice");
            const auto once = core::openUnpacked(scratch / name);
            QCOMPARE(whole.file->bytes().size(), 2 * once.file->bytes().size());
            const auto some = core::openUnpacked(scratch / name, {}, 5);
            QVERIFY(!some.isWhole && some.file->bytes().size() == 5);
            const auto torn = errorOf([&] {
                readText(scratch, name, bytes.left(bytes.size() - 6).toStdString(), plainly());
            });
            QCOMPARE(complaint(torn, scratch / name, "torn"), QString());
        }
    }

    void shows_theFirstRows()
    {
        const test::Scratch scratch;
        std::string text;
        for (int i = 0; i < 300; ++i) {
            text += "{\"question\": \"a\", \"n\": 4}\n{\"answer\": [1], \"n\": null}\n";
        }
        test::writeBytes(scratch / "d.jsonl", text);
        const core::DataHead head = core::dataHead(scratch / "d.jsonl", 3);
        QCOMPARE(head.columns, (std::vector<std::string> {"question", "n", "answer"}));
        QCOMPARE(head.rows.size(), std::size_t {3});
        QVERIFY(!head.isAll);
        QCOMPARE(head.rows[1].values, (std::vector<std::string> {"", "", "[1]"}));
        test::writeBytes(scratch / "e.jsonl", "no\n{\"a\": \"b\"}");
        const core::DataHead few = core::dataHead(scratch / "e.jsonl");
        QVERIFY(few.isAll && few.rows.size() == 2);
        QVERIFY(!few.rows[0].problem.empty() && few.rows[1].problem.empty());
    }

private:
    static constexpr const char* kGzip =
        "H4sIAAAAAAACA6tWKixNLS7JzM9TslJQSlTSARJ5xeWpRSBuklItVzWKgmRUBSlABQBo2MtDQgAAAA==";
    static constexpr const char* kZstd = "KLUv/SAYwQAAcXVlc3Rpb24sYW5zd2VyCmEsYgpjLGQK";
};

QTEST_GUILESS_MAIN(DataShapesTest)
#include "tst_data_shapes.moc"
