// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataset/data_figures.h"
#include "core/dataset/data_mix.h"
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QTest>

#include <map>

using namespace pissarro;
using core::DataOptions;
using core::PromptTemplate;
using core::TokenizedData;
using test::complaint;
using test::errorOf;

namespace {

std::shared_ptr<const core::Tokenizer> letters(const test::Scratch& folder)
{
    return openJson(folder, test::smallTokenizer(), {{"bos_token", "<s>"}, {"eos_token", "</s>"}});
}

DataOptions plainly()
{
    DataOptions options;
    options.promptTemplate = PromptTemplate::Plain;
    options.strict = false;
    return options;
}

std::string row(const std::string& question, const std::string& answer)
{
    return R"({"question": ")" + question + R"(", "answer": ")" + answer + "\"}\n";
}

// Rows of many lengths, some bad and some not to be learned.
std::string manyRows(int count)
{
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += i % 17 == 3 ? std::string("no row\n")
            : i % 13 == 5   ? R"({"question": "a", "answer": "b", "weight": 0})"
                              "\n"
                            : row(std::string(static_cast<std::size_t>(1 + i * 7 % 40), 'a'),
                                  std::string(static_cast<std::size_t>(i * 5 % 23), 'b'));
    }
    return text;
}

bool sameExamples(const TokenizedData& a, const TokenizedData& b)
{
    return std::equal(a.examples.begin(), a.examples.end(), b.examples.begin(), b.examples.end(),
                      [](const core::Example& x, const core::Example& y) {
                          return x.row == y.row && x.ids == y.ids && x.truncated == y.truncated
                              && x.promptTokens == y.promptTokens && x.learned == y.learned;
                      });
}

bool sameSummary(const core::DatasetSummary& a, const core::DatasetSummary& b)
{
    return a.rows == b.rows && a.usable == b.usable && a.truncated == b.truncated
        && a.tooLong == b.tooLong && a.unlearned == b.unlearned && a.tokens == b.tokens
        && a.lossTokens == b.lossTokens && a.longest == b.longest && a.lengths == b.lengths;
}

} // namespace

class DataFiguresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // On several threads the same as row by row, also over the edges of their pieces.
    void tokenizes_asRowByRow()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        test::writeBytes(scratch / "d.jsonl", manyRows(30'000));
        for (const std::int64_t length : {8, 30, 1000}) {
            const auto whole =
                core::tokenizeFile(scratch / "d.jsonl", plainly(), *tokenizer, length);
            const auto rows = core::readDataFile(scratch / "d.jsonl", plainly(), nullptr);
            const auto slow = core::tokenizeData(rows, *tokenizer, length, {});
            QVERIFY(sameExamples(whole, slow));
            QVERIFY(sameSummary(whole.summary, slow.summary));
            QCOMPARE(whole.bad.count, rows.bad.count);
            QCOMPARE(whole.bad.first.back().line, rows.bad.first.back().line);
            QCOMPARE(whole.columns, rows.columns);
        }
    }

    void cuts_asIfItHadBeenTokenizedSo()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        test::writeBytes(scratch / "d.jsonl", manyRows(500));
        const auto whole = core::tokenizeFile(scratch / "d.jsonl", plainly(), *tokenizer, 1 << 30);
        for (const std::int64_t length : {1, 8, 30, 1000}) {
            const auto cut = core::cutTo(whole, length);
            const core::CutFigures figures = core::cutFigures(whole, length);
            QCOMPARE(figures.tokens, cut.summary.tokens);
            QCOMPARE(figures.lossTokens, cut.summary.lossTokens);
            QCOMPARE(figures.rows - figures.leftOut, cut.summary.usable);
            QCOMPARE(figures.tokens + figures.tokensLost, whole.summary.tokens);
            if (cut.examples.empty()) {
                QVERIFY(errorOf([&] {
                    core::tokenizeFile(scratch / "d.jsonl", plainly(), *tokenizer, length);
                }));
                continue;
            }
            const auto alone =
                core::tokenizeFile(scratch / "d.jsonl", plainly(), *tokenizer, length);
            QVERIFY(sameExamples(cut, alone));
            QVERIFY(sameSummary(cut.summary, alone.summary));
        }
    }

    void counts_lengths()
    {
        const core::LengthFigures figures = core::lengthFigures({1, 2, 3, 4, 100}, 10);
        QCOMPARE(figures.rows, 5);
        QCOMPARE(figures.shortest, 1);
        QCOMPARE(figures.median, 3);
        QCOMPARE(figures.most, 100);
        QCOMPARE(figures.mean, 22.0);
        QCOMPARE(figures.binWidth, 20);
        QCOMPARE(figures.bins, (std::vector<std::int64_t> {4, 0, 0, 0, 0, 1}));
        QVERIFY(!figures.isOpen);
        std::vector<std::int32_t> tail(999, 10);
        tail.push_back(100'000);
        const core::LengthFigures open = core::lengthFigures(tail, 10);
        QVERIFY(open.isOpen && open.binWidth * static_cast<std::int64_t>(open.bins.size()) < 100);
        QCOMPARE(open.bins.back(), 1);
        QCOMPARE(core::lengthFigures({}).rows, 0);
        QCOMPARE(core::lengthThatCuts(figures, {1, 2, 3, 4, 100}, 20.0), 4);
        QCOMPARE(core::lengthThatCuts(figures, {1, 2, 3, 4, 100}, 0.0), 100);
    }

    void counts_padding()
    {
        QCOMPARE(core::paddingShare({4, 4, 4}, 100, 2, 0), 0.0);
        QCOMPARE(core::paddingShare({3, 1}, 100, 2, 0), 1.0 - 4.0 / 6.0);
        QCOMPARE(core::paddingShare({30, 1}, 2, 2, 0), 1.0 - 3.0 / 4.0); // cut at 2
        QCOMPARE(core::paddingShare({3, 1}, 100, 1, 0), 0.0);
        QCOMPARE(core::paddingShare({}, 100, 1, 0), 0.0);
    }

    void finds_repeatedRows()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        test::writeBytes(scratch / "d.jsonl",
                         row("aaaa", "b") + row("aaaa", "bb") + row("ca", "b") + row("aaaa", "b"));
        const auto data = core::tokenizeFile(scratch / "d.jsonl", plainly(), *tokenizer, 100);
        const core::Duplicates found = core::duplicatesOf(data);
        QCOMPARE(found.rows, 1);
        QCOMPARE(found.pairs.size(), std::size_t {1});
        QCOMPARE(found.pairs[0].first, 0);
        QCOMPARE(found.pairs[0].again, 3);
        QCOMPARE(found.sameQuestion, 1);
    }

    // The same text with another label is no repeated row, but the same question.
    void tellsLabelsApart()
    {
        core::TokenizedData data;
        const auto add = [&](std::vector<std::int32_t> types, double label) {
            core::Example example;
            example.ids = {1, 2, 3};
            example.promptTokens = 3;
            example.types = std::move(types);
            example.target = label;
            data.examples.push_back(std::move(example));
        };
        add({}, 0.0);
        add({}, 1.0);
        add({0, 1, 1}, 0.0);
        add({}, 1.0);
        const core::Duplicates found = core::duplicatesOf(data);
        QCOMPARE(found.rows, 1);
        QCOMPARE(found.pairs[0].first, 1);
        QCOMPARE(found.pairs[0].again, 3);
        QCOMPARE(found.sameQuestion, 1);
    }

    void finds_whatStandsInTheTestSet()
    {
        const test::Scratch scratch;
        const std::string shared =
            "In three hours at the same rate how many additional hours would it take to travel";
        test::writeBytes(scratch / "train.jsonl",
                         row("A train goes. " + shared + " 180 miles?", "x")
                             + row("What is two and two?", "four")
                             + row("Something else entirely, of no interest to anybody at all, is "
                                   "asked here for once.",
                                   "no\\u00A0")
                             + row("What is two, and TWO", ""));
        test::writeBytes(scratch / "test.jsonl",
                         row("A plane flies. " + shared + " 2000 miles?", "y")
                             + row("What is two and two?", "4"));
        const core::TextChecks checks =
            core::checkTexts(scratch / "train.jsonl", {}, scratch / "test.jsonl");
        QCOMPARE(checks.rows, 4);
        QCOMPARE(checks.testRows, 2);
        QCOMPARE(checks.near, 3); // a short question is the same whatever its signs
        QCOMPARE(checks.nearTest, 2);
        QCOMPARE(checks.shared.size(), std::size_t {3});
        const auto first = std::find_if(checks.shared.begin(), checks.shared.end(),
                                        [](const auto& one) { return one.line == 1; });
        QVERIFY(first != checks.shared.end());
        QCOMPARE(first->testLine, 1);
        QVERIFY(first->shared.starts_with("In three hours at the same rate"));
        QVERIFY(first->share > 0.5 && first->share < 1.0);
        QCOMPARE(checks.emptyAnswers.lines, (std::vector<std::int64_t> {4}));
        QCOMPARE(checks.invisible.lines, (std::vector<std::int64_t> {3}));
        const core::TextChecks alone = core::checkTexts(scratch / "train.jsonl", {}, {});
        QVERIFY(alone.testRows == 0 && alone.near == 0 && alone.emptyAnswers.count == 1);
        test::writeBytes(scratch / "none.jsonl", "no\n");
        const auto error =
            errorOf([&] { core::checkTexts(scratch / "train.jsonl", {}, scratch / "none.jsonl"); });
        QCOMPARE(complaint(error, scratch / "none.jsonl", "no row"), QString());
    }

    // What most test rows say alike is no leak.
    void passesOver_boilerplate()
    {
        const test::Scratch scratch;
        const std::string same =
            "Answer the question below in one word and nothing else, please, as "
            "well as you can do it: ";
        std::string test;
        for (int i = 0; i < 20; ++i) {
            test += row(same + std::string(static_cast<std::size_t>(i + 1), 'a'), "b");
        }
        test::writeBytes(scratch / "test.jsonl", test);
        test::writeBytes(scratch / "train.jsonl", row(same + "ccc", "b"));
        QCOMPARE(core::checkTexts(scratch / "train.jsonl", {}, scratch / "test.jsonl").near, 0);
    }

    void finds_aRowByItsPlace()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        test::writeBytes(scratch / "d.csv", "question,answer\na,b\n\"c\nc\",bb\n");
        const auto data = core::tokenizeFile(scratch / "d.csv", plainly(), *tokenizer, 100);
        QCOMPARE(data.examples[1].place.line, 3);
        const core::DataHead one = core::rowAt(scratch / "d.csv", data.examples[1].place);
        QCOMPARE(one.columns, (std::vector<std::string> {"question", "answer"}));
        QCOMPARE(one.rows[0].values, (std::vector<std::string> {"c\nc", "bb"}));
        test::writeBytes(scratch / "d.csv", "question,answer\n");
        const auto error = errorOf([&] { core::rowAt(scratch / "d.csv", data.examples[1].place); });
        QCOMPARE(complaint(error, scratch / "d.csv", "changed"), QString());
    }

    // Of a large file what was made is kept, and is what it would be made into again.
    void keeps_theTokensOfALargeFile()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        qputenv("XDG_CACHE_HOME", (scratch / "cache").c_str());
        std::string text = manyRows(100);
        while (text.size() < (5U << 20U)) {
            text += text;
        }
        test::writeBytes(scratch / "d.jsonl", text);
        const auto read = [&](std::int64_t length) {
            return core::tokenizeFile(scratch / "d.jsonl", plainly(), *tokenizer, length);
        };
        const TokenizedData first = read(30);
        std::vector<test::fs::path> kept;
        for (const auto& entry : test::fs::recursive_directory_iterator(scratch / "cache")) {
            if (entry.is_regular_file()) {
                kept.push_back(entry.path());
            }
        }
        QCOMPARE(kept.size(), std::size_t {1});
        const auto sameAsFirst = [&](const TokenizedData& data) {
            return sameExamples(first, data) && sameSummary(first.summary, data.summary)
                && data.bad.count == first.bad.count && data.kind.text() == first.kind.text()
                && data.columns == first.columns && data.notes.size() == first.notes.size()
                && data.examples.back().place.begin == first.examples.back().place.begin;
        };
        QVERIFY(sameAsFirst(read(30)));
        // One that was cut short, or is of something else, is made again.
        const std::string whole = test::readBytes(kept[0]);
        for (const std::string& bytes : {whole.substr(0, whole.size() / 2), std::string("{}")}) {
            test::writeBytes(kept[0], bytes);
            QVERIFY(sameAsFirst(read(30)));
        }
        test::writeBytes(scratch / "d.jsonl", text + manyRows(1));
        QCOMPARE(read(30).summary.rows, first.summary.rows + 1);
        qunsetenv("XDG_CACHE_HOME");
    }

    void mixes_severalFiles()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        test::writeBytes(scratch / "a.jsonl", row("a", "b") + row("aa", "b") + row("aaa", "b"));
        test::writeBytes(scratch / "b.csv", "topic,reply\nc,b\ncc,b\nno\n");
        test::writeBytes(
            scratch / "all.mix.json",
            R"({"files": [{"path": "a.jsonl", "weight": 2.5}, {"path": "b.csv", "map": "instruction=topic,output=reply", "weight": 0.5}]})");
        const TokenizedData data =
            core::tokenizeFile(scratch / "all.mix.json", plainly(), *tokenizer, 100);
        QCOMPARE(data.summary.rows, 5);
        QCOMPARE(data.bad.count, 1);
        QCOMPARE(data.kind.text(), std::string("2 files"));
        std::map<std::int64_t, int> times;
        for (const core::Example& example : data.examples) {
            ++times[example.row];
        }
        QCOMPARE(data.examples.size(), std::size_t {9}); // 7.5 and 1, rounded
        QVERIFY(times[0] >= 2 && times[1] >= 2 && times[2] >= 2 && times[3] + times[4] == 1);
        const core::DataHead last =
            core::rowAt(scratch / "all.mix.json", data.examples.back().place);
        QCOMPARE(last.columns, (std::vector<std::string> {"topic", "reply"}));
        QCOMPARE(core::timesTaken(3, 1.0), 1);
        for (const char* wrong : {"[]", R"({"files": []})", R"({"files": [{"weight": 1}]})",
                                  R"({"files": [{"path": "a.jsonl", "weight": -1}]})",
                                  R"({"files": [{"path": "a.jsonl", "more": 1}]})",
                                  R"({"files": [{"path": "all.mix.json"}]})"}) {
            test::writeBytes(scratch / "all.mix.json", wrong);
            const auto error = errorOf(
                [&] { core::tokenizeFile(scratch / "all.mix.json", plainly(), *tokenizer, 100); });
            QCOMPARE(complaint(error, scratch / "all.mix.json", ""), QString());
        }
    }

    void stops_whenAsked()
    {
        const test::Scratch scratch;
        const auto tokenizer = letters(scratch);
        test::writeBytes(scratch / "d.jsonl", manyRows(10));
        std::stop_source stop;
        stop.request_stop();
        const core::JobContext stopped(stop.get_token());
        QVERIFY_THROWS_EXCEPTION(
            core::Cancelled,
            core::tokenizeFile(scratch / "d.jsonl", plainly(), *tokenizer, 9, stopped));
        QVERIFY_THROWS_EXCEPTION(core::Cancelled,
                                 core::checkTexts(scratch / "d.jsonl", {}, {}, stopped));
    }
};

QTEST_GUILESS_MAIN(DataFiguresTest)
#include "tst_data_figures.moc"
