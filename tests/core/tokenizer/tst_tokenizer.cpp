// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tokenizer/tokenizer_files.h"
#include "tests/tools/patience.h"

#include <QTest>

#include <algorithm>
#include <random>
#include <sentencepiece_processor.h>
#include <thread>

using namespace pissarro;
using core::openTokenizer;
using pissarro::tests::CpuClock;
using pissarro::tests::kSoonS;
using test::errorOf;
using test::Ids;
using test::json;
using test::kGolden;
using test::kMistral;
using test::kSmolLm2;

namespace {

// The first text of the goldens on which `tokenizer` differs from them; empty: none does.
// sentencePiece: ids and text of the sentencepiece library where the text holds no special token.
QString firstDifference(const core::Tokenizer& tokenizer, const json& golden, bool sentencePiece)
{
    for (const json& row : golden.at("rows")) {
        const auto text = row.at("text").get<std::string>();
        const auto differs = [&](const char* what, const json& got) {
            return !row.contains(what) || got == row.at(what)
                ? QString()
                : QStringLiteral("%1 of %2: %3, expected %4")
                      .arg(QLatin1String(what), QString::fromStdString(row.at("text").dump()),
                           QString::fromStdString(got.dump()),
                           QString::fromStdString(row.at(what).dump()));
        };
        std::vector<QString> found;
        if (row.contains("ids")) {
            found = {differs("ids", tokenizer.encode(text)),
                     differs("ids_no_special", tokenizer.encode(text, false)),
                     differs("decoded", tokenizer.decode(row.at("ids_no_special")))};
        }
        if (sentencePiece
            && (!row.contains("ids") || row.at("ids_no_special") == row.at("sp_ids"))) {
            found.push_back(differs("sp_ids", tokenizer.encode(text, false)));
            found.push_back(differs("sp_decoded", tokenizer.decode(row.at("sp_ids"))));
        }
        for (const QString& difference : found) {
            if (!difference.isEmpty()) {
                return difference;
            }
        }
    }
    return {};
}

QString skippedDecode(const core::Tokenizer& tokenizer, const json& golden)
{
    for (const json& row : golden.at("rows")) {
        if (json(tokenizer.decode(row.at("ids"), true)) != row.at("decoded_skip_special")) {
            return QString::fromStdString(row.at("text").dump());
        }
    }
    return {};
}

// Text of random characters from all over Unicode, special tokens and runs of spaces among them.
std::string randomText(std::mt19937_64& random)
{
    const auto below = [&](std::uint64_t n) { return random() % n; };
    static const std::vector<std::string> words {"<s>", "</s>", "<|im_start|>", "the ",
                                                 "  ",  "\n\n", "12345",        "'LL"};
    std::string text;
    for (std::uint64_t i = below(40); i > 0; --i) {
        const std::uint64_t kind = below(5);
        if (kind == 0) {
            text += words[below(words.size())];
        } else if (kind < 3) {
            text += static_cast<char>(32 + below(95));
        } else {
            const std::uint64_t c = 0xA0 + below(kind == 3 ? 0x2F00 : 0x1F000);
            if (c < 0xD800 || c > 0xDFFF) {
                text += QString::fromUcs4(reinterpret_cast<const char32_t*>(&c), 1).toStdString();
            }
        }
    }
    return text;
}

} // namespace

class TokenizerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equals_huggingFace_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("modelOnly");
        for (const char* name : {"sp-llama", "sp-gemma", "bpe-qwen2", "bpe-llama3"}) {
            QTest::newRow(name) << QString::fromLatin1(name) << false;
        }
        for (const char* name : {"sp-llama", "sp-gemma"}) {
            QTest::addRow("%s, tokenizer.model", name) << QString::fromLatin1(name) << true;
        }
    }
    void equals_huggingFace()
    {
        QFETCH(QString, name);
        QFETCH(bool, modelOnly);
        const test::fs::path source = kGolden / "tokenizers/tiny" / name.toStdString();
        if (!test::fs::exists(source)) {
            QSKIP("the golden tokenizers are not here");
        }
        const test::Scratch scratch;
        if (modelOnly) {
            for (const char* file : {"tokenizer.model", "tokenizer_config.json"}) {
                test::fs::copy_file(source / file, scratch / file);
            }
        }
        const auto tokenizer = openTokenizer(modelOnly ? scratch.path() : source);
        const json golden = test::readJson(kGolden / ("tok_" + name.toStdString() + ".json"));
        QCOMPARE(tokenizer->vocabularySize(), golden.at("vocab").get<std::int64_t>());
        QCOMPARE(firstDifference(*tokenizer, golden, modelOnly), QString());
        if (!modelOnly) {
            QCOMPARE(skippedDecode(*tokenizer, golden), QString());
        }
    }

    void equals_huggingFaceOnSmolLm2()
    {
        if (!test::fs::exists(kSmolLm2) || !test::fs::exists(kGolden)) {
            QSKIP("the demo model (./dev fetches it) or the golden values are not here");
        }
        const json golden = test::readJson(kGolden / "tok_smollm2-135m-hf.json");
        const auto tokenizer = openTokenizer(kSmolLm2);
        QCOMPARE(tokenizer->kind(), std::string("byte-level BPE"));
        QCOMPARE(tokenizer->vocabularySize(), 49152);
        QCOMPARE(tokenizer->eosId(), 2);
        QCOMPARE(firstDifference(*tokenizer, golden, false), QString());
        QCOMPARE(skippedDecode(*tokenizer, golden), QString());
        std::stop_source stop; // a book of a text is left within its words
        stop.request_stop();
        QVERIFY_EXCEPTION_THROWN(
            tokenizer->encode("one two", true, core::JobContext(stop.get_token())),
            core::Cancelled);

        const test::Scratch scratch;
        core::writeTokenizerFiles(kSmolLm2, scratch.path());
        const auto written = openTokenizer(scratch.path());
        QCOMPARE(firstDifference(*written, golden, false), QString());
        QCOMPARE(written->eosId(), tokenizer->eosId());
        QCOMPARE(written->padId(), tokenizer->padId());
        QCOMPARE(written->chatTemplate(), tokenizer->chatTemplate());
        QVERIFY(test::fs::exists(scratch / "special_tokens_map.json"));
    }

    // The real models of mistral-common: `./dev peers` fetches what its wheel has of them.
    void equals_sentencePieceOnMistral_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("golden");
        QTest::newRow("v1") << "tokenizer.model.v1"
                            << "tok_mistral.json";
        QTest::newRow("v3") << "tokenizer.model.v3"
                            << "tok_mistral-v3.json";
    }
    void equals_sentencePieceOnMistral()
    {
        QFETCH(QString, model);
        QFETCH(QString, golden);
        const test::fs::path file = kMistral / model.toStdString();
        if (!test::fs::exists(kGolden)) {
            QSKIP("the golden values are not here");
        }
        if (!test::fs::exists(file)) {
            QSKIP(qPrintable(model + " is not in .deps/mistral-common"));
        }
        const test::Scratch scratch;
        test::fs::copy_file(file, scratch / "tokenizer.model");
        json known = test::readJson(kGolden / golden.toStdString());
        json rows = json::array();
        for (const json& row : known.at("rows")) {
            // v3's golden has no ids of Hugging Face's, and sentencepiece alone spells special tokens out.
            if (row.contains("ids")
                || row.at("text").get<std::string>().find('<') == std::string::npos) {
                rows.push_back(row);
            }
        }
        QVERIFY(rows.size() > 40);
        known["rows"] = rows;
        QCOMPARE(firstDifference(*openTokenizer(scratch.path()), known, true), QString());
    }

    // Words are encoded one by one and kept: the ids must be those of the library on the whole
    // text.
    void equals_theLibraryOnWholeTexts()
    {
        std::mt19937_64 random(23);
        int models = 0;
        for (const test::fs::path& file : {kGolden / "tokenizers/tiny/sp-llama/tokenizer.model",
                                           kGolden / "tokenizers/tiny/sp-gemma/tokenizer.model",
                                           kMistral / "tokenizer.model.v1"}) {
            if (!test::fs::exists(file)) {
                continue;
            }
            ++models;
            const test::Scratch scratch;
            test::fs::copy_file(file, scratch / "tokenizer.model");
            const auto tokenizer = openTokenizer(scratch.path());
            sentencepiece::SentencePieceProcessor library;
            QVERIFY(library.Load(file.string()).ok());
            for (int i = 0; i < 500; ++i) {
                std::string text = randomText(random) + " a b, c  d " + randomText(random);
                std::erase(text, '<'); // no special tokens: the library alone does not see them
                QCOMPARE(tokenizer->encode(text, false), library.EncodeAsIds(text));
            }
        }
        if (models == 0) {
            QSKIP("no SentencePiece model is here");
        }
    }

    void equals_itselfFromAGguf_withSentencePieceScores()
    {
        const test::fs::path folder = kGolden / "tokenizers/tiny/sp-llama";
        if (!test::fs::exists(folder)) {
            QSKIP("the golden tokenizers are not here");
        }
        // The scores that the model was trained with are the negative ranks of its merges' results.
        const json source = test::readJson(folder / "tokenizer.json");
        const json& vocab = source.at("model").at("vocab");
        const std::size_t size = vocab.size();
        std::vector<std::string> pieces(size);
        for (const auto& [piece, id] : vocab.items()) {
            pieces[id.get<std::size_t>()] = piece;
        }
        std::string tokens, types, scores;
        for (std::uint32_t type : {8U, 5U, 6U}) {
            std::string& list = type == 8 ? tokens : type == 5 ? types : scores;
            test::put(list, type);
            test::put<std::uint64_t>(list, size);
        }
        for (std::size_t id = 0; id < size; ++id) {
            tokens += test::GgufBuilder::text(pieces[id]);
            test::put<std::int32_t>(types, id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1);
            test::put<float>(scores, id < 259 ? 0.0F : -static_cast<float>(id - 259));
        }
        test::GgufBuilder gguf;
        gguf.string("tokenizer.ggml.model", "llama")
            .raw("tokenizer.ggml.tokens", test::GgufBuilder::kList, tokens)
            .raw("tokenizer.ggml.token_type", test::GgufBuilder::kList, types)
            .raw("tokenizer.ggml.scores", test::GgufBuilder::kList, scores)
            .u32("tokenizer.ggml.bos_token_id", 1)
            .u32("tokenizer.ggml.eos_token_id", 2);
        const test::Scratch scratch;
        test::writeBytes(scratch / "m.gguf", gguf.bytes());
        const json golden = test::readJson(kGolden / "tok_sp-llama.json");
        const auto tokenizer = openTokenizer(scratch / "m.gguf");
        QCOMPARE(tokenizer->kind(), std::string("SentencePiece BPE"));
        QCOMPARE(firstDifference(*tokenizer, golden, false), QString());
        core::writeTokenizerFiles(scratch / "m.gguf", scratch.path());
        QCOMPARE(firstDifference(*openTokenizer(scratch / "tokenizer.json"), golden, false),
                 QString());
    }

    void comesBack_fromRandomUnicode()
    {
        if (!test::fs::exists(kGolden)) {
            QSKIP("the golden tokenizers are not here");
        }
        std::mt19937_64 random(11);
        for (const char* name : {"sp-gemma", "bpe-llama3"}) { // neither normalises nor adds a space
            const auto tokenizer = openTokenizer(kGolden / "tokenizers/tiny" / name);
            for (int i = 0; i < 400; ++i) {
                std::string text = randomText(random);
                const Ids ids = tokenizer->encode(text, false);
                if (text.find("\xE2\x96\x81")
                    == std::string::npos) { // SentencePiece's own mark is a space
                    QCOMPARE(tokenizer->decode(ids), text);
                }
            }
        }
    }

    void replaces_invalidUtf8()
    {
        const test::Scratch scratch;
        const auto tokenizer = openJson(scratch, test::smallTokenizer());
        QCOMPARE(tokenizer->encode("a\xFF\xE2\x96 abc"), (Ids {0, 4}));
        if (test::fs::exists(kGolden)) {
            const auto llama = openTokenizer(kGolden / "tokenizers/tiny/bpe-llama3");
            QCOMPARE(llama->encode("a\xFFz\xE2\x96"), llama->encode("a\uFFFDz\uFFFD"));
            QCOMPARE(llama->decode({161}), std::string("\uFFFD")); // half a character
        }
    }

    void merges_longWordsAsShortOnes()
    {
        // Above 24 symbols a heap takes over from scanning.
        const test::Scratch scratch;
        const auto tokenizer = openJson(scratch, test::smallTokenizer());
        std::mt19937_64 random(5);
        for (int i = 0; i < 200; ++i) {
            std::string text;
            Ids expected;
            for (std::uint64_t n = 1 + random() % 40; n > 0; --n) {
                text += "abc"[random() % 3];
            }
            for (std::size_t at = 0;
                 at < text.size();) { // "abc", else "ab", else a letter: merges leave no other way
                const std::size_t width = text.compare(at, 3, "abc") == 0 ? 3
                    : text.compare(at, 2, "ab") == 0                      ? 2
                                                                          : 1;
                expected.push_back(width == 1 ? text[at] - 'a'
                                              : static_cast<std::int32_t>(width) + 1);
                at += width;
            }
            QCOMPARE(tokenizer->encode(text), expected);
        }
    }

    void finds_addedTokensAsTheirFlagsSay()
    {
        json tokenizer = test::smallTokenizer();
        tokenizer["added_tokens"] = json::array({
            {{"id", 5}, {"content", "[L]"}, {"lstrip", true}, {"special", true}},
            {{"id", 6}, {"content", "[R]"}, {"rstrip", true}, {"special", true}},
            {{"id", 7},
             {"content", "ca"},
             {"single_word", true},
             {"special", false},
             {"normalized", false}},
            {{"id", 8}, {"content", "[L]b"}, {"special", false}, {"normalized", false}},
            {{"id", 9}, {"content", "CC"}, {"special", false}, {"normalized", true}},
            {{"id", 10}, {"content", " "}, {"special", false}, {"normalized", false}},
        });
        tokenizer["normalizer"] = {{"type", "Lowercase"}};
        const test::Scratch scratch;
        const auto opened = openJson(scratch, tokenizer);
        QCOMPARE(opened->encode("a[R]  b"), (Ids {0, 6, 1}));
        QCOMPARE(opened->encode("ca caa ca"), (Ids {7, 10, 2, 0, 0, 10, 7}));
        QCOMPARE(opened->encode("[L]b"), (Ids {8})); // the longest of those that begin here
        QCOMPARE(opened->encode("acc"), (Ids {0, 9})); // looked for in lower case
        QCOMPARE(opened->encode("C[L]A"), (Ids {2, 5, 0}));
        QVERIFY(opened->isSpecial(5) && !opened->isSpecial(7) && !opened->isSpecial(-1)
                && !opened->isSpecial(99));
        QCOMPARE(opened->decode({5, 4, 6}, true), std::string("abc"));
    }

    void puts_whatTheConfigurationSaysAroundAText()
    {
        const test::Scratch scratch;
        json tokenizer = test::smallTokenizer();
        const json named = {{"bos_token", "<s>"}, {"eos_token", {{"content", "</s>"}}}};
        QCOMPARE(openJson(scratch, tokenizer, named)->encode("abc"), (Ids {4}));
        // transformers 5 lets the post-processor say it, also where it says nothing.
        json both = named;
        both["add_bos_token"] = true;
        both["add_eos_token"] = true;
        QCOMPARE(openJson(scratch, tokenizer, both)->encode("abc"), (Ids {4}));
        QCOMPARE(openJson(scratch, tokenizer, both)->encode("a</s>b", false), (Ids {0, 6, 1}));
        tokenizer["post_processor"] = {
            {"type", "RobertaProcessing"}, {"cls", {"<s>", 5}}, {"sep", {"</s>", 6}}};
        QCOMPARE(openJson(scratch, tokenizer, named)->encode("abc"), (Ids {5, 4, 6}));
        json none = named;
        none["add_bos_token"] = false;
        QCOMPARE(openJson(scratch, tokenizer, none)->encode("abc"), (Ids {5, 4, 6}));
        QCOMPARE(openJson(scratch, tokenizer, none)->encode("abc", false), (Ids {4}));
    }

    void names_endOfSequenceFromTheModelsOwnConfiguration()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "config.json", R"({"eos_token_id": [6, 5], "bos_token_id": 5})");
        const auto tokenizer = openJson(scratch, test::smallTokenizer());
        QCOMPARE(tokenizer->eosId(), 6);
        QCOMPARE(tokenizer->bosId(), 5);
        QCOMPARE(tokenizer->padId(), -1);
    }

    void segments_byUnigramScores()
    {
        json tokenizer = test::smallTokenizer();
        tokenizer["added_tokens"] = json::array();
        tokenizer["model"] = {{"type", "Unigram"},
                              {"unk_id", 0},
                              {"vocab",
                               json::array({{"<unk>", 0.0},
                                            {"a", -3.0},
                                            {"b", -3.0},
                                            {"ab", -4.0},
                                            {"ba", -1.0},
                                            {"aba", -9.0}})}};
        const test::Scratch scratch;
        const auto opened = openJson(scratch, tokenizer);
        QCOMPARE(opened->kind(), std::string("SentencePiece unigram"));
        QCOMPARE(opened->encode("aba"), (Ids {1, 4})); // -4 against -7 (ab a) and -9 (aba)
        QCOMPARE(opened->encode("xyabz"), (Ids {0, 3, 0})); // unknown neighbours are one
        QCOMPARE(opened->encode(""), Ids());
    }

    void refuses_idsOutsideTheVocabularyWhenDecoding()
    {
        const test::Scratch scratch;
        const auto tokenizer = openJson(scratch, test::smallTokenizer());
        for (const std::int32_t id : {-1, 7, 1'000'000'000}) {
            const auto error = errorOf([&] { tokenizer->decode({id}); });
            QVERIFY(error && error->kind() == core::ErrorKind::InvalidArgument);
        }
    }

    void encodes_fromManyThreads()
    {
        if (!test::fs::exists(kSmolLm2)) {
            QSKIP("the demo model is not here (./dev fetches it)");
        }
        const auto tokenizer = openTokenizer(kSmolLm2);
        std::mt19937_64 random(3);
        std::vector<std::string> texts;
        for (int i = 0; i < 300; ++i) {
            texts.push_back(randomText(random) + " and so on");
        }
        const auto all = [&] {
            std::vector<Ids> ids;
            for (const std::string& text : texts) {
                ids.push_back(tokenizer->encode(text));
            }
            return ids;
        };
        std::vector<std::vector<Ids>> results(4);
        std::vector<std::thread> threads;
        for (std::vector<Ids>& result : results) {
            threads.emplace_back([&] { result = all(); });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        for (const std::vector<Ids>& result : results) {
            QVERIFY(result == results[0]);
        }
        QVERIFY(results[0] == all());
    }

    // Time that grows with the square of a text would be hours here.
    void encodes_aLongText()
    {
        const test::fs::path data = PISSARRO_SHARED "/data/gsm8k_test.jsonl";
        if (!test::fs::exists(kSmolLm2) || !test::fs::exists(data)) {
            QSKIP("the demo model (./dev fetches it) or the data are not here");
        }
        const auto tokenizer = openTokenizer(kSmolLm2);
        const std::string text = test::readBytes(data);
        const CpuClock clock;
        QVERIFY(tokenizer->encode(text).size() > text.size() / 10);
        QVERIFY2(clock.seconds() < kSoonS, qPrintable(QString::number(clock.seconds()) + " s"));
    }
};

QTEST_GUILESS_MAIN(TokenizerTest)
#include "tst_tokenizer.moc"
