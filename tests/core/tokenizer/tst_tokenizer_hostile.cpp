// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tokenizer/tokenizer_files.h"
#include "tests/tools/patience.h"

#include <QTest>

#include <functional>
#include <random>

using namespace pissarro;
using core::openTokenizer;
using pissarro::tests::CpuClock;
using pissarro::tests::kSoonS;
using test::complaint;
using test::errorOf;
using test::json;

namespace {

json charsmap(const char* base64)
{
    return {{"type", "Precompiled"}, {"precompiled_charsmap", base64}};
}

struct Lie {
    const char* name;
    std::function<void(json&)> tell;
    const char* answer; // what the message must say
};

const std::vector<Lie> kLies {
    {"no model", [](json& t) { t.erase("model"); }, "no field \"model\""},
    {"a list", [](json& t) { t = json::array({t}); }, "array"},
    {"model is text", [](json& t) { t["model"] = "BPE"; }, "string"},
    {"unknown model", [](json& t) { t["model"]["type"] = "Wavelet"; }, "Wavelet"},
    {"WordPiece without a token for unknown words",
     [](json& t) { t["model"]["type"] = "WordPiece"; }, "model.unk_token"},
    {"WordPiece of words of negative length",
     [](json& t) {
         t["model"]["type"] = "WordPiece";
         t["model"]["unk_token"] = "a";
         t["model"]["max_input_chars_per_word"] = -2147483648LL;
     },
     "max_input_chars_per_word"},
    {"WordLevel of ids of 2^31",
     [](json& t) {
         t["model"] = {{"type", "WordLevel"}, {"vocab", {{"a", 2147483648LL}}}};
     },
     "2147483648"},
    {"vocabulary is a list", [](json& t) { t["model"]["vocab"] = json::array({"a"}); },
     "model.vocab"},
    {"empty vocabulary", [](json& t) { t["model"]["vocab"] = json::object(); }, "model.vocab"},
    {"id is text", [](json& t) { t["model"]["vocab"]["b"] = "1"; }, "'b'"},
    {"id is half", [](json& t) { t["model"]["vocab"]["b"] = 1.5; }, "'b'"},
    {"id is negative", [](json& t) { t["model"]["vocab"]["b"] = -1; }, "-1"},
    {"id is a billion", [](json& t) { t["model"]["vocab"]["b"] = 1'000'000'000; }, "1000000000"},
    {"id beyond 64 bit", [](json& t) { t["model"]["vocab"]["b"] = 18446744073709551615ULL; },
     "18446744073709551615"},
    {"id far beyond the pieces", [](json& t) { t["model"]["vocab"]["b"] = 3'000'000; }, "3000000"},
    {"id given twice", [](json& t) { t["model"]["vocab"]["b"] = 0; }, "same id"},
    {"merge of nothing", [](json& t) { t["model"]["merges"][1] = "ab z"; }, "'z'"},
    {"merge into nothing", [](json& t) { t["model"]["merges"][1] = "c c"; }, "'cc'"},
    {"merge of three", [](json& t) { t["model"]["merges"][0] = "a b c"; }, "model.merges[0]"},
    {"merge is a number", [](json& t) { t["model"]["merges"][0] = 7; }, "model.merges[0]"},
    {"merges are missing", [](json& t) { t["model"].erase("merges"); }, "merges"},
    {"flag is text", [](json& t) { t["model"]["fuse_unk"] = "yes"; }, "fuse_unk"},
    {"suffix", [](json& t) { t["model"]["end_of_word_suffix"] = "</w>"; }, "end_of_word_suffix"},
    {"added token without id", [](json& t) { t["added_tokens"][0].erase("id"); }, "\"id\""},
    {"added token with a huge id", [](json& t) { t["added_tokens"][0]["id"] = 999'999'999; },
     "999999999"},
    {"added token under another id", [](json& t) { t["added_tokens"][0]["content"] = "a"; }, "'a'"},
    {"added tokens are text", [](json& t) { t["added_tokens"] = "no"; }, "added_tokens"},
    {"unknown normalizer",
     [](json& t) {
         t["normalizer"] = {{"type", "Xyz"}};
     },
     "Xyz"},
    {"character map that is missing",
     [](json& t) {
         t["normalizer"] = {{"type", "Precompiled"}};
     },
     "precompiled_charsmap"},
    {"character map that is no base64", [](json& t) { t["normalizer"] = charsmap("AAA*"); },
     "base64"},
    {"character map of two bytes", [](json& t) { t["normalizer"] = charsmap("AAA="); }, "2 bytes"},
    {"character map that says 4 GB", [](json& t) { t["normalizer"] = charsmap("/P///wAAAAA="); },
     "4294967292 bytes"},
    {"character map of no units", [](json& t) { t["normalizer"] = charsmap("AAAAAA=="); },
     "0 bytes"},
    {"character map that points beyond its units", // the root's offset is 2^21
     [](json& t) { t["normalizer"] = charsmap("BAAAAAAAAIA="); }, "points to the unit"},
    {"unknown pre-tokenizer",
     [](json& t) {
         t["pre_tokenizer"] = {{"type", "Xyz"}};
     },
     "Xyz"},
    {"unknown decoder",
     [](json& t) {
         t["decoder"] = {{"type", "Xyz"}};
     },
     "Xyz"},
    {"component without type", [](json& t) { t["decoder"] = json::object(); }, "decoder"},
    {"component is a number", [](json& t) { t["normalizer"] = 3; }, "normalizer"},
    {"empty pattern",
     [](json& t) {
         t["normalizer"] = {{"type", "Replace"}, {"pattern", {{"String", ""}}}, {"content", "x"}};
     },
     "pattern"},
    {"expression that is none",
     [](json& t) {
         t["pre_tokenizer"] = {
             {"type", "Split"}, {"pattern", {{"Regex", "(a["}}}, {"behavior", "Isolated"}};
     },
     "does not compile"},
    {"behaviour unknown",
     [](json& t) {
         t["pre_tokenizer"] = {
             {"type", "Split"}, {"pattern", {{"Regex", "a"}}}, {"behavior", "Eaten"}};
     },
     "Eaten"},
    {"template names a huge id",
     [](json& t) {
         t["post_processor"] = {{"type", "TemplateProcessing"},
                                {"single", json::array({{{"SpecialToken", {{"id", "<s>"}}}}})},
                                {"special_tokens", {{"<s>", {{"ids", {123456789}}}}}}};
     },
     "123456789"},
    {"template without its token",
     [](json& t) {
         t["post_processor"] = {{"type", "TemplateProcessing"},
                                {"single", json::array({{{"SpecialToken", {{"id", "<s>"}}}}})},
                                {"special_tokens", json::object()}};
     },
     "<s>"},
    {"unigram without scores",
     [](json& t) {
         t["model"] = {{"type", "Unigram"}, {"vocab", json::array({"a"})}};
     },
     "model.vocab[0]"},
    {"unigram of nothing",
     [](json& t) {
         t["model"] = {{"type", "Unigram"}, {"vocab", json::array()}};
     },
     "score"},
    {"unigram, unknown beyond",
     [](json& t) {
         t["model"] = {{"type", "Unigram"}, {"unk_id", 9}, {"vocab", json::array({{"a", 0}})}};
     },
     "unk_id"},
    {"control characters in a name",
     [](json& t) { t["model"]["type"] = "B\n\x1B[31mPE" + std::string(9000, 'x'); }, "model"},
};

std::string nested(std::size_t depth)
{
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) {
        text += R"({"type":"Sequence","normalizers":[)";
    }
    return text;
}

using Gguf = test::GgufBuilder;

std::string list(std::uint32_t type, std::uint64_t count, const std::string& bytes)
{
    std::string out;
    test::put(out, type);
    test::put(out, count);
    return out + bytes;
}

void addPieces(Gguf& gguf, const std::string& second)
{
    gguf.raw("tokenizer.ggml.tokens", Gguf::kList,
             list(8, 2, Gguf::text("a") + Gguf::text(second)));
}

// a, aa, aaa, …: half a million merges.
Gguf manyWays()
{
    Gguf ways;
    std::string runs;
    std::string zeros;
    for (std::size_t length = 1; length <= 1024; ++length) {
        runs += Gguf::text(std::string(length, 'a'));
        test::put(zeros, 0.0F);
    }
    ways.string("tokenizer.ggml.model", "llama");
    ways.raw("tokenizer.ggml.tokens", Gguf::kList, list(8, 1024, runs));
    ways.raw("tokenizer.ggml.scores", Gguf::kList, list(6, 1024, zeros));
    return ways;
}

} // namespace

class TokenizerHostileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refuses_tokenizerJson_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < kLies.size(); ++i) {
            QTest::newRow(kLies[i].name) << static_cast<int>(i);
        }
    }
    void refuses_tokenizerJson()
    {
        QFETCH(int, index);
        const Lie& lie = kLies[static_cast<std::size_t>(index)];
        json tokenizer = test::smallTokenizer();
        lie.tell(tokenizer);
        const test::Scratch scratch;
        const auto error = errorOf([&] { openJson(scratch, tokenizer); });
        QCOMPARE(complaint(error, scratch / "tokenizer.json", lie.answer), QString());
        QVERIFY(openJson(scratch, test::smallTokenizer()) != nullptr); // a right one opens after it
    }

    void refuses_damagedText()
    {
        const test::Scratch scratch;
        const std::string right = test::smallTokenizer().dump();
        const auto refusal = [&](const std::string& bytes, const char* says) {
            test::writeBytes(scratch / "tokenizer.json", bytes);
            return complaint(errorOf([&] { openTokenizer(scratch.path()); }),
                             scratch / "tokenizer.json", says);
        };
        QCOMPARE(refusal("", "JSON"), QString());
        QCOMPARE(refusal(right.substr(0, right.size() / 2), "JSON"), QString());
        QCOMPARE(refusal("{\"model\": \"\xFF\"}", "UTF-8"), QString());
        QCOMPARE(refusal(R"({"model":{}, "normalizer":)" + nested(200'000), "deep"), QString());
    }

    void survives_randomDamage()
    {
        const test::Scratch scratch;
        const std::string right = test::smallTokenizer().dump();
        std::mt19937_64 random(17);
        for (int i = 0; i < 800; ++i) {
            std::string bytes = right;
            for (std::uint64_t n = 1 + random() % 3; n > 0; --n) {
                bytes[random() % bytes.size()] = "{}[]\",:0a9e-.x"[random() % 14];
            }
            test::writeBytes(scratch / "tokenizer.json", bytes);
            errorOf([&] { // either it opens and works, or it is an Error: nothing else may leave
                const auto tokenizer = openTokenizer(scratch / "tokenizer.json");
                tokenizer->decode(tokenizer->encode("<s>abcabcab x</s>"));
            });
        }
    }

    void refuses_anExpressionThatExplodes()
    {
        json tokenizer = test::smallTokenizer();
        tokenizer["pre_tokenizer"] = {
            {"type", "Split"}, {"pattern", {{"Regex", "(a|aa)+$"}}}, {"behavior", "Isolated"}};
        const test::Scratch scratch;
        const CpuClock clock;
        const std::string text = std::string(5000, 'a') + "b";
        const auto error = errorOf([&] { openJson(scratch, tokenizer)->encode(text); });
        QCOMPARE(complaint(error, scratch / "tokenizer.json", "too many steps"), QString());
        QVERIFY(clock.seconds() < kSoonS);
    }

    // Seven tokens: an embedding of 7 to 15 rows is theirs; the two special ones may lack a row, as [PAD] often does.
    void refuses_anotherModelsTokenizer()
    {
        const auto refusal = [](int rows) {
            const test::Scratch scratch;
            test::writeBytes(scratch / "config.json", json {{"vocab_size", rows}}.dump());
            const auto error = errorOf([&] { openJson(scratch, test::smallTokenizer()); });
            return error
                ? complaint(error, scratch / "tokenizer.json",
                            "7 tokens, but the model's embedding has " + std::to_string(rows))
                : QStringLiteral("opened");
        };
        QCOMPARE(refusal(4), QString());
        QCOMPARE(refusal(5), QStringLiteral("opened"));
        QCOMPARE(refusal(7), QStringLiteral("opened"));
        QCOMPARE(refusal(15), QStringLiteral("opened"));
        QCOMPARE(refusal(16), QString());
        QCOMPARE(refusal(128), QString());
    }

    void refuses_configurationsThatLie()
    {
        const test::Scratch scratch;
        const auto refusal = [&](const json& config, const char* says) {
            return complaint(errorOf([&] { openJson(scratch, test::smallTokenizer(), config); }),
                             scratch / "tokenizer_config.json", says);
        };
        QCOMPARE(refusal(json::array(), "array"), QString());
        QCOMPARE(refusal({{"bos_token", 5}}, "bos_token"), QString());
        QCOMPARE(refusal({{"add_bos_token", "yes"}}, "add_bos_token"), QString());
        QCOMPARE(refusal({{"chat_template", 5}}, "chat_template"), QString());
        QCOMPARE(refusal({{"added_tokens_decoder", {{"x", {{"content", "y"}}}}}}, "'x'"),
                 QString());
        QCOMPARE(refusal({{"added_tokens_decoder", {{"99999999999", {{"content", "y"}}}}}},
                         "99999999999"),
                 QString());
    }

    void refuses_sentencePieceModelsThatAreNone()
    {
        const test::Scratch scratch;
        const auto refusal = [&](const std::string& bytes, const char* says = "SentencePiece") {
            test::writeBytes(scratch / "tokenizer.model", bytes);
            return complaint(errorOf([&] { openTokenizer(scratch.path()); }),
                             scratch / "tokenizer.model", says);
        };
        QCOMPARE(refusal(""), QString());
        QCOMPARE(refusal(std::string(1000, '\xFF')), QString());
        QCOMPARE(refusal("version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
                 QString());
        const test::fs::path real = test::kGolden / "tokenizers/tiny/sp-llama/tokenizer.model";
        if (test::fs::exists(real)) {
            QCOMPARE(refusal(test::readBytes(real).substr(0, 4000)), QString());
        }
    }

    void refuses_ggufTokenizersThatLie()
    {
        const test::Scratch scratch;
        const auto refusal = [&](const Gguf& gguf, const char* says) {
            test::writeBytes(scratch / "m.gguf", gguf.bytes());
            return complaint(errorOf([&] { openTokenizer(scratch / "m.gguf"); }),
                             scratch / "m.gguf", says);
        };
        Gguf none;
        QCOMPARE(refusal(none, "tokenizer.ggml.model"), QString());
        Gguf other;
        other.string("tokenizer.ggml.model", "rwkv");
        QCOMPARE(refusal(other, "'rwkv'"), QString());
        Gguf noTokens;
        noTokens.string("tokenizer.ggml.model", "gpt2");
        QCOMPARE(refusal(noTokens, "tokenizer.ggml.tokens"), QString());
        Gguf twice;
        twice.string("tokenizer.ggml.model", "gpt2").string("tokenizer.ggml.pre", "gpt-2");
        addPieces(twice, "a");
        twice.raw("tokenizer.ggml.merges", Gguf::kList, list(8, 0, ""));
        QCOMPARE(refusal(twice, "same piece"), QString());
        Gguf merge;
        merge.string("tokenizer.ggml.model", "gpt2").string("tokenizer.ggml.pre", "gpt-2");
        addPieces(merge, "b");
        merge.raw("tokenizer.ggml.merges", Gguf::kList, list(8, 1, Gguf::text("a b")));
        QCOMPARE(refusal(merge, "merges[0]"), QString());
        Gguf pre;
        pre.string("tokenizer.ggml.model", "gpt2").string("tokenizer.ggml.pre", "wonder");
        addPieces(pre, "b");
        pre.raw("tokenizer.ggml.merges", Gguf::kList, list(8, 0, ""));
        QCOMPARE(refusal(pre, "'wonder'"), QString());
        Gguf noPre; // how texts are cut is not guessed
        noPre.string("tokenizer.ggml.model", "gpt2");
        addPieces(noPre, "b");
        noPre.raw("tokenizer.ggml.merges", Gguf::kList, list(8, 0, ""));
        QCOMPARE(refusal(noPre, "no tokenizer.ggml.pre"), QString());
        Gguf scores;
        scores.string("tokenizer.ggml.model", "llama");
        addPieces(scores, "b");
        std::string one;
        test::put(one, 0.5F);
        scores.raw("tokenizer.ggml.scores", Gguf::kList, list(6, 1, one));
        QCOMPARE(refusal(scores, "tokenizer.ggml.scores"), QString());
        QCOMPARE(refusal(manyWays(), "ways"), QString());
        Gguf bos;
        bos.string("tokenizer.ggml.model", "gpt2")
            .string("tokenizer.ggml.pre", "gpt-2")
            .u32("tokenizer.ggml.bos_token_id", 4'000'000'000U);
        addPieces(bos, "b");
        bos.raw("tokenizer.ggml.merges", Gguf::kList, list(8, 0, ""));
        QCOMPARE(refusal(bos, "bos_token_id"), QString());
        Gguf notUtf8;
        notUtf8.string("tokenizer.ggml.model", "gpt2");
        addPieces(notUtf8, "\xFF");
        QCOMPARE(refusal(notUtf8, "UTF-8"), QString());
    }

    void refuses_ggufsOfBertAndT5ThatLie()
    {
        const test::Scratch scratch;
        const auto refusal = [&](const Gguf& gguf, const char* says) {
            test::writeBytes(scratch / "m.gguf", gguf.bytes());
            return complaint(errorOf([&] { openTokenizer(scratch / "m.gguf"); }),
                             scratch / "m.gguf", says);
        };
        const auto started = [](const char* model) {
            Gguf gguf;
            gguf.string("tokenizer.ggml.model", model);
            addPieces(gguf, "b");
            return gguf;
        };
        Gguf bert = started("bert"); // the unknown token is the 100th where nobody says otherwise
        QCOMPARE(refusal(bert, "unknown_token_id is 100"), QString());
        bert.u32("tokenizer.ggml.unknown_token_id", 0)
            .u32("tokenizer.ggml.cls_token_id", 0)
            .u32("tokenizer.ggml.seperator_token_id", 0x80000000U);
        QCOMPARE(refusal(bert, "seperator_token_id is 2147483648"), QString());
        Gguf t5 = started("t5");
        QCOMPARE(refusal(t5, "tokenizer.ggml.scores has 0 entries"), QString());
        std::string scores, types;
        for (const std::int32_t type : {1, 1}) {
            test::put(scores, -1.0F);
            test::put(types, type);
        }
        t5.raw("tokenizer.ggml.scores", Gguf::kList, list(6, 2, scores));
        Gguf unknown = t5;
        unknown.raw("tokenizer.ggml.token_type", Gguf::kList, list(5, 2, types));
        QCOMPARE(refusal(unknown, "marks 0 tokens as unknown"), QString());
        types.clear();
        test::put<std::int32_t>(types, 2);
        test::put<std::int32_t>(types, 99);
        t5.raw("tokenizer.ggml.token_type", Gguf::kList, list(5, 2, types));
        QCOMPARE(refusal(t5, "type 99"), QString());
    }

    void says_whenThereIsNone()
    {
        const test::Scratch scratch;
        const auto empty = errorOf([&] { openTokenizer(scratch.path()); });
        QVERIFY(empty && empty->kind() == core::ErrorKind::Io);
        const auto absent = errorOf([&] { openTokenizer(scratch / "absent.json"); });
        QVERIFY(absent && absent->kind() == core::ErrorKind::Io);
        const auto copy =
            errorOf([&] { core::writeTokenizerFiles(scratch.path(), scratch / "out"); });
        QVERIFY(copy && copy->kind() == core::ErrorKind::Io);
    }
};

QTEST_GUILESS_MAIN(TokenizerHostileTest)

#include "tst_tokenizer_hostile.moc"
