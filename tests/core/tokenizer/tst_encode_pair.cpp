// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QTest>

#include <algorithm>

using namespace pissarro;
using test::errorOf;
using test::Ids;
using test::json;

namespace {

json words(const json& postProcessor)
{
    return {{"added_tokens", json::array()},
            {"normalizer", nullptr},
            {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
            {"post_processor", postProcessor},
            {"decoder", nullptr},
            {"model",
             {{"type", "WordLevel"},
              {"unk_token", "[UNK]"},
              {"vocab", {{"[UNK]", 0}, {"[CLS]", 1}, {"[SEP]", 2}, {"a", 3}, {"b", 4}}}}}};
}

json bert(const char* type)
{
    return {{"type", type}, {"sep", json::array({"[SEP]", 2})}, {"cls", json::array({"[CLS]", 1})}};
}

json token(const char* id, int type)
{
    return {{"SpecialToken", {{"id", id}, {"type_id", type}}}};
}

json text(const char* id, int type)
{
    return {{"Sequence", {{"id", id}, {"type_id", type}}}};
}

const json kTemplate {{"type", "TemplateProcessing"},
                      {"single", json::array({token("[CLS]", 0), text("A", 0), token("[SEP]", 0)})},
                      {"pair",
                       json::array({token("[CLS]", 0), text("A", 0), token("[SEP]", 0),
                                    text("B", 1), token("[SEP]", 1), token("[CLS]", 3)})},
                      {"special_tokens",
                       {{"[CLS]", {{"id", "[CLS]"}, {"ids", {1}}, {"tokens", {"[CLS]"}}}},
                        {"[SEP]", {{"id", "[SEP]"}, {"ids", {2}}, {"tokens", {"[SEP]"}}}}}}};

std::string repeated(const char* word, int count)
{
    std::string out;
    for (int i = 0; i < count; ++i) {
        out += word;
    }
    return out;
}

struct Frame {
    const char* name;
    json postProcessor;
    Ids ids; // of "a a" and "b", then of "a" alone: what tokenizers 0.23.3 gives
    Ids types;
    Ids alone;
};

const std::vector<Frame> kFrames {
    {"none", nullptr, {3, 3, 4}, {0, 0, 1}, {3}},
    {"ByteLevel", {{"type", "ByteLevel"}}, {3, 3, 4}, {0, 0, 1}, {3}},
    {"BertProcessing", bert("BertProcessing"), {1, 3, 3, 2, 4, 2}, {0, 0, 0, 0, 1, 1}, {1, 3, 2}},
    {"RobertaProcessing",
     bert("RobertaProcessing"),
     {1, 3, 3, 2, 2, 4, 2},
     {0, 0, 0, 0, 0, 0, 0},
     {1, 3, 2}},
    {"TemplateProcessing", kTemplate, {1, 3, 3, 2, 4, 2, 1}, {0, 0, 0, 0, 1, 1, 3}, {1, 3, 2}},
    {"two steps",
     {{"type", "Sequence"}, {"processors", json::array({{{"type", "ByteLevel"}}, kTemplate})}},
     {1, 3, 3, 2, 4, 2, 1},
     {0, 0, 0, 0, 1, 1, 3},
     {1, 3, 2}},
    {"two frames",
     {{"type", "Sequence"}, {"processors", json::array({bert("BertProcessing"), kTemplate})}},
     {1, 1, 3, 3, 2, 2, 4, 2, 2, 1},
     {0, 0, 0, 0, 0, 0, 1, 1, 1, 3},
     {1, 1, 3, 2, 2}},
};

struct
    Kept { // of `first` and `second` ids, where `limit` fit with three special tokens: by tokenizers 0.23.3
    int first, second, limit, keptFirst, keptSecond;
};
constexpr Kept kKept[] = {
    {0, 6, 5, 0, 2},  {0, 6, 6, 0, 3},  {0, 8, 3, 0, 0},  {0, 8, 4, 0, 1},  {0, 8, 6, 0, 3},
    {1, 4, 6, 1, 2},  {2, 7, 7, 2, 2},  {2, 9, 11, 2, 6}, {3, 1, 3, 0, 0},  {3, 3, 3, 0, 0},
    {3, 4, 4, 0, 1},  {3, 6, 11, 3, 5}, {4, 5, 7, 2, 2},  {5, 2, 9, 4, 2},  {5, 3, 7, 2, 2},
    {5, 6, 4, 0, 1},  {5, 9, 8, 2, 3},  {6, 5, 5, 1, 1},  {6, 6, 6, 1, 2},  {7, 0, 9, 6, 0},
    {7, 1, 7, 3, 1},  {7, 2, 10, 5, 2}, {7, 5, 7, 2, 2},  {7, 7, 6, 1, 2},  {7, 7, 11, 4, 4},
    {7, 7, 13, 5, 5}, {7, 9, 3, 0, 0},  {7, 9, 5, 1, 1},  {7, 9, 11, 4, 4}, {8, 0, 10, 7, 0},
    {8, 2, 7, 2, 2},  {8, 3, 3, 0, 0},  {8, 4, 8, 3, 2},  {8, 4, 14, 7, 4}, {8, 6, 5, 1, 1},
    {8, 6, 8, 3, 2},  {9, 0, 6, 3, 0},  {9, 6, 3, 0, 0},  {9, 7, 4, 1, 0},  {9, 7, 5, 1, 1}};

} // namespace

class EncodePairTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void frames_asHuggingFace_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < kFrames.size(); ++i) {
            QTest::newRow(kFrames[i].name) << static_cast<int>(i);
        }
    }
    void frames_asHuggingFace()
    {
        QFETCH(int, index);
        const Frame& frame = kFrames[static_cast<std::size_t>(index)];
        const test::Scratch scratch;
        const auto tokenizer = openJson(scratch, words(frame.postProcessor));
        const core::EncodedPair pair = tokenizer->encodePair("a a", "b");
        QCOMPARE(pair.ids, frame.ids);
        QCOMPARE(pair.types, frame.types);
        QCOMPARE(pair.cut, std::size_t {0});
        QCOMPARE(tokenizer->encode("a"), frame.alone);
        QCOMPARE(tokenizer->encode("a", false), Ids {3});
        const core::EncodedPair alone = tokenizer->encodePair("a", std::nullopt);
        QCOMPARE(alone.ids, frame.alone);
        QCOMPARE(alone.types, Ids(frame.alone.size(), 0));
    }

    void cuts_theLongerFirst()
    {
        const test::Scratch scratch;
        const auto tokenizer = openJson(scratch, words(bert("BertProcessing")));
        for (const Kept& row : kKept) {
            const auto pair =
                tokenizer->encodePair(repeated("a ", row.first), repeated("b ", row.second),
                                      static_cast<std::size_t>(row.limit));
            QCOMPARE(std::count(pair.ids.begin(), pair.ids.end(), 3), row.keptFirst);
            QCOMPARE(std::count(pair.ids.begin(), pair.ids.end(), 4), row.keptSecond);
            QCOMPARE(pair.ids.size(), pair.types.size());
            QCOMPARE(static_cast<int>(pair.cut),
                     row.first + row.second - row.keptFirst - row.keptSecond);
        }
        QCOMPARE(tokenizer->encodePair("a a a", std::nullopt, 4).ids, (Ids {1, 3, 3, 2}));
        const auto error = errorOf([&] { tokenizer->encodePair("a", "b", 2); });
        QVERIFY(error && error->kind() == core::ErrorKind::InvalidArgument);
    }

    void names_itsTokens()
    {
        const test::Scratch scratch;
        const auto tokenizer = openJson(scratch, words(bert("BertProcessing")),
                                        {{"cls_token", "[CLS]"},
                                         {"sep_token", "[SEP]"},
                                         {"unk_token", "[UNK]"},
                                         {"mask_token", "[MASK]"},
                                         {"pad_token", "[PAD]"}});
        QCOMPARE(tokenizer->clsId(), 1);
        QCOMPARE(tokenizer->sepId(), 2);
        QCOMPARE(tokenizer->unkId(), 0);
        // Not in the vocabulary: they get the next ids, in transformers' order of names.
        QCOMPARE(tokenizer->padId(), 5);
        QCOMPARE(tokenizer->maskId(), 6);
        QCOMPARE(tokenizer->vocabularySize(), 7);
        QVERIFY(tokenizer->isSpecial(6));
        QCOMPARE(tokenizer->encode("a[MASK]b", false), (Ids {3, 6, 4}));
        QCOMPARE(tokenizer->bosId(), -1);
    }

    void refuses_templatesWithoutATextOrWithOneTwice()
    {
        const auto refusal = [](const char* key, const json& items, const char* says) {
            json processor = kTemplate;
            processor[key] = items;
            const test::Scratch scratch;
            return test::complaint(errorOf([&] { openJson(scratch, words(processor)); }),
                                   scratch / "tokenizer.json", says);
        };
        QCOMPARE(refusal("single", json::array({token("[CLS]", 0)}), "place for the text"),
                 QString());
        QCOMPARE(refusal("pair", json::array({text("A", 0)}), "place for both texts"), QString());
        QCOMPARE(refusal("single", json::array({text("A", 0), text("A", 0)}), "twice"), QString());
        QCOMPARE(refusal("single", json::array({text("A", -1)}), "type_id"), QString());
    }
};

QTEST_GUILESS_MAIN(EncodePairTest)
#include "tst_encode_pair.moc"
