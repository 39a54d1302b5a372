// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of texts with labels, as GLUE lays them out and as others do, and what is wrong with some.
#include "core/dataset/batches.h"
#include "core/dataset/data_figures.h"
#include "core/dataset/labelled_texts.h"
#include "core/dataset/step_batches.h"
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QTest>

using namespace pissarro;
using core::LabelSet;
using core::TokenizedData;
using test::errorOf;
using test::Ids;
using test::json;

namespace {

json words()
{
    return {{"added_tokens", json::array()},
            {"normalizer", nullptr},
            {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
            {"post_processor",
             {{"type", "BertProcessing"},
              {"sep", json::array({"[SEP]", 2})},
              {"cls", json::array({"[CLS]", 1})}}},
            {"decoder", nullptr},
            {"model",
             {{"type", "WordLevel"},
              {"unk_token", "[UNK]"},
              {"vocab", {{"[UNK]", 0}, {"[CLS]", 1}, {"[SEP]", 2}, {"a", 3}, {"b", 4}}}}}};
}

} // namespace

class LabelledTextsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_tokenizer = test::openJson(m_folder, words()); }

    void pairs_areEncodedAndLabelled()
    {
        const TokenizedData data =
            read(R"({"sentence1": "a b", "sentence2": "b", "label": 1, "idx": 0})"
                 "\n"
                 R"({"sentence1": "a", "sentence2": "a", "label": 0, "idx": 1})",
                 {2});
        QCOMPARE(data.columns, std::string("sentence1, sentence2, label"));
        QCOMPARE(data.examples.size(), std::size_t {2});
        QCOMPARE(data.examples[0].ids, (Ids {1, 3, 4, 2, 4, 2}));
        QCOMPARE(data.examples[0].types, (Ids {0, 0, 0, 0, 1, 1}));
        QCOMPARE(*data.examples[0].target, 1.0);
        QCOMPARE(*data.examples[1].target, 0.0);
        QVERIFY(!data.regression);
        QCOMPARE(data.examples[0].lossTokens(), std::int64_t {1}); // the text as a whole
        QCOMPARE(data.summary.tokens, std::int64_t {11});
    }

    void columns_areFound_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QString>("columns");
        const auto row = [](const char* text, const char* columns) {
            QTest::newRow(text) << QByteArray(text) << QString::fromLatin1(columns);
        };
        row(R"({"sentence": "a ", "label": 1, "idx": 3})", "sentence, label");
        row(R"({"premise": "a", "hypothesis": "b", "label": 1})", "premise, hypothesis, label");
        row(R"({"question": "a", "sentence": "b", "label": 1})", "question, sentence, label");
        row(R"({"question1": "a", "question2": "b", "label": 1})", "question1, question2, label");
        row(R"({"text": "a", "label": "1"})", "text, label");
        row(R"({"text": "a", "labels": true})", "text, labels");
        row(R"({"review": "a", "score": 1.0})", "review, score");
    }
    void columns_areFound()
    {
        QFETCH(QByteArray, row);
        QFETCH(QString, columns);
        const TokenizedData data = read(row.toStdString(), {2});
        QCOMPARE(QString::fromStdString(data.columns), columns);
        QCOMPARE(*data.examples.front().target, 1.0);
    }

    void aMap_saysWhichColumns()
    {
        core::DataOptions options {core::PromptTemplate::Alpaca};
        options.columns = core::parseColumnMap("text=q,pair=r,label=kind");
        const TokenizedData data =
            read(R"({"q": "a", "r": "b", "kind": 0, "label": 7})", {2}, options);
        QCOMPARE(data.examples.front().ids, (Ids {1, 3, 2, 4, 2}));
        QCOMPARE(*data.examples.front().target, 0.0);
    }

    void names_areClasses()
    {
        const TokenizedData data =
            read(R"({"text": "a", "label": "perhaps"})", {3, {"no", "yes", "perhaps"}});
        QCOMPARE(*data.examples.front().target, 2.0);
    }

    void numbers_areNumbers()
    {
        const TokenizedData data =
            read(R"({"sentence1": "a", "sentence2": "b", "label": 3.75})", {1});
        QVERIFY(data.regression);
        QCOMPARE(*data.examples.front().target, 3.75);
    }

    void longTexts_areCut()
    {
        const TokenizedData data = read(R"({"sentence1": "a a a a", "sentence2": "b", "label": 1})",
                                        {2}, {core::PromptTemplate::Alpaca}, 6);
        QCOMPARE(data.examples.front().ids, (Ids {1, 3, 3, 2, 4, 2}));
        QCOMPARE(data.summary.truncated, std::int64_t {1});
        QCOMPARE(data.notes.size(), std::size_t {1});
    }

    void badRows_areRefused_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QString>("why");
        const auto row = [](const char* text, const char* why) {
            QTest::newRow(text) << QByteArray(text) << QString::fromLatin1(why);
        };
        row(R"({"sentence": "a", "label": -1})", "has the 'label' -1 (expected 0 to 1");
        row(R"({"sentence": "a", "label": 2})", "has the 'label' 2");
        row(R"({"sentence": "a", "label": 0.5})", "has the 'label' 0.5");
        row(R"({"sentence": "a", "label": "no"})", "has the 'label' 'no'");
        row(R"({"sentence": "a", "label": null})", "has no 'label'");
        row(R"({"sentence": "a"})", "has 'sentence' (expected a text");
        row(R"({"label": 1})", "has 'label' (expected a text");
        row(R"({"sentence1": "a", "label": 1})", "(expected a text");
        row(R"({})", "no columns");
        row(R"([1])", "");
    }
    void badRows_areRefused()
    {
        QFETCH(QByteArray, row);
        QFETCH(QString, why);
        core::DataOptions options {core::PromptTemplate::Alpaca};
        for (const bool strict : {true, false}) { // one row alone: none is good
            options.strict = strict;
            const auto error = errorOf([&] { read(row.toStdString(), {2}, options); });
            QVERIFY(error && error->kind() == core::ErrorKind::Format);
            QVERIFY2(QString::fromUtf8(error->what()).contains(why), error->what());
        }
    }

    void notStrict_badRowsAreLeftOut()
    {
        core::DataOptions options {core::PromptTemplate::Alpaca};
        options.strict = false;
        const TokenizedData data = read(R"({"text": "a", "label": 5})"
                                        "\n"
                                        R"({"text": "b", "label": 1})",
                                        {2}, options);
        QCOMPARE(data.examples.size(), std::size_t {1});
        QCOMPARE(data.bad.count, std::int64_t {1});
        QVERIFY(!data.notes.empty());
        QCOMPARE(core::shownTexts(m_folder / "rows.jsonl", options).size(), std::size_t {2});
    }

    void batches_carryTypesAndTargets()
    {
        auto data = std::make_shared<TokenizedData>(
            read(R"({"sentence1": "a b", "sentence2": "b", "label": 1})"
                 "\n"
                 R"({"sentence1": "a", "sentence2": "a", "label": 0})",
                 {2}));
        const auto source = core::shuffledBatches(data, 2, 0, 0);
        const core::Batch batch = source->next();
        QCOMPARE(batch.length, std::int64_t {6});
        QCOMPARE(batch.types.size(), batch.ids.size());
        QCOMPARE(batch.targets.size(), std::size_t {2});
        QCOMPARE(core::countedTokens(batch), std::int64_t {2});
        for (std::size_t row = 0; row < 2; ++row) {
            const bool isFirst = batch.targets[row] == 1.0;
            QCOMPARE(batch.types[row * 6 + 4], std::int64_t {1});
            QCOMPARE(batch.mask[row * 6 + 5], std::int64_t {isFirst ? 1 : 0});
        }
    }

    // Before it is known what they are sorted into, for figures of their lengths.
    void withoutClasses_anyLabelCounts()
    {
        const TokenizedData data = read(R"({"text": "a b", "label": "any"})"
                                        "\n"
                                        R"({"text": "a", "label": 7.5})",
                                        {});
        QCOMPARE(data.examples.size(), std::size_t {2});
        QCOMPARE(*data.examples[1].target, 7.5);
        const TokenizedData named = read(R"({"text": "a", "label": "no"})"
                                         "\n"
                                         R"({"text": "b", "label": "yes"})"
                                         "\n"
                                         R"({"text": "a", "label": "no"})",
                                         {});
        QCOMPARE(*named.examples[0].target, *named.examples[2].target);
        QVERIFY(*named.examples[0].target != *named.examples[1].target);
        QCOMPARE(core::duplicatesOf(named).rows, std::int64_t {1});
        const TokenizedData cut = core::cutTo(data, 3);
        QCOMPARE(cut.examples.size(), std::size_t {2});
        QCOMPARE(cut.summary.truncated, std::int64_t {1});
        const core::CutFigures figures = core::cutFigures(data, 3);
        QCOMPARE(figures.leftOut, std::int64_t {0});
        QCOMPARE(figures.cut, std::int64_t {1});
        QCOMPARE(figures.lossTokens, std::int64_t {2});
    }

    void namesOfColumns_sayTheirRoles()
    {
        QCOMPARE(core::columnMapText(
                     core::guessedTextColumns({"idx", "sentence2", "sentence1", "label"})),
                 std::string("text=sentence1,pair=sentence2,label=label"));
        QCOMPARE(core::columnMapText(core::guessedTextColumns({"review", "score"})),
                 std::string("text=review,label=score"));
        QVERIFY(core::guessedTextColumns({"review"}).empty());
        QVERIFY(core::guessedTextColumns({"instruction", "output", "label"}).empty());
    }

    void badTexts_areWritten()
    {
        test::writeBytes(m_folder / "some.jsonl",
                         R"({"text": "a", "label": "no"})"
                         "\nno JSON\n"
                         R"({"text": "b", "label": 5})"
                         "\n"
                         R"({"label": 1})");
        const core::BadRowsFile target {m_folder / "bad.jsonl", {}};
        const core::DataOptions options {core::PromptTemplate::Alpaca};
        QCOMPARE(core::writeBadTexts(m_folder / "some.jsonl", options, {2, {"no", "yes"}}, target),
                 std::int64_t {3});
        const std::string written = test::readBytes(target.path);
        for (const char* part : {"\"line\":2", "\"line\":3", "\"line\":4", "has the 'label' 5"}) {
            QVERIFY2(written.find(part) != std::string::npos, written.c_str());
        }
    }

    void texts_areShownAsTheyAre()
    {
        test::writeBytes(m_folder / "rows.jsonl",
                         R"({"sentence1": "a b", "sentence2": "b", "label": 1})");
        const auto shown =
            core::shownTexts(m_folder / "rows.jsonl", {core::PromptTemplate::Alpaca}, 5);
        QCOMPARE(shown.size(), std::size_t {1});
        QCOMPARE(shown.front().text, std::string("a b\nb"));
    }

private:
    TokenizedData read(const std::string& rows, const LabelSet& labels,
                       const core::DataOptions& options = {core::PromptTemplate::Alpaca},
                       std::int64_t maxLength = 16)
    {
        test::writeBytes(m_folder / "rows.jsonl", rows);
        return core::labelledTexts(m_folder / "rows.jsonl", options, labels, *m_tokenizer,
                                   maxLength);
    }

    test::Scratch m_folder;
    std::shared_ptr<const core::Tokenizer> m_tokenizer;
};

QTEST_GUILESS_MAIN(LabelledTextsTest)
#include "tst_labelled_texts.moc"
