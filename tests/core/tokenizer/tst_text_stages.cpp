// SPDX-License-Identifier: GPL-3.0-or-later
// Stages around a tokenizer's model. What is expected was said by tokenizers 0.23.3.
#include "core/tokenizer/text_stages_p.h"
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QByteArray>
#include <QTest>

using namespace pissarro;
using core::makeNormalizer;
using core::makePieceJoiner;
using core::makePreTokenizer;
using test::Ids;
using test::json;

namespace {

std::vector<std::string> cutBy(const json& component, const std::string& text)
{
    core::CutText cut;
    cut.text = text;
    cut.spans = {{0, text.size()}};
    makePreTokenizer(component).cut(cut);
    std::vector<std::string> pieces;
    for (const auto& span : cut.spans) {
        pieces.emplace_back(cut.piece(span));
    }
    return pieces;
}

std::string joined(const json& component, std::vector<std::string> pieces)
{
    makePieceJoiner(component)(pieces);
    std::string text;
    for (const std::string& piece : pieces) {
        text += piece;
    }
    return text;
}

using Pieces = std::vector<std::string>;

void putUnit(std::string& array, std::size_t index, std::uint32_t unit)
{
    array.resize(std::max(array.size(), (index + 1) * 4));
    for (std::size_t i = 0; i < 4; ++i) {
        array[index * 4 + i] = static_cast<char>(unit >> (8U * i));
    }
}

// A double array with two keys, "a" and "ab": "a" becomes "XY", "ab" becomes "" (never: the shortest counts).
std::string smallCharsmap()
{
    constexpr std::uint32_t kLeaf = 0x100;
    const auto at = [](std::uint32_t offset) { return offset << 10U; };
    std::string array;
    putUnit(array, 1023, 0); // units that lead nowhere
    putUnit(array, 0, at(256)); // the root's children begin at 256
    putUnit(array, 256 ^ 'a', at(512 ^ 256 ^ 'a') | kLeaf | 'a'); // from here to 512
    putUnit(array, 512, 0x80000000U | 0); // the value of "a"
    putUnit(array, 512 ^ 'b', at(768 ^ 512 ^ 'b') | kLeaf | 'b');
    putUnit(array, 768, 0x80000000U | 2); // the value of "ab"
    std::string blob;
    test::put(blob, static_cast<std::uint32_t>(array.size()));
    blob += array;
    blob += std::string("XY\0\0", 4);
    return QByteArray::fromStdString(blob).toBase64().toStdString();
}

} // namespace

class TextStagesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void normalizes_asBert_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("lower");
        QTest::addColumn<QByteArray>("cased");
        QTest::addColumn<QByteArray>("accents"); // only strip_accents
        const auto row = [](const char* name, const std::string& text, const std::string& lower,
                            const std::string& cased, const std::string& accents) {
            QTest::newRow(name) << QByteArray::fromStdString(text)
                                << QByteArray::fromStdString(lower)
                                << QByteArray::fromStdString(cased)
                                << QByteArray::fromStdString(accents);
        };
        row("accents", "Héllo\tWörld\n", "hello world ", "Héllo Wörld ", "Hello\tWorld\n");
        row("case", "İSTANBUL Ⅷ ß ΑΣ", "istanbul ⅷ ß ασ", "İSTANBUL Ⅷ ß ΑΣ", "ISTANBUL Ⅷ ß ΑΣ");
        const std::string controls("a\0b\uFFFDc\x7F"
                                   "d\u200Be\uE000f",
                                   17);
        row("controls", controls, "abcdef", "abcdef", controls);
        row("ideographs", "我爱 NLP。\U0002B820\U0002B920", " 我  爱  nlp。\U0002B820 \U0002B920 ",
            " 我  爱  NLP。\U0002B820 \U0002B920 ", "我爱 NLP。\U0002B820\U0002B920");
        row("marks by age", "\u1734x\u08E2y\u0890z e\u0301\u0591", "x\u08E2y\u0890z e",
            "\u1734x\u08E2y\u0890z e\u0301\u0591", "x\u08E2y\u0890z e");
        row("white space", "\u00A0\u2028\u3000|\x0B\x0C|", "   ||", "   ||",
            "\u00A0\u2028\u3000|\x0B\x0C|");
        row("compositions", "Ǆ ﬁ Å", "ǆ ﬁ a", "Ǆ ﬁ Å", "Ǆ ﬁ A");
        row("ASCII", "A\tb\r\n\x01\x7F C", "a b   c", "A b   C", "A\tb\r\n\x01\x7F C");
    }
    void normalizes_asBert()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, lower);
        QFETCH(QByteArray, cased);
        QFETCH(QByteArray, accents);
        const auto by = [&](json options) {
            options["type"] = "BertNormalizer";
            return QByteArray::fromStdString(makeNormalizer(options)(text.toStdString()));
        };
        QCOMPARE(by(json::object()), lower);
        QCOMPARE(by({{"strip_accents", nullptr}, {"lowercase", true}}), lower);
        QCOMPARE(by({{"lowercase", false}}), cased);
        QCOMPARE(by({{"clean_text", false},
                     {"handle_chinese_chars", false},
                     {"strip_accents", true},
                     {"lowercase", false}}),
                 accents);
    }

    void normalizes_byACharacterMap()
    {
        const auto normalize =
            makeNormalizer({{"type", "Precompiled"}, {"precompiled_charsmap", smallCharsmap()}});
        QCOMPARE(normalize("a"), std::string("XY"));
        QCOMPARE(normalize("cab"), std::string("cXYb")); // "ab" are two graphemes
        QCOMPARE(normalize("a\u0301b"), std::string("XYb")); // a grapheme goes as a whole
        QCOMPARE(normalize("a\u0301\u0301\u0301"), // but not one of six bytes
                 std::string("XY\u0301\u0301\u0301"));
        QCOMPARE(normalize(std::string("a\0a", 3)), std::string("XY\0XY", 5));
        QCOMPARE(normalize(""), std::string());
    }

    void drops_marksAndControls()
    {
        QCOMPARE(makeNormalizer({{"type", "StripAccents"}})("e\u0301\u1CF2\u0CF3\u180F\u093E"),
                 std::string("e\u0CF3\u180F"));
        QCOMPARE(makeNormalizer({{"type", "Nmt"}})("a\x01"
                                                   "b\tc\u200Bd\u2581e\x7F"
                                                   "f\uFFFDg\u00ADh"),
                 std::string("ab c d ef g\u00ADh"));
    }

    void cuts_words()
    {
        QCOMPARE(cutBy({{"type", "BertPreTokenizer"}},
                       "Hey, (you)! don't—\u166D\u061D a\u00A0b  _c_ $5.00"),
                 (Pieces {"Hey",    ",", "(", "you", ")", "!", "don", "'", "t", "—", "\u166D",
                          "\u061D", "a", "b", "_",   "c", "_", "$",   "5", ".", "00"}));
        QCOMPARE(cutBy({{"type", "CharDelimiterSplit"}, {"delimiter", "-"}}, "a-b--c-"),
                 (Pieces {"a", "b", "c"}));
    }

    void joins_wordPieces()
    {
        const json tidy {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
        const json plain {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", false}};
        const Pieces words {"un", "##aff", "##able", "!", "do", " not", "don", "'", "t", "##"};
        QCOMPARE(joined(tidy, words), std::string("unaffable! do  not don ' t"));
        QCOMPARE(joined(plain, words), std::string("unaffable ! do  not don ' t"));
        const Pieces odd {"i", " ' ", "m", "we", " 've", "##.", "a", " .", "b"};
        QCOMPARE(joined(tidy, odd), std::string("i ' m we 've. a . b"));
        QCOMPARE(joined(plain, odd), std::string("i  '  m we  've. a  . b"));
        QCOMPARE(joined(plain, {"##a", "##b"}), std::string("##ab"));
    }

    void cuts_wordsIntoPieces()
    {
        const test::Scratch scratch;
        const json tokenizer = {{"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                                {"model",
                                 {{"type", "WordPiece"},
                                  {"unk_token", "[UNK]"},
                                  {"max_input_chars_per_word", 6},
                                  {"continuing_subword_prefix", "##"},
                                  {"vocab",
                                   {{"[UNK]", 0},
                                    {"a", 1},
                                    {"##b", 2},
                                    {"##bc", 3},
                                    {"ä", 4},
                                    {"##ä", 5},
                                    {"ab", 6},
                                    {"##", 7}}}}}};
        const auto opened = openJson(scratch, tokenizer);
        QCOMPARE(opened->kind(), std::string("WordPiece"));
        const std::vector<std::pair<const char*, Ids>> rows {
            {"abc", {0}},     {"ab", {6}},        {"abbc", {6, 3}},
            {"aä", {1, 5}},   {"äää", {4, 5, 5}}, {"ääääää", {4, 5, 5, 5, 5, 5}},
            {"äääääää", {0}}, {"ac", {0}},        {"abbcx b", {0, 0}},
            {"a##b", {0}},
        };
        for (int round = 0; round < 2; ++round) { // the second time out of the cache
            for (const auto& [text, ids] : rows) {
                QCOMPARE(opened->encode(text), ids);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TextStagesTest)
#include "tst_text_stages.moc"
