// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/dataset.h"
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QTest>

#include <set>

using namespace pissarro;
using core::PromptTemplate;
using core::readDataFile;
using test::complaint;
using test::errorOf;
using test::json;

namespace {

core::DataFile readText(const test::Scratch& folder, const std::string& text,
                        PromptTemplate promptTemplate = PromptTemplate::Plain,
                        const char* name = "d.jsonl")
{
    test::writeBytes(folder / name, text);
    return readDataFile(folder / name, promptTemplate, nullptr);
}

core::DataRow rowOf(const std::string& prompt, const std::string& response)
{
    core::DataRow row;
    row.prompt = prompt;
    row.response = response;
    return row;
}

std::shared_ptr<const core::Tokenizer> letters(const test::Scratch& folder)
{
    return openJson(folder, test::smallTokenizer(), {{"bos_token", "<s>"}, {"eos_token", "</s>"}});
}

} // namespace

class DatasetTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recognises_columns_data()
    {
        QTest::addColumn<QString>("row");
        QTest::addColumn<QString>("columns");
        QTest::addColumn<QString>("prompt");
        const auto row = [](const char* name, const char* text, const char* columns,
                            const char* prompt) {
            QTest::newRow(name) << text << columns << prompt;
        };
        row("instruction", R"({"instruction": "P", "output": "R"})", "instruction, output", "P");
        row("input", R"({"instruction": "P", "input": "Q", "output": "R"})",
            "instruction, input, output", "P\nQ");
        row("empty input", R"({"instruction": "P", "input": "", "output": "R"})",
            "instruction, input, output", "P");
        row("question", R"({"question": "P", "answer": "R", "id": 7})", "question, answer", "P");
        row("query", R"({"type": "x", "query": "P", "response": "R"})", "query, response", "P");
        row("prompt", R"({"prompt": "P", "completion": "R"})", "prompt, completion", "P");
        row("messages",
            R"({"messages": [{"role": "user", "content": "P"}, {"role": "assistant", "content": "R"}]})",
            "messages", "P");
        row("longer talk",
            R"({"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "P"}, {"role": "assistant", "content": "Q"}, {"role": "user", "content": "V"}, {"role": "assistant", "content": "R"}, {"role": "user", "content": "bye"}]})",
            "messages", "S\n\nUser: P\nAssistant: Q\nUser: V");
        row("ShareGPT",
            R"({"conversations": [{"from": "human", "value": "P"}, {"from": "gpt", "value": "R"}]})",
            "conversations", "P");
        row("roles in ShareGPT",
            R"({"conversations": [{"role": "user", "content": "P"}, {"from": "gpt", "value": "R"}]})",
            "conversations", "P");
        row("system beside", R"({"system": "S", "question": "P", "answer": "R"})",
            "system, question, answer", "S\n\nP");
        row("system beside a talk",
            R"({"system": "S", "conversations": [{"from": "human", "value": "P"}, {"from": "gpt", "value": "R"}]})",
            "system, conversations", "S\n\nP");
        row("history",
            R"({"history": [["A", "B"]], "instruction": "P", "input": "Q", "output": "R"})",
            "history, instruction, input, output", "User: A\nAssistant: B\nUser: P\nQ");
        row("prompt of messages",
            R"({"prompt": [{"role": "user", "content": "P"}], "completion": [{"role": "assistant", "content": "R"}]})",
            "prompt, completion", "P");
        row("text parts",
            R"({"messages": [{"role": "developer", "content": "S"}, {"role": "user", "content": [{"type": "text", "text": "P"}]}, {"role": "assistant", "content": "R"}]})",
            "messages", "S\n\nP");
        row("an object over several lines", "{\n \"question\": \"P\",\n \"answer\": \"R\"\n}\n",
            "question, answer", "P");
        row("context", R"({"instruction": "P", "context": "Q", "response": "R", "category": "x"})",
            "instruction, context, response", "P\nQ");
        row("text", R"({"text": "R"})", "text", "");
        row("object around", R"({"data": [{"question": "P", "answer": "R"}]})", "question, answer",
            "P");
    }
    void recognises_columns()
    {
        QFETCH(QString, row);
        QFETCH(QString, columns);
        QFETCH(QString, prompt);
        const test::Scratch scratch;
        const core::DataFile file = readText(scratch, row.toStdString());
        QCOMPARE(file.columns, columns.toStdString());
        QCOMPARE(file.rows.size(), 1U);
        QCOMPARE(file.rows[0].prompt, prompt.toStdString());
        QCOMPARE(file.rows[0].response, std::string("R"));
    }

    void reads_linesAndArrays()
    {
        const test::Scratch scratch;
        const auto linesOf = [](const core::DataFile& file) {
            std::vector<std::int64_t> lines;
            for (const core::DataRow& row : file.rows) {
                lines.push_back(row.line);
            }
            return lines;
        };
        const std::string row = "{\"question\": \"a [b] \\\"}, {\", \"answer\": \"c\"}";
        QCOMPARE(linesOf(readText(scratch, "\xEF\xBB\xBF" + row + "\r\n\n" + row)),
                 (std::vector<std::int64_t> {1, 3}));
        const core::DataFile array = readText(scratch, "\n[" + row + ",\n  " + row + "\n]\n",
                                              PromptTemplate::Plain, "d.json");
        QCOMPARE(linesOf(array), (std::vector<std::int64_t> {2, 3}));
        QCOMPARE(array.rows[1].prompt, std::string("a [b] \"}, {"));
    }

    void writes_theAlpacaPromptToTheLetter()
    {
        const test::Scratch scratch;
        const auto file =
            readText(scratch, R"({"instruction": "Add.", "input": "1 2", "output": "3"})",
                     PromptTemplate::Alpaca);
        QCOMPARE(file.rows[0].prompt,
                 std::string("Below is an instruction that describes a task. Write a response that "
                             "appropriately completes the request."
                             "\n\n### Instruction:\nAdd.\n1 2\n\n### Response:"));
    }

    void refuses_badRows_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("says");
        const QByteArray good = R"({"question": "a", "answer": "b"})"
                                "\n";
        const auto row = [](const char* name, const QByteArray& text, const char* says) {
            QTest::newRow(name) << text << says;
        };
        row("empty", "", "no rows");
        row("blank lines", "\n \n", "no rows");
        row("empty array", "[]", "no rows");
        row("not JSON", good + "question: a\n" + good, "line 2 is not JSON");
        row("torn last line", good + good + "{\"question\": \"a\", \"ans", "line 3 is not JSON");
        row("torn array", "[" + good + "," + good, "not closed");
        row("array with text behind", "[" + good + "] x", "behind the array");
        row("array without commas", "[" + good + good + "]", "not JSON");
        row("not UTF-8", good + "{\"question\": \"\xFF\", \"answer\": \"b\"}\n",
            "line 2 is not valid UTF-8");
        row("a number", "17\n", "line 1 is a number");
        row("no response", R"({"question": "a", "reply": "b"})", "no response field \"answer\"");
        row("fields found", R"({"question": "a", "reply": "b"})", "'reply'");
        row("null response", R"({"question": "a", "answer": null})", "\"answer\" is null");
        row("null of another name", R"({"instruction": "a", "response": null})",
            "\"response\" is null");
        row("null question", R"({"question": null, "answer": "b"})", "\"question\" is null");
        row("null messages", R"({"messages": null})", "\"messages\" is null");
        row("null beside", R"({"question": "a", "reply": null})", "'reply' (null)");
        row("unknown columns", R"({"word": "a"})", "no known columns");
        row("no columns", "{}", "no field");
        row("answer is a flag", R"({"question": "a", "answer": true})",
            "\"answer\" is true or false");
        row("messages are text", R"({"messages": "a"})", "messages");
        row("no answer", R"({"messages": [{"role": "user", "content": "a"}]})", "no answer");
        row("unknown role", R"({"messages": [{"role": "critic", "content": "a"}]})", "'critic'");
        row("message without text", R"({"messages": [{"role": "user"}]})", "content");
        row("an image", R"({"messages": [{"role": "user", "content": [{"type": "image"}]}]})",
            "'image'");
        row("a tool call",
            R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null, "tool_calls": [{}]}]})",
            "tool_calls");
        row("null content",
            R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null}]})",
            "null");
        row("tools", R"({"question": "a", "answer": "b", "tools": [{}]})", "tools");
        row("odd weight",
            R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0.5}]})",
            "weight '0.5'");
        row("two system texts",
            R"({"system": "a", "messages": [{"role": "system", "content": "b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]})",
            "system");
        row("object over lines", "{\n\"question\": \"a\"\n", "several lines");
        row("more beside the rows", R"({"data": [{"question": "a", "answer": "b"}], "x": 1})",
            "behind the rows");
        row("nested deep", QByteArray(200'000, '['), "line 1");
        row("100 MB line", good + "{\"question\": \"" + QByteArray(100'000'000, 'x'),
            "line 2 has 100000014 bytes");
    }
    void refuses_badRows()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, says);
        const test::Scratch scratch;
        const auto error = errorOf([&] { readText(scratch, text.toStdString()); });
        QCOMPARE(complaint(error, scratch / "d.jsonl", says.toStdString()), QString());
    }

    void makes_theExamplesOfTheReferenceRecipe()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        const core::Example whole = core::makeExample(rowOf("ab", "cab"), 4, *tokenizer, 10);
        // Prompt and response go through the tokenizer together: the mask is by the prompt's own
        // number of tokens.
        QCOMPARE(whole.ids, (test::Ids {4, 3, 6}));
        QCOMPARE(whole.row, 4);
        QCOMPARE(whole.promptTokens, 1);
        QCOMPARE(whole.lossTokens(), 2);
        QVERIFY(!whole.truncated);
        const core::Example cut = core::makeExample(rowOf("a", "bbb"), 0, *tokenizer, 3);
        QCOMPARE(cut.ids, (test::Ids {3, 1, 1}));
        QVERIFY(cut.truncated);
        const core::Example none = core::makeExample(rowOf("aaaa", "b"), 0, *tokenizer, 3);
        QCOMPARE(none.lossTokens(), 0);
    }

    // One row may be megabytes: a stop does not wait for its tokens.
    void aLongRow_isGivenUp()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        std::stop_source stop;
        stop.request_stop();
        const core::JobContext stopped(stop.get_token());
        const core::DataRow row = rowOf("ab", "cab");
        QVERIFY_THROWS_EXCEPTION(core::Cancelled,
                                 core::makeExample(row, 0, *tokenizer, 10, stopped));
        core::DataRow chat;
        chat.chat = core::LearnedText {"abcab", {{2, 5}}};
        QVERIFY_THROWS_EXCEPTION(core::Cancelled,
                                 core::makeExample(chat, 0, *tokenizer, 10, stopped));
    }

    void puts_oneBeginningBeforeATemplateThatHasIt()
    {
        const test::Scratch scratch;
        json adds = test::smallTokenizer();
        adds["post_processor"] = {
            {"type", "RobertaProcessing"}, {"cls", {"<s>", 5}}, {"sep", {"</s>", 6}}};
        const auto tokenizer =
            openJson(scratch, adds, {{"bos_token", "<s>"}, {"eos_token", "</s>"}});
        // The end that the tokenizer puts behind every text neither ends the prompt nor is doubled.
        const core::Example one = core::makeExample(rowOf("a", "b"), 0, *tokenizer, 9);
        QCOMPARE(one.ids, (test::Ids {5, 3, 6}));
        QCOMPARE(one.promptTokens, 2);
        QCOMPARE(core::makeExample(rowOf("<s>a", "b"), 0, *tokenizer, 9).ids,
                 (test::Ids {5, 3, 6}));
    }

    void refuses_formatsByTheirNames()
    {
        const test::Scratch scratch;
        const auto error = errorOf(
            [&] { readText(scratch, "question,answer\na,b\n", PromptTemplate::Plain, "d.xlsx"); });
        QCOMPARE(complaint(error, scratch / "d.xlsx", "xlsx"), QString());
    }

    void leavesOut_whatIsNotToBeLearned()
    {
        const test::Scratch scratch;
        const std::string text =
            R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0}]})"
            "\n"
            R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "train": true}]})"
            "\n"
            R"({"messages": [{"role": "user", "content": "aaaaaaaaa"}, {"role": "assistant", "content": "b"}]})";
        const auto tokenizer = letters(scratch);
        const auto data = core::tokenizeData(readText(scratch, text), *tokenizer, 8, {});
        QCOMPARE(data.summary.usable, 1);
        QCOMPARE(data.summary.unlearned, 1);
        QCOMPARE(data.summary.tooLong, 1);
        QCOMPARE(data.notes.size(), std::size_t {2}); // nothing goes without a word
        QCOMPARE(data.notes[0].text(),
                 std::string("1 of 3 rows left out: the prompt alone fills the maximum length of 8 "
                             "tokens"));
    }

    // Ids and mask are the chat template's: its end marks are learned, and other answers where messages say so.
    void learns_answersOfTheChatTemplate()
    {
        const test::Scratch scratch;
        json tokenizer = test::smallTokenizer();
        tokenizer["post_processor"] = {
            {"type", "RobertaProcessing"}, {"cls", {"<s>", 5}}, {"sep", {"</s>", 6}}};
        const json config = {
            {"bos_token", "<s>"},
            {"eos_token", "</s>"},
            {"chat_template",
             "{{ bos_token }}{% for m in messages %}{{ 'a' if m.role == 'user' else 'b' }}"
             "{{ m.content | trim }}{{ eos_token }}{% endfor %}"
             "{% if add_generation_prompt %}b{% endif %}"}};
        const auto opened = openJson(scratch, tokenizer, config);
        const std::string text =
            R"({"messages": [{"role": "user", "content": "c"}, {"role": "assistant", "content": " c "}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "a", "weight": WEIGHT}]})";
        const auto example = [&](const char* weight) {
            std::string row = text;
            row.replace(row.find("WEIGHT"), 6, weight);
            test::writeBytes(scratch / "d.jsonl", row);
            const auto file = readDataFile(scratch / "d.jsonl", PromptTemplate::Chat, opened.get());
            return core::makeExample(file.rows.at(0), 0, *opened, 64);
        };
        const core::Example both = example("1"); // one <s>: a tokenizer's own would be another
        QCOMPARE(both.ids, (test::Ids {5, 0, 2, 6, 1, 2, 6, 0, 2, 6, 1, 0, 6}));
        const auto learned = [](const core::Example& of) {
            std::string out;
            for (std::size_t i = 0; i < of.ids.size(); ++i) {
                out += of.isLearned(i) ? '1' : '0';
            }
            return out;
        };
        QCOMPARE(learned(both), std::string("0000011000011"));
        QCOMPARE(both.lossTokens(), 4);
        QCOMPARE(learned(example("0")), std::string("0000011000000"));
        QCOMPARE(learned(example("null")), std::string("0000011000011")); // nothing says which: all
        core::DataOptions options;
        options.promptTemplate = PromptTemplate::Chat;
        options.learned = core::LearnedTurns::Last;
        const auto last = readDataFile(scratch / "d.jsonl", options, opened.get());
        QCOMPARE(learned(core::makeExample(last.rows.at(0), 0, *opened, 64)),
                 std::string("0000000000011"));
    }

    void counts_whatItTokenizes()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        const std::string long5 = R"({"question": "aaaaa", "answer": "b"})";
        const std::string text = R"({"question": "c", "answer": "b"})"
                                 "\n"
            + long5 + "\n" + R"({"question": "c", "answer": "bbbb"})";
        const core::DataFile file = readText(scratch, text);
        const core::TokenizedData data = core::tokenizeData(file, *tokenizer, 4, {});
        QCOMPARE(data.summary.rows, 3);
        QCOMPARE(data.summary.usable, 2);
        QCOMPARE(data.summary.truncated, 2);
        QCOMPARE(data.summary.tokens, 7);
        QCOMPARE(data.summary.lossTokens, 5);
        QCOMPARE(data.summary.longest, 4);
        QCOMPARE(data.summary.lengths, (std::vector<std::int32_t> {3, 4}));
        QCOMPARE(data.examples[1].row, 2);

        const core::DataFile hopeless = readText(scratch, long5);
        const auto error = errorOf([&] { core::tokenizeData(hopeless, *tokenizer, 4, {}); });
        QCOMPARE(complaint(error, scratch / "d.jsonl", "maximum length of 4"), QString());
    }

    void stops_whenAsked()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        const core::DataFile file = readText(scratch, R"({"question": "c", "answer": "b"})");
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(
            core::Cancelled,
            core::tokenizeData(file, *tokenizer, 9, core::JobContext(stop.get_token())));
    }

    void holdsOut_aShareBySeedAlone()
    {
        const auto numbered = [] {
            core::TokenizedData data;
            for (std::int32_t i = 0; i < 100; ++i) {
                data.examples.push_back({i, {i}, 0, false, {}});
            }
            return data;
        };
        const auto firstIds = [](const core::TokenizedData& data) {
            std::vector<std::int32_t> ids;
            for (const core::Example& example : data.examples) {
                ids.push_back(example.ids.front());
            }
            return ids;
        };
        core::TokenizedData kept = numbered();
        const auto held = firstIds(core::holdOut(kept, 0.2, 7));
        QCOMPARE(held.size(), std::size_t(20));
        QVERIFY(std::is_sorted(held.begin(), held.end()));
        auto all = firstIds(kept);
        QVERIFY(std::is_sorted(all.begin(), all.end()));
        all.insert(all.end(), held.begin(), held.end());
        std::sort(all.begin(), all.end());
        QCOMPARE(all, firstIds(numbered())); // each is on one side
        core::TokenizedData again = numbered();
        QCOMPARE(firstIds(core::holdOut(again, 0.2, 7)), held);
        core::TokenizedData other = numbered();
        QVERIFY(firstIds(core::holdOut(other, 0.2, 8)) != held);
        core::TokenizedData few = numbered();
        few.examples.resize(2);
        QCOMPARE(core::holdOut(few, 0.01, 0).examples.size(), std::size_t(1)); // at least one
        few.examples.resize(1);
        QVERIFY_THROWS_EXCEPTION(core::Error, core::holdOut(few, 0.5, 0));
        QCOMPARE(core::heldOutCount(100, 0.0), 0);
    }

    void ships_demoDataThatAddUp()
    {
        const core::DataFile file = readDataFile(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl",
                                                 PromptTemplate::Alpaca, nullptr);
        QCOMPARE(file.rows.size(), 400U);
        std::set<std::string> prompts;
        for (const core::DataRow& row : file.rows) {
            prompts.insert(row.prompt);
            const std::size_t mark = row.response.rfind("#### ");
            QVERIFY(mark != std::string::npos && mark + 5 < row.response.size());
            // The answer is the last number of the working, and no working is empty.
            const std::string answer = row.response.substr(mark + 5);
            QVERIFY2(mark > 20 && row.response.substr(0, mark).find(answer) != std::string::npos,
                     row.response.c_str());
        }
        QCOMPARE(prompts.size(), file.rows.size());
        if (test::fs::exists(test::kSmolLm2)) {
            const auto data =
                core::tokenizeData(file, *core::openTokenizer(test::kSmolLm2), 512, {});
            QCOMPARE(data.summary.usable, 400);
            QCOMPARE(data.summary.truncated, 0);
        }
    }
};

QTEST_GUILESS_MAIN(DatasetTest)
#include "tst_dataset.moc"
