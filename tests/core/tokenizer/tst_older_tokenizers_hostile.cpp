// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tokenizer/tokenizer_files.h"

#include <QByteArray>
#include <QTest>

using namespace pissarro;
using core::openTokenizer;
using test::complaint;
using test::errorOf;
using test::json;

class OlderTokenizersHostileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refuses_olderFilesThatLie_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* file, const char* bytes,
                            const char* says) {
            QTest::newRow(name) << QString::fromLatin1(file) << QString::fromLatin1(bytes)
                                << QString::fromLatin1(says);
        };
        row("no words", "vocab.txt", "", "empty");
        row("words without [UNK]", "vocab.txt", "a\nb\n", "[UNK]");
        row("words that are no UTF-8", "vocab.txt", "a\n\xFF\n", "UTF-8");
        row("no ranks", "tokenizer.model", "IQ== 0\n\n  \n", "line 2");
        row("a rank of 2^31", "tokenizer.model", "IQ== 0\nIg== 2147483648\n", "2147483648");
        row("a rank twice", "tokenizer.model", "IQ== 0\nIg== 0\n", "line 2");
        row("bytes that are none", "tokenizer.model", "IQ== 0\nI*== 1\n", "line 2");
        row("a piece twice", "tokenizer.model", "IQ== 0\nIQ== 1\n", "same piece");
        row("tekken without pieces", "tekken.json", R"({"config": {}})", "vocab");
        row("tekken, not base64", "tekken.json",
            R"({"config": {"pattern": "a"}, "vocab": [{"token_bytes": "*"}]})", "base64");
        row("tekken, a rank of -1", "tekken.json",
            R"({"config": {}, "special_tokens": [{"rank": -1, "token_str": "x"}], "vocab": []})",
            "rank -1");
        row("tekken, four billion special tokens", "tekken.json",
            R"({"config": {"default_num_special_tokens": 4294967296}, "vocab": []})", "4294967296");
        row("tekken, a negative vocabulary", "tekken.json",
            R"({"config": {"default_vocab_size": -5}, "vocab": []})", "-5");
        row("tekken, no pattern", "tekken.json",
            R"({"config": {}, "vocab": [{"token_bytes": "IQ=="}]})", "pattern");
        row("tekken is a list", "tekken.json", "[]", "array");
    }
    void refuses_olderFilesThatLie()
    {
        QFETCH(QString, file);
        QFETCH(QString, bytes);
        QFETCH(QString, says);
        const test::Scratch scratch;
        test::writeBytes(scratch / file.toStdString(), bytes.toLatin1().toStdString());
        const auto error = errorOf([&] { openTokenizer(scratch.path()); });
        QCOMPARE(complaint(error, scratch / file.toStdString(), qPrintable(says)), QString());
    }

    // a, aa, aaa, …: half a million merges.
    void refuses_ranksOfManyWays()
    {
        const test::Scratch scratch;
        std::string lines;
        for (int length = 1; length <= 1000; ++length) {
            lines += QByteArray(length, 'a').toBase64().toStdString() + " "
                + std::to_string(length - 1) + "\n";
        }
        test::writeBytes(scratch / "tokenizer.model", lines);
        const auto error = errorOf([&] { openTokenizer(scratch.path()); });
        QCOMPARE(complaint(error, scratch / "tokenizer.model", "ways"), QString());
    }

    void refuses_aWordThatAVocabularyOfWordsLacks()
    {
        json tokenizer = test::smallTokenizer();
        tokenizer["model"] = {{"type", "WordLevel"}, {"vocab", {{"a", 0}}}};
        tokenizer["added_tokens"] = json::array();
        const test::Scratch scratch;
        const auto opened = openJson(scratch, tokenizer);
        const auto error = errorOf([&] { opened->encode("b"); });
        QCOMPARE(complaint(error, scratch / "tokenizer.json", "'b'"), QString());
    }

    void refuses_classesThatAreNotInTheirModel()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "vocab.txt", "[UNK]\n");
        test::writeBytes(scratch / "tokenizer_config.json",
                         R"({"tokenizer_class": "MPNetTokenizer"})");
        QCOMPARE(complaint(errorOf([&] { openTokenizer(scratch.path()); }), scratch / "vocab.txt",
                           "'MPNetTokenizer'"),
                 QString());
        test::writeBytes(scratch / "sentencepiece.model", "x");
        test::writeBytes(scratch / "tokenizer_config.json",
                         R"({"tokenizer_class": "XLMRobertaTokenizerFast"})");
        QCOMPARE(complaint(errorOf([&] { openTokenizer(scratch / "sentencepiece.model"); }),
                           scratch / "sentencepiece.model", "'XLMRobertaTokenizer'"),
                 QString());
    }
};

QTEST_GUILESS_MAIN(OlderTokenizersHostileTest)
#include "tst_older_tokenizers_hostile.moc"
