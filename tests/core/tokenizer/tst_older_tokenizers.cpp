// SPDX-License-Identifier: GPL-3.0-or-later
// The files that came before tokenizer.json, and those of others. The ids are transformers 5.23's for the same small files.
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QByteArray>
#include <QTest>

using namespace pissarro;
using core::openTokenizer;
using test::errorOf;
using test::Ids;
using test::json;

namespace {

void writePair(const test::Scratch& folder, const json& config)
{
    const json vocabulary {{"a", 0},       {"b", 1},   {"ab", 2},   {"\u0120", 3},
                           {"\u0120a", 4}, {"<s>", 5}, {"</s>", 6}, {"<|endoftext|>", 7}};
    test::writeBytes(folder / "vocab.json", vocabulary.dump());
    test::writeBytes(folder / "merges.txt", "#version: 0.2\na b\n\u0120 a\n");
    test::writeBytes(folder / "tokenizer_config.json", config.dump());
}

struct PairRow {
    const char* name;
    json config;
    std::int64_t size;
    std::vector<Ids> ids; // of "ab a", "<mask>b</s>", "a<|im_start|> x"
    Ids pair; // "ab", "a"
    Ids named; // bos, eos, pad, unk, mask
};

const std::vector<PairRow> kPairs {
    {"GPT-2 framed",
     {{"tokenizer_class", "GPT2Tokenizer"}, {"add_bos_token", true}, {"add_eos_token", true}},
     8,
     {{7, 2, 4, 7}, {7, 0, 1, 7}, {7, 0, 0, 3, 7}},
     {7, 2, 7, 7, 0, 7},
     {7, 7, -1, 7, -1}},
    {"GPT-2 with a space first",
     {{"tokenizer_class", "GPT2TokenizerFast"}, {"add_prefix_space", true}},
     8,
     {{3, 2, 4}, {3, 0, 1}, {4, 0, 3}},
     {3, 2, 4},
     {7, 7, -1, 7, -1}},
    {"RoBERTa",
     {{"tokenizer_class", "RobertaTokenizer"}},
     11,
     {{5, 2, 4, 6}, {5, 10, 1, 6, 6}, {5, 0, 0, 3, 6}},
     {5, 2, 6, 6, 0, 6},
     {5, 6, 9, 8, 10}},
    {"Qwen2",
     {{"tokenizer_class", "Qwen2Tokenizer"}},
     8,
     {{2, 4}, {0, 1}, {0, 0, 3}},
     {2, 0},
     {-1, 7, 7, 7, -1}},
    {"GPT-NeoX",
     {{"tokenizer_class", "GPTNeoXTokenizer"}},
     9,
     {{2, 4}, {0, 1}, {0, 0, 3}},
     {2, 0},
     {7, 7, 8, 7, -1}},
};

std::string ranks(const std::vector<std::string>& pieces)
{
    std::string lines;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        lines += QByteArray::fromStdString(pieces[i]).toBase64().toStdString() + " "
            + std::to_string(i) + "\n";
    }
    return lines;
}

const std::vector<std::string> kRanked {"a", "b", " ", "c", "ab", "bc", "abc", " a", "\xC3"};

} // namespace

class OlderTokenizersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_pairs_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < kPairs.size(); ++i) {
            QTest::newRow(kPairs[i].name) << static_cast<int>(i);
        }
    }
    void reads_pairs()
    {
        QFETCH(int, index);
        const PairRow& row = kPairs[static_cast<std::size_t>(index)];
        const test::Scratch scratch;
        writePair(scratch, row.config);
        const auto opened = openTokenizer(scratch.path());
        QCOMPARE(opened->vocabularySize(), row.size);
        QCOMPARE(opened->encode("ab a"), row.ids.at(0));
        QCOMPARE(opened->encode("<mask>b</s>"), row.ids.at(1));
        QCOMPARE(opened->encode("a<|im_start|> x"), row.ids.at(2));
        QCOMPARE(opened->encodePair("ab", "a").ids, row.pair);
        QCOMPARE((Ids {opened->bosId(), opened->eosId(), opened->padId(), opened->unkId(),
                       opened->maskId()}),
                 row.named);
    }

    void reads_addedTokensJson()
    {
        const test::Scratch scratch;
        writePair(scratch, {{"tokenizer_class", "GPT2Tokenizer"}, {"pad_token", "[PAD]"}});
        test::writeBytes(scratch / "added_tokens.json", R"({"<|im_start|>": 8, "[PAD]": 9})");
        const auto opened = openTokenizer(scratch.path());
        QCOMPARE(opened->vocabularySize(), 10);
        QCOMPARE(opened->encode("a<|im_start|> x"), (Ids {0, 8, 3}));
        QCOMPARE(opened->padId(), 9);
        QVERIFY(opened->isSpecial(9)
                && !opened->isSpecial(8)); // special are those that a key names
    }

    void knows_theClassByTheModelType()
    {
        const test::Scratch scratch;
        writePair(scratch, json::object());
        test::writeBytes(scratch / "config.json", R"({"model_type": "roberta", "vocab_size": 8})");
        QCOMPARE(openTokenizer(scratch.path())->encode("ab"), (Ids {5, 2, 6}));
        test::writeBytes(scratch / "config.json", R"({"model_type": "mystery"})");
        const auto error = errorOf([&] { openTokenizer(scratch.path()); });
        QVERIFY(error && QByteArray(error->what()).contains("tokenizer_class"));
    }

    void reads_wordLists()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "vocab.txt",
                         "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nab\n##c\nÉ\ne\n中\nA\na\n");
        const auto ids = [&](const json& config) {
            test::writeBytes(scratch / "tokenizer_config.json", config.dump());
            const auto opened = openTokenizer(scratch.path());
            return std::vector<Ids> {
                opened->encode("abc É A"),         opened->encode("中ab"),
                opened->encode("[MASK] a"),        opened->encode("é e"),
                opened->encodePair("ab", "a").ids, opened->encodePair("ab", "a").types};
        };
        QCOMPARE(ids({{"tokenizer_class", "BertTokenizer"}}),
                 (std::vector<Ids> {{2, 5, 6, 8, 11, 3},
                                    {2, 9, 5, 3},
                                    {2, 4, 11, 3},
                                    {2, 8, 8, 3},
                                    {2, 5, 3, 11, 3},
                                    {0, 0, 0, 1, 1}}));
        QCOMPARE(ids({{"tokenizer_class", "BertTokenizerFast"}, {"do_lower_case", false}}),
                 (std::vector<Ids> {{2, 5, 6, 7, 10, 3},
                                    {2, 9, 5, 3},
                                    {2, 4, 11, 3},
                                    {2, 1, 8, 3},
                                    {2, 5, 3, 11, 3},
                                    {0, 0, 0, 1, 1}}));
    }

    // LLaMA 3's tokenizer.model: ranks of bytes, the special tokens in the configuration.
    void reads_tiktoken()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "tokenizer.model", ranks(kRanked));
        const auto bare = openTokenizer(scratch.path());
        QCOMPARE(bare->kind(), std::string("byte-level BPE"));
        QCOMPARE(bare->encode("abc ab bcb"), (Ids {6, 2, 4, 2, 5, 1}));
        QCOMPARE(bare->encode("é"), Ids {8}); // the second byte has no rank
        QCOMPARE(bare->decode({6, 7, 1, 8}), std::string("abc ab\uFFFD"));
        test::writeBytes(scratch / "tokenizer_config.json",
                         json {{"bos_token", "<|begin_of_text|>"},
                               {"add_bos_token", true},
                               {"added_tokens_decoder",
                                {{"9", {{"content", "<|begin_of_text|>"}, {"special", true}}},
                                 {"11", {{"content", "<|eot_id|>"}, {"special", true}}}}}}
                             .dump());
        const auto named = openTokenizer(scratch.path());
        QCOMPARE(named->vocabularySize(), 12);
        QCOMPARE(named->encode("a<|eot_id|>b"), (Ids {9, 0, 11, 1}));
        QCOMPARE(named->encode("a", false), Ids {0});
        QCOMPARE(named->bosId(), 9);
    }

    void reads_tekken()
    {
        json vocabulary = json::array();
        for (std::size_t i = 0; i < kRanked.size(); ++i) {
            vocabulary.push_back(
                {{"rank", i},
                 {"token_bytes", QByteArray::fromStdString(kRanked[i]).toBase64().toStdString()},
                 {"token_str", nullptr}});
        }
        json document {{"config",
                        {{"pattern", R"( ?\w+|\s)"},
                         {"default_vocab_size", 12},
                         {"default_num_special_tokens", 4}}},
                       {"special_tokens",
                        json::array({{{"rank", 1}, {"token_str", "<s>"}},
                                     {{"rank", 0}, {"token_str", "<unk>"}},
                                     {{"rank", 2}, {"token_str", "</s>"}}})},
                       {"vocab", vocabulary}};
        const test::Scratch scratch;
        test::writeBytes(scratch / "tekken.json", document.dump());
        const auto opened = openTokenizer(scratch.path());
        QCOMPARE(opened->vocabularySize(), 12); // the last piece is padding
        QCOMPARE(opened->encode("abc ab</s>"), (Ids {1, 10, 6, 8, 2}));
        QCOMPARE(opened->piece(3), std::string("<SPECIAL_3>"));
        QCOMPARE(opened->eosId(), 2);
        document.erase("special_tokens"); // as the first files were: the twenty names are known
        document["config"] = {{"pattern", R"( ?\w+|\s)"}};
        test::writeBytes(scratch / "tekken.json", document.dump());
        const auto first = openTokenizer(scratch.path());
        QCOMPARE(first->vocabularySize(), 29);
        QCOMPARE(first->piece(3), std::string("[INST]"));
        QCOMPARE(first->padId(), 11);
        QCOMPARE(first->encode("[INST]a", false), (Ids {3, 20}));
    }

    // transformers 4 adds <s> to a tokenizer.model without a word about it, transformers 5 where add_bos_token says so.
    void adds_bosToAModel_asTransformers5()
    {
        const test::fs::path model = test::kGolden / "tokenizers/tiny/sp-llama/tokenizer.model";
        if (!test::fs::exists(model)) {
            QSKIP("the golden tokenizers are not here");
        }
        const test::Scratch scratch;
        test::fs::copy_file(model, scratch / "tokenizer.model");
        QCOMPARE(openTokenizer(scratch.path())->encode("").size(),
                 std::size_t {1}); // LLaMA's own file
        const auto first = [&](const char* config) {
            test::writeBytes(scratch / "tokenizer_config.json", config);
            return openTokenizer(scratch.path())->encode("");
        };
        QCOMPARE(first(R"({"bos_token": "<s>"})"), Ids());
        QCOMPARE(first(R"({"bos_token": "<s>", "add_bos_token": true})"), Ids {1});
        // [PAD] without a row of the embedding gets the id that transformers gives it, and is told of by name.
        QCOMPARE(first(R"({"pad_token": "[PAD]"})"), Ids());
        const auto padded = openTokenizer(scratch.path());
        QCOMPARE(padded->padId(), static_cast<std::int32_t>(padded->vocabularySize() - 1));
        QCOMPARE(padded->encode("[PAD]"), Ids {padded->padId()});
        QVERIFY(padded->isSpecial(padded->padId()));
    }
};

QTEST_GUILESS_MAIN(OlderTokenizersTest)
#include "tst_older_tokenizers.moc"
